"""Takes personal data away, on request or by age, and keeps the journal's chain whole."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mailflow.store import tables as t
from mailflow.store.rows import insert_once
from mailflow.store.serial import canonical
from mailflow.tickets.ticket import State

ERASED = "(erased)"
NOBODY = "erased@erased.invalid"
_OWN_WORDS = frozenset({"detail", "gist", "text"})  # what a person said, beside who said it
_BATCH = 50
_HEADER_BYTES = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was taken away."""

    lines: int
    mails: int
    files: int
    contacts: int


def erase_person(
    connection: sa.Connection, address: str, *, by: str, because: str, at: datetime
) -> Erased:
    """Take an address and what its owner wrote out of everything that is kept.

    States, times, proofs and their kinds stay: only who and what words are gone. The lines
    that change are noted in `erasures`, with who asked for it.
    """
    person = _Person(address.strip().lower())
    lines = _from_journal(connection, person, (at, by, because))
    mails, files = _from_mails(connection, person)
    for table, columns in (
        (t.tickets, ("body",)),
        (t.proofs, ("by", "detail")),
        (t.orders, ("data", "facts", "because", "result")),
        (t.shelf, ("because",)),
        (t.mails, ("because", "passed_on")),
        (t.sent_mails, ("recipients", "subject", "text")),
    ):
        _rewrite(connection, table, columns, person)
    gone = sa.delete(t.contacts).where(t.contacts.c.address == person.address)
    return Erased(lines=lines, mails=mails, files=files, contacts=connection.execute(gone).rowcount)


class _Person:
    """Finds an address in any spelling of its letters, and what its owner said beside it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._written = re.compile(re.escape(address), re.IGNORECASE)

    def is_in(self, text: str | bytes) -> bool:
        if isinstance(text, bytes):
            return self.address.encode() in text.lower()
        return self._written.search(text) is not None

    def without(self, text: str) -> str:
        """Give the text, or the JSON in it, without the person."""
        if text[:1] not in "{[":
            return self._written.sub(NOBODY, text)
        try:
            value = json.loads(text)
        except ValueError:
            return self._written.sub(NOBODY, text)
        return canonical(self._cleaned(value))

    def _cleaned(self, value: Any) -> Any:
        match value:
            case str():
                return self._written.sub(NOBODY, value)
            case list():
                return [self._cleaned(each) for each in value]
            case dict():
                spoke = any(isinstance(v, str) and self.is_in(v) for v in value.values())
                return {
                    key: ERASED if spoke and key in _OWN_WORDS else self._cleaned(each)
                    for key, each in value.items()
                }
            case _:
                return value


def _from_journal(
    connection: sa.Connection, person: _Person, note: tuple[datetime, str, str]
) -> int:
    e, changed = t.events.c, 0
    at, by, because = note
    for row in connection.execute(sa.select(e.seq, e.data, e.because)).all():
        if not person.is_in(row.data) and not person.is_in(row.because):
            continue
        insert_once(
            connection, t.erasures, {"line": row.seq, "at": at, "by": by, "because": because}
        )
        fresh = {
            "data": person.without(row.data),
            "because": person.without(row.because),
            "salt": "",
        }
        connection.execute(sa.update(t.events).where(e.seq == row.seq).values(fresh))
        changed += 1
    return changed


def _rewrite(
    connection: sa.Connection, table: sa.Table, columns: Iterable[str], person: _Person
) -> None:
    key = list(table.primary_key.columns)
    wanted = [table.c[name] for name in columns]
    for row in connection.execute(sa.select(*key, *wanted)).all():
        values = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
        found = {c.name: values[c] for c in wanted if person.is_in(values[c])}
        if not found:
            continue
        here = sa.and_(*(column == values[column] for column in key))
        spoke = person.is_in(found.get("by", ""))
        fresh = {
            name: ERASED if spoke and name in _OWN_WORDS else person.without(text)
            for name, text in found.items()
        }
        if spoke and "detail" in table.c:
            fresh["detail"] = ERASED
        connection.execute(sa.update(table).where(here).values(fresh))


def _from_mails(connection: sa.Connection, person: _Person) -> tuple[int, int]:
    """Empty the mails that name the person in their headers, and what was attached to them."""
    ours = _emptied(connection, t.mails, t.mails.c.handled, person)
    said = sa.update(t.mails).where(t.mails.c.id.in_(ours)).values(passed_on="")
    connection.execute(said)
    _emptied(connection, t.sent_mails, sa.true(), person)
    return len(ours), _empty_files(connection, ours)


def _emptied(
    connection: sa.Connection, table: sa.Table, where: sa.ColumnElement[bool], person: _Person
) -> list[Any]:
    (key,) = table.primary_key.columns
    found: list[Any] = []
    last = None
    while True:
        beyond = sa.true() if last is None else key > last
        query = sa.select(key, table.c.raw).where(where, beyond).order_by(key).limit(_BATCH)
        rows = connection.execute(query).all()
        if not rows:
            return found
        for row in rows:
            last = row[0]
            if person.is_in(bytes(row.raw)[:_HEADER_BYTES]):
                connection.execute(sa.update(table).where(key == row[0]).values(raw=b""))
                found.append(row[0])


def _empty_files(connection: sa.Connection, mails: list[int]) -> int:
    """Empty the files that came with these mails and with no mail that still has its text."""
    u, f = t.file_uses.c, t.files.c
    kept_elsewhere = sa.select(u.sha256).join(t.mails, t.mails.c.id == u.mail)
    kept_elsewhere = kept_elsewhere.where(sa.func.length(t.mails.c.raw) > 0)
    came_along = sa.select(u.sha256).where(u.mail.in_(mails))
    gone = f.sha256.in_(came_along) & f.sha256.not_in(kept_elsewhere)
    full = gone & (sa.func.length(f.content) > 0)
    names = list(connection.scalars(sa.select(f.sha256).where(full)))
    emptied = sa.update(t.files).where(f.sha256.in_(names)).values(content=b"", filename="")
    connection.execute(emptied)
    connection.execute(sa.delete(t.readings).where(t.readings.c.sha256.in_(names)))
    return len(names)


def forget_before(connection: sa.Connection, before: datetime) -> Erased:
    """Empty mails and files that are older, handled, and belong to no open ticket or shelf item."""
    m, s = t.mails.c, t.sent_mails.c
    old = m.handled & (m.received_at < before) & (sa.func.length(m.raw) > 0)
    on_shelf = sa.select(t.shelf.c.mail).where(
        t.shelf.c.resolved_at.is_(None), t.shelf.c.mail.is_not(None)
    )
    free = m.id.not_in(_of_open(t.mail_tickets, "mail")) & m.id.not_in(on_shelf)
    mails = list(connection.scalars(sa.select(m.id).where(old, free)))
    connection.execute(sa.update(t.mails).where(m.id.in_(mails)).values(raw=b"", passed_on=""))
    left = s.message_id.not_in(_of_open(t.sent_mail_tickets, "message_id"))
    over = s.state.in_(("sent", "refused")) & (s.at < before) & left
    connection.execute(sa.update(t.sent_mails).where(over).values(raw=b"", text=ERASED))
    return Erased(lines=0, mails=len(mails), files=_empty_files(connection, mails), contacts=0)


def _of_open(links: sa.Table, column: str) -> sa.Select[Any]:
    return (
        sa.select(links.c[column])
        .join(t.tickets, t.tickets.c.id == links.c.ticket)
        .where(t.tickets.c.state != State.CLOSED)
    )
