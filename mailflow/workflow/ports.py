"""What the workflow asks of the outside. The edges come to these; nothing here knows an edge."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from mailflow.evidence.reading import Reading, Words
from mailflow.evidence.verdict import Place
from mailflow.tickets.effects import Purpose, Stop
from mailflow.tickets.errors import GiveUp, MailflowError
from mailflow.tickets.ticket import Job
from mailflow.understanding.confirmation import Asked
from mailflow.understanding.confirmation.second_reading import Opinion
from mailflow.understanding.message import Message


class NotStoppable(GiveUp):
    """There is no switch on our side for this job; nothing went wrong."""


class OutcomeUnknown(MailflowError):  # noqa: N818 - named by what is known
    """The mail may or may not have left: the connection was lost after the final dot."""


class Clock(Protocol):
    """The time of day, aware UTC."""

    def now(self) -> datetime: ...


class JobState(StrEnum):
    """What a platform says of a job."""

    RUNNING = "running"  # active: it would run when it is due
    STOPPED = "stopped"
    REMOVED = "removed"


class RunStatus(StrEnum):
    """How a run ended. Anything that is not plainly good or bad is UNCLEAR."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    RUNNING = "running"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a job, as the platform reports it."""

    id: str
    status: RunStatus
    started_at: datetime | None
    finished_at: datetime | None  # None while it runs
    detail: str = ""


class Platform(Protocol):
    """A job platform, as far as mailflow needs one.

    Every act may be called twice with the same `key` and must do the work once.
    Every method raises `TryAgainLater` (busy, unreachable) or `GiveUp` (refused), nothing else.
    An act returns only once the platform itself reports the new state; the text returned says
    how it was done, in words that may stand in a mail.
    """

    @property
    def name(self) -> str: ...

    def stop(self, job: Job, stop: Stop, *, key: str) -> str:
        """Stop the job from failing further.

        Raises:
            NotStoppable: there is no switch for it on our side.
        """
        ...

    def reactivate(self, job: Job, *, key: str) -> str: ...

    def remove(self, job: Job, *, key: str) -> str: ...

    def run_now(self, job: Job, *, key: str) -> str: ...

    def state_of(self, job: Job) -> JobState: ...

    def last_runs(self, job: Job) -> tuple[Run, ...]:
        """Give the latest runs, newest first; empty when there was none.

        Raises:
            GiveUp: this platform cannot tell how runs ended.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingMail:
    """One mail as the server holds it."""

    folder: str
    uidvalidity: int
    uid: int
    raw: bytes = field(repr=False)
    received_at: datetime  # the server's arrival time, aware UTC
    truncated: bool = False  # larger than max_bytes: `raw` is its header block, or the start of it


class MailParser(Protocol):
    """Parses hostile bytes within limits of time and memory."""

    def parse(self, raw: bytes) -> Message:
        """Parse one mail.

        Raises:
            GiveUp: it breaks a limit or cannot be read; the reason says which.
            TryAgainLater: the worker died of something else than this mail.
        """
        ...


TYPED = "it is typed on a page, not a picture of a screen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture out of a file that was sent."""

    content: bytes = field(repr=False)
    place: str = ""  # "page 2", "word/media/image1.png"; "" where the file is the picture
    findings: tuple[str, ...] = ()  # what makes the document doubtful


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A rectangle to draw on a picture, with a few words beside it."""

    box: Place
    label: str
    good: bool


class PictureReader(Protocol):
    """Decodes and reads pictures within limits of time and memory.

    Every method raises `GiveUp` (it may not be decoded; the reason may stand in a mail) or
    `TryAgainLater` (the worker died or ran out of time), nothing else.
    """

    def unfold(self, content: bytes) -> tuple[Picture, ...]:
        """Give the pictures of a file, at least one: the file itself, or those in a document."""
        ...

    def read(self, content: bytes) -> Reading:
        """Read one picture."""
        ...

    def read_again(self, content: bytes, reading: Reading, lines: Collection[Words]) -> Reading:
        """Read some lines of a picture again, slower and better; the others stay as they were."""
        ...

    def draw(self, content: bytes, marks: Sequence[Mark]) -> bytes:
        """Give a PNG of the picture with the marks drawn on it."""
        ...


class SecondReader(Protocol):
    """Somebody else's opinion of a reply: it may doubt and sort, never accept."""

    def read(self, own: str, asked: Asked) -> Opinion | None:
        """Say how the reply is understood; None when there is no opinion, for whatever reason."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """A page as it was seen."""

    png: bytes = field(repr=False)
    address: str  # where the page was found in the end, without a login in it
    taken_at: datetime  # aware UTC
    text: str  # what could be read on it, as the browser tells


class PageCamera(Protocol):
    """Takes pictures of a platform's pages, as a person would see them."""

    def capture(self, job: Job) -> Captured:
        """Open the job's page and take a picture of it.

        Raises:
            TryAgainLater: the page did not answer in time.
            GiveUp: it is not to be had: no browser, a bad certificate, another host.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file sent along with a mail."""

    filename: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail to be written: what for, to whom, in which language, with which facts."""

    purpose: Purpose
    template: str  # folder below templates/mail: the purpose, or the cause for a first notice
    language: str  # ISO 639-1; English is used where there is no such template
    zone: str  # IANA zone in which times are shown
    facts: Mapping[str, Any]
    message_id: str
    sent_at: datetime
    to: tuple[str, ...]
    reply_to: str
    references: tuple[str, ...] = ()  # oldest first; the last one is replied to
    thread_subject: str = ""  # keeps a thread together in readers that go by subject
    enclosures: tuple[Enclosure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenMail:
    """A mail ready to leave."""

    message_id: str
    sender: str  # envelope sender
    to: tuple[str, ...]
    subject: str
    text: str
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """A recipient whom the server did not take."""

    address: str
    code: int  # SMTP reply code
    answer: str  # of the server, as it came


class Letters(Protocol):
    """Writes mails from templates."""

    def write(self, letter: Letter) -> WrittenMail:
        """Render and compose; the same letter gives the same bytes.

        Raises:
            GiveUp: the template is broken or wants a fact that is not there.
        """
        ...


class Outbox(Protocol):
    """Sends mails, and tells whether one was sent."""

    def send(self, mail: WrittenMail) -> tuple[Refused, ...]:
        """Send to every recipient and keep a copy in the Sent folder.

        Gives those whom the server did not take while it took others.

        Raises:
            TryAgainLater: it did not leave; it may later.
            GiveUp: it was refused for good.
            OutcomeUnknown: nobody can say yet; ask `was_sent` before sending it again.
        """
        ...

    def was_sent(self, message_id: str) -> bool | None:
        """Look for the mail in the Sent folder; None where there is no such witness.

        Raises:
            TryAgainLater: the witness cannot be asked now.
        """
        ...
