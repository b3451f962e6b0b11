"""Decodes pictures from strangers: few formats, tight limits, a plain reason for every refusal."""

import hashlib
import io
import struct
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile, ImageOps, PngImagePlugin

from mailflow.tickets.errors import GiveUp

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
_HEAD = 1024

Pixels = npt.NDArray[np.uint8]

_MAGIC: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("PNG", lambda b: b.startswith(b"\x89PNG\r\n\x1a\n")),
    ("JPEG", lambda b: b.startswith(b"\xff\xd8\xff")),
    ("GIF", lambda b: b[:6] in (b"GIF87a", b"GIF89a")),
    ("WEBP", lambda b: b.startswith(b"RIFF") and b[8:12] == b"WEBP"),
    ("BMP", lambda b: b.startswith(b"BM") and b[6:10] == bytes(4)),
)
_WELL_KNOWN: tuple[tuple[str, tuple[bytes, ...]], ...] = (
    ("a PDF document", (b"%PDF-",)),
    ("an SVG drawing", (b"<svg",)),
    ("a web page", (b"<!doctype html", b"<html", b"<script")),
    ("an archive or office document", (b"pk\x03\x04",)),
)


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


def decode(content: bytes) -> Decoded:
    """Decode the first frame of a picture.

    Raises:
        GiveUp: it is no picture that may be decoded; the reason may stand in a mail.
    """
    kind = _kind_of(content)
    first, findings = _frames_of(content, kind)
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
        findings=(*findings, *_tail_findings(content, kind)),
    )


def _kind_of(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise GiveUp(f"the file is larger than {MAX_BYTES // 1024 // 1024} MB")
    if len(content) < FEWEST_BYTES:
        raise GiveUp("the file is empty or nearly so")
    for kind, matches in _MAGIC:
        if matches(content):
            return kind
    head = content[:_HEAD].lower()
    for name, marks in _WELL_KNOWN:
        if any(mark.lower() in head for mark in marks):
            raise GiveUp(f"the file is {name}, not a picture; please send PNG or JPEG")
    raise GiveUp("the file is in no picture format we read; please send PNG or JPEG")


def _frames_of(content: bytes, kind: str) -> tuple[Image.Image, tuple[str, ...]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            # verify() alone notices a bad checksum, and it uses the file up.
            _opened(content, kind).verify()
            return _first_frame(_opened(content, kind))
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
    image = Image.open(io.BytesIO(content), formats=[kind])
    width, height = image.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise GiveUp(f"the picture is too large ({width} x {height} pixels)")
    if width < MIN_WIDTH or height < MIN_HEIGHT or width * height < MIN_AREA:
        raise GiveUp(f"the picture is too small to read ({width} x {height} pixels)")
    return image


def _first_frame(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    count = getattr(image, "n_frames", 1)
    if count > MAX_FRAMES or count * image.width * image.height > 4 * MAX_PIXELS:
        raise GiveUp(f"the picture is an animation of {count} frames")
    first = _flattened(image)
    before = np.asarray(first, dtype=np.int16)
    for index in range(1, count):
        image.seek(index)
        frame = np.asarray(_flattened(image), dtype=np.int16)
        if frame.shape != before.shape or np.abs(frame - before).max() > FRAME_DIFFERENCE:
            return first, ("the picture is an animation whose frames differ",)
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


def _refuse_empty(pixels: Pixels) -> None:
    if int(pixels.max()) - int(pixels.min()) < BLANK_SPREAD:
        raise GiveUp("the picture is blank")


def _fingerprint(image: Image.Image) -> str:
    small = np.asarray(image.convert("L").resize((9, 8), Image.Resampling.BOX), dtype=np.int16)
    bits = (small[:, 1:] > small[:, :-1]).flatten()
    return np.packbits(bits).tobytes().hex()


def _tail_findings(content: bytes, kind: str) -> tuple[str, ...]:
    end = _end_of(content, kind)
    if end is not None and len(content) - end > HARMLESS_TAIL_BYTES:
        return (f"{len(content) - end} bytes of something else follow the picture",)
    return ()


def _end_of(content: bytes, kind: str) -> int | None:
    """Tell where the picture ends in its file; None where the format does not say."""
    if kind == "PNG":
        mark = content.rfind(b"IEND\xae\x42\x60\x82")
        return mark + 8 if mark >= 0 else None
    if kind == "JPEG":
        mark = content.rfind(b"\xff\xd9")
        return mark + 2 if mark >= 0 else None
    if kind == "WEBP":
        size = int.from_bytes(content[4:8], "little")
        return 8 + size + size % 2
    if kind == "GIF":
        mark = content.rfind(b"\x00;")
        return mark + 2 if mark >= 0 else None
    return None
