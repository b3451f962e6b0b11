"""Real pictures as they arrive: recompressed, photographed, halved; read by the real engine."""

import io
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from bench.pictures.damage import DAMAGES
from mailflow.edges.picture_worker import WorkerPictureReader
from mailflow.evidence.deciding import MOST, deciding
from mailflow.evidence.judge import judge
from mailflow.evidence.reading import Reading
from mailflow.evidence.verdict import Result, Verdict
from mailflow.settings.root import LimitSettings
from tests.evidence.pages import REPAIR

PICTURES = Path(__file__).parent / "pictures"


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkerPictureReader]:
    reader = WorkerPictureReader(LimitSettings())
    yield reader
    reader.close()


def damaged(name: str, damage: str) -> bytes:
    with Image.open(PICTURES / f"{name}.png") as image:
        return DAMAGES[damage](image, random.Random(7))


def looked_at_twice(reader: WorkerPictureReader, content: bytes) -> Reading:
    reading = reader.read(content)
    return reader.read_again(content, reading, deciding(reading, REPAIR))


def verdict(reader: WorkerPictureReader, content: bytes) -> Verdict:
    return judge(looked_at_twice(reader, content), REPAIR)


@pytest.mark.parametrize("damage", ["jpeg30", "webp60", "phone"])
@pytest.mark.parametrize("name", ["list_succeeded", "dark_list"])
def test_a_proof_is_still_one_when_damaged(reader, name, damage):
    found = verdict(reader, damaged(name, damage))
    assert found.result is Result.ACCEPTED, found.reasons


@pytest.mark.parametrize("damage", sorted(DAMAGES))
@pytest.mark.parametrize("name", ["list_failed", "job_newest_failed", "staging_list"])
def test_damage_never_makes_a_proof(reader, name, damage):
    assert verdict(reader, damaged(name, damage)).result is not Result.ACCEPTED


def test_a_halved_picture_is_left_to_a_person(reader):
    found = verdict(reader, damaged("list_succeeded", "half"))
    assert found.result is Result.UNSURE
    assert any("too small" in reason for reason in found.reasons)


def test_a_picture_of_double_size_is_read_where_it_stands(reader):
    with Image.open(PICTURES / "list_succeeded.png") as image:
        double = image.resize((image.width * 2, image.height * 2), Image.Resampling.LANCZOS)
        once = reader.read((PICTURES / "list_succeeded.png").read_bytes())
    out = io.BytesIO()
    double.save(out, "PNG")
    twice = reader.read(out.getvalue())
    (small,) = (w for w in once.words if w.text == "feed-nordhaus-de")
    (large,) = (w for w in twice.words if w.text == "feed-nordhaus-de")
    assert large.box.left == pytest.approx(2 * small.box.left, abs=8)
    assert large.box.bottom == pytest.approx(2 * small.box.bottom, abs=12)


def test_the_lines_of_a_tilted_photo_are_put_level(reader):
    with Image.open(PICTURES / "list_succeeded.png") as image:
        tilted = image.convert("RGB").rotate(-2.5, expand=True, fillcolor="white")
    out = io.BytesIO()
    tilted.save(out, "PNG")
    content = out.getvalue()
    by_text = {words.text: words for words in reversed(reader.read(content).words)}
    job, status = by_text["feed-nordhaus-de"], by_text["Succeeded"]
    assert status.box.top - job.box.top > 20
    assert job.level is not None
    assert abs(status.place.top - job.place.top) < 8
    assert verdict(reader, content).result is Result.ACCEPTED


def test_only_the_deciding_lines_are_read_a_second_time(reader):
    content = (PICTURES / "list_succeeded.png").read_bytes()
    first = reader.read(content)
    lines = deciding(first, REPAIR)
    second = reader.read_again(content, first, lines)
    again = [words for words in second.words if words.first]
    assert {"feed-nordhaus-de", "Succeeded"} <= {words.text for words in again}
    assert len(again) == len(lines) <= MOST < len(first.words) + MOST
    assert deciding(second, REPAIR) == ()


def test_a_second_look_needs_no_first_one_by_the_same_worker(reader):
    content = (PICTURES / "list_succeeded.png").read_bytes()
    first = reader.read(content)
    reader.close()
    again = reader.read_again(content, first, deciding(first, REPAIR))
    assert [w.text for w in again.words if w.first] == [
        w.text for w in looked_at_twice(reader, content).words if w.first
    ]
