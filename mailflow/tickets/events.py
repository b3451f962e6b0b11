"""What happened, in the past tense. Time comes in with the event."""

from dataclasses import dataclass
from datetime import datetime

from mailflow.tickets.ticket import Cause, Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class _Happened:
    at: datetime  # when mailflow learnt of it, aware UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertReceived(_Happened):
    """The same job was reported as failing once more."""

    failed_at: datetime
    error_text: str
    cause: Cause
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPaused(_Happened):
    because: str  # how, in words a retailer understands


@dataclass(frozen=True, slots=True, kw_only=True)
class CannotBeStopped(_Happened):
    """Not stoppable on our side: nothing went wrong, there is no such switch."""

    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseFailed(_Happened):
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFoundRunning(_Happened):
    """A look at the platform showed the job running although it must be stopped."""

    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReactivated(_Happened):
    trial: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactivationFailed(_Happened):
    trial: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRunFailed(_Happened):
    trial: int
    finished_at: datetime
    run: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsUnknowable(_Happened):
    """The platform cannot tell how a run ended; the picture's own run has to prove it."""

    trial: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRemoved(_Happened):
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalFailed(_Happened):
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofAccepted(_Happened):
    """The only way into CLOSED."""

    proof: Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceReceived(_Happened):
    """Pictures arrived for the ticket; nobody has judged them yet."""

    message: str
    sender: str  # address
    from_staff: bool
    attachments: tuple[str, ...]  # sha256 of each


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureFailed(_Happened):
    """We took no picture of the job's page ourselves; a person is asked for one."""

    trial: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked(_Happened):
    attachment: str
    sender: str
    reasons: tuple[str, ...]
    failed: tuple[str, ...] = ()  # names of the checks that were not passed
    drawn: str = ""  # sha256 of the picture with what was seen drawn on it
    message: str = ""  # id of the mail that it came with, "" for none
    from_staff: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenshotRefused(_Looked):
    """It proves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSetAside(_Looked):
    """A document, such as an invoice, names no job: it was not sent as evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenshotUnsure(_Looked):
    """A person must look."""

    disputed: bool = False  # the platform says otherwise: no word of a person outweighs that
    covers: datetime | None = None  # when its run ended, where only a witness is missing


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyUnclear(_Happened):
    message: str
    gist: str
    reasons: tuple[str, ...]
    sender: str = ""  # the contact who wrote it, "" where it is none


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyPromised(_Happened):
    """The retailer will do it: a promise moves the reminder, never the ticket."""

    message: str
    gist: str
    until: datetime | None = None
    sender: str = ""  # the contact who wrote it, "" where it is none


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceNoticed(_Happened):
    """An automatic answer says that nobody is there: it moves the reminder, nothing else."""

    message: str
    until: datetime | None = None  # None when it names no day


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyNeedsPerson(_Happened):
    """A question, a denial, a wish to stay paused: for a person, with the gist."""

    message: str
    gist: str
    about: str  # "question", "denial", "keep_paused", "other_sender", ...
    sender: str = ""  # the contact who wrote it, "" where it is none


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRefused(_Happened):
    purpose: str
    to_staff: bool
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailReturned(_Happened):
    """A mail of ours came back: noted on its ticket, which it moves nowhere."""

    message: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffReactivated(_Happened):
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffKeptPaused(_Happened):
    by: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffHandedBack(_Happened):
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffNoted(_Happened):
    by: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinePassed(_Happened):
    """`due` names the deadline meant; one that was moved since changes nothing."""

    due: datetime


Event = (
    AlertReceived
    | JobPaused
    | CannotBeStopped
    | PauseFailed
    | JobFoundRunning
    | JobReactivated
    | ReactivationFailed
    | TrialRunFailed
    | RunsUnknowable
    | JobRemoved
    | RemovalFailed
    | ProofAccepted
    | EvidenceReceived
    | CaptureFailed
    | ScreenshotRefused
    | DocumentSetAside
    | ScreenshotUnsure
    | ReplyUnclear
    | ReplyPromised
    | AbsenceNoticed
    | ReplyNeedsPerson
    | MailRefused
    | MailReturned
    | StaffReactivated
    | StaffKeptPaused
    | StaffHandedBack
    | StaffNoted
    | DeadlinePassed
)
