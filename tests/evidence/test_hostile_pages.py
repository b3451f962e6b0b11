"""Pages drawn by a real browser and read by the real engine: none of them may close a ticket."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.pictures.drawing import draw
from mailflow.edges.capture_chromium import find_browser
from mailflow.edges.picture_worker import WorkerPictureReader
from mailflow.evidence.verdict import Question, Result, Verdict
from mailflow.settings.root import LimitSettings
from mailflow.tickets.ticket import Subject
from mailflow.workflow.judging import judge_file
from tests.evidence.hostile_lists import CONTROL_LISTS, HOSTILE_LISTS
from tests.evidence.hostile_pages import CONTROL, HOSTILE
from tests.evidence.hostile_sheets import CONTROL_SHEETS, HOSTILE_SHEETS

PROOFS = CONTROL | CONTROL_LISTS | CONTROL_SHEETS
NO_PROOFS = HOSTILE | HOSTILE_LISTS | HOSTILE_SHEETS

ASKED = Question(
    subject=Subject.REPAIR,
    job="sync-lindner-at",
    job_name="Lindner stock sync",
    retailer="lindner",
    retailer_name="Lindner",
    marketplace="kaufwelt-at",
    other_jobs=("sync-lindner-ch", "sync-lindner-de", "sync-lindner-it"),
    after=datetime(2026, 9, 21, 9, 45, tzinfo=UTC),
    received_at=datetime(2026, 9, 21, 14, 35, tzinfo=UTC),
    zone="UTC",
)
# Nine October or tenth of September: the mail is from November, so that both are past.
LATER = replace(
    ASKED,
    after=datetime(2026, 9, 20, tzinfo=UTC),
    received_at=datetime(2026, 11, 2, tzinfo=UTC),
)
ASKED_LATER = frozenset({"a date that reads two ways"})


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkerPictureReader]:
    reader = WorkerPictureReader(LimitSettings())
    yield reader
    reader.close()


@pytest.fixture(scope="module")
def _a_browser() -> None:
    if not find_browser():
        if os.environ.get("MAILFLOW_FULL_SUITE") == "1":
            pytest.fail("the full suite needs Chromium: install the package chromium")
        pytest.skip("there is no Chromium to draw the pages with")


@pytest.fixture
def look(_a_browser: None, reader: WorkerPictureReader, tmp_path: Path):
    def judged(html: str, question: Question) -> Verdict:
        target = tmp_path / "page.png"
        draw(html, target, size=(1180, 560))
        return judge_file(reader, target.read_bytes(), lambda _: question).verdict

    return judged


@pytest.mark.parametrize("page", PROOFS)
def test_a_plain_proof_is_accepted(look, page):
    verdict = look(PROOFS[page], ASKED)
    assert verdict.result is Result.ACCEPTED, verdict.reasons


@pytest.mark.parametrize("page", NO_PROOFS)
def test_what_only_looks_like_a_proof_is_not_accepted(look, page):
    verdict = look(NO_PROOFS[page], LATER if page in ASKED_LATER else ASKED)
    assert verdict.result is not Result.ACCEPTED
    assert verdict.reasons
