"""Decodes pictures from strangers: few formats, tight limits, a plain reason for every refusal."""

import hashlib
import io
import struct
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pi_heif
from PIL import ExifTags, Image, ImageFile, ImageOps, PngImagePlugin

from mailflow.tickets.errors import GiveUp
from mailflow.understanding.file_kinds import PICTURES, kind_of

MAX_BYTES = 25 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_SIDE = 20_000
MAX_FRAMES = 60
MIN_WIDTH = 200
MIN_HEIGHT = 24
MIN_AREA = 14_000
FEWEST_BYTES = 60
HARMLESS_TAIL_BYTES = 64  # some programs pad
FRAME_DIFFERENCE = 24  # of 255; less is the noise of compression
BLANK_SPREAD = 8  # of 255; a picture flatter than this shows nothing
_STEP = 2  # of 255; neighbours this close count as one flat colour
_LONGEST_NOTE = 100  # characters of one entry of the metadata
# A JPEG of a phone may hold a second picture for bright screens; nobody is shown it.
_ANIMATED = frozenset({"PNG", "GIF", "WEBP", "AVIF", "TIFF", "HEIF"})
_CODE = (b"<script", b"<?php", b"javascript:", b"<html", b"%pdf-")
_CODE_REACH = 64 * 1024  # bytes at either end in which foreign code is looked for

Pixels = npt.NDArray[np.uint8]
Metadata = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A picture as pixels. `pixels` is height x width x 3, red first."""

    pixels: Pixels = field(repr=False)
    width: int
    height: int
    sha256: str
    pixels_sha256: str
    fingerprint: str  # 16 hexadecimal digits of a 64-bit difference hash
    findings: tuple[str, ...]
    metadata: Metadata  # what the file says of itself, and how flat it is; explains, never proves


def decode(content: bytes) -> Decoded:
    """Decode the first frame of a picture.

    Raises:
        GiveUp: it is no picture that may be decoded; the reason may stand in a mail.
    """
    kind = picture_kind(content)
    first, findings, metadata = _frames_of(content, kind)
    pixels = np.ascontiguousarray(np.asarray(first, dtype=np.uint8))
    _refuse_empty(pixels)
    shape = struct.pack(">II", first.width, first.height)
    return Decoded(
        pixels=pixels,
        width=first.width,
        height=first.height,
        sha256=hashlib.sha256(content).hexdigest(),
        pixels_sha256=hashlib.sha256(shape + pixels.tobytes()).hexdigest(),
        fingerprint=_fingerprint(first),
        findings=(*findings, *_tail_findings(content, kind), *_foreign(content)),
        metadata=(*metadata, ("flatness", f"{_flatness(pixels):.2f}")),
    )


def picture_kind(content: bytes) -> str:
    """Name the format by the file's first bytes; its name and its claimed type do not count.

    Raises:
        GiveUp: it is no picture, too large or empty.
    """
    if len(content) > MAX_BYTES:
        raise GiveUp(f"the file is larger than {MAX_BYTES // 1024 // 1024} MB")
    if len(content) < FEWEST_BYTES:
        raise GiveUp("the file is empty or nearly so")
    kind = kind_of(content)
    if kind in PICTURES:
        return kind
    if kind:
        raise GiveUp(f"the file is {kind}, not a picture; please send PNG or JPEG")
    raise GiveUp("the file is in no picture format we read; please send PNG or JPEG")


def _frames_of(content: bytes, kind: str) -> tuple[Image.Image, tuple[str, ...], Metadata]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            # verify() alone notices a bad checksum, and it uses the file up.
            _opened(content, kind).verify()
            image = _opened(content, kind)
            metadata = tuple(_metadata(image, kind))
            return *_first_frame(image, kind), metadata
        except GiveUp:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise GiveUp("the picture unpacks to far too many pixels") from error
        except MemoryError as error:
            raise GiveUp("the picture needs too much memory") from error
        except Exception as error:  # decoders of hostile bytes raise what they like
            raise GiveUp("the picture is damaged or cut off; please send it again") from error


def _opened(content: bytes, kind: str) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    PngImagePlugin.MAX_TEXT_CHUNK = 64 * 1024
    PngImagePlugin.MAX_TEXT_MEMORY = 1024 * 1024
    pi_heif.register_heif_opener(thumbnails=False, decode_threads=1)
    image = Image.open(io.BytesIO(content), formats=[kind])
    width, height = image.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise GiveUp(f"the picture is too large ({width} x {height} pixels)")
    if width < MIN_WIDTH or height < MIN_HEIGHT or width * height < MIN_AREA:
        raise GiveUp(f"the picture is too small to read ({width} x {height} pixels)")
    return image


def _first_frame(image: Image.Image, kind: str) -> tuple[Image.Image, tuple[str, ...]]:
    count = getattr(image, "n_frames", 1) if kind in _ANIMATED else 1
    if count > MAX_FRAMES or count * image.width * image.height > 4 * MAX_PIXELS:
        raise GiveUp(f"the picture is an animation of {count} frames")
    first = _flattened(image)
    if count == 1:
        return first, ()
    before = np.asarray(first, dtype=np.int16)
    for index in range(1, count):
        image.seek(index)
        frame = np.asarray(_flattened(image), dtype=np.int16)
        if frame.shape != before.shape or np.abs(frame - before).max() > FRAME_DIFFERENCE:
            return first, (f"the picture is an animation whose {count} frames differ",)
    return first, ()


def _flattened(image: Image.Image) -> Image.Image:
    """Give the current frame upright, in RGB, on white where it is transparent."""
    image.load()
    upright = ImageOps.exif_transpose(image)
    if "A" in upright.getbands() or "transparency" in upright.info:
        with_alpha = upright.convert("RGBA")
        ground = Image.new("RGBA", with_alpha.size, (255, 255, 255, 255))
        ground.alpha_composite(with_alpha)
        upright = ground
    if upright.mode.startswith(("I", "F")):
        raise GiveUp("the picture has more than 8 bits a colour; please send an ordinary PNG")
    return upright.convert("RGB")


def _metadata(image: Image.Image, kind: str) -> Iterator[tuple[str, str]]:
    """Give what the file says of itself; anybody can write it, so it proves nothing."""
    yield "format", kind
    yield "size", f"{image.width} x {image.height}"
    if getattr(image, "n_frames", 1) > 1:
        yield "frames", str(getattr(image, "n_frames", 1))
    for name in ("Software", "Creation Time", "Comment", "Description"):
        if isinstance(image.info.get(name), str):
            yield name.lower(), _note(image.info[name])
    exif = image.getexif()
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    tags = ExifTags.Base
    for tag in (tags.Make, tags.Model, tags.Software, tags.DateTime, tags.Orientation):
        if exif.get(tag):
            yield f"exif {tag.name}", _note(exif[tag])
    for tag in (tags.DateTimeOriginal, tags.OffsetTimeOriginal):
        if inner.get(tag):
            yield f"exif {tag.name}", _note(inner[tag])


def _note(value: object) -> str:
    return "".join(c for c in str(value) if c.isprintable())[:_LONGEST_NOTE]


def _refuse_empty(pixels: Pixels) -> None:
    if int(pixels.max()) - int(pixels.min()) < BLANK_SPREAD:
        raise GiveUp("the picture is blank")


def _flatness(pixels: Pixels) -> float:
    """Give the share of neighbours of one colour: high for screens, low for photos, as a rule."""
    rows = pixels[:: max(1, pixels.shape[0] // 400)].astype(np.int16)
    return float((np.abs(np.diff(rows, axis=1)).max(axis=2) <= _STEP).mean())


def _fingerprint(image: Image.Image) -> str:
    small = np.asarray(image.convert("L").resize((9, 8), Image.Resampling.BOX), dtype=np.int16)
    bits = (small[:, 1:] > small[:, :-1]).flatten()
    return np.packbits(bits).tobytes().hex()


def _tail_findings(content: bytes, kind: str) -> tuple[str, ...]:
    end = _end_of(content, kind)
    if end is not None and len(content) - end > HARMLESS_TAIL_BYTES:
        return (f"{len(content) - end} bytes of something else follow the picture",)
    return ()


def _foreign(content: bytes) -> tuple[str, ...]:
    """Find what makes the file something else too: a picture to one program, a page to another."""
    ends = (content[:_CODE_REACH] + content[-_CODE_REACH:]).lower()
    found = ["program code is hidden in the picture"] if any(c in ends for c in _CODE) else []
    if zipfile.is_zipfile(io.BytesIO(content)):
        found.append("an archive is hidden in the picture")
    return tuple(found)


def _end_of(content: bytes, kind: str) -> int | None:
    """Tell where the picture ends in its file; None where the format does not say."""
    if kind == "PNG":
        return _end_of_png(content)
    if kind == "JPEG":
        mark = content.rfind(b"\xff\xd9")
        return mark + 2 if mark >= 0 else None
    if kind == "WEBP":
        size = int.from_bytes(content[4:8], "little")
        return 8 + size + size % 2
    if kind == "GIF":
        mark = content.rfind(b"\x00;")
        return mark + 2 if mark >= 0 else None
    if kind == "BMP":
        return int.from_bytes(content[2:6], "little") or None
    return None


def _end_of_png(content: bytes) -> int:
    """Walk from chunk to chunk: a second end mark may stand behind the first."""
    place = 8
    while place + 8 <= len(content):
        size, name = struct.unpack_from(">I4s", content, place)
        place += 12 + size
        if name == b"IEND":
            break
    return min(place, len(content))
