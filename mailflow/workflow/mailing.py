"""Orders to send a mail: written once, kept before it leaves, never sent twice on a guess."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

import structlog

from mailflow.tickets.effects import Audience, Purpose, SendMail
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.tickets.ticket import Ticket
from mailflow.understanding.confirmation import closed_options
from mailflow.understanding.staff_commands import COMMANDS
from mailflow.understanding.tokens import make_token, reply_address
from mailflow.workflow.answering import asked_of
from mailflow.workflow.desk import Desk
from mailflow.workflow.facts import facts_for, facts_without_ticket, template_for
from mailflow.workflow.memory import UnitOfWork
from mailflow.workflow.ports import Enclosure, Letter, OutcomeUnknown, WrittenMail
from mailflow.workflow.records import Order, Retailer, SentMail

log = structlog.get_logger()
_TO_STAFF = frozenset({Audience.STAFF})


class AskAPerson(Exception):  # noqa: N818 - named by what to do
    """The mail may have left and no witness can tell: a person decides, not chance."""


def message_id_for(order: Order, mailbox: str) -> str:
    """Derive the Message-ID from the order, so that the same order never has two."""
    digest = hashlib.sha256(order.key.encode()).hexdigest()[:32]
    return f"<{digest}@{mailbox.rpartition('@')[2]}>"


def send_mail(desk: Desk, orders: Sequence[Order], tickets: Sequence[Ticket]) -> str:
    """Send one mail for every order of a group, the first order leading.

    Raises:
        TryAgainLater: it did not leave yet.
        GiveUp: it was refused, or cannot be written.
        AskAPerson: whether it left cannot be told.
    """
    leader = orders[0]
    message_id = message_id_for(leader, desk.team.mailbox)
    with desk.memory.read() as uow:
        known = next(iter(uow.sent.by_message_id([message_id])), None)
    if known is None:
        mail = _write(desk, leader, tickets, message_id)
        _note(desk, leader, mail, tickets)
    else:
        mail = _again(known, desk)
        if known.state == "sent":
            return "it was sent before"
        if known.state != "not_sent" and _left_already(desk, leader, message_id):
            _mark(desk, message_id, "sent")
            return "the Sent folder shows that it had left"
        _mark(desk, message_id, "written")
    return _send(desk, leader, mail)


def _send(desk: Desk, leader: Order, mail: WrittenMail) -> str:
    try:
        desk.outbox.send(mail)
    except TryAgainLater:
        _mark(desk, mail.message_id, "not_sent")
        raise
    except GiveUp:
        _mark(desk, mail.message_id, "refused")
        raise
    except OutcomeUnknown as unknown:
        with desk.memory.write() as uow:
            uow.sent.mark(mail.message_id, "unsure")
            if leader.unsure_since is None:
                uow.orders.mark_unsure(leader, since=desk.clock.now())
        raise TryAgainLater(f"it may have left: {unknown}") from unknown
    _mark(desk, mail.message_id, "sent")
    return f"sent to {len(mail.to)} recipient(s)"


def _left_already(desk: Desk, leader: Order, message_id: str) -> bool:
    """Ask the witness; silence counts only once the folder can no longer lag.

    Only the provider's own copy is a witness of a send that we lost sight of: where we keep
    the copy ourselves, its absence proves nothing, and a person decides.
    """
    seen = desk.outbox.was_sent(message_id)
    if seen:
        return True
    if seen is None or desk.copies_are_ours:
        raise AskAPerson("the mail may have left; look into the recipient's mailbox or the log")
    since = leader.unsure_since or leader.placed_at
    grace = timedelta(seconds=desk.pace.unsure_grace_seconds)
    if desk.clock.now() < since + grace:
        raise TryAgainLater("waiting for the Sent folder to catch up", after_seconds=5)
    return False


def _mark(desk: Desk, message_id: str, state: str) -> None:
    with desk.memory.write() as uow:
        uow.sent.mark(message_id, state)


def _note(desk: Desk, leader: Order, mail: WrittenMail, tickets: Sequence[Ticket]) -> None:
    assert isinstance(leader.effect, SendMail)
    with desk.memory.write() as uow:
        uow.sent.record(
            leader,
            mail,
            purpose=leader.effect.purpose.value,
            tickets=[ticket.id for ticket in tickets],
            at=desk.clock.now(),
        )


def _again(known: SentMail, desk: Desk) -> WrittenMail:
    return WrittenMail(
        message_id=known.message_id,
        sender=desk.team.mailbox,
        to=known.to,
        subject=known.subject,
        text=known.text,
        raw=known.raw,
    )


def _write(desk: Desk, leader: Order, tickets: Sequence[Ticket], message_id: str) -> WrittenMail:
    effect = leader.effect
    assert isinstance(effect, SendMail)
    with desk.memory.read() as uow:
        letter = (
            _about_ticket(uow, desk, leader, tickets, message_id)
            if tickets
            else _about_none(uow, desk, leader, message_id)
        )
    return desk.letters.write(letter)


def _recipients(desk: Desk, effect: SendMail, retailer: Retailer | None) -> tuple[str, ...]:
    match effect.audience:
        case Audience.SENDER:
            return (effect.to,)
        case Audience.STAFF:
            escalates = effect.purpose is Purpose.ESCALATION and desk.team.escalate_to
            return desk.team.escalate_to if escalates else desk.team.notify
        case Audience.RETAILER:
            if retailer is None or not retailer.contacts:
                raise GiveUp(
                    "the account has no contact; import one with: mailflow retailers import"
                )
            return tuple(contact.address for contact in retailer.contacts)


def _about_ticket(
    uow: UnitOfWork, desk: Desk, leader: Order, tickets: Sequence[Ticket], message_id: str
) -> Letter:
    ticket, effect = tickets[0], leader.effect
    assert isinstance(effect, SendMail)
    retailer = uow.directory.retailer(ticket.job.retailer)
    to = _recipients(desk, effect, retailer)
    for_staff = effect.audience is Audience.STAFF or set(to) <= desk.team.staff
    language = desk.team.language if for_staff or retailer is None else retailer.language
    zone = desk.team.zone if for_staff or retailer is None else retailer.zone
    options = closed_options(asked_of(ticket, uow, language), language)
    earlier = [m for m in uow.sent.of_ticket(ticket.id) if set(m.to) & set(to)]
    bound_to = "staff" if for_staff else ticket.job.retailer
    token = make_token(desk.team.token_keys[0], ticket.id, bound_to)
    facts = facts_for(
        ticket,
        effect=effect,
        retailer=retailer,
        others=tickets[1:],
        team=desk.team.name,
        reply_by=ticket.deadline,
        gist=effect.reason,
        story=uow.tickets.story(ticket.id) if for_staff else (),
        options=[line for _, line in options],
        commands=[(command.word, command.meaning) for command in COMMANDS] if for_staff else (),
    )
    return Letter(
        purpose=effect.purpose,
        template=template_for(ticket, effect),
        language=language,
        zone=zone,
        facts=facts,
        message_id=message_id,
        sent_at=leader.placed_at,
        to=to,
        reply_to=reply_address(desk.team.mailbox, ticket.id, token),
        references=tuple(m.message_id for m in earlier)[-20:],
        thread_subject=earlier[0].subject if earlier else "",
        enclosures=_picture(uow, effect) if for_staff else (),
    )


def _picture(uow: UnitOfWork, effect: SendMail) -> tuple[Enclosure, ...]:
    if not effect.attachment:
        return ()
    file = uow.files.get(effect.attachment)
    return (
        Enclosure(
            filename=file.filename or "picture.png",
            content_type=file.content_type,
            content=file.content,
        ),
    )


def _about_none(uow: UnitOfWork, desk: Desk, leader: Order, message_id: str) -> Letter:
    effect = leader.effect
    assert isinstance(effect, SendMail)
    enclosures: tuple[Enclosure, ...] = ()
    if effect.message:
        raw = uow.mails.get(int(effect.message)).raw
        enclosures = (Enclosure(filename="mail.eml", content_type="message/rfc822", content=raw),)
    facts = facts_without_ticket(
        effect,
        team=desk.team.name,
        known=leader.facts,
        commands=[(command.word, command.meaning) for command in COMMANDS],
    )
    return Letter(
        purpose=effect.purpose,
        template=template_for(None, effect),
        language=desk.team.language,
        zone=desk.team.zone,
        facts=facts,
        message_id=message_id,
        sent_at=leader.placed_at,
        to=_recipients(desk, effect, None),
        reply_to=desk.team.mailbox,
        enclosures=enclosures,
    )
