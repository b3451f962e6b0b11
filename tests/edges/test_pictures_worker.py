import io
import os
import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from mailflow.edges.picture_worker import WorkerPictureReader
from mailflow.evidence.verdict import Place
from mailflow.settings.root import LimitSettings
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.workflow.ports import Mark

PICTURES = Path(__file__).parents[1] / "evidence" / "pictures"


def picture(text: str, size: tuple[int, int] = (600, 200)) -> bytes:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((20, 4), text, fill="black", font_size=22)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkerPictureReader]:
    reader = WorkerPictureReader(LimitSettings())
    yield reader
    reader.close()


def texts(reader: WorkerPictureReader, content: bytes) -> list[str]:
    return [word.text for word in reader.read(content).words]


def pid_of(reader: WorkerPictureReader) -> int:
    assert reader._worker is not None
    return reader._worker.process.pid


def test_a_line_is_read_where_it_stands(reader):
    reading = reader.read(picture("Succeeded"))
    (word,) = reading.words
    assert word.text == "Succeeded"
    assert 0 <= word.box.left < 40
    assert word.box.bottom < 60
    assert (reading.width, reading.height) == (600, 200)


def test_a_thin_strip_costs_no_more_memory_than_a_page(reader):
    with Image.open(PICTURES / "list_succeeded.png") as page:
        out = io.BytesIO()
        page.crop((0, 124, 1280, 160)).save(out, "PNG")
    assert "Succeeded" in texts(reader, out.getvalue())
    status = Path(f"/proc/{pid_of(reader)}/status").read_text()
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
    assert int(peak) < 900_000


def test_the_worker_tells_what_it_has_cost():
    reader = WorkerPictureReader(LimitSettings())
    try:
        assert reader.cost() == (0.0, 0.0)
        reader.read(picture("Succeeded"))
        seconds, megabytes = reader.cost()
        assert seconds > 0.1
        assert 50 < megabytes < 600
    finally:
        reader.close()


def test_a_refused_picture_leaves_the_worker_alive(reader):
    reader.read(picture("one"))
    before = pid_of(reader)
    with pytest.raises(GiveUp, match="web page"):
        reader.read(b"<!doctype html>" + b" " * 80)
    assert pid_of(reader) == before


def test_threads_take_turns(reader):
    found: dict[str, list[str]] = {}
    words = ("first", "second", "third")
    threads = [
        threading.Thread(target=lambda w=word: found.update({w: texts(reader, picture(w))}))
        for word in words
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {word: [word] for word in words}


def test_a_dead_worker_is_tried_again_once_and_then_given_up():
    reader = WorkerPictureReader(LimitSettings())
    try:
        reader.read(picture("warm"))
        os.kill(pid_of(reader), signal.SIGKILL)
        with pytest.raises(TryAgainLater):
            reader.read(picture("poison"))
        reader.read(picture("fine"))
        os.kill(pid_of(reader), signal.SIGKILL)
        with pytest.raises(GiveUp, match="limits"):
            reader.read(picture("poison"))
    finally:
        reader.close()


def test_a_picture_that_takes_too_long_ends_the_worker():
    reader = WorkerPictureReader(LimitSettings(picture_seconds=0.05))
    with pytest.raises(TryAgainLater):
        reader.read(picture("slow"))
    assert reader._worker is None


def test_the_worker_ends_when_closed_and_starts_again_when_needed():
    reader = WorkerPictureReader(LimitSettings())
    reader.read(picture("one"))
    first = pid_of(reader)
    reader.close()
    assert not os.path.exists(f"/proc/{first}")  # noqa: PTH110
    assert texts(reader, picture("two")) == ["two"]
    reader.close()


def test_an_idle_worker_ends_by_itself():
    reader = WorkerPictureReader(LimitSettings(), idle_seconds=0.05)
    reader.read(picture("one"))
    timer = reader._timer
    if timer is not None:
        timer.join(10)
    assert reader._worker is None


def test_the_worker_holds_no_secret_of_the_environment(monkeypatch):
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/secret")
    reader = WorkerPictureReader(LimitSettings())
    reader.read(picture("one"))
    with open(f"/proc/{pid_of(reader)}/environ", "rb") as environment:  # noqa: PTH123
        assert b"/run/secret" not in environment.read()
    reader.close()


def test_a_document_is_unfolded_in_the_worker(reader):
    first, second = (Image.open(io.BytesIO(picture(f"{n} page"))) for n in ("first", "second"))
    pages = io.BytesIO()
    first.save(pages, "PDF", save_all=True, append_images=[second])

    found = reader.unfold(pages.getvalue())

    assert [one.place for one in found] == ["page 1", "page 2"]
    assert texts(reader, found[1].content) == ["second page"]
    with pytest.raises(GiveUp, match="damaged"):
        reader.unfold(pages.getvalue()[:300])


def test_marks_are_drawn_in_the_worker(reader):
    mark = Mark(box=Place(20, 60, 180, 60), label="status: ok", good=True)

    marked = reader.draw(picture("Succeeded"), [mark])

    with Image.open(io.BytesIO(marked)) as image:
        assert image.format == "PNG"
        assert image.getpixel((100, 122)) == (20, 120, 45)
