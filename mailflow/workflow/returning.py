"""A mail of ours came back: staff are told, and nobody writes to an address that is gone.

The mark is made only where all of it agrees: the report gives the address up for good, comes from
a mail server, in the days after we wrote to that very address, and returns the signed reply address
of that mail, which nobody knows who did not get it. Anything less is told to staff, and marks none.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import structlog

from mailflow.tickets import events as e
from mailflow.tickets.effects import Audience, Purpose, SendMail
from mailflow.understanding.identity import reply_to_of
from mailflow.understanding.meaning import Authenticity
from mailflow.understanding.returned import dead_addresses, is_gone, shows
from mailflow.workflow.advance import advance, order_for
from mailflow.workflow.desk import Desk
from mailflow.workflow.interpreting import Understood
from mailflow.workflow.memory import UnitOfWork
from mailflow.workflow.ports import Refused
from mailflow.workflow.records import (
    Contact,
    KeptMail,
    MailState,
    Order,
    Retailer,
    SentMail,
    ShelfKind,
)
from mailflow.workflow.triage import shelve

log = structlog.get_logger()
Taken = tuple[str, tuple[str, ...]]
_NEVER_LEFT = frozenset({MailState.NOT_SENT, MailState.REFUSED})
_CLOCKS_DIFFER = timedelta(minutes=10)
_LONGEST_TRIED = timedelta(days=10)  # mail servers give up after five, as a rule
_MOST_ADDRESSES = 20
_ANSWER = 300  # characters of a server's answer that staff are shown


def take_bounce(uow: UnitOfWork, desk: Desk, kept: KeptMail, meaning: Understood) -> Taken:
    """Tell staff which of our mails did not arrive; the ticket notes it and stays where it is."""
    tickets = tuple(dict.fromkeys(t for mail in meaning.refers_to for t in mail.tickets))
    if any(mail.to and set(mail.to) <= set(desk.team.notify) for mail in meaning.refers_to):
        return "a mail to staff bounced; it is not answered with another", tickets
    if not tickets:
        shelve(uow, desk, ShelfKind.NO_TICKET, "a bounce of a mail that is not known", kept)
        return "a bounce of a mail that is not known", ()
    why = "; ".join(["our mail came back undelivered", *_weighed(uow, kept, meaning)])
    mail = SendMail(
        purpose=Purpose.HAND_OVER, audience=Audience.STAFF, reason=why, message=str(kept.id)
    )
    now = desk.clock.now()
    for ticket in filter(None, map(uow.tickets.get, tickets)):
        key = f"{ticket.id}/mail:{kept.id}/bounce"
        uow.orders.place(order_for(mail, ticket, key, now, desk.pace))
        event = e.MailReturned(at=now, message=str(kept.id), because=why)
        advance(uow, ticket.id, event, cause=f"mail:{kept.id}/returned", desk=desk)
    return why, tickets


def take_refusals(
    uow: UnitOfWork, desk: Desk, orders: Sequence[Order], refused: Sequence[Refused]
) -> None:
    """Tell staff whom our own server did not take while it took others for the same mail.

    It heard so in the sending itself, so nobody can have forged it.
    """
    effect = orders[0].effect
    if not refused or not isinstance(effect, SendMail) or effect.audience is Audience.STAFF:
        return
    now = desk.clock.now()
    why = "; ".join(line for one in refused for line in _on_refusal(uow, one, now))
    mail = SendMail(purpose=Purpose.HAND_OVER, audience=Audience.STAFF, reason=why)
    for order in orders:
        if ticket := uow.tickets.get(order.ticket):
            key = f"{order.key}/recipients"
            uow.orders.place(order_for(mail, ticket, key, now, desk.pace))
            event = e.MailReturned(at=now, message="", because=why)
            advance(uow, ticket.id, event, cause=f"order:{order.key}/recipients", desk=desk)


def _on_refusal(uow: UnitOfWork, refused: Refused, at: datetime) -> Iterator[str]:
    address = refused.address.lower()
    log.warning("outbox.recipient_refused", address=address, code=refused.code)
    yield f"our mail server did not take {address} ({refused.code} {refused.answer[:_ANSWER]})"
    if not is_gone(refused.code, refused.answer):
        yield f"{address} is written to as before"
        return
    uow.directory.mark_unreachable(address, at=at, because="our mail server does not take it")
    yield f"nothing is sent to {address} any more"
    yield from (_who_is_left(uow, retailer) for retailer, _ in uow.directory.of_address(address))


def note_that_they_wrote(uow: UnitOfWork, kept: KeptMail, meaning: Understood) -> None:
    """Whoever writes can be written to; only a mail that is theirs for certain comes here."""
    if uow.directory.heard_from(meaning.sender.address, kept.received_at):
        log.info("contact.reachable", address=meaning.sender.address, mail=kept.id)


def _weighed(uow: UnitOfWork, kept: KeptMail, meaning: Understood) -> Iterator[str]:
    """Mark each contact that is gone; say what became of every address, and who is left."""
    for address in meaning.message.failed[:_MOST_ADDRESSES]:
        accounts = uow.directory.of_address(address)
        if not accounts:
            continue
        if doubt := _doubt(kept, meaning, address, [contact for _, contact in accounts]):
            yield f"{address} is written to as before: {doubt}"
            continue
        because = f"a mail server gave it up (mail {kept.id})"
        uow.directory.mark_unreachable(address, at=kept.received_at, because=because)
        log.warning("contact.unreachable", address=address, mail=kept.id)
        yield f"nothing is sent to {address} any more"
        yield from (_who_is_left(uow, retailer) for retailer, _ in accounts)


def _who_is_left(uow: UnitOfWork, retailer: Retailer) -> str:
    now = uow.directory.retailer(retailer.id)
    left = [contact.address for contact in now.contacts if contact.is_reachable] if now else []
    if left:
        return f"{retailer.name} is written to at {', '.join(left)}"
    return (
        f"{retailer.name} has no other contact: nothing reaches them until one is imported "
        "(mailflow retailers import)"
    )


def _doubt(kept: KeptMail, meaning: Understood, address: str, contacts: Sequence[Contact]) -> str:
    """Say why the report does not silence the address; "" when nothing speaks against it."""
    message, verdict = meaning.message, meaning.sender
    sent = [m for m in meaning.refers_to if address in m.to and m.state not in _NEVER_LEFT]
    if not sent:
        return "the report names no mail that we sent there"
    if address not in dead_addresses(message):
        return "the report does not say that the address is gone for good"
    if verdict.authenticity in (Authenticity.FAIL, Authenticity.UNTRUSTED):
        return f"the report may be forged: {verdict.because}"
    if message.header("Return-Path").replace(" ", "") not in ("", "<>"):
        return "the report has a return path, as no mail server's has"
    returned = [m for m in sent if _returns(meaning, m)]
    if not returned:
        return "the report does not return our mail, so that anybody may have written it"
    newest = max(m.attempted_at for m in returned)
    if not newest - _CLOCKS_DIFFER <= kept.received_at <= newest + _LONGEST_TRIED:
        return "the report does not come in the days after our mail"
    if any(contact.heard_at and contact.heard_at > newest for contact in contacts):
        return "they have written to us since"
    return ""


def _returns(meaning: Understood, mail: SentMail) -> bool:
    signed = reply_to_of(mail.raw)
    return bool(signed) and shows(meaning.message, signed)
