"""Says what a file is by its first bytes; what it is called does not count."""

from collections.abc import Callable

from mailflow.understanding.tnef import SIGNATURE

PICTURES = frozenset({"PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "HEIF", "AVIF"})
PDF = "a PDF document"
OFFICE = "an office document"
DOCUMENTS = frozenset({PDF, OFFICE})
ARCHIVE = "an archive"
TNEF = "a container that only Outlook opens (winmail.dat)"
OUTLOOK = "a mail saved by Outlook (.msg)"
OLD_SHEET = "a spreadsheet of the old kind (.xls)"
_OLD = "a document of the old kind (.doc, .ppt)"
UNOPENED = frozenset(
    {ARCHIVE, TNEF, OUTLOOK, OLD_SHEET, _OLD}
)  # may hold pictures that nobody sees

_HEAD = 1024
_OFFICE_MARKS = (b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis.opendocument")
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})


def _brands(content: bytes) -> frozenset[bytes]:
    """Give the brands of an ISO media file: the major one and those it is compatible with."""
    if content[4:8] != b"ftyp":
        return frozenset()
    size = min(int.from_bytes(content[:4], "big"), 256)
    rest = content[16:size]
    return frozenset({content[8:12], *(rest[i : i + 4] for i in range(0, len(rest), 4))})


def _is_old(content: bytes) -> bool:
    """Tell whether it is a compound file (MS-CFB), as Outlook and Office before 2007 write them."""
    return content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def _stream(name: str) -> bytes:
    """Give a stream's name as it stands in such a file's directory."""
    return name.encode("utf-16-le")


_MAGIC: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("PNG", lambda b: b.startswith(b"\x89PNG\r\n\x1a\n")),
    ("JPEG", lambda b: b.startswith(b"\xff\xd8\xff")),
    ("GIF", lambda b: b[:6] in (b"GIF87a", b"GIF89a")),
    ("WEBP", lambda b: b.startswith(b"RIFF") and b[8:12] == b"WEBP"),
    ("BMP", lambda b: b.startswith(b"BM") and b[6:10] == bytes(4)),
    ("TIFF", lambda b: b[:4] in (b"II*\x00", b"MM\x00*")),
    ("AVIF", lambda b: bool(_AVIF_BRANDS & _brands(b))),
    ("HEIF", lambda b: bool(_HEIF_BRANDS & _brands(b))),
    (OFFICE, lambda b: b.startswith(b"PK\x03\x04") and any(m in b for m in _OFFICE_MARKS)),
    (ARCHIVE, lambda b: b.startswith((b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b"))),
    (TNEF, lambda b: b.startswith(SIGNATURE)),
    (OUTLOOK, lambda b: _is_old(b) and _stream("__substg1.0_") in b),
    (OLD_SHEET, lambda b: _is_old(b) and (_stream("Workbook") in b or _stream("Book\0") in b)),
    (_OLD, _is_old),
    (PDF, lambda b: b"%PDF-" in b[:_HEAD]),
)
_WELL_KNOWN: tuple[tuple[str, tuple[bytes, ...]], ...] = (
    ("an SVG drawing", (b"<svg",)),
    ("a web page", (b"<!doctype html", b"<html", b"<script")),
)


def kind_of(content: bytes) -> str:
    """Name the kind of file: one of PICTURES or DOCUMENTS, a phrase for people, "" if unknown."""
    for kind, matches in _MAGIC:
        if matches(content):
            return kind
    head = content[:_HEAD].lower()
    return next((n for n, marks in _WELL_KNOWN if any(mark in head for mark in marks)), "")


def size_of(content: bytes) -> tuple[int, int] | None:
    """Read width and height off a picture's head, without decoding it; None where it is not told.

    The file may lie: this tells small pictures apart, and bounds nothing.
    """
    match kind_of(content):
        case "PNG":
            return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
        case "GIF":
            return _little(content[6:8]), _little(content[8:10])
        case "BMP":
            height = int.from_bytes(content[22:26], "little", signed=True)  # negative: top first
            return _little(content[18:22]), abs(height)
        case "JPEG":
            return _size_of_jpeg(content)
        case "WEBP":
            return _size_of_webp(content)
        case _:
            return None


def _little(raw: bytes) -> int:
    return int.from_bytes(raw, "little")


def _size_of_jpeg(content: bytes) -> tuple[int, int] | None:
    """Walk over the segments up to the frame header (ITU-T T.81, B.2.2)."""
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:  # noqa: PLR2004 - a marker's byte
        marker = content[place + 1]
        if marker in _JPEG_FRAMES:
            height, width = content[place + 5 : place + 7], content[place + 7 : place + 9]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
        place += 2 + int.from_bytes(content[place + 2 : place + 4], "big")
    return None


_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def _size_of_webp(content: bytes) -> tuple[int, int] | None:
    """Read the three kinds of head that the WebP container specification names."""
    match content[12:16]:
        case b"VP8X":
            return _little(content[24:27]) + 1, _little(content[27:30]) + 1
        case b"VP8L":
            bits = _little(content[21:25])
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            return _little(content[26:28]) & 0x3FFF, _little(content[28:30]) & 0x3FFF
        case _:
            return None
