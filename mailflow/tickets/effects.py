"""What must be done, in the imperative. Each becomes one order, carried out once."""

from dataclasses import dataclass
from enum import StrEnum

from mailflow.tickets.ticket import Kind


class Stop(StrEnum):
    """How a job is stopped on our side."""

    PAUSE_MARKETPLACE = "pause_marketplace"
    DISABLE_FEED = "disable_feed"
    SUSPEND_CONNECTION = "suspend_connection"


STOP_BY_KIND: dict[Kind, Stop] = {
    Kind.FEED: Stop.DISABLE_FEED,
    Kind.SYNC: Stop.PAUSE_MARKETPLACE,
    Kind.WEBSITE: Stop.PAUSE_MARKETPLACE,
    Kind.CONNECTION: Stop.SUSPEND_CONNECTION,
    Kind.TOKEN: Stop.SUSPEND_CONNECTION,
}


class Audience(StrEnum):
    """Whom a mail is for; the addresses are looked up when it is sent."""

    RETAILER = "retailer"
    STAFF = "staff"
    SENDER = "sender"  # who sent the evidence; the address stands in the effect


class Purpose(StrEnum):
    """What a mail is for; each has a template in every language."""

    FIRST_NOTICE = "first_notice"  # the template is the one of the ticket's cause
    REMINDER = "reminder"
    CLARIFICATION = "clarification"
    ON_TRIAL = "reactivated_on_trial"
    FAILED_AGAIN = "failed_again"
    STAYS_PAUSED = "stays_paused"
    REMOVAL_SCHEDULED = "removal_scheduled"
    CLOSED = "closed"
    EVIDENCE_REFUSED = "evidence_refused"
    BEING_READ = "being_read"  # a person reads the answer; once a ticket
    # to staff
    HAND_OVER = "hand_over"
    ESCALATION = "escalation"
    EVIDENCE_WANTED = "evidence_wanted"
    COMMAND_ANSWER = "command_answer"
    TRIAGE = "triage"
    DAILY_DIGEST = "daily_digest"


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseJob:
    stop: Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactivateJob:
    trial: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunJob:
    trial: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRuns:
    """Ask the platform how the runs since the reactivation ended, until one has ended."""

    trial: int
    not_before_run: str = ""  # id of the run already counted, "" for none


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveJob:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRemoval:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadScreenshot:
    attachment: str  # sha256
    sender: str
    message: str  # id of the mail that it came with, "" for none
    from_staff: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighReply:
    """Ask a second reader about a reply, and only then hear it. Placed where there is one."""

    message: str  # id of the stored mail
    contact: str  # address of the contact who wrote it


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureScreenshot:
    """Open the job's page as a person would, and keep a picture of it as evidence."""

    trial: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMail:
    """One mail. `reason` and `reasons` are facts the template may print, never state."""

    purpose: Purpose
    audience: Audience
    to: str = ""  # only for Audience.SENDER
    reason: str = ""
    reasons: tuple[str, ...] = ()
    attachment: str = ""  # sha256 of a picture to send along
    message: str = ""  # id of the stored mail that this one is about, to quote it
    about: str = ""  # sha256 of the picture that is spoken of
    failed: tuple[str, ...] = ()  # names of the checks that it did not pass
    undecided: bool = False  # a person looks at it still


Effect = (
    PauseJob
    | ReactivateJob
    | RunJob
    | ProbeRuns
    | RemoveJob
    | ProbeRemoval
    | ReadScreenshot
    | CaptureScreenshot
    | WeighReply
    | SendMail
)
