"""The question put to a picture, and the verdict on it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from mailflow.evidence.reading import Box, Reading
from mailflow.evidence.times import Span
from mailflow.tickets.ticket import Subject


class Result(StrEnum):
    """What a picture amounts to."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNSURE = "unsure"  # a person must look


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A picture that came before, and the ticket it came for."""

    ticket: str
    reading: Reading


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
    ticket: str = ""  # the ticket that asks: its own run may be shown to it again, better
    earlier: tuple[Earlier, ...] = ()  # other pictures of this job, the newest first
    alike: tuple[Earlier, ...] = ()  # pictures of other jobs that look like this one


class Place(NamedTuple):
    """A rectangle in whole pixels of the original picture, origin top left."""

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def around(cls, box: Box) -> "Place":
        x, y = int(box.left), int(box.top)
        return cls(x, y, max(1, round(box.right) - x), max(1, round(box.bottom) - y))


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at, what was seen, and where."""

    name: str  # "picture", "reuse", "job", "retailer", "marketplace", "status", "time"
    passed: bool | None  # None: it cannot be told; a person must look
    seen: str
    box: Place | None = None
    askable: bool = False  # it is not told, but nothing speaks against it: the platform may tell

    @classmethod
    def passes(cls, name: str, seen: str, at: Box | None = None) -> "Check":
        return cls(name=name, passed=True, seen=seen, box=Place.around(at) if at else None)

    @classmethod
    def fails(cls, name: str, seen: str, at: Box | None = None) -> "Check":
        return cls(name=name, passed=False, seen=seen, box=Place.around(at) if at else None)

    @classmethod
    def unsure(cls, name: str, seen: str, at: Box | None = None) -> "Check":
        return cls(name=name, passed=None, seen=seen, box=Place.around(at) if at else None)

    @classmethod
    def left_open(cls, name: str, seen: str, at: Box | None = None) -> "Check":
        """Give an unsure check that the platform's own word on the run shown may settle."""
        return replace(cls.unsure(name, seen, at), askable=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judgement with every check named; accepted only when each check passed."""

    checks: tuple[Check, ...]
    job: str = ""  # as the picture writes it
    status: str = ""  # same
    finished_at: datetime | None = None  # the earliest moment the time can mean, aware UTC
    run: str = ""  # the number of the run, as the picture writes it
    within: Span | None = None  # when a run must have ended that ended "5 minutes ago"

    @property
    def result(self) -> Result:
        if any(check.passed is False for check in self.checks):
            return Result.REFUSED
        if not self.checks or any(check.passed is None for check in self.checks):
            return Result.UNSURE
        return Result.ACCEPTED

    @property
    def askable(self) -> bool:
        """Tell whether nothing is missing but what the platform can tell of this very run."""
        open_ = [check for check in self.checks if not check.passed]
        told = self.finished_at is not None or self.within is not None
        return bool(open_) and told and all(c.passed is None and c.askable for c in open_)

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(check.seen for check in self.checks if not check.passed)
