import io
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from mailflow.edges.images import MAX_BYTES, MAX_FRAMES, decode
from mailflow.tickets.errors import GiveUp

FILES = Path(__file__).parent / "files"  # the HEIC was made with pillow-heif: ours only decodes


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


def notes(length: int) -> PngInfo:
    info = PngInfo()
    info.add_text("Comment", "x" * length, zip=True)
    return info


def damaged(content: bytes) -> bytes:
    spot = content.index(b"IDAT") + 12
    return content[:spot] + bytes([content[spot] ^ 0xFF]) + content[spot + 1 :]


REFUSED = {
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg">' + b" " * 60, "SVG"),
    "HTML named as a picture": (b"<!DOCTYPE html><html><body>" + b"x" * 60, "web page"),
    "PDF": (b"%PDF-1.7" + b" " * 60, "PDF"),
    "archive": (b"PK\x03\x04" + bytes(60), "archive"),
    "program": (b"MZ" + bytes(80), "no picture format"),
    "old office file": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(80), "of the old kind"),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0" + b" " * 80, "no picture format"),
    "a megabyte of text in a PNG": (saved(drawn(), pnginfo=notes(2_000_000)), "damaged"),
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


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
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


def test_a_photo_of_an_iphone_is_decoded():
    decoded = decode((FILES / "phone.heic").read_bytes())

    assert dict(decoded.metadata)["format"] == "HEIF"
    assert (decoded.width, decoded.height) == (480, 240)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF", "AVIF"])
def test_whatever_the_format_a_second_frame_that_differs_is_a_finding(kind):
    both = saved(drawn("Succeeded"), kind, save_all=True, append_images=[drawn("Failed")])

    assert any("frames differ" in finding for finding in decode(both).findings)


def test_frames_that_show_the_same_are_no_finding():
    same = saved(drawn(), "WEBP", save_all=True, append_images=[drawn()], duration=100)

    assert decode(same).findings == ()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_a_picture_that_is_an_archive_too_is_a_finding(kind):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("run.exe", b"MZ" + bytes(200))

    findings = decode(saved(drawn(), kind) + archive.getvalue()).findings

    assert any("archive is hidden" in finding for finding in findings)


def test_an_archive_behind_which_the_end_of_a_jpeg_is_repeated_is_a_finding():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("run.exe", b"MZ" + bytes(200))

    findings = decode(saved(drawn(), "JPEG") + archive.getvalue() + b"\xff\xd9").findings

    assert any("archive is hidden" in finding for finding in findings)


def test_a_second_png_behind_the_first_is_a_finding():
    findings = decode(saved(drawn("Failed")) + saved(drawn("Succeeded"))).findings

    assert any("follow the picture" in finding for finding in findings)


def test_a_script_in_a_picture_is_a_finding():
    scripted = saved(drawn(), "JPEG", comment=b"<script>alert(1)</script>")

    assert any("code is hidden" in finding for finding in decode(scripted).findings)


def test_a_second_picture_that_no_program_shows_is_none():
    """Phones add a map of brightness to a JPEG; it is of another size."""
    photo = io.BytesIO()
    drawn().save(photo, "MPO", save_all=True, append_images=[drawn(size=(160, 60))])

    assert decode(photo.getvalue()).findings == ()


def test_a_photo_is_turned_as_the_camera_was_held():
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Model] = "Pocket camera"
    decoded = decode(saved(drawn(size=(320, 480)), "JPEG", exif=exif))

    assert (decoded.width, decoded.height) == (480, 320)
    assert dict(decoded.metadata)["exif Model"] == "Pocket camera"


def test_metadata_says_what_made_the_picture_and_how_flat_it_is():
    info = PngInfo()
    info.add_text("Software", "gnome-screenshot")
    metadata = dict(decode(saved(drawn(), pnginfo=info)).metadata)

    assert metadata["software"] == "gnome-screenshot"
    assert float(metadata["flatness"]) > 0.9


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_wherever_a_file_is_cut_off_it_is_refused_and_nothing_crashes(kind):
    whole = saved(drawn(), kind)
    for part in range(8, len(whole) // 2, max(1, len(whole) // 12)):
        with pytest.raises(GiveUp):
            decode(whole[:part])
