"""What the memory keeps, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from mailflow.tickets.effects import Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOn:
    """The mail that a mail forwards, as the forwarder shows it; "" and None mean unknown."""

    forwarder: str  # address
    sender: str
    date: datetime | None
    subject: str
    files: tuple[str, ...]  # names, or the sha256 of a file without one

    def __str__(self) -> str:
        """Say it in one line for people."""
        when = self.date.isoformat() if self.date else "at an unknown time"
        files = f", with {', '.join(self.files)}" if self.files else ""
        whose = self.sender or "somebody unknown"
        return f'{self.forwarder} passes on a mail of {whose}, {when}, "{self.subject}"{files}'


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMail:
    """A mail in the memory. `is_new` is False when the very same mail had been kept before."""

    id: int
    raw: bytes = field(repr=False)
    received_at: datetime
    is_new: bool
    handled: bool
    passed_on: PassedOn | None = None  # known once it is handled


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file kept once by its content, however often it arrives."""

    sha256: str
    content_type: str
    filename: str
    content: bytes = field(repr=False)


class OrderState(StrEnum):
    """Where an order stands."""

    READY = "ready"
    RUNNING = "running"  # claimed, under a lease
    DONE = "done"
    DROPPED = "dropped"  # not wanted any more when its turn came
    PARKED = "parked"  # shelved: a person has to look


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """An effect, made into an order. `key` is unique: placing it twice places it once."""

    key: str
    ticket: str  # "" for an order that belongs to no ticket
    effect: Effect
    lane: str  # orders of a lane are done one after the other, in the order of placing
    priority: int  # 0 is first
    due: datetime
    group: str = ""  # orders of one group that wait together are done as one
    facts: Mapping[str, Any] = field(default_factory=dict)  # for a ticketless mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A claimed order."""

    id: int
    key: str
    batch: str  # the same for orders that are done as one, whichever of them is left
    ticket: str
    effect: Effect
    crashes: int  # deaths of mailflow while it did this and nothing else
    fence: int  # finishing needs the fence of the claim; a later claim has a higher one
    placed_at: datetime
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a ticket's story."""

    seq: int
    ticket: str
    at: datetime
    event: str  # the event's type name
    data: Mapping[str, Any]
    state_before: str  # "" for the first
    state_after: str
    because: str
    cause: str  # what brought it about: "mail:17", "order:MF-1001/4/0", "deadline:…"
    hash: str


class MailState(StrEnum):
    """What became of a mail that was written."""

    WRITTEN = "written"  # about to be handed over: after a crash it may have left
    NOT_SENT = "not_sent"  # it did not leave, that is certain; it may later
    UNSURE = "unsure"  # handed over without a clear answer
    SENT = "sent"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMail:
    """A mail that was written, and what became of it."""

    message_id: str
    order: int
    tickets: tuple[str, ...]
    purpose: str
    to: tuple[str, ...]
    subject: str
    text: str
    state: MailState
    at: datetime
    attempted_at: datetime  # when it was last about to be handed over
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Someone who may speak for a retailer."""

    address: str  # lower case
    name: str
    language: str
    may_confirm_change: bool = True
    may_confirm_removal: bool = True
    heard_at: datetime | None = None  # when a mail that is theirs for certain last came
    unreachable_since: datetime | None = None
    unreachable_because: str = ""

    @property
    def is_reachable(self) -> bool:
        return self.unreachable_since is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retailer:
    """An account in the contact directory."""

    id: str
    name: str
    language: str  # ISO 639-1
    zone: str  # IANA
    contacts: tuple[Contact, ...]


class ShelfKind(StrEnum):
    """Why something lies on the shelf."""

    UNREADABLE = "unreadable"  # the mail breaks a limit or cannot be parsed
    TRIAGE = "triage"  # a listed sender's mail that no rule reads
    SENDER_IN_DOUBT = "sender_in_doubt"  # the From address is not vouched for
    NO_TICKET = "no_ticket"  # nobody can say which ticket it belongs to
    DEFECT = "defect"  # mailflow itself failed on it
    ORDER = "order"  # an order that was given up or crashed too often


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfItem:
    """Something that waits for a person. `mail` or `order` says what to send through again."""

    id: int
    kind: ShelfKind
    because: str
    at: datetime
    mail: int | None = None
    order: int | None = None
    ticket: str = ""
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """How long a ticket has been in its state."""

    since: datetime
    deadlines: int  # that have passed since


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Something that is done once per slot, and when it was."""

    slot: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingAlarm:
    """An alarm and what was told of it."""

    key: str
    kind: str
    about: str
    detail: str
    since: datetime
    told_at: datetime | None = None
    quiet_since: datetime | None = None  # since when it has not been wrong any more
    cleared_at: datetime | None = None  # when the all-clear was told
    times: int = 0  # that it came back
