"""The memory, as the workflow sees it: a unit of work is stored whole, or not at all."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from mailflow.evidence.reading import Reading
from mailflow.tickets.decision import Decision
from mailflow.tickets.errors import MailflowError
from mailflow.tickets.events import Event
from mailflow.tickets.ticket import State, Ticket
from mailflow.workflow.figures import Figures
from mailflow.workflow.ports import IncomingMail, WrittenMail
from mailflow.workflow.records import (
    Contact,
    Entry,
    KeptMail,
    MailState,
    NewOrder,
    Order,
    PassedOn,
    Retailer,
    SentMail,
    ShelfItem,
    ShelfKind,
    StandingAlarm,
    Stay,
    StoredFile,
    Tick,
)


class StaleTicket(MailflowError):  # noqa: N818 - named by what is known
    """Someone saved the ticket after it was read; read it again and decide anew."""


class LostLease(MailflowError):  # noqa: N818 - same
    """The order was claimed anew meanwhile; whoever holds it now finishes it."""


class Mails(Protocol):
    """Mails that came in."""

    def keep(self, mail: IncomingMail, message_id: str) -> KeptMail:
        """Keep the raw mail under its folder, UIDVALIDITY and UID.

        The same mail under another UID (same Message-ID, same bytes) is kept once: the second
        place is noted and the first KeptMail comes back with `is_new` False.
        """
        ...

    def get(self, mail_id: int) -> KeptMail: ...

    def unhandled(self, limit: int) -> Sequence[int]: ...

    def mark_handled(
        self, mail_id: int, *, kind: str, because: str, tickets: Iterable[str]
    ) -> None: ...

    def note_passed_on(self, mail_id: int, passed_on: PassedOn) -> None: ...

    def mark_unhandled(self, mail_id: int) -> None: ...

    def with_message_id(self, message_id: str) -> Sequence[KeptMail]: ...

    def reuse_of(self, mail_id: int) -> int | None:
        """Give an earlier mail with the same Message-ID and other content, None for none."""
        ...

    def at_places(self, folder: str, uidvalidity: int, uids: Sequence[int]) -> Mapping[int, bool]:
        """Say which of these UIDs are kept, and whether what lay there is handled."""
        ...

    def holds(self, message_id: str, sha256: str = "") -> bool:
        """Tell whether such a mail is kept, with exactly that content where a hash is given."""
        ...

    def last_uid(self, folder: str, uidvalidity: int) -> int:
        """Give the highest UID kept from that incarnation of the folder, 0 for none."""
        ...

    def of_ticket(self, ticket: str) -> Sequence[KeptMail]: ...

    def arrivals(self, mail_ids: Iterable[int]) -> Mapping[int, datetime]:
        """Say when each of these mails arrived on the server."""
        ...


class Files(Protocol):
    """Attachments, stored once by content."""

    def keep(self, file: StoredFile, *, mail_id: int | None, tickets: Iterable[str]) -> None:
        """Keep a file that came with a mail, or None: that mailflow made itself."""
        ...

    def mails_with(self, sha256: str) -> int:
        """Count the mails that brought this file."""
        ...

    def get(self, sha256: str) -> StoredFile: ...

    def of_ticket(self, ticket: str) -> Sequence[StoredFile]: ...

    def remember_reading(self, reading: Reading, ticket: str) -> None: ...

    def tickets_showing(self, reading: Reading) -> Sequence[str]:
        """Tickets on which the same file or the same pixels were read before."""
        ...

    def readings_of_job(self, job_key: str, *, but: str) -> Sequence[tuple[str, Reading]]:
        """Pictures read for a job's tickets, the newest first, but for the file of that sha256."""
        ...

    def readings_like(self, reading: Reading, *, but_job: str) -> Sequence[tuple[str, Reading]]:
        """Pictures of other jobs' tickets that look like this one; honest ones may, too."""
        ...


class Tickets(Protocol):
    """Tickets and their stories."""

    def next_id(self) -> str:
        """Give a fresh id such as "MF-1001"."""
        ...

    def get(self, ticket_id: str) -> Ticket | None: ...

    def open_of_job(self, job_key: str) -> Ticket | None: ...

    def latest_of_job(self, job_key: str) -> Ticket | None: ...

    def open_of_retailers(self, retailers: Iterable[str]) -> Sequence[Ticket]: ...

    def listed(
        self,
        *,
        states: Iterable[State] = (),
        retailer: str = "",
        limit: int = 1000,
    ) -> Sequence[Ticket]:
        """List tickets, newest first; no states means all."""
        ...

    def due(self, now: datetime, limit: int) -> Sequence[Ticket]:
        """Open tickets whose deadline has passed."""
        ...

    def record(
        self, before: Ticket | None, event: Event, decision: Decision, *, cause: str
    ) -> Ticket | None:
        """Append the event to the journal and save the ticket that follows from it.

        Returns the saved ticket, or None when `cause` had been recorded on this ticket before:
        then nothing was written.

        Raises:
            StaleTicket: the ticket was saved by someone else since `before` was read.
        """
        ...

    def story(self, ticket_id: str) -> Sequence[Entry]: ...

    def chained(self, ticket_id: str) -> Sequence[Mapping[str, Any]]:
        """Give the story as it is bound into the journal's chain, each line with its hashes."""
        ...

    def happened(self, since: datetime, until: datetime) -> Sequence[Entry]:
        """Give what happened from `since` on and before `until`, on all tickets, in order."""
        ...

    def waiting_since(self) -> Mapping[str, Stay]:
        """Say of each open ticket how long it has been in its state."""
        ...

    def known_job_names(self) -> Sequence[str]:
        """Ids and names of every job that ever had a ticket."""
        ...


class Orders(Protocol):
    """Effects waiting to be carried out: the ledger."""

    def place(self, order: NewOrder) -> None: ...

    def claim(
        self, now: datetime, *, owner: str, lease_seconds: float, containment_only: bool = False
    ) -> Sequence[Order]:
        """Claim the next order that is due, with every waiting order of its group; [] for none.

        Order: by priority, then by due, then by id. Within a lane nothing is claimed while
        another order of the lane is running, nor before an earlier one is finished; only a
        PauseJob overtakes what waits in its lane. An order whose lease has run out is claimed
        like one that is ready.
        """
        ...

    def renew(self, order: Order, *, until: datetime) -> None: ...

    def finish(self, order: Order, *, result: str) -> None:
        """Mark as done.

        Raises:
            LostLease: the fence is not this claim's any more.
        """
        ...

    def drop(self, order: Order, *, because: str) -> None: ...

    def postpone(self, order: Order, *, due: datetime, because: str) -> None:
        """Put back. As with `finish`: if crashes were held against it, all orders are cleared."""
        ...

    def park(self, order: Order, *, because: str) -> None:
        """Put on the shelf, with a shelf item that names it."""
        ...

    def release_all(self, now: datetime) -> Sequence[int]:
        """Make every running order ready again: whoever held them is dead. Returns their ids.

        The death is held against an order that was in hand alone. Where none was in hand, what
        was held against waiting ones before is forgotten.
        """
        ...

    def waiting(self, ticket: str = "") -> Sequence[Mapping[str, Any]]:
        """Describe orders that are neither done nor dropped, for people to read."""
        ...

    def next_due(self) -> datetime | None: ...


class SentMails(Protocol):
    """Mails that were written."""

    def record(
        self, order: Order, mail: WrittenMail, *, purpose: str, tickets: Iterable[str], at: datetime
    ) -> None:
        """Keep the mail as about to be handed over.

        The same Message-ID twice is one; only a mail that certainly did not leave is replaced.
        """
        ...

    def attempt(self, message_id: str, at: datetime) -> None:
        """Note that the mail is about to be handed over once more."""
        ...

    def mark(self, message_id: str, state: MailState) -> None: ...

    def by_message_id(self, message_ids: Iterable[str]) -> Sequence[SentMail]: ...

    def unsettled(self) -> Sequence[SentMail]:
        """Mails that have not left for certain, oldest first."""
        ...

    def of_ticket(self, ticket: str) -> Sequence[SentMail]: ...

    def count_since(self, moment: datetime) -> int:
        """Count the mails that left, or may have left, after `moment`."""
        ...


class Shelf(Protocol):
    """What waits for a person."""

    def put(
        self,
        kind: ShelfKind,
        because: str,
        *,
        at: datetime,
        mail: int | None = None,
        ticket: str = "",
    ) -> ShelfItem: ...

    def items(self, *, resolved: bool = False) -> Sequence[ShelfItem]: ...

    def get(self, item_id: int) -> ShelfItem | None: ...

    def send_through_again(self, item_id: int, at: datetime) -> None:
        """Resolve the item: its mail becomes unhandled, or its order ready with no crashes."""
        ...

    def resolve(self, item_id: int, at: datetime) -> None: ...


class Directory(Protocol):
    """Retailers and those who may speak for them."""

    def retailer(self, retailer_id: str) -> Retailer | None: ...

    def of_address(self, address: str) -> Sequence[tuple[Retailer, Contact]]: ...

    def replace(self, retailers: Sequence[Retailer], *, keep_marks: bool = False) -> None:
        """Add or replace these retailers; others stay as they are.

        With `keep_marks` a contact that is the same as before stays unreachable.
        """
        ...

    def mark_unreachable(self, address: str, *, at: datetime, because: str) -> None:
        """Note on every account that has this contact that nothing arrives there."""
        ...

    def heard_from(self, address: str, at: datetime) -> bool:
        """Note that the contact wrote; True when it had been unreachable until then."""
        ...

    def all(self) -> Sequence[Retailer]: ...


class Alarms(Protocol):
    """What those who operate mailflow were told."""

    def standing(self) -> Sequence[StandingAlarm]: ...

    def replace(self, known: Sequence[StandingAlarm]) -> None:
        """Keep these, and no others."""
        ...


class UnitOfWork(Protocol):
    """One transaction: committed when the block ends well, rolled back when it raises."""

    @property
    def mails(self) -> Mails: ...
    @property
    def files(self) -> Files: ...
    @property
    def tickets(self) -> Tickets: ...
    @property
    def orders(self) -> Orders: ...
    @property
    def sent(self) -> SentMails: ...
    @property
    def shelf(self) -> Shelf: ...
    @property
    def directory(self) -> Directory: ...

    @property
    def alarms(self) -> Alarms: ...

    def tick_once(self, name: str, slot: str, at: datetime) -> bool:
        """Say True for exactly one caller per name and slot, ever."""
        ...

    def figures(self) -> Figures:
        """Count how things stand."""
        ...

    def last_tick(self, name: str) -> Tick | None:
        """Give the latest slot of that name, None when there never was one."""
        ...


class Memory(Protocol):
    """Opens units of work. Safe to share between threads; writers take turns."""

    def write(self) -> AbstractContextManager[UnitOfWork]: ...

    def read(self) -> AbstractContextManager[UnitOfWork]:
        """Open a unit of work that only looks; it never waits for a writer."""
        ...

    def close(self) -> None: ...


MemoryFactory = Callable[[], Memory]
