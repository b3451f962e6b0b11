"""Takes the pictures out of documents: PDF pages and office files. Nothing in them is run."""

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import closing

import pypdfium2 as pdfium
from PIL import Image
from pypdfium2 import raw as pdfium_c

from mailflow.edges.images import (
    MAX_BYTES,
    MAX_PIXELS,
    MIN_AREA,
    MIN_HEIGHT,
    MIN_WIDTH,
    picture_kind,
)
from mailflow.tickets.errors import GiveUp
from mailflow.understanding.file_kinds import OFFICE, PDF, PICTURES, kind_of
from mailflow.understanding.pictures import SMALL_AREA
from mailflow.workflow.ports import TYPED, Picture

MAX_PAGES = 12
MAX_PICTURES = 20  # of one document
MAX_ENTRIES = 5000  # of an office file
MAX_UNPACKED = 4 * MAX_BYTES
MAX_RATIO = 200  # unpacked to packed; what is small may be packed tighter
_SMALL = 1 << 20
_RENDER_DPI = 200
_POINTS_PER_INCH = 72
_RENDER_SIDE = 3000  # pixels
_MEDIA = re.compile(r"(?:(?:word|xl|ppt)/media/|Pictures/)[^/]+")
_LINKED_PICTURE = re.compile(
    rb"<Relationship\b(?=[^>]*/image\")(?=[^>]*TargetMode=\"External\")", re.IGNORECASE
)


def pictures_in(content: bytes) -> tuple[Picture, ...]:
    """Give the pictures of a file: the file itself, or those inside a PDF or an office file.

    Raises:
        GiveUp: it breaks a limit, cannot be opened or holds no picture.
    """
    kind = kind_of(content)
    if len(content) > MAX_BYTES or kind not in (PDF, OFFICE):
        picture_kind(content)  # refuses what is none
        return (Picture(content=content),)
    try:
        found = _once(_in_pdf(content) if kind == PDF else _in_office(content))
    except GiveUp:
        raise
    except MemoryError as error:
        raise GiveUp("the document needs too much memory") from error
    except Exception as broken:  # readers of hostile bytes raise what they like
        raise GiveUp("the document is damaged or protected by a password") from broken
    if not found:
        raise GiveUp(f"the file is {kind} without a picture in it; please send PNG or JPEG")
    return found


def _once(pictures: Iterator[Picture]) -> tuple[Picture, ...]:
    """Give each picture once, however often the document shows it."""
    found: dict[str, Picture] = {}
    for picture in pictures:
        found.setdefault(hashlib.sha256(picture.content).hexdigest(), picture)
        if len(found) > MAX_PICTURES:
            raise GiveUp(f"the document holds more than {MAX_PICTURES} pictures; send them alone")
    return tuple(found.values())


def _in_pdf(content: bytes) -> Iterator[Picture]:
    with closing(pdfium.PdfDocument(content)) as document:
        if len(document) > MAX_PAGES:
            raise GiveUp(f"the PDF has {len(document)} pages; please send the picture alone")
        for number in range(len(document)):
            yield from _on_page(document[number], f"page {number + 1}")


def _on_page(page: pdfium.PdfPage, place: str) -> Iterator[Picture]:
    """Take the embedded pictures at their own size; draw the page where it has but a logo."""
    embedded = False
    for image in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE]):
        width, height = image.get_px_size()
        if _is_tiny(width, height):
            continue
        if width * height > MAX_PIXELS:
            raise GiveUp(f"the picture on {place} is too large ({width} x {height} pixels)")
        drawn = image.get_bitmap().to_pil().convert("RGB")
        embedded |= width * height >= SMALL_AREA or not _is_typed(page)
        yield Picture(content=_png(drawn.rotate(-page.get_rotation(), expand=True)), place=place)
    if not embedded and _shows_anything(page):
        side = max(*page.get_size(), 1)
        scale = min(_RENDER_DPI / _POINTS_PER_INCH, _RENDER_SIDE / side)
        drawn = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
        if not _is_tiny(*drawn.size):
            yield Picture(content=_png(drawn), place=place, findings=(TYPED,))


def _is_typed(page: pdfium.PdfPage) -> bool:
    with closing(page.get_textpage()) as text:
        return bool(text.count_chars())


def _shows_anything(page: pdfium.PdfPage) -> bool:
    return next(page.get_objects(max_depth=2), None) is not None


def _is_tiny(width: int, height: int) -> bool:
    return width < MIN_WIDTH or height < MIN_HEIGHT or width * height < MIN_AREA


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _in_office(content: bytes) -> Iterator[Picture]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        _refuse_bombs(entries)
        findings = tuple(_suspicions(archive, entries))
        for entry in entries:
            if not _MEDIA.fullmatch(entry.filename):
                continue
            inner = _unpacked(archive, entry)
            kind = kind_of(inner)
            if kind in PICTURES and not _is_small_picture(inner, kind):
                yield Picture(content=inner, place=entry.filename, findings=findings)


def _refuse_bombs(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES or sum(e.file_size for e in entries) > MAX_UNPACKED:
        raise GiveUp("the document unpacks to far too much")
    for entry in entries:
        tight = entry.file_size > MAX_RATIO * max(1, entry.compress_size)
        if entry.file_size > MAX_BYTES or (tight and entry.file_size > _SMALL):
            raise GiveUp("the document unpacks to far too much")


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Read an entry; the size that it claims may be a lie."""
    with archive.open(entry) as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise GiveUp("the document unpacks to far too much")
    return content


def _suspicions(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[str]:
    if any(entry.filename.lower().endswith("vbaproject.bin") for entry in entries):
        yield "the document holds macros"
    for entry in entries:
        if entry.filename.endswith(".rels") and _LINKED_PICTURE.search(_unpacked(archive, entry)):
            yield "the document shows a picture from elsewhere"
            return


def _is_small_picture(content: bytes, kind: str) -> bool:
    """Tell a logo or bullet by its size; one that cannot be opened is judged as a picture."""
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as image:
            return _is_tiny(*image.size)
    except Exception:  # noqa: BLE001 - decoders of hostile bytes raise what they like
        return False
