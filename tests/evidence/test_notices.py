"""A notice of the job's run over the page about the job."""

import pytest

from mailflow.evidence.judge import judge
from mailflow.evidence.reading import Reading
from mailflow.evidence.verdict import Result
from tests.evidence.pages import GOOD, REPAIR, placed

JOB = "feed-nordhaus-de"
END = GOOD[1]
TOLD = ("Succeeded", JOB, "Finished at")
NEXT = ("Next run", "2026-03-10 12:00:00 UTC")


def noticed(
    *more: tuple[int, int, str],
    told: tuple[str, str, str] = TOLD,
    fact: tuple[str, str] = NEXT,
    left: int = 900,
) -> Reading:
    word, job, label = told
    return placed(
        (20, 20, "Job ID"), (420, 20, "Name"), (30, 50, JOB), (430, 50, "Nordhaus price feed"),
        (20, 116, "Retailer"), (420, 116, "Marketplace"), (30, 146, "nordhaus"),
        (430, 146, "Kaufwelt DE"), (20, 212, "Owner"), (420, 212, fact[0]),
        (30, 242, "data-team"), (430, 242, fact[1]), (left, 84, word), (left, 111, job),
        (left + 10 * len(job) + 10, 111, "#86"), (left, 138, label),
        (left + 10 * len(label) + 10, 138, END), *more,
    )  # fmt: skip


def test_a_notice_that_names_the_job_and_its_end_proves_the_run():
    verdict = judge(noticed(), REPAIR)
    assert verdict.result is Result.ACCEPTED, verdict.reasons


UNDECIDED = {
    "another job's": noticed(told=("Succeeded", "feed-nordhaus-fr", "Finished at")),
    "one that the page speaks against": noticed(fact=("Status", "Failed")),
    "one beside a run that the page dates": noticed(fact=("Last run", "2026-03-10 09:30:00 UTC")),
    "one beside a failed run": noticed((30, 320, "Run 87"), (200, 320, "Failed")),
    "one beside items that failed": noticed(fact=("Errors", "7")),
    "one that says that it failed": noticed(told=("Failed", JOB, "Finished at")),
    "one of a run that began": noticed(told=("Started", JOB, "Started at")),
    "one with a doubt below it": noticed((900, 165, "with 14 errors")),
    "one too near to other words": noticed((900, 210, "remaining")),
    "one beside an unknown job": noticed((30, 320, "feed-lindner-de")),
    "one job of a paused state": noticed(fact=("State", "Paused")),
}


@pytest.mark.parametrize("notice", UNDECIDED)
def test_a_notice_that_may_not_tell_the_newest_run_is_not_believed(notice):
    assert judge(UNDECIDED[notice], REPAIR).result is not Result.ACCEPTED
