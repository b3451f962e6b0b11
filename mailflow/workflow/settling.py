"""What only a person can settle: a mail of unknown outcome, and what lies on the shelf."""

from mailflow.tickets.events import StaffNoted
from mailflow.workflow.advance import advance
from mailflow.workflow.desk import Desk
from mailflow.workflow.records import MailState
from mailflow.workflow.take_in import handle

_OPEN_QUESTIONS = frozenset({MailState.UNSURE, MailState.WRITTEN})


def settle_mail(desk: Desk, message_id: str, *, was_sent: bool, by: str) -> bool:
    """Record what became of the mail, on it and on its tickets; a shelved order goes on.

    Returns False when nothing about the mail is open.
    """
    now = desk.clock.now()
    with desk.memory.write() as uow:
        found = next(iter(uow.sent.by_message_id([message_id])), None)
        if found is None or found.state not in _OPEN_QUESTIONS:
            return False
        uow.sent.mark(message_id, MailState.SENT if was_sent else MailState.NOT_SENT)
        word = "arrived" if was_sent else "did not arrive and is sent again"
        for ticket in found.tickets:
            note = StaffNoted(at=now, by=by, text=f"the mail {found.purpose} {word}")
            advance(uow, ticket, note, cause=f"settled:{message_id}:{now.isoformat()}", desk=desk)
        for item in uow.shelf.items():
            if item.order == found.order:
                uow.shelf.send_through_again(item.id, now)
    return True


def send_through(desk: Desk, item_id: int, *, vouched_by: str = "") -> str | None:
    """Send something from the shelf through again; says what comes of it.

    A mail whose sender a person vouches for is acted on here and now: the daemon, which knows
    nothing of that word, would only put it back. None when no such item waits.
    """
    now = desk.clock.now()
    with desk.memory.write() as uow:
        found = uow.shelf.get(item_id)
        if found is None or found.resolved_at is not None:
            return None
        if vouched_by and found.mail is not None:
            uow.shelf.resolve(item_id, now)
        else:
            uow.shelf.send_through_again(item_id, now)
            return "it goes through again; a running mailflow takes it up at once"
    return handle(desk, found.mail, vouched_by=vouched_by)
