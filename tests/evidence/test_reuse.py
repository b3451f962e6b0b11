"""A run is shown once: copies and repainted dates are found, honest new runs are not."""

from dataclasses import replace

import pytest

from mailflow.evidence.judge import judge
from mailflow.evidence.reading import Box, Reading
from mailflow.evidence.verdict import Check, Earlier, Question, Result
from tests.evidence.pages import (
    FACTS,
    HEADS,
    MINE,
    NEW_RUN,
    OLD_RUN,
    OTHER,
    REPAIR,
    RUN_HEADS,
    page,
)

ASKED = replace(REPAIR, ticket="MF-9")
LATER = ("run-43", "Succeeded", "2026-03-10 09:32:00 UTC", "2026-03-10 09:34:10 UTC", "4133")
ROW = ("Succeeded", "2026-03-10 09:14:05 UTC")
BEFORE = ("Succeeded", "2026-03-10 08:50:00 UTC")
STOCK = ("Succeeded", "2026-03-10 07:01:00 UTC", "88")


def runs(*rows: tuple[str, ...]) -> Reading:
    return page(*FACTS, RUN_HEADS, *rows)


def reuse(now: Reading, before: Reading, ticket: str = "MF-4") -> Check:
    question: Question = replace(ASKED, earlier=(Earlier(ticket=ticket, reading=before),))
    return next(c for c in judge(now, question).checks if c.name == "reuse")


def scaled(reading: Reading, factor: float, shift: float = 0) -> Reading:
    def moved(box: Box) -> Box:
        return Box(
            left=box.left * factor - shift,
            top=box.top * factor - shift,
            right=box.right * factor - shift,
            bottom=box.bottom * factor - shift,
        )

    words = tuple(replace(w, box=moved(w.box)) for w in reading.words)
    return replace(reading, words=words, sha256="c" * 64, pixels_sha256="d" * 64)


@pytest.mark.parametrize("copy", ["recompressed", "scaled", "cropped"])
def test_a_copy_of_a_picture_used_before_is_refused_and_the_ticket_named(copy):
    first = runs(NEW_RUN, OLD_RUN)
    again = {
        "recompressed": scaled(first, 1.0),
        "scaled": scaled(first, 1.5),
        "cropped": scaled(runs(NEW_RUN), 1.0, shift=8),
    }[copy]
    check = reuse(again, first)
    assert check.passed is False
    assert "MF-4" in check.seen


def test_a_repainted_end_of_the_same_run_is_refused():
    before = runs(("run-42", "Succeeded", NEW_RUN[2], "2026-03-10 09:01:00 UTC", "4120"), OLD_RUN)
    assert reuse(runs(NEW_RUN, OLD_RUN), before).passed is False


def test_a_new_run_on_the_same_dashboard_is_no_reuse():
    assert reuse(runs(LATER, NEW_RUN, OLD_RUN), runs(NEW_RUN, OLD_RUN)).passed is True


def test_the_same_run_may_be_shown_again_to_its_own_ticket():
    first = runs(NEW_RUN, OLD_RUN)
    assert reuse(scaled(first, 1.2), first, ticket="MF-9").passed is True


def test_a_list_in_which_only_the_time_differs_is_left_to_a_person():
    heads = (*HEADS, "Items")
    before = page(heads, (*MINE, *BEFORE, "310"), (*OTHER, *STOCK))
    now = page(heads, (*MINE, *ROW, "310"), (*OTHER, *STOCK))
    assert reuse(now, before).passed is None


def test_a_list_in_which_counts_moved_on_is_an_honest_new_run():
    heads = (*HEADS, "Items")
    before = page(heads, (*MINE, *BEFORE, "310"), (*OTHER, *STOCK))
    now = page(heads, (*MINE, *ROW, "322"), (*OTHER, *STOCK))
    assert reuse(now, before).passed is True


def of_another_job(run: tuple[str, ...]) -> Reading:
    return page(("sync-alpenrad-de",), ("Schedule", "Every 15 minutes"), RUN_HEADS, run)


@pytest.mark.parametrize(
    ("run", "passed"),
    [(NEW_RUN, None), (("run-7", "Succeeded", *OLD_RUN[2:4], "88"), True)],
    ids=["the same run", "a run of its own"],
)
def test_a_picture_of_another_job_with_the_name_painted_over_is_left_to_a_person(run, passed):
    now = page(*FACTS, ("Schedule", "Every 15 minutes"), RUN_HEADS, NEW_RUN)
    question = replace(ASKED, alike=(Earlier(ticket="MF-5", reading=of_another_job(run)),))
    check = next(c for c in judge(now, question).checks if c.name == "reuse")
    assert check.passed is passed


def test_a_picture_of_the_failed_run_does_not_spoil_the_next_one():
    question = replace(ASKED, earlier=(Earlier(ticket="MF-9", reading=runs(OLD_RUN)),))
    assert judge(runs(NEW_RUN, OLD_RUN), question).result is Result.ACCEPTED
