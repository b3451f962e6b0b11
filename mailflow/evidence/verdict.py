"""The question put to a picture, and the verdict on it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailflow.evidence.reading import Box
from mailflow.tickets.ticket import Subject


class Result(StrEnum):
    """What a picture amounts to."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNSURE = "unsure"  # a person must look


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the picture would have to show."""

    subject: Subject  # REPAIR: a successful run; REMOVAL: the job as removed
    job: str  # id
    job_name: str
    retailer: str  # account id
    retailer_name: str
    marketplace: str
    other_jobs: tuple[str, ...]  # ids and names of every other known job, to tell neighbours apart
    after: datetime  # the run must have ended later: newest failure, or the reactivation
    received_at: datetime  # when the mail arrived; a later time on the picture is not believed
    zone: str  # IANA zone of times that name none
    day_first: bool = True  # how 03/04/2026 is read where both ways are possible
    seen_before: tuple[str, ...] = ()  # tickets on which the same picture was used


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at, what was seen, and where."""

    name: str  # "picture", "reuse", "job", "retailer", "marketplace", "status", "time"
    result: Result
    seen: str
    box: Box | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judgement with every check named; accepted only when each check is."""

    result: Result
    checks: tuple[Check, ...]
    finished_at: datetime | None  # the earliest moment the picture's time can mean, aware UTC

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(c.seen for c in self.checks if c.result is not Result.ACCEPTED)
