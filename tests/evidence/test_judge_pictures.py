"""Real pictures, drawn by a browser and kept, read by the real engine."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mailflow.edges.picture_worker import WorkerPictureReader
from mailflow.evidence.judge import judge
from mailflow.evidence.verdict import Question, Result, Verdict
from mailflow.settings.root import LimitSettings
from tests.evidence.pages import REMOVAL, REPAIR

PICTURES = Path(__file__).parent / "pictures"
BERLIN = replace(REPAIR, zone="Europe/Berlin")


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkerPictureReader]:
    reader = WorkerPictureReader(LimitSettings())
    yield reader
    reader.close()


def verdict(reader: WorkerPictureReader, name: str, question: Question) -> Verdict:
    return judge(reader.read((PICTURES / f"{name}.png").read_bytes()), question)


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("list_succeeded", REPAIR),
        ("dark_list", REPAIR),
        ("job_succeeded", REPAIR),
        ("list_german", BERLIN),
        ("job_removed", REMOVAL),
        ("platform_list", REPAIR),
        ("platform_job", REPAIR),
        ("platform_removed", REMOVAL),
    ],
)
def test_a_picture_of_a_plain_proof_is_accepted(reader, name, question):
    found = verdict(reader, name, question)
    assert found.result is Result.ACCEPTED, found.reasons


@pytest.mark.parametrize(
    ("name", "question", "expected"),
    [
        ("list_failed", REPAIR, Result.REFUSED),
        ("job_newest_failed", REPAIR, Result.REFUSED),
        ("platform_failed", REPAIR, Result.REFUSED),
        ("platform_running", REPAIR, Result.REFUSED),
        ("platform_removed", REPAIR, Result.REFUSED),
        ("job_removed", REPAIR, Result.REFUSED),
        ("platform_paused", REPAIR, Result.UNSURE),
        ("platform_job", REMOVAL, Result.UNSURE),
        ("staging_list", REPAIR, Result.UNSURE),
        ("relative_time", REPAIR, Result.UNSURE),
    ],
)
def test_a_picture_of_no_proof_is_not_accepted(reader, name, question, expected):
    found = verdict(reader, name, question)
    assert found.result is expected, found.reasons
