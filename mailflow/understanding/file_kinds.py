"""Says what a file is by its first bytes; what it is called does not count."""

from collections.abc import Callable

PICTURES = frozenset({"PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "HEIF", "AVIF"})
PDF = "a PDF document"
OFFICE = "an office document"
DOCUMENTS = frozenset({PDF, OFFICE})

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
    ("an archive", lambda b: b.startswith((b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b"))),
    (
        "an old office document or Outlook message",
        lambda b: b.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ),
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
