"""Copies of one real picture, changed as cheats and mail programs do, read by the real engine."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from mailflow.edges.picture_worker import WorkerPictureReader
from mailflow.evidence.deciding import deciding
from mailflow.evidence.judge import judge
from mailflow.evidence.reading import Reading
from mailflow.evidence.verdict import Earlier
from mailflow.settings.root import LimitSettings
from tests.evidence.pages import REPAIR

PICTURE = Path(__file__).parent / "pictures" / "platform_job.png"
Change = Callable[[Image.Image], tuple[Image.Image, str]]


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkerPictureReader]:
    reader = WorkerPictureReader(LimitSettings())
    yield reader
    reader.close()


def read(reader: WorkerPictureReader, content: bytes) -> Reading:
    reading = reader.read(content)
    return reader.read_again(content, reading, deciding(reading, REPAIR))


def recompressed(image: Image.Image) -> tuple[Image.Image, str]:
    return image, "JPEG"


def cropped(image: Image.Image) -> tuple[Image.Image, str]:
    return image.crop((7, 12, image.width - 90, image.height - 60)), "PNG"


def enlarged(image: Image.Image) -> tuple[Image.Image, str]:
    size = (image.width * 5 // 4, image.height * 5 // 4)
    return image.resize(size, Image.Resampling.LANCZOS), "PNG"


@pytest.mark.parametrize("change", [recompressed, cropped, enlarged])
def test_a_changed_copy_of_a_picture_used_for_another_ticket_is_refused(reader, change: Change):
    before = read(reader, PICTURE.read_bytes())
    with Image.open(PICTURE) as image:
        changed, kind = change(image.convert("RGB"))
    out = io.BytesIO()
    changed.save(out, kind, quality=40)

    now = read(reader, out.getvalue())

    asked = replace(REPAIR, ticket="MF-9", earlier=(Earlier(ticket="MF-4", reading=before),))
    assert now.pixels_sha256 != before.pixels_sha256
    check = next(c for c in judge(now, asked).checks if c.name == "reuse")
    assert check.passed is False, check.seen
    assert "MF-4" in check.seen


def test_a_repainted_end_of_a_run_is_refused(reader):
    before = read(reader, PICTURE.read_bytes())
    end = next(w for w in before.words if w.text.replace(" ", "").startswith("2026-03-1009:14"))
    with Image.open(PICTURE) as image:
        painted = image.convert("RGB")
    pen = ImageDraw.Draw(painted)
    box = (end.box.left, end.box.top, end.box.right + 4, end.box.bottom)
    pen.rectangle(box, fill=painted.getpixel((int(end.box.left) - 4, int(end.box.top))))
    pen.text((end.box.left + 2, end.box.top + 3), "2026-03-10 09:31:44", fill="black", font_size=17)
    out = io.BytesIO()
    painted.save(out, "PNG")

    now = read(reader, out.getvalue())

    asked = replace(REPAIR, ticket="MF-9", earlier=(Earlier(ticket="MF-4", reading=before),))
    check = next(c for c in judge(now, asked).checks if c.name == "reuse")
    assert check.passed is not True, check.seen
