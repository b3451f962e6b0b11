"""Where on a page the job's own facts may stand, and where they may not be taken from."""

import pytest

from mailflow.evidence.judge import judge
from mailflow.evidence.verdict import Result
from tests.evidence.pages import FACTS as PANEL
from tests.evidence.pages import (
    GENERIC,
    GOOD,
    HEADS,
    MINE,
    NEW_RUN,
    OLD_RUN,
    OTHER,
    REMOVAL,
    REPAIR,
    RUN_HEADS,
    column,
    page,
    placed,
)

JOB = "feed-nordhaus-de"
END = GOOD[1]
TOP = ((JOB,), ("Retailer: nordhaus", "Marketplace: Kaufwelt DE"))


def panel(left: int, *rows: tuple[str, str], top: int = 80) -> tuple[tuple[int, int, str], ...]:
    return tuple(
        (left + 180 * column, top + 36 * i, text)
        for i, row in enumerate(rows)
        for column, text in enumerate(row)
    )


LIST = (
    (20, 20, "Job ID"), (260, 20, "Status"),
    (20, 56, "feed-nordhaus-fr"), (260, 56, "Failed"),
    (20, 92, JOB), (260, 92, "Succeeded"),
)  # fmt: skip
FACTS = (("Retailer", "nordhaus"), ("Marketplace", "Kaufwelt DE"), ("Status", "Succeeded"),
         ("Finished at", END))  # fmt: skip

PLACE = ("Retailer: nordhaus", "Marketplace: Kaufwelt DE")
RUN_42 = (*TOP, ("Status", "Succeeded"), ("Finished at", END), ("Run", "42"))


def timeline(top: int, time: str, word: str, more: str) -> tuple[tuple[int, int, str], ...]:
    return ((20, top, time), (320, top, word), (320, top + 30, more))


ACCEPTED = {
    "a label above each value": page(
        (JOB,), ("Marketplace",), ("Kaufwelt DE",), ("Status",), ("Succeeded",), ("Ended",), (END,)
    ),
    "tiles in two rows": page(
        (JOB,), ("Retailer", "Marketplace"), ("nordhaus", "Kaufwelt DE"),
        ("Status", "Finished at"), GOOD,
    ),
    "two pairs a line": page(
        ("Job ID", JOB, "Retailer", "nordhaus"), ("Marketplace", "Kaufwelt DE", "Run", "run-42"),
        ("Status", "Succeeded", "Finished at", END),
    ),
    "the word at the job's name": page((JOB, "Succeeded"), *TOP[1:], ("Finished at", END)),
    "the word and the name read as one": page((f"{JOB} Succeeded",), *TOP[1:], ("Ended", END)),
    "the word above the job's name": page(("Succeeded",), *TOP, ("Finished at", END)),
    "one line": page(*TOP, (f"Last result: Succeeded - {END}",)),
    "a word, and when in brackets": page(*TOP, (f"Succeeded (finished at {END})",)),
    "a label that is a word of success too": page(
        *TOP, ("Status: Completed",), (f"Completed: {END}",)
    ),
    "the number of the run before the word": page(*TOP, (f"Run run-42: Succeeded, ended {END}",)),
    "the number of the run behind the name": page(
        (f"{JOB} #42",), *TOP[1:], ("Status", "Passed"), ("Ended", END)
    ),
    "a sentence about the run": page(*TOP, (f"Run 58 finished successfully at {END}",)),
    "a German sentence": page(*TOP, ("Lauf 58 wurde am 10.03.2026 09:14 erfolgreich beendet",)),
    "a French sentence": page(
        *TOP, ("L'exécution 58 s'est terminée avec succès le 10/03/2026 09:14",)
    ),
    "lines of a log": page(
        (f"[01] INFO Job ID: {JOB}",), ("[02] INFO Retailer: nordhaus",),
        ("[03] INFO Marketplace: Kaufwelt DE",), ("[04] INFO Status: Succeeded",),
        (f"[05] INFO Finished at: {END}",),
    ),
    "runs without headings": page(
        *TOP, ("Runs",), ("Succeeded",), (END,), ("Failed",), ("2026-03-10 08:00:00 UTC",)
    ),
    "the only run of a job that is active": page(*PANEL, ("Runs",), RUN_HEADS, NEW_RUN),
    "a drawer beside the list": placed(*LIST, (640, 20, JOB), *panel(640, *FACTS)),
    "the word above the name on a card": placed(
        *column(20, 20, "Failed", "feed-nordhaus-fr", "Kaufwelt FR", f"Ended: {END}"),
        *column(20, 220, "Succeeded", JOB, "nordhaus · Kaufwelt DE", f"Ended: {END}"),
    ),
    "cells of narrow columns read as one": page(
        HEADS, (f"{MINE[0]} {MINE[1]}", "", "nordhaus Kaufwelt DE", "", *GOOD), (*OTHER, *GOOD)
    ),
    "a button in each row": page(HEADS, (*MINE, *GOOD, "Details"), (*OTHER, *GOOD, "Details")),
    "names of other pages below a word that labels, too": placed(
        *column(20, 20, "Home", "Items", "Jobs"), *column(320, 20, JOB, *PLACE, "Status", GOOD[0]),
        *column(320, 236, "Finished at", END),
    ),
    "older runs below the facts of the newest": page(
        *RUN_42, ("41", "2026-03-10 08:00:00 UTC", "Failed"),
        ("40", "2026-03-10 07:00:00 UTC", "Succeeded"),
    ),
    "what a row says of itself, whatever column it stands in": placed(
        (20, 20, JOB), (20, 56, PLACE[0]), (300, 56, PLACE[1]),
        (20, 92, "Finished at"), (320, 92, "Status"),
        *timeline(128, END, "Succeeded", "Run 42 Items: 338 Errors: 0"),
        *timeline(200, OLD_RUN[3], "Failed", "Run 41 Items: 310 Errors: 0"),
    ),
    "a button of a page": page(*TOP, ("Status", "Succeeded"), ("Finished at", END), ("Retry",)),
}  # fmt: skip
UNDECIDED = {
    "trouble of a run that may be newer, by its number": page(
        *RUN_42, ("43", "2026-03-10 08:00:00 UTC", "Failed")
    ),
    "trouble of a run that may be newer, by its time": page(
        *RUN_42, ("41", "2026-03-10 09:30:00 UTC", "Failed")
    ),
    "errors in what a row says of itself": placed(
        (20, 20, JOB), (20, 56, PLACE[0]), (300, 56, PLACE[1]),
        (20, 92, "Finished at"), (320, 92, "Status"),
        *timeline(128, END, "Succeeded", "Run 42 Items: 338 Errors: 7"),
        *timeline(200, OLD_RUN[3], "Failed", "Run 41 Items: 310 Errors: 0"),
    ),
    "the newest run's word was not read": page(
        *TOP, ("Runs",), ("2026-03-10 09:30:00 UTC",), ("Succeeded",), (END,), ("Failed",),
        ("2026-03-10 08:00:00 UTC",),
    ),
    "a gap above the first run": page(
        *TOP, ("Runs",), ("",), ("",), ("",), ("",), ("Succeeded",), (END,), ("Failed",),
        ("2026-03-10 08:00:00 UTC",),
    ),
    "the last success": page(*TOP, (f"Last success {END}",)),
    "when it last completed": page(*TOP, (f"Last completed - {END}",)),
    "a sentence about it": page(*TOP, (f"The job succeeded at {END}",)),
    "the list beside the drawer says failed": placed(
        *LIST[:-1], (260, 92, "Failed"), (640, 20, JOB), *panel(640, *FACTS)
    ),
    "a drawer with two results": placed(
        *LIST, (640, 20, JOB), *panel(640, ("Status", ""), *FACTS[:2], ("x9", "y"), *FACTS[2:]),
    ),
    "a page about a job that nobody told us of": page(
        (JOB,), ("feed-lindner-de",), ("Retailer", "nordhaus"), ("Marketplace", "Kaufwelt DE"),
        ("Status", "Succeeded"), ("Finished at", END),
    ),
    "a word that stands at the next card's name": placed(
        *column(20, 20, JOB, "nordhaus · Kaufwelt DE", f"Ended: {END}"), (20, 150, "Succeeded"),
        *column(20, 190, "feed-nordhaus-fr", "Kaufwelt FR", f"Ended: {END}"),
    ),
    "a filter that found nothing": page(
        ("Job ID", JOB, "Status", "Succeeded", "Finished at", END), ("0 jobs found",)
    ),
    "a longer name in one line": page(
        ("feed-nordhaus-de - wholesale",), ("Status", "Succeeded"), ("Finished at", END)
    ),
    "a sentence that it was not completed": page(
        *TOP, (f"Run 58 could not be completed at {END}",)
    ),
    "a German sentence with a negation": page(
        *TOP, ("Lauf 58 wurde am 10.03.2026 09:14 nicht erfolgreich beendet",)
    ),
    "errors behind the word in one line": page(*TOP, (f"Succeeded, 3 errors - {END}",)),
}  # fmt: skip


@pytest.mark.parametrize("layout", ACCEPTED)
def test_the_jobs_own_facts_are_found_wherever_they_stand(layout):
    verdict = judge(ACCEPTED[layout], REPAIR)
    assert verdict.result is Result.ACCEPTED, verdict.reasons


def test_the_only_run_of_a_removed_job_says_nothing_of_its_removal():
    facts = (*PANEL[:-1], ("Status", "Removed"), ("Removed at", END))
    assert judge(page(*facts, ("Runs",), RUN_HEADS, OLD_RUN), REMOVAL).result is Result.ACCEPTED


@pytest.mark.parametrize("layout", UNDECIDED)
def test_what_may_belong_to_another_run_or_job_is_not_believed(layout):
    assert judge(UNDECIDED[layout], REPAIR).result is not Result.ACCEPTED


@pytest.mark.parametrize(("retailer", "taken"), [("nordhaus", True), ("Alpenrad", None)])
def test_the_lines_that_a_row_is_indented_below_say_whose_it_is(retailer, taken):
    """The next group's head below the row does not belong to it."""
    reading = placed(
        (20, 20, "Job ID"), (420, 20, "Status"), (620, 20, "Finished at"),
        (20, 50, retailer), (44, 80, "Kaufwelt DE"), (68, 110, "orders_46"),
        (420, 110, GOOD[0]), (620, 110, END), (20, 140, "Berger"), (44, 170, "Kaufwelt AT"),
        (68, 200, "orders_47"), (420, 200, "Failed"), (620, 200, END),
    )  # fmt: skip
    checks = {check.name: check.passed for check in judge(reading, GENERIC).checks}
    assert (checks["status"], checks["marketplace"], checks["retailer"]) == (True, True, taken)


@pytest.mark.parametrize(
    ("head", "taken"), [("nordhaus · Kaufwelt DE", True), ("Alpenrad · Kaufwelt FR", None)]
)
def test_a_jobs_group_says_whose_it_is(head, taken):
    rows = (("Job ID", "Status", "Finished at"), ("",), ("Berger · Kaufwelt AT",), ("",))
    other, mine = ("orders_47", *GOOD), ("orders_46", *GOOD)
    reading = page(*rows, other, ("",), (head,), ("",), mine)
    checks = {check.name: check.passed for check in judge(reading, GENERIC).checks}
    assert checks["status"]
    assert checks["retailer"] is taken
