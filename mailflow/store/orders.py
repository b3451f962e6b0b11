"""The ledger: effects waiting to be carried out. Writers take turns, so a claim is never shared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from mailflow.store.rows import insert_once
from mailflow.store.serial import pack, pack_facts, unpack_effect, unpack_facts
from mailflow.store.tables import orders, shelf
from mailflow.tickets.effects import PauseJob
from mailflow.workflow.memory import LostLease
from mailflow.workflow.records import NewOrder, Order, OrderState, ShelfKind

_o = orders.c
_CONTAINS = PauseJob.__name__
_IS_READY = _o.state == OrderState.READY
_IS_RUNNING = _o.state == OrderState.RUNNING
_FREE = {"state": OrderState.READY, "owner": "", "lease_until": None}
_LONGEST_WAIT_SECONDS = 8  # of an order that is suspected of killing
_TOLD = ("id", "key", "ticket", "effect", "lane", "state", "due", "crashes", "owner", "because")


@dataclass(frozen=True, slots=True)
class _Claim:
    now: datetime
    owner: str
    until: datetime


class SqlOrders:
    """Implements `Orders`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def place(self, order: NewOrder) -> None:
        values = {
            "key": order.key,
            "ticket": order.ticket,
            "effect": type(order.effect).__name__,
            "data": pack(order.effect),
            "facts": pack_facts(order.facts),
            "lane": order.lane,
            "priority": order.priority,
            "bundle": order.group,
            "claimed_with": "",
            "state": OrderState.READY,
            "due": order.due,
            "placed_at": order.due,  # the earliest moment it may be done: no clock in here
            "crashes": 0,
            "fence": 0,
            "owner": "",
            "because": "",
            "result": "",
        }
        insert_once(self._connection, orders, values)

    def claim(
        self, now: datetime, *, owner: str, lease_seconds: float, containment_only: bool = False
    ) -> Sequence[Order]:
        leader = self._connection.execute(_next_due(now, containment_only=containment_only)).first()
        if leader is None:
            return []
        claim = _Claim(now, owner, now + timedelta(seconds=lease_seconds))
        members = [leader] if leader.bundle == "" else self._bundle(leader, now)
        return [self._take(row, members[0].key, claim) for row in members]

    def renew(self, order: Order, *, until: datetime) -> None:
        self._held(order, lease_until=until)

    def finish(self, order: Order, *, result: str) -> None:
        self._held(order, state=OrderState.DONE, result=result, lease_until=None)
        self._clear(order)

    def drop(self, order: Order, *, because: str) -> None:
        self._held(order, state=OrderState.DROPPED, because=because, lease_until=None)

    def postpone(self, order: Order, *, due: datetime, because: str) -> None:
        self._held(order, **_FREE, due=due, because=because)
        self._clear(order)

    def park(self, order: Order, *, because: str) -> None:
        self._held(order, state=OrderState.PARKED, because=because, owner="", lease_until=None)
        claimed_at = sa.select(_o.claimed_at).where(_o.id == order.id)
        item = {
            "kind": ShelfKind.ORDER,
            "because": because,
            "at": self._connection.scalars(claimed_at).one(),
            "order_id": order.id,
            "ticket": order.ticket,
        }
        self._connection.execute(sa.insert(shelf).values(item))

    def release_all(self, now: datetime) -> Sequence[int]:
        held = self._connection.execute(sa.select(orders).where(_IS_RUNNING)).all()
        if not held:  # it ended, or died, without any of them
            acquitted = {"crashes": 0}
            self._connection.execute(sa.update(orders).where(_IS_READY).values(acquitted))
        alone = len({row.claimed_with or row.key for row in held}) == 1
        for row in held:
            values = {**_FREE, **(_suspected(row.crashes + 1, now) if alone else {})}
            self._connection.execute(sa.update(orders).where(_o.id == row.id).values(values))
        return [row.id for row in held]

    def waiting(self, ticket: str = "") -> Sequence[Mapping[str, Any]]:
        over = (OrderState.DONE, OrderState.DROPPED)
        query = sa.select(*(_o[name] for name in _TOLD)).where(_o.state.not_in(over))
        if ticket:
            query = query.where(_o.ticket == ticket)
        rows = self._connection.execute(query.order_by(_o.priority, _o.due, _o.id))
        return [dict(row) for row in rows.mappings()]

    def next_due(self) -> datetime | None:
        ready = self._connection.scalar(sa.select(sa.func.min(_o.due)).where(_IS_READY))
        lapse = self._connection.scalar(sa.select(sa.func.min(_o.lease_until)).where(_IS_RUNNING))
        return min((moment for moment in (ready, lapse) if moment is not None), default=None)

    def _bundle(self, leader: sa.Row[Any], now: datetime) -> list[sa.Row[Any]]:
        """Find what is claimed together with the leader, the leader first.

        Orders once claimed together stay together, and no newcomer joins them: the mail they were
        tried with may have left, and must be recognised as theirs and nobody else's.
        """
        same = (_o.bundle == leader.bundle) & (_o.claimed_with == leader.claimed_with)
        query = sa.select(orders).where(same, _claimable(now)).order_by(_o.id)
        rows = self._connection.execute(query).all()
        if leader.claimed_with:
            return sorted(rows, key=lambda row: row.key != leader.claimed_with)
        members = [leader]
        for row in rows:
            if row.id != leader.id and not self._is_held_up(row, members, now):
                members.append(row)
        return members

    def _is_held_up(self, row: sa.Row[Any], members: list[sa.Row[Any]], now: datetime) -> bool:
        """Does its lane hold it up, apart from what is claimed along with it?"""
        if row.lane == "":
            return False
        others = orders.alias()
        along = others.c.id.not_in([member.id for member in members])
        first = sa.select(others.c.id).where(along, _holds_up(others, row, now)).limit(1)
        return self._connection.execute(first).first() is not None

    def _take(self, row: sa.Row[Any], leader: str, claim: _Claim) -> Order:
        batch = "" if row.bundle == "" else row.claimed_with or leader
        values = {
            "state": OrderState.RUNNING,
            "fence": row.fence + 1,
            "owner": claim.owner,
            "claimed_at": claim.now,
            "lease_until": claim.until,
            "claimed_with": batch,
        }
        self._connection.execute(sa.update(orders).where(_o.id == row.id).values(values))
        return Order(
            id=row.id,
            key=row.key,
            batch=batch or row.key,
            ticket=row.ticket,
            effect=unpack_effect(row.effect, row.data),
            crashes=row.crashes,
            fence=row.fence + 1,
            placed_at=row.placed_at,
            facts=unpack_facts(row.facts),
        )

    def _clear(self, order: Order) -> None:
        """A suspect let the daemon live: deaths come from elsewhere, so no order is suspected."""
        if order.crashes:
            suspected = _o.crashes > 0
            self._connection.execute(sa.update(orders).where(suspected).values(crashes=0))

    def _held(self, order: Order, **values: Any) -> None:
        """Change an order that this claim still holds."""
        mine = (_o.id == order.id) & (_o.fence == order.fence) & _IS_RUNNING
        if self._connection.execute(sa.update(orders).where(mine).values(values)).rowcount != 1:
            raise LostLease(f"order {order.key} was claimed anew meanwhile")


def send_through_again(connection: sa.Connection, order_id: int, at: datetime) -> None:
    """Make a parked order ready, as if it had never been tried; no other order is touched."""
    parked = (_o.id == order_id) & (_o.state == OrderState.PARKED)
    values = {**_FREE, "due": at, "crashes": 0}
    connection.execute(sa.update(orders).where(parked).values(values))


def _suspected(crashes: int, now: datetime) -> dict[str, Any]:
    """Hold a death against an order; from the second on it waits, so that others are tried first.

    A daemon that dies meanwhile was not killed by it.
    """
    wait = timedelta(seconds=min(2 ** (crashes - 1), _LONGEST_WAIT_SECONDS) if crashes > 1 else 0)
    return {"crashes": crashes, "due": now + wait}


def _claimable(now: datetime) -> sa.ColumnElement[bool]:
    return _IS_READY | (_IS_RUNNING & (_o.lease_until <= now))


def _next_due(now: datetime, *, containment_only: bool) -> sa.Select[Any]:
    others = orders.alias()
    held_up = sa.exists().where(others.c.id != _o.id, _holds_up(others, _o, now))
    query = sa.select(orders).where(
        _claimable(now),
        _IS_RUNNING | (_o.due <= now),
        (_o.lane == "") | ~held_up,
    )
    if containment_only:
        query = query.where(_o.effect == _CONTAINS)
    return query.order_by(_o.priority, _o.due, _o.id).limit(1)


def _holds_up(others: sa.FromClause, mine: Any, now: datetime) -> sa.ColumnElement[bool]:
    """Say which orders of the lane come first: a running one; but for a PauseJob, earlier ones."""
    running = (others.c.state == OrderState.RUNNING) & (others.c.lease_until > now)
    live = others.c.state.in_((OrderState.READY, OrderState.RUNNING))
    earlier = live & (others.c.id < mine.id) & (sa.literal(_CONTAINS) != mine.effect)
    return sa.and_(others.c.lane == mine.lane, running | earlier)
