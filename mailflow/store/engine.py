"""Engines for both databases: one for writers, who take turns, and one for readers, who never wait.

SQLite: WAL with a sync at every commit; a writer takes the lock when it begins, not half-way.
PostgreSQL: writers take turns by an advisory lock of the transaction, in all processes.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from mailflow.tickets.errors import GiveUp

_BUSY_MILLISECONDS = 30_000
_IDLE_MILLISECONDS = 60_000  # a stuck process must not hold the turn for ever
WRITERS_TURN = 0x6D61696C  # any number that no other program on the database uses


def database_url(url: str) -> URL:
    """Read the address.

    Raises:
        GiveUp: it is neither a SQLite file nor PostgreSQL over psycopg.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise GiveUp("the database needs a file: sqlite:////path/to/mailflow.db")
        return parsed.set(drivername="sqlite")
    if parsed.drivername in ("postgresql", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    raise GiveUp(f"{parsed.drivername} is not a database that mailflow knows")


def write_engine(url: str) -> sa.Engine:
    """Make the engine whose transactions may write and take turns."""
    parsed = database_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = _sqlite_engine(parsed, foreign_keys=True)
        sa.event.listen(engine, "begin", _begin_immediate)
    else:
        engine = _postgresql_engine(parsed)
        sa.event.listen(engine, "begin", _take_turn)
    return engine


def read_engine(url: str) -> sa.Engine:
    """Make the engine whose transactions see one state of the database and cannot write."""
    parsed = database_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = _sqlite_engine(parsed, foreign_keys=True)
        sa.event.listen(engine, "begin", _begin_reading)
        return engine
    return _postgresql_engine(parsed).execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    )


def migration_engine(url: str) -> sa.Engine:
    """Make the engine for migrations: rebuilding a table must not cascade into others."""
    parsed = database_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = _sqlite_engine(parsed, foreign_keys=False)
        sa.event.listen(engine, "begin", _begin_immediate)
        return engine
    return _postgresql_engine(parsed)


def session_engine(url: str) -> sa.Engine:
    """Make the engine for a PostgreSQL session that is kept open, outside of any transaction."""
    return _postgresql_engine(database_url(url)).execution_options(isolation_level="AUTOCOMMIT")


def take_turn(connection: sa.Connection) -> None:
    """Wait until no other PostgreSQL transaction writes; SQLite has waited at the beginning."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITERS_TURN)))


def _sqlite_engine(url: URL, *, foreign_keys: bool) -> sa.Engine:
    engine = sa.create_engine(url, pool_size=8, max_overflow=32)

    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        for pragma in (
            f"busy_timeout={_BUSY_MILLISECONDS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            f"foreign_keys={'ON' if foreign_keys else 'OFF'}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    sa.event.listen(engine, "connect", prepare)
    return engine


def _postgresql_engine(url: URL) -> sa.Engine:
    settings = f"-c timezone=UTC -c idle_in_transaction_session_timeout={_IDLE_MILLISECONDS}"
    return sa.create_engine(
        url,
        pool_size=8,
        max_overflow=32,
        pool_pre_ping=True,
        connect_args={"options": settings, "connect_timeout": 10},
    )


def _begin_immediate(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: sa.Connection) -> None:
    connection.exec_driver_sql("PRAGMA query_only=ON")
    connection.exec_driver_sql("BEGIN")


def _take_turn(connection: sa.Connection) -> None:
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_TURN})")
