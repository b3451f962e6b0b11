"""One mailflow on a database: whoever works on it holds its lock, and writes nothing without it.

SQLite: a lock on a file beside the database, which the system takes back when the process ends.
PostgreSQL: an advisory lock of a session of its own. Sessions can be cut while the process lives
on, so every writing transaction asks whether the lock is still held, and takes it anew if nobody
else has it.
"""

import fcntl
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn, Protocol, TextIO

import sqlalchemy as sa
import structlog

from mailflow.store.engine import database_url, session_engine
from mailflow.tickets.errors import GiveUp, TryAgainLater

log = structlog.get_logger()
_KEY = 0x6D61696E  # any number below 2**32 that no other program on the database uses
_PATIENCE_MILLISECONDS = 5_000  # a dead predecessor's session may take a moment to end
_NAME_BYTES = 63  # the longest name of a session
# A machine that vanished without a word lets go after 25 s, not after the system's two hours.
_NAMED = """
    SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3
"""
_HOLDS = """
    SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.granted
    AND l.classid = 0 AND l.objid = :key AND l.objsubid = 1
"""
_HOLDER = f"""
    SELECT a.pid, a.application_name, a.client_addr::text FROM pg_stat_activity a
    WHERE a.pid IN ({_HOLDS})
"""  # noqa: S608 - nothing foreign in it
_Lost = Callable[[str], NoReturn]


class DatabaseLock(Protocol):
    """The right to be the one mailflow that works on a database."""

    def require(self, connection: sa.Connection) -> None:
        """Make sure, within a transaction that is about to write, that the lock is held.

        Raises:
            TryAgainLater: it is not, and cannot be taken now.
        """
        ...

    def close(self) -> None:
        """Give it back."""
        ...


def lock_database(url: str, *, lost: _Lost) -> DatabaseLock:
    """Take the lock; `lost` is called with the reason if it goes to somebody else later on.

    Raises:
        GiveUp: another process holds it.
        TryAgainLater: the database is away.
    """
    parsed = database_url(url)
    if parsed.get_backend_name() == "sqlite":
        assert parsed.database is not None
        return _FileLock(Path(f"{parsed.database}.lock"))
    return _SessionLock(url, lost)


def _refusal(holder: str, free: str) -> str:
    return (
        f"another mailflow ({holder}) works on this database, and two would do everything twice. "
        f"Stop that one first; {free}"
    )


class _FileLock:
    def __init__(self, path: Path) -> None:
        self._file = _locked(path)

    def require(self, connection: sa.Connection) -> None:
        """The system holds it for as long as the process lives."""

    def close(self) -> None:
        self._file.close()


def _locked(path: Path) -> TextIO:
    file = path.open("a+", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as held:
        file.close()
        holder = "unknown"
        with suppress(OSError, UnicodeDecodeError):
            holder = path.read_text("ascii").strip() or holder
        free = f"{path} is free as soon as it has ended"
        raise GiveUp(_refusal(f"process {holder}", free)) from held
    with suppress(OSError):  # a full disk: the number is for people only
        os.ftruncate(file.fileno(), 0)
        os.write(file.fileno(), f"{os.getpid()}\n".encode())
    return file


class _SessionLock:
    """Not for many threads at once: writers, who take turns, are its only callers."""

    def __init__(self, url: str, lost: _Lost) -> None:
        self._engine = session_engine(url)
        self._lost = lost
        self._session: sa.Connection | None = None
        self._pid = 0
        try:
            self._take(_PATIENCE_MILLISECONDS)
        except GiveUp:
            self.close()
            raise
        except sa.exc.OperationalError as away:
            self.close()
            raise TryAgainLater(f"the database is busy or away: {away.orig}") from away

    def require(self, connection: sa.Connection) -> None:
        pids = connection.execute(sa.text(_HOLDS), {"key": _KEY}).scalars().all()
        if self._pid in pids:
            return
        log.error("database.lock_lost", because="the session that held it has ended")
        try:
            self._take(1)
        except GiveUp as taken:
            self._lost(str(taken))
        log.warning("database.lock_retaken")

    def close(self) -> None:
        self._pid = 0
        if self._session is not None:
            with suppress(sa.exc.DBAPIError):
                self._session.close()
            self._session = None
        self._engine.dispose()

    def _take(self, milliseconds: int) -> None:
        self.close()
        self._session = session = self._engine.connect()
        session.exec_driver_sql(_NAMED)
        name = f"mailflow process {os.getpid()} on {socket.gethostname()}"[:_NAME_BYTES]
        session.execute(sa.text("SELECT set_config('application_name', :n, false)"), {"n": name})
        session.exec_driver_sql(f"SET lock_timeout = {milliseconds}")
        try:
            session.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": _KEY})
        except sa.exc.OperationalError as error:
            if getattr(error.orig, "sqlstate", "") != "55P03":  # lock_not_available
                raise
            raise GiveUp(_refusal(_holder(session), "the lock ends with its session")) from error
        self._pid = session.scalar(sa.text("SELECT pg_backend_pid()")) or 0


def _holder(session: sa.Connection) -> str:
    """Name the holder as far as the server tells it: of other users it tells little."""
    row = session.execute(sa.text(_HOLDER), {"key": _KEY}).first()
    if row is None:
        return "unknown"
    told = [row.application_name, row.client_addr and f"from {row.client_addr}"]
    return ", ".join([*filter(None, told), f"database session {row.pid}"])
