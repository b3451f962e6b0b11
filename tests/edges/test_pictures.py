import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mailflow.edges.images import MAX_BYTES, MAX_FRAMES, decode
from mailflow.tickets.errors import GiveUp


def drawn(text: str = "Succeeded", size: tuple[int, int] = (320, 120)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((20, 40), text, fill="black")
    return image


def saved(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png_of(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1 + (width + 7) // 8) * 64)
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def damaged(content: bytes) -> bytes:
    spot = content.index(b"IDAT") + 12
    return content[:spot] + bytes([content[spot] ^ 0xFF]) + content[spot + 1 :]


REFUSED = {
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg">' + b" " * 60, "SVG"),
    "HTML named as a picture": (b"<!DOCTYPE html><html><body>" + b"x" * 60, "web page"),
    "PDF": (b"%PDF-1.7" + b" " * 60, "PDF"),
    "archive": (b"PK\x03\x04" + bytes(60), "archive"),
    "program": (b"MZ" + bytes(80), "no picture format"),
    "TIFF": (saved(drawn(), "TIFF"), "no picture format"),
    "nothing": (b"", "empty"),
    "tracking pixel": (saved(Image.new("RGB", (1, 1))) + bytes(60), "too small"),
    "icon": (saved(drawn(size=(64, 64))), "too small"),
    "blank": (saved(Image.new("RGB", (400, 300), "white")), "blank"),
    "90 megapixels": (png_of(10_000, 9_000), "pixels"),
    "2.5 gigapixels": (png_of(50_000, 50_000), "pixels"),
    "a line 49 million pixels long": (png_of(49_000_000, 1), "large"),
    "cut off PNG": (saved(drawn())[:-40], "damaged"),
    "cut off JPEG": (saved(drawn(), "JPEG")[:-300], "damaged"),
    "bad checksum": (damaged(saved(drawn())), "damaged"),
    "more frames than anyone needs": (
        saved(
            drawn(),
            "GIF",
            save_all=True,
            append_images=[drawn(str(n)) for n in range(MAX_FRAMES + 1)],
        ),
        "animation",
    ),
    "too many bytes": (b"\x89PNG\r\n\x1a\n" + bytes(MAX_BYTES), "25 MB"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_decent_picture_is_refused_with_a_reason(case):
    content, reason = REFUSED[case]
    with pytest.raises(GiveUp, match=reason):
        decode(content)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_the_usual_formats_are_decoded(kind):
    decoded = decode(saved(drawn(), kind))
    assert (decoded.width, decoded.height) == (320, 120)
    assert decoded.pixels.shape == (120, 320, 3)
    assert decoded.findings == ()


def test_the_same_pixels_in_another_container_are_known_again():
    png, bmp = decode(saved(drawn())), decode(saved(drawn(), "BMP"))
    assert png.sha256 != bmp.sha256
    assert png.pixels_sha256 == bmp.pixels_sha256
    assert png.fingerprint == bmp.fingerprint


def test_a_second_frame_that_differs_is_a_finding():
    content = saved(drawn(), "GIF", save_all=True, append_images=[drawn("Failed")])
    assert "frames differ" in decode(content).findings[0]


def test_data_behind_the_picture_is_a_finding():
    assert "follow" in decode(saved(drawn()) + b"PK\x03\x04" + bytes(200)).findings[0]


def test_what_is_transparent_lies_on_white():
    image = Image.new("RGBA", (320, 120), (0, 0, 0, 0))
    ImageDraw.Draw(image).text((20, 40), "Succeeded", fill="black")
    assert int(np.median(decode(saved(image)).pixels)) == 255
