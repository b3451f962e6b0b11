"""What waits for a person: a place on the shelf, and a mail to staff that says so."""

from mailflow.tickets.effects import Audience, Purpose, SendMail
from mailflow.workflow.desk import Desk
from mailflow.workflow.memory import UnitOfWork
from mailflow.workflow.records import KeptMail, NewOrder, ShelfItem, ShelfKind


def shelve(uow: UnitOfWork, desk: Desk, kind: ShelfKind, because: str, kept: KeptMail) -> ShelfItem:
    """Put a mail on the shelf and tell staff, with the mail attached."""
    now = desk.clock.now()
    item = uow.shelf.put(kind, because, at=now, mail=kept.id)
    mail = SendMail(
        purpose=Purpose.TRIAGE, audience=Audience.STAFF, reason=because, message=str(kept.id)
    )
    uow.orders.place(
        NewOrder(
            key=f"shelf:{item.id}",
            ticket="",
            effect=mail,
            lane=f"shelf:{item.id}",
            priority=2,
            due=now,
            facts={"shelf_item": item.id, "kind": kind.value},
        )
    )
    return item
