"""Cards of jobs: which word, which time and which heading belong to the one in question."""

from dataclasses import replace

import pytest

from mailflow.evidence.judge import judge
from mailflow.evidence.reading import Reading
from mailflow.evidence.verdict import Result
from tests.evidence.pages import GENERIC, GOOD, REPAIR, column, placed

JOB = "feed-nordhaus-de"
END = GOOD[1]
OWN = (JOB, "nordhaus · Kaufwelt DE")
FAILED = ("feed-nordhaus-fr", "nordhaus · Kaufwelt FR", "Failed", "2026-03-10 08:00:00 UTC")


def coloured(reading: Reading, text: str, colour: str) -> Reading:
    return replace(
        reading,
        words=tuple(replace(w, colour=colour) if w.text == text else w for w in reading.words),
    )


BULLET = placed(*column(20, 20, *FAILED), *column(420, 20, *OWN, "● Succeeded", END))
ACCEPTED = {
    "the time below the word": placed(
        *column(20, 20, *FAILED), *column(420, 20, *OWN, "Succeeded", END)
    ),
    "the time beside the word": placed(
        *column(20, 20, *FAILED[:3]), (250, 92, FAILED[3]),
        *column(620, 20, *OWN, "Succeeded"), (850, 92, END),
    ),
    "a green bullet before the word": coloured(BULLET, "● Succeeded", "green"),
    "trouble that hangs on the card above": placed(
        *column(20, 20, *FAILED[:3]), *column(20, 148, *OWN, "Succeeded", END)
    ),
    "the first letter of the name in a badge": placed(
        *column(20, 20, *FAILED), (420, 20, JOB), (420, 56, "n"), (440, 56, "nordhaus"),
        (420, 92, "Succeeded"), (420, 128, END), (420, 164, "Kaufwelt DE"),
    ),
}  # fmt: skip
UNDECIDED = {
    "a time beyond where another card begins": placed(
        *column(20, 20, *OWN, "Succeeded"), (500, 92, END), *column(320, 160, *FAILED[:3])
    ),
    "two times": placed(
        *column(20, 20, *FAILED), *column(420, 20, *OWN, "Succeeded", END),
        (420, 164, "2026-03-10 09:20:00 UTC"),
    ),
    "a time far below the word": placed(
        *column(20, 20, *FAILED), *column(420, 20, *OWN, "Succeeded", "nordhaus", END)
    ),
    "word and time beside the name, as in a row": placed(
        (20, 20, FAILED[0]), (420, 20, "Failed"), (620, 20, FAILED[3]),
        (20, 56, JOB), (420, 56, "Succeeded"), (620, 56, END),
    ),
    "a bullet whose colour cannot be told": BULLET,
    "a bullet that the second look did not read": replace(
        BULLET,
        words=tuple(
            replace(w, text="Succeeded", first=w.text) if w.text == "● Succeeded" else w
            for w in BULLET.words
        ),
    ),
    "another first letter": placed(
        *column(20, 20, *FAILED), (420, 20, JOB), (420, 56, "K"), (440, 56, "nordhaus"),
        (420, 92, "Succeeded"), (420, 128, END), (420, 164, "Kaufwelt DE"),
    ),
    "trouble halfway to the card above": placed(
        *column(20, 20, *FAILED[:2]), (20, 102, "Failed"), *column(20, 148, *OWN, "Succeeded", END)
    ),
}  # fmt: skip


@pytest.mark.parametrize("card", ACCEPTED)
def test_a_card_says_how_and_when_its_jobs_run_ended(card):
    verdict = judge(ACCEPTED[card], REPAIR)
    assert verdict.result is Result.ACCEPTED, verdict.reasons


@pytest.mark.parametrize("card", UNDECIDED)
def test_what_may_belong_to_another_card_is_not_believed(card):
    assert judge(UNDECIDED[card], REPAIR).result is not Result.ACCEPTED


@pytest.mark.parametrize(("left", "taken"), [(20, None), (420, True)])
def test_a_card_belongs_to_the_heading_of_its_own_column_only(left, taken):
    mine = ("orders_46", "nordhaus", "Succeeded", END)
    other = ("orders_47", "Alpenrad", "Failed", END)
    reading = placed(
        (20, 20, "Kaufwelt FR"), (420, 20, "Kaufwelt DE"),
        *column(left, 92, *mine), *column(440 - left, 92, *other),
    )  # fmt: skip
    checks = {check.name: check.passed for check in judge(reading, GENERIC).checks}
    assert (checks["status"], checks["time"], checks["marketplace"]) == (True, True, taken)
