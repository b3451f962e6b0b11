"""Tickets: saved only together with the event that changed them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from mailflow.store import journal
from mailflow.store.serial import pack, unpack
from mailflow.store.tables import counters, proofs, tickets
from mailflow.tickets.decision import Decision
from mailflow.tickets.events import Event
from mailflow.tickets.ticket import Closure, ProofKind, State, Ticket
from mailflow.workflow.memory import StaleTicket
from mailflow.workflow.records import Entry, Stay

_t = tickets.c
_OPEN = _t.state != State.CLOSED
_FIRST_NUMBER = 1001

# The column that each kind of proof is closed on.
_CLOSING = {
    ProofKind.WRITTEN_CONFIRMATION: "closing_claim",
    ProofKind.TECHNICALLY_VERIFIED: "closing_claim",
    ProofKind.CHANGE_VALIDATED: "closing_validation",
    ProofKind.SCREENSHOT_ACCEPTED: "closing_screenshot",
    ProofKind.RUN_CONFIRMED: "closing_run",
}


class SqlTickets:
    """Implements `Tickets`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def next_id(self) -> str:
        first = {"name": "ticket", "value": _FIRST_NUMBER}
        one_more = {"value": counters.c.value + 1}
        insert: postgresql.Insert | sqlite.Insert
        if self._connection.dialect.name == "postgresql":
            insert = postgresql.insert(counters).values(**first)
            insert = insert.on_conflict_do_update(index_elements=["name"], set_=one_more)
        else:
            insert = sqlite.insert(counters).values(**first)
            insert = insert.on_conflict_do_update(index_elements=["name"], set_=one_more)
        number = self._connection.execute(insert.returning(counters.c.value)).scalar_one()
        return f"MF-{number}"

    def get(self, ticket_id: str) -> Ticket | None:
        return next(iter(self._select(_t.id == ticket_id)), None)

    def open_of_job(self, job_key: str) -> Ticket | None:
        return next(iter(self._select(_t.job_key == job_key, _OPEN)), None)

    def latest_of_job(self, job_key: str) -> Ticket | None:
        return next(iter(self._select(_t.job_key == job_key, limit=1)), None)

    def open_of_retailers(self, retailers: Iterable[str]) -> Sequence[Ticket]:
        return self._select(_t.retailer.in_(list(retailers)), _OPEN)

    def listed(
        self,
        *,
        states: Iterable[State] = (),
        retailer: str = "",
        limit: int = 1000,
    ) -> Sequence[Ticket]:
        wanted = list(states)
        conditions: list[sa.ColumnElement[bool]] = []
        if wanted:
            conditions.append(_t.state.in_(wanted))
        if retailer:
            conditions.append(_t.retailer == retailer)
        return self._select(*conditions, limit=limit)

    def due(self, now: datetime, limit: int) -> Sequence[Ticket]:
        query = sa.select(_t.body).where(_OPEN, _t.deadline <= now)
        query = query.order_by(_t.deadline, _t.seq).limit(limit)
        return [unpack(Ticket, body) for body in self._connection.scalars(query)]

    def record(
        self, before: Ticket | None, event: Event, decision: Decision, *, cause: str
    ) -> Ticket | None:
        version = 0 if before is None else before.version
        after = replace(decision.ticket, version=version + 1)
        if journal.is_recorded(self._connection, after.id, cause):
            return None
        if before is None:
            self._insert(after)
            self._add_proofs(after)
        else:
            self._add_proofs(after)
            self._update(after, version)
        told = {
            "ticket": after.id,
            "state_before": "" if before is None else before.state,
            "state_after": after.state,
            "because": decision.because,
            "cause": cause,
        }
        journal.append(self._connection, event, told)
        return after

    def story(self, ticket_id: str) -> Sequence[Entry]:
        return journal.story(self._connection, ticket_id)

    def chained(self, ticket_id: str) -> Sequence[Mapping[str, Any]]:
        return journal.chained(self._connection, ticket_id)

    def happened(self, since: datetime, until: datetime) -> Sequence[Entry]:
        return journal.happened(self._connection, since, until)

    def waiting_since(self) -> Mapping[str, Stay]:
        return journal.stays(self._connection)

    def known_job_names(self) -> Sequence[str]:
        query = sa.union(sa.select(_t.job_id), sa.select(_t.job_name))
        return sorted(name for name in self._connection.scalars(query) if name)

    def _select(
        self, *conditions: sa.ColumnElement[bool], limit: int | None = None
    ) -> list[Ticket]:
        query = sa.select(_t.body).where(*conditions).order_by(_t.seq.desc()).limit(limit)
        return [unpack(Ticket, body) for body in self._connection.scalars(query)]

    def _insert(self, ticket: Ticket) -> None:
        if self.get(ticket.id) is not None:
            raise StaleTicket(f"{ticket.id} was opened meanwhile")
        if ticket.is_open and self.open_of_job(ticket.job.key) is not None:
            raise StaleTicket(f"a ticket for {ticket.job.key} was opened meanwhile")
        self._connection.execute(sa.insert(tickets).values(id=ticket.id, **_columns(ticket)))

    def _update(self, ticket: Ticket, version: int) -> None:
        same = (_t.id == ticket.id) & (_t.version == version)
        saved = self._connection.execute(sa.update(tickets).where(same).values(_columns(ticket)))
        if saved.rowcount != 1:
            raise StaleTicket(f"{ticket.id} is not at version {version} any more")

    def _add_proofs(self, ticket: Ticket) -> None:
        known = set(
            self._connection.scalars(sa.select(proofs.c.id).where(proofs.c.ticket == ticket.id))
        )
        for proof in ticket.proofs:
            if proof.id not in known:
                row = {"ticket": ticket.id, **asdict(proof)}
                self._connection.execute(sa.insert(proofs).values(row))


def _columns(ticket: Ticket) -> dict[str, Any]:
    return {
        "job_key": ticket.job.key,
        "job_id": ticket.job.id,
        "job_name": ticket.job.name,
        "retailer": ticket.job.retailer,
        "state": ticket.state,
        "opened_at": ticket.opened_at,
        "last_failure_at": ticket.last_failure_at,
        "deadline": ticket.deadline,
        "version": ticket.version,
        "body": pack(ticket),
        **_closing(ticket.closure),
    }


def _closing(closure: Closure | None) -> dict[str, str]:
    if closure is None:
        return {}
    proven = {_CLOSING[proof.kind]: proof.id for proof in closure.proofs}
    return {"closing_path": closure.path, **proven}
