"""What waits for a person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mailflow.store import orders as ledger
from mailflow.store import tables
from mailflow.store.mails import SqlMails
from mailflow.tickets.errors import GiveUp
from mailflow.workflow.records import ShelfItem, ShelfKind

_s = tables.shelf.c


class SqlShelf:
    """Implements `Shelf`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(
        self,
        kind: ShelfKind,
        because: str,
        *,
        at: datetime,
        mail: int | None = None,
        ticket: str = "",
    ) -> ShelfItem:
        item = {"kind": kind, "because": because, "at": at, "mail": mail, "ticket": ticket}
        stored = sa.insert(tables.shelf).values(item).returning(tables.shelf)
        return _item(self._connection.execute(stored).one())

    def items(self, *, resolved: bool = False) -> Sequence[ShelfItem]:
        wanted = _s.resolved_at.is_not(None) if resolved else _s.resolved_at.is_(None)
        query = sa.select(tables.shelf).where(wanted).order_by(_s.id)
        return [_item(row) for row in self._connection.execute(query)]

    def get(self, item_id: int) -> ShelfItem | None:
        query = sa.select(tables.shelf).where(_s.id == item_id)
        row = self._connection.execute(query).first()
        return None if row is None else _item(row)

    def send_through_again(self, item_id: int, at: datetime) -> None:
        item = self.get(item_id)
        if item is None:
            raise GiveUp(f"nothing with the number {item_id} lies on the shelf")
        if not self._resolved(item_id, at):
            return
        if item.mail is not None:
            SqlMails(self._connection).mark_unhandled(item.mail)
        if item.order is not None:
            ledger.send_through_again(self._connection, item.order, at)

    def resolve(self, item_id: int, at: datetime) -> None:
        self._resolved(item_id, at)

    def _resolved(self, item_id: int, at: datetime) -> bool:
        """Resolve it; False when somebody had done so before, for what follows is done once."""
        waiting = (_s.id == item_id) & _s.resolved_at.is_(None)
        done = sa.update(tables.shelf).where(waiting).values(resolved_at=at)
        return self._connection.execute(done).rowcount == 1


def _item(row: sa.Row[Any]) -> ShelfItem:
    return ShelfItem(
        id=row.id,
        kind=ShelfKind(row.kind),
        because=row.because,
        at=row.at,
        mail=row.mail,
        order=row.order_id,
        ticket=row.ticket,
        resolved_at=row.resolved_at,
    )
