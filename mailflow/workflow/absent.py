"""An automatic answer from a contact: it may move the reminder to the day they are back."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from mailflow.tickets import events as e
from mailflow.understanding import sender
from mailflow.understanding.absence import read_absence
from mailflow.understanding.meaning import MailKind
from mailflow.workflow.advance import advance
from mailflow.workflow.desk import Desk
from mailflow.workflow.interpreting import Understood
from mailflow.workflow.memory import UnitOfWork
from mailflow.workflow.records import KeptMail

Taken = tuple[str, tuple[str, ...]]
_START_OF_WORK = time(9)


def back_at(subject: str, text: str, written: datetime, zone: str) -> datetime | None:
    """Say when the writer of an automatic answer is at work again, None where it does not say."""
    there = ZoneInfo(zone)
    absence = read_absence(subject, text, written=written.astimezone(there).date())
    return datetime.combine(absence.back, _START_OF_WORK, there) if absence else None


def take_automatic_reply(uow: UnitOfWork, desk: Desk, kept: KeptMail, meaning: Understood) -> Taken:
    """Note it on the tickets that it answers; one that names a day moves their reminder to it."""
    because, message = meaning.because, meaning.message
    found = [uow.tickets.get(ticket) for ticket in _about(meaning)]
    tickets = tuple(ticket.id for ticket in found if ticket is not None)
    accounts = {retailer.id: retailer for retailer, _ in meaning.contacts}
    if not accounts or not tickets:
        return because, tickets
    if doubt := sender.doubt(MailKind.REPLY, meaning.sender, desk.border):
        return f"{because}; it moves no reminder: {doubt}", tickets
    for ticket in found:
        if ticket is None or not ticket.is_open or ticket.job.retailer not in accounts:
            continue
        zone = accounts[ticket.job.retailer].zone
        until = back_at(message.subject, meaning.text.own, kept.received_at, zone)
        if until is None:
            continue
        event = e.AbsenceNoticed(at=desk.clock.now(), message=str(kept.id), until=until)
        decision = advance(uow, ticket.id, event, cause=f"mail:{kept.id}/absence", desk=desk)
        because += f"; {ticket.id}: {decision.because if decision else 'heard before'}"
    return because, tickets


def _about(meaning: Understood) -> tuple[str, ...]:
    named = [ticket for mail in meaning.refers_to for ticket in mail.tickets]
    return tuple(dict.fromkeys([*named, *filter(None, [meaning.attribution.ticket])]))
