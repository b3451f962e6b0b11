"""What a mail was understood to mean, with the reason for each finding."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailflow.tickets.ticket import Cause, Kind, Subject
from mailflow.understanding.message import Attachment


class MailKind(StrEnum):
    """What sort of mail it is."""

    ALERT = "alert"
    REPLY = "reply"  # from a retailer's contact
    STAFF = "staff"
    BOUNCE = "bounce"  # a mail of ours did not arrive
    DELAYED = "delayed"  # a mail of ours is still being tried
    AUTO_REPLY = "auto_reply"  # out of office and the like
    RECEIPT = "receipt"  # RFC 8098: it was shown or deleted, which nobody wrote
    FEEDBACK = "feedback"  # RFC 5965: somebody's spam button
    CHALLENGE = "challenge"  # a mail server wants us to prove that we are human
    LIST = "list"  # sent to the members of a mailing list, not to us
    OWN = "own"  # our own mail coming back
    STRANGER = "stranger"


class Authenticity(StrEnum):
    """Whether the border mail server vouches for the From address."""

    PASS = "pass"  # noqa: S105 - a verdict, not a secret
    FAIL = "fail"
    NONE = "none"
    UNTRUSTED = "untrusted"  # stamped, but not by our own border


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderVerdict:
    """Who a mail says it is from, and how far that can be believed."""

    address: str  # lower case; "" unless the mail has exactly one From with one address
    authenticity: Authenticity
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One failing job, as an alert reports it."""

    job: str  # the platform's id of the job
    job_name: str  # "" where the alert gives none
    retailer: str  # account id
    marketplace: str
    kind: Kind
    cause: Cause
    error_text: str
    failed_at: datetime | None  # aware UTC; None where the alert does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertReading:
    """What the rule packs found in an alert."""

    pack: str  # name of the rule pack that read it
    failures: tuple[Failure, ...]
    because: str
    unread: tuple[str, ...] = ()  # rows that the pack could not read: for a person


class Answer(StrEnum):
    """What a retailer's reply amounts to."""

    CONFIRMED = "confirmed"
    PROMISE = "promise"
    QUESTION = "question"
    DENIAL = "denial"
    KEEP_PAUSED = "keep_paused"
    PARTIAL = "partial"  # some of it is done
    TROUBLE = "trouble"  # it was done, and does not work
    DELEGATED = "delegated"  # somebody else is to do it
    AUTOMATIC = "automatic"  # nobody wrote it
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyVerdict:
    """What the retailer's own words say, with the sentence that says it."""

    answer: Answer
    confirms: Subject | None  # only with CONFIRMED
    sentence: str  # cited word for word from the reply, "" where none stands out
    reasons: tuple[str, ...]
    language: str  # ISO 639-1, "" where it could not be told
    until: datetime | None = None  # only with PROMISE, and only where a date was named


class CommandKind(StrEnum):
    """What staff may order by mail."""

    VERIFIED = "verified"  # I attest that the fix is technically verified
    VALIDATED = "validated"  # I attest that the change is in the system
    SCREENSHOT_OK = "screenshot_ok"  # I looked at the picture that mailflow was unsure of
    REACTIVATE = "reactivate"
    KEEP_PAUSED = "keep_paused"
    HAND_BACK = "hand_back"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffCommand:
    """One line of a member of staff's mail, understood as an order."""

    kind: CommandKind
    text: str  # what follows the command word: a reason, a note
    line: str  # the line as written


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffOrders:
    """Every command line above the quote, and the lines that look like one and are none."""

    commands: tuple[StaffCommand, ...]
    not_understood: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyText:
    """A mail's text, cut into what its author wrote and the rest."""

    own: str  # never empty when the mail is not
    quoted: str
    signature: str
    disclaimer: str = ""  # banners and legal notices, which servers add


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """The mail that was forwarded, as far as it can be told; "" and None mean unknown."""

    sender: str
    date: datetime | None
    subject: str
    text: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Which ticket a mail belongs to. Two candidates are none: a person has to choose."""

    ticket: str  # "" where no single ticket fits
    candidates: tuple[str, ...]
    because: str
