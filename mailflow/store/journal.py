"""The journal: what happened, in order, each line chained to the one before by its hash.

The words of a line are bound into the chain by a salted digest, so that they can be erased on
request and the chain stays whole. Lines of release 0.1 are bound word for word.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from mailflow.store.columns import as_text, cleaned
from mailflow.store.serial import canonical, pack
from mailflow.store.tables import erasures, events, proofs, tickets
from mailflow.tickets.events import DeadlinePassed, Event
from mailflow.tickets.ticket import State
from mailflow.workflow.records import Entry, Stay

_e = events.c
_CHAINED = ("ticket", "event", "state_before", "state_after", "cause")
_WORDS = ("data", "because")


def is_recorded(connection: sa.Connection, ticket: str, cause: str) -> bool:
    query = sa.select(_e.seq).where(_e.ticket == ticket, _e.cause == cleaned(cause))
    return connection.execute(query).first() is not None


def append(connection: sa.Connection, event: Event, story: Mapping[str, str]) -> None:
    """Add a line. `story` holds ticket, state_before, state_after, because and cause."""
    line = {key: cleaned(text) for key, text in story.items()}
    line |= {"event": type(event).__name__, "data": pack(event)}
    line["salt"] = secrets.token_hex(16)
    line["sealed"] = _seal(line)
    chained = _hash(head(connection), line, event.at)
    connection.execute(sa.insert(events).values(**line, at=event.at, hash=chained))


def head(connection: sa.Connection) -> str:
    """Give the hash of the last line; noted elsewhere, it shows when the end is cut off."""
    return connection.scalar(sa.select(_e.hash).order_by(_e.seq.desc()).limit(1)) or ""


def erased_lines(connection: sa.Connection) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(erasures)) or 0


def story(connection: sa.Connection, ticket: str) -> Sequence[Entry]:
    query = sa.select(events).where(_e.ticket == ticket).order_by(_e.seq)
    return [_entry(row) for row in connection.execute(query)]


def happened(connection: sa.Connection, since: datetime, until: datetime) -> Sequence[Entry]:
    query = sa.select(events).where(_e.at >= since, _e.at < until).order_by(_e.seq)
    return [_entry(row) for row in connection.execute(query)]


def stays(connection: sa.Connection) -> dict[str, Stay]:
    """Say of each open ticket when it entered its state, and how many deadlines passed since."""
    moved = (
        sa.select(_e.ticket, sa.func.max(_e.seq).label("seq"))
        .join(tickets, tickets.c.id == _e.ticket)
        .where(_e.state_before != _e.state_after, tickets.c.state != State.CLOSED)
        .group_by(_e.ticket)
        .subquery()
    )
    came, later = events.alias(), events.alias()
    passed = (later.c.ticket == moved.c.ticket) & (later.c.seq > moved.c.seq)
    query = (
        sa.select(moved.c.ticket, came.c.at, sa.func.count(later.c.seq).label("deadlines"))
        .join(came, came.c.seq == moved.c.seq)
        .outerjoin(later, passed & (later.c.event == DeadlinePassed.__name__))
        .group_by(moved.c.ticket, came.c.at)
    )
    return {
        row.ticket: Stay(since=row.at, deadlines=row.deadlines) for row in connection.execute(query)
    }


def verify(connection: sa.Connection) -> list[str]:
    """Look for lines that were changed, removed or put in; empty when the journal is whole.

    The chain shows what was done in its midst. What was cut off its end shows in the tickets,
    whose version counts their lines.
    """
    return [
        *_broken_links(connection),
        *_unmatched_tickets(connection),
        *_unmatched_proofs(connection),
    ]


def _broken_links(connection: sa.Connection) -> list[str]:
    faults, last = [], ""
    erased = set(connection.scalars(sa.select(erasures.c.line)))
    for row in connection.execute(sa.select(events).order_by(_e.seq)):
        line = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
        gone = row.seq in erased
        # A line of release 0.1 that was erased has lost what its own hash was made of.
        if not (gone and not row.sealed) and row.hash != _hash(last, line, row.at):
            faults.append(f"line {row.seq} of {row.ticket} does not follow from the line before it")
        elif row.sealed and not gone and row.sealed != _seal(line):
            faults.append(f"line {row.seq} of {row.ticket} has other words than were written")
        last = row.hash
    return faults


def chained(connection: sa.Connection, ticket: str) -> list[dict[str, Any]]:
    """Give a ticket's lines as they are bound into the chain, each with the hash before it."""
    earlier = events.alias()
    before = (
        sa.select(earlier.c.hash)
        .where(earlier.c.seq < _e.seq)
        .order_by(earlier.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = sa.select(events, before.label("previous")).where(_e.ticket == ticket)
    rows = connection.execute(query.order_by(_e.seq)).mappings()
    return [{**row, "at": as_text(row["at"]), "previous": row["previous"] or ""} for row in rows]


def _unmatched_tickets(connection: sa.Connection) -> list[str]:
    newest = (
        sa.select(_e.ticket, sa.func.count().label("lines"), sa.func.max(_e.seq).label("seq"))
        .group_by(_e.ticket)
        .subquery()
    )
    query = (
        sa.select(tickets.c.id, tickets.c.version, tickets.c.state, newest.c.lines, _e.state_after)
        .outerjoin_from(tickets, newest, newest.c.ticket == tickets.c.id)
        .outerjoin(events, _e.seq == newest.c.seq)
        .order_by(tickets.c.seq)
    )
    faults = []
    for row in connection.execute(query):
        if row.version != (row.lines or 0):
            faults.append(f"{row.id} was saved {row.version} times, its story has {row.lines or 0}")
        elif row.state != row.state_after:
            faults.append(f"{row.id} is {row.state}, its story says {row.state_after}")
    return faults


def _unmatched_proofs(connection: sa.Connection) -> list[str]:
    """Every proof row must stand in the body of its ticket, word for word in what counts."""
    faults = []
    kept: dict[str, set[tuple[str, str, datetime]]] = {}
    for row in connection.execute(sa.select(proofs)):
        kept.setdefault(row.ticket, set()).add((row.id, row.kind, row.covers))
    for row in connection.execute(sa.select(tickets.c.id, tickets.c.body)):
        said = {
            (proof["id"], proof["kind"], datetime.fromisoformat(proof["covers"]))
            for proof in json.loads(row.body)["proofs"]
        }
        if said != kept.get(row.id, set()):
            faults.append(f"the proofs of {row.id} are not those that its body names")
    return faults


def _seal(line: Mapping[str, Any]) -> str:
    text = canonical([line["salt"], *(line[name] for name in _WORDS)])
    return sha256(text.encode()).hexdigest()


def _hash(previous: str, line: Mapping[str, Any], at: datetime) -> str:
    bound = (*_CHAINED, "sealed") if line["sealed"] else (*_CHAINED, *_WORDS)
    text = canonical({**{k: line[k] for k in bound}, "at": as_text(at), "previous": previous})
    return sha256(text.encode()).hexdigest()


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(
        seq=row.seq,
        ticket=row.ticket,
        at=row.at,
        event=row.event,
        data=json.loads(row.data),
        state_before=row.state_before,
        state_after=row.state_after,
        because=row.because,
        cause=row.cause,
        hash=row.hash,
    )
