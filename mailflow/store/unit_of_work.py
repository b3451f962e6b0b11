"""The memory in SQL: a unit of work is one transaction."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property

import sqlalchemy as sa

from mailflow.store import journal, migrate
from mailflow.store.alarms import SqlAlarms
from mailflow.store.directory import SqlDirectory
from mailflow.store.engine import read_engine, write_engine
from mailflow.store.erasing import Erased, erase_person, forget_before
from mailflow.store.figures import figures
from mailflow.store.files import SqlFiles
from mailflow.store.lock import DatabaseLock
from mailflow.store.mails import SqlMails
from mailflow.store.orders import SqlOrders
from mailflow.store.rows import insert_once
from mailflow.store.sent import SqlSentMails
from mailflow.store.shelf import SqlShelf
from mailflow.store.tables import ticks
from mailflow.store.tickets import SqlTickets
from mailflow.tickets.errors import BrokenRule, TryAgainLater
from mailflow.workflow.figures import Figures
from mailflow.workflow.records import Tick


class SqlUnitOfWork:
    """Implements `UnitOfWork` over one connection, whose transaction others begin and end."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    @cached_property
    def mails(self) -> SqlMails:
        return SqlMails(self._connection)

    @cached_property
    def files(self) -> SqlFiles:
        return SqlFiles(self._connection)

    @cached_property
    def tickets(self) -> SqlTickets:
        return SqlTickets(self._connection)

    @cached_property
    def orders(self) -> SqlOrders:
        return SqlOrders(self._connection)

    @cached_property
    def sent(self) -> SqlSentMails:
        return SqlSentMails(self._connection)

    @cached_property
    def shelf(self) -> SqlShelf:
        return SqlShelf(self._connection)

    @cached_property
    def directory(self) -> SqlDirectory:
        return SqlDirectory(self._connection)

    @cached_property
    def alarms(self) -> SqlAlarms:
        return SqlAlarms(self._connection)

    def tick_once(self, name: str, slot: str, at: datetime) -> bool:
        return insert_once(self._connection, ticks, {"name": name, "slot": slot, "at": at})

    def figures(self) -> Figures:
        return figures(self._connection)

    def last_tick(self, name: str) -> Tick | None:
        latest = sa.select(ticks).where(ticks.c.name == name).order_by(ticks.c.slot.desc()).limit(1)
        row = self._connection.execute(latest).first()
        return None if row is None else Tick(slot=row.slot, at=row.at)


class SqlMemory:
    """Implements `Memory` on SQLite or PostgreSQL. The schema must be current: see `migrate`.

    Units of work raise `TryAgainLater` when the database is busy or away, and `BrokenRule` when
    it refuses what no rule may ask for. Within a thread they must not be nested for writing.
    With a lock, nothing is written by a process that has lost it.
    """

    def __init__(self, url: str, lock: DatabaseLock | None = None) -> None:
        self._lock = lock
        self._writers = write_engine(url)
        self._readers = read_engine(url)
        self._turn = threading.Lock()
        self._writing = threading.local()

    @contextmanager
    def write(self) -> Iterator[SqlUnitOfWork]:
        if getattr(self._writing, "now", False):
            raise BrokenRule("a unit of work was opened for writing within another one")
        with self._turn, _named_errors():
            self._writing.now = True
            try:
                with self._begin() as connection:
                    yield SqlUnitOfWork(connection)
            finally:
                self._writing.now = False

    @contextmanager
    def _begin(self) -> Iterator[sa.Connection]:
        with self._writers.begin() as connection:
            if self._lock is not None:
                self._lock.require(connection)
            yield connection

    @contextmanager
    def read(self) -> Iterator[SqlUnitOfWork]:
        with _named_errors(), self._readers.begin() as connection:
            yield SqlUnitOfWork(connection)

    def faults(self) -> list[str]:
        """Verify the journal; empty when it is whole."""
        with _named_errors(), self._readers.begin() as connection:
            return journal.verify(connection)

    def head(self) -> str:
        """Give the hash of the journal's last line, "" when there is none."""
        with _named_errors(), self._readers.begin() as connection:
            return journal.head(connection)

    def erased_lines(self) -> int:
        with _named_errors(), self._readers.begin() as connection:
            return journal.erased_lines(connection)

    def erase(self, address: str, *, by: str, because: str, at: datetime) -> Erased:
        """Take a person out of everything that is kept; see `erasing`."""
        with self._turn, _named_errors(), self._begin() as connection:
            return erase_person(connection, address, by=by, because=because, at=at)

    def forget(self, before: datetime) -> Erased:
        """Empty old mails and files; see `erasing`."""
        with self._turn, _named_errors(), self._begin() as connection:
            return forget_before(connection, before)

    def close(self) -> None:
        self._writers.dispose()
        self._readers.dispose()


def open_memory(url: str, lock: DatabaseLock | None = None) -> SqlMemory:
    """Open the memory, bringing its schema up to date first."""
    migrate.upgrade(url)
    return SqlMemory(url, lock)


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except sa.exc.OperationalError as error:
        raise TryAgainLater(f"the database is busy or away: {error.orig}") from error
    except sa.exc.IntegrityError as error:
        raise BrokenRule(f"the database refused it: {error.orig}") from error
