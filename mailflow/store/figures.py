"""Counts over the tables."""

from datetime import datetime

import sqlalchemy as sa

from mailflow.store.tables import mails, orders, sent_mails, shelf, tickets
from mailflow.tickets.effects import PauseJob
from mailflow.tickets.ticket import Outcome, State
from mailflow.workflow.figures import Figures, Lane
from mailflow.workflow.records import OrderState

_LIVE = (OrderState.READY, OrderState.RUNNING, OrderState.PARKED)


def figures(connection: sa.Connection) -> Figures:
    """Count everything once."""
    unhandled = sa.select(sa.func.count(), sa.func.min(mails.c.received_at)).where(~mails.c.handled)
    waiting, oldest = connection.execute(unhandled).one()
    on_shelf = shelf.c.resolved_at.is_(None)
    unsure = sa.select(sa.func.count()).where(sent_mails.c.state == "unsure")
    return Figures(
        mails=_by(connection, mails.c.kind, mails.c.handled),
        unhandled=waiting,
        oldest_unhandled=oldest,
        tickets=_by(connection, tickets.c.state),
        orders=_lanes(connection),
        shelf=_by(connection, shelf.c.kind, on_shelf),
        refused=_by(connection, shelf.c.kind),
        unsure=connection.scalar(unsure) or 0,
        containing_since=_containing_since(connection),
        not_stopped=_not_stopped(connection),
    )


def _by(
    connection: sa.Connection, column: sa.Column[str], *where: sa.ColumnElement[bool]
) -> dict[str, int]:
    query = sa.select(column, sa.func.count()).where(*where).group_by(column)
    return {str(name): count for name, count in connection.execute(query)}


def _lanes(connection: sa.Connection) -> dict[tuple[str, str], Lane]:
    o = orders.c
    found: dict[tuple[str, str], Lane] = {}
    query = sa.select(o.lane, o.state, sa.func.count().label("n"), sa.func.min(o.due).label("due"))
    query = query.where(o.state.in_(_LIVE)).group_by(o.lane, o.state)
    for row in connection.execute(query):
        key = (row.lane.partition(":")[0] or "none", row.state)
        known = found.get(key)
        count = row.n + (known.count if known else 0)
        found[key] = Lane(
            count=count, oldest_due=min(row.due, known.oldest_due if known else row.due)
        )
    return found


def _containing_since(connection: sa.Connection) -> datetime | None:
    o = orders.c
    live = o.state.in_(_LIVE) & (o.effect == PauseJob.__name__)
    oldest: datetime | None = connection.scalar(sa.select(sa.func.min(o.placed_at)).where(live))
    return oldest


def _not_stopped(connection: sa.Connection) -> int:
    """Count open tickets whose stop failed; the outcome stands in their bodies."""
    failed = tickets.c.body.contains(f'"outcome":"{Outcome.FAILED}"', autoescape=True)
    query = sa.select(sa.func.count()).where(tickets.c.state != State.CLOSED, failed)
    return connection.scalar(query) or 0
