"""Copies of the whole memory, made while it is at work, and put back."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL

from mailflow.store import journal, migrate
from mailflow.store.engine import database_url, read_engine, write_engine
from mailflow.store.tables import orders, shelf
from mailflow.tickets.effects import SendMail
from mailflow.tickets.errors import GiveUp
from mailflow.workflow.records import OrderState, ShelfKind

_PAGES = 256  # copied at a time; writers get their turn in between
_PAUSE_SECONDS = 0.01
_PROGRAM_SECONDS = 3600
_WHY_PARKED = "restored from a backup: it may have been sent since; look into the Sent folder"


def back_up(url: str, target: Path) -> int:
    """Write a consistent copy of everything to `target`, readable by the owner only.

    SQLite copies page by page while mailflow goes on; PostgreSQL is asked by pg_dump.
    Returns its size in bytes.

    Raises:
        GiveUp: it cannot be written; nothing of it is left at `target`.
    """
    parsed = database_url(url)
    if target.exists():
        raise GiveUp(f"{target} exists; give another name, or move it away first")
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        if parsed.get_backend_name() == "sqlite":
            _copy_sqlite(Path(str(parsed.database)), part)
        else:
            _ask(parsed, ["pg_dump", "--format=custom", "--no-owner", f"--file={part}"])
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.rename(target)
    except (OSError, sqlite3.Error) as broken:
        raise GiveUp(f"no backup was made: {type(broken).__name__}: {broken}") from broken
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def restore(url: str, source: Path, at: datetime) -> list[str]:
    """Put a backup in the place of an empty database, and bring its schema up to date.

    Mails that waited when the backup was made may have been sent since: they are put on the
    shelf for a person. Everything else is safe to do again. Returns what `journal.verify` finds.

    Raises:
        GiveUp: there is a database already, or the backup is none.
    """
    parsed = database_url(url)
    if not source.is_file():
        raise GiveUp(f"{source} is not there")
    if parsed.get_backend_name() == "sqlite":
        _put_back_sqlite(source, Path(str(parsed.database)))
    else:
        _refuse_full(url)
        _ask(parsed, ["pg_restore", "--no-owner", "--exit-on-error", "--single-transaction",
                      f"--dbname={parsed.database}", str(source)])  # fmt: skip
    migrate.upgrade(url)
    engine = write_engine(url)
    try:
        with engine.begin() as connection:
            _ask_a_person(connection, at)
            return journal.verify(connection)
    finally:
        engine.dispose()


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as live:
        with closing(sqlite3.connect(target)) as copy:
            live.backup(copy, pages=_PAGES, sleep=_PAUSE_SECONDS)
        _check(target)


def _check(file: Path) -> None:
    with closing(sqlite3.connect(file)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
        (answer,) = copy.execute("PRAGMA integrity_check").fetchone()
    if answer != "ok":
        raise sqlite3.DatabaseError(f"{file} is damaged: {answer}")


def _put_back_sqlite(source: Path, target: Path) -> None:
    if target.exists() and target.stat().st_size:
        raise GiveUp(f"{target} exists; stop mailflow and move it away first, with its -wal file")
    part = target.with_name(target.name + ".part")
    try:
        _check_is_ours(source)
        shutil.copyfile(source, part)
        part.chmod(0o600)
        _check(part)
        part.rename(target)
    except (OSError, sqlite3.Error) as broken:
        raise GiveUp(f"{source} cannot be restored: {broken}") from broken
    finally:
        part.unlink(missing_ok=True)


def _check_is_ours(source: Path) -> None:
    with closing(sqlite3.connect(f"file:{source}?mode=ro&immutable=1", uri=True)) as backup:
        tables = {row[0] for row in backup.execute("SELECT name FROM sqlite_master")}
    if not {"tickets", "events", "alembic_version"} <= tables:
        raise sqlite3.DatabaseError("it is no backup of mailflow")


def _refuse_full(url: str) -> None:
    engine = read_engine(url)
    try:
        names = sa.inspect(engine).get_table_names()
    finally:
        engine.dispose()
    if names:
        raise GiveUp("the database is not empty; create a new one and name it in [database] url")


def _ask(url: URL, command: list[str]) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, never the line."""
    environ = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "PGHOST": url.host or "",
        "PGPORT": str(url.port or 5432),
        "PGUSER": url.username or "",
        "PGDATABASE": url.database or "",
        **({"PGPASSWORD": str(url.password)} if url.password else {}),
    }
    try:
        subprocess.run(  # noqa: S603 - a fixed program
            command, env=environ, check=True, capture_output=True, timeout=_PROGRAM_SECONDS
        )
    except FileNotFoundError as missing:
        raise GiveUp(
            f"{command[0]} is not installed: apt-get install postgresql-client"
        ) from missing
    except (subprocess.SubprocessError, OSError) as failed:
        said = getattr(failed, "stderr", b"") or b""
        raise GiveUp(
            f"{command[0]} failed: {said.decode(errors='replace').strip()[-500:]}"
        ) from failed


def _ask_a_person(connection: sa.Connection, at: datetime) -> None:
    o = orders.c
    live = o.state.in_((OrderState.READY, OrderState.RUNNING)) & (o.effect == SendMail.__name__)
    for row in connection.execute(sa.select(o.id, o.ticket).where(live)).all():
        parked = {
            "state": OrderState.PARKED,
            "because": _WHY_PARKED,
            "owner": "",
            "lease_until": None,
        }
        connection.execute(sa.update(orders).where(o.id == row.id).values(parked))
        item = {"kind": ShelfKind.ORDER, "because": _WHY_PARKED, "at": at}
        connection.execute(sa.insert(shelf).values(**item, order_id=row.id, ticket=row.ticket))
