"""Where on a page the job's own facts may stand, and where they may not be taken from."""

from dataclasses import replace

import pytest

from mailflow.evidence.judge import judge
from mailflow.evidence.reading import Box, Reading, Words
from mailflow.evidence.verdict import Result
from tests.evidence.pages import FACTS as PANEL
from tests.evidence.pages import (
    GOOD,
    HEADS,
    MINE,
    NEW_RUN,
    OLD_RUN,
    OTHER,
    REMOVAL,
    REPAIR,
    RUN_HEADS,
    page,
)

JOB = "feed-nordhaus-de"
END = GOOD[1]
TOP = ((JOB,), ("Retailer: nordhaus", "Marketplace: Kaufwelt DE"))
GENERIC = replace(
    REPAIR,
    job="orders_46",
    job_name="Order import 46",
    other_jobs=("orders_47", "Order import 47", "orders_48", "Order import 48"),
)


def placed(*lines: tuple[int, int, str]) -> Reading:
    """Put lines at places of their own: left, top, text; letters 26 high and 10 wide."""
    words = tuple(
        Words(
            text=text,
            box=Box(left=left, top=top, right=left + 10 * len(text), bottom=top + 26),
            confidence=0.99,
        )
        for left, top, text in lines
    )
    return replace(page(("x",)), words=words)


def panel(left: int, *rows: tuple[str, str], top: int = 80) -> tuple[tuple[int, int, str], ...]:
    return tuple(
        (left + 180 * column, top + 36 * i, text)
        for i, row in enumerate(rows)
        for column, text in enumerate(row)
    )


def column(left: int, top: int, *texts: str) -> tuple[tuple[int, int, str], ...]:
    return tuple((left, top + 36 * i, text) for i, text in enumerate(texts))


LIST = (
    (20, 20, "Job ID"), (260, 20, "Status"),
    (20, 56, "feed-nordhaus-fr"), (260, 56, "Failed"),
    (20, 92, JOB), (260, 92, "Succeeded"),
)  # fmt: skip
FACTS = (("Retailer", "nordhaus"), ("Marketplace", "Kaufwelt DE"), ("Status", "Succeeded"),
         ("Finished at", END))  # fmt: skip

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
    "a button of a page": page(*TOP, ("Status", "Succeeded"), ("Finished at", END), ("Retry",)),
}  # fmt: skip
UNDECIDED = {
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
