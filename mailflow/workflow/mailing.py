"""Orders to send a mail: written once, kept before it leaves, never sent twice on a guess."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import structlog

from mailflow.settings.mail import Witness
from mailflow.tickets.effects import Audience, Purpose, SendMail
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.tickets.ticket import Ticket
from mailflow.understanding.confirmation import closed_options
from mailflow.understanding.identity import is_copy_of
from mailflow.understanding.staff_commands import COMMANDS
from mailflow.understanding.tokens import STAFF, make_token, reply_address
from mailflow.workflow.acting import NotYet
from mailflow.workflow.answering import asked_of
from mailflow.workflow.brakes import hold_back
from mailflow.workflow.desk import Desk
from mailflow.workflow.facts import facts_for, facts_without_ticket, template_for
from mailflow.workflow.holding import Hold
from mailflow.workflow.interpreting import understand
from mailflow.workflow.memory import UnitOfWork
from mailflow.workflow.ports import Enclosure, Letter, OutcomeUnknown, WrittenMail
from mailflow.workflow.records import MailState, Order, Retailer, SentMail
from mailflow.workflow.returning import take_refusals

log = structlog.get_logger()


_OPAQUE = "application/octet-stream"


class AskAPerson(Exception):  # noqa: N818 - named by what to do
    """The mail may have left and no witness can tell: a person decides, not chance."""


def message_id_for(order: Order, mailbox: str) -> str:
    """Derive the Message-ID from the order's batch, so that the same mail never has two."""
    digest = hashlib.sha256(order.batch.encode()).hexdigest()[:32]
    return f"<{digest}@{mailbox.rpartition('@')[2]}>"


def send_mail(desk: Desk, orders: Sequence[Order], tickets: Sequence[Ticket]) -> str:
    """Send one mail for every order of a group, the first order leading.

    Raises:
        TryAgainLater: it did not leave yet.
        NotYet: whether it left is not known yet.
        GiveUp: it was refused, or cannot be written.
        AskAPerson: whether it left cannot be told.
        LostLease: the orders are another worker's by now.
    """
    leader = orders[0]
    message_id = message_id_for(leader, desk.team.mailbox)
    with desk.memory.read() as uow:
        known = next(iter(uow.sent.by_message_id([message_id])), None)
    if known is None or known.state is MailState.NOT_SENT:  # what never left is written anew
        mail = _write(desk, orders, tickets, message_id)
        hold_back(desk, leader, mail, tickets)
        return _send(desk, mail, _note(desk, orders, mail, tickets), orders)
    if known.state is MailState.SENT:
        return "it was sent before"
    if _left_already(desk, leader, known):
        _mark(desk, message_id, MailState.SENT)
        return f"its witness ({desk.witness}) shows that it had left"
    again = _again(known, desk)
    with desk.memory.write() as uow:
        hold = Hold(uow, desk, orders)
        uow.sent.attempt(message_id, desk.clock.now())
    return _send(desk, again, hold, orders)


def _send(desk: Desk, mail: WrittenMail, hold: Hold, orders: Sequence[Order]) -> str:
    hold.check()
    try:
        refused = desk.outbox.send(mail)
    except TryAgainLater:
        _mark(desk, mail.message_id, MailState.NOT_SENT)
        raise
    except GiveUp:
        _mark(desk, mail.message_id, MailState.REFUSED)
        raise
    except OutcomeUnknown as unknown:
        _mark(desk, mail.message_id, MailState.UNSURE)
        raise TryAgainLater(f"it may have left: {unknown}") from unknown
    with desk.memory.write() as uow:
        uow.sent.mark(mail.message_id, MailState.SENT)
        take_refusals(uow, desk, orders, refused)
    return f"sent to {len(mail.to) - len(refused)} recipient(s)"


def _left_already(desk: Desk, leader: Order, known: SentMail) -> bool:
    """Ask the witness; its silence counts only once it can no longer lag.

    Raises:
        NotYet: it is too early to tell.
        AskAPerson: there is no witness, and a retailer must not be mailed twice.
    """
    seen = _witnessed(desk, known)
    if seen:
        return True
    if seen is None and not _may_go_twice(desk, leader):
        raise AskAPerson(
            "the mail may have left, and there is no witness; ask the recipient or the mail "
            "server's log, then: mailflow outbox"
        )
    grace = timedelta(seconds=desk.pace.unsure_grace_seconds)
    ready_at = known.attempted_at + grace
    if desk.clock.now() < ready_at:
        raise NotYet("it may have left, and its witness may still come")
    if desk.witness is Witness.COPY and not _mailbox_seen_since(desk, ready_at):
        desk.lookout.look_now()
        raise NotYet("the mailbox that its witness comes to was not read since")
    return False


def _witnessed(desk: Desk, known: SentMail) -> bool | None:
    """Did its witness see it leave? None where there is no witness."""
    match desk.witness:
        case Witness.COPY:
            with desk.memory.read() as uow:
                copies = uow.mails.with_message_id(known.message_id)
            return any(is_copy_of(copy.raw, known.raw) for copy in copies)
        case Witness.PROVIDER:
            return desk.outbox.was_sent(known.message_id)
        case Witness.NONE:
            return None


def _may_go_twice(desk: Desk, leader: Order) -> bool:
    """A colleague is better told twice than not at all; nobody else is."""
    effect = leader.effect
    assert isinstance(effect, SendMail)
    return effect.audience is Audience.STAFF or effect.to in desk.team.staff


def _mailbox_seen_since(desk: Desk, moment: datetime) -> bool:
    ago = desk.lookout.seconds_since_whole_look()
    return ago < (desk.clock.now() - moment).total_seconds()


def _mark(desk: Desk, message_id: str, state: MailState) -> None:
    with desk.memory.write() as uow:
        uow.sent.mark(message_id, state)


def _note(
    desk: Desk, orders: Sequence[Order], mail: WrittenMail, tickets: Sequence[Ticket]
) -> Hold:
    leader = orders[0]
    assert isinstance(leader.effect, SendMail)
    with desk.memory.write() as uow:
        hold = Hold(uow, desk, orders)
        uow.sent.record(
            leader,
            mail,
            purpose=leader.effect.purpose.value,
            tickets=[ticket.id for ticket in tickets],
            at=desk.clock.now(),
        )
    return hold


def _again(known: SentMail, desk: Desk) -> WrittenMail:
    """Give the same mail once more, for those who can be reached by now.

    Raises:
        GiveUp: nobody is left.
    """
    with desk.memory.read() as uow:
        gone = {
            to for to in known.to for r, _ in uow.directory.of_address(to) if _is_unreachable(to, r)
        }
    if gone == set(known.to):
        _mark(desk, known.message_id, MailState.REFUSED)
        raise GiveUp("nothing reaches those whom it is for any more")
    return WrittenMail(
        message_id=known.message_id,
        sender=desk.team.mailbox,
        to=tuple(to for to in known.to if to not in gone),
        subject=known.subject,
        text=known.text,
        raw=known.raw,
    )


def _write(
    desk: Desk, orders: Sequence[Order], tickets: Sequence[Ticket], message_id: str
) -> WrittenMail:
    written = _written(desk, orders[0])
    with desk.memory.read() as uow:
        letter = (
            _about_ticket(uow, desk, orders, tickets, (message_id, written))
            if tickets
            else _about_none(uow, desk, orders[0], message_id)
        )
    return desk.letters.write(letter)


def _written(desk: Desk, leader: Order) -> str:
    """Give the words of the mail that staff are to read, so that nobody has to look for them."""
    effect = leader.effect
    if not isinstance(effect, SendMail) or effect.audience is not Audience.STAFF:
        return ""
    if not effect.message or not leader.ticket:  # without a ticket it is attached whole
        return ""
    with desk.memory.read() as uow:
        kept = uow.mails.get(int(effect.message))
    try:
        message = desk.parser.parse(kept.raw)
    except GiveUp:
        return ""
    with desk.memory.read() as uow:
        return understand(uow, desk, message).text.own


def _recipients(desk: Desk, effect: SendMail, retailer: Retailer | None) -> tuple[str, ...]:
    match effect.audience:
        case Audience.SENDER if _is_unreachable(effect.to, retailer):
            return _contacts_of(retailer)
        case Audience.SENDER:
            return (effect.to,)
        case Audience.STAFF:
            escalates = effect.purpose is Purpose.ESCALATION and desk.team.escalate_to
            return desk.team.escalate_to if escalates else desk.team.notify
        case Audience.RETAILER:
            return _contacts_of(retailer)


def _is_unreachable(address: str, retailer: Retailer | None) -> bool:
    contacts = retailer.contacts if retailer else ()
    return any(c.address == address and not c.is_reachable for c in contacts)


def _contacts_of(retailer: Retailer | None) -> tuple[str, ...]:
    """Give the addresses of an account at which it can be reached.

    Raises:
        GiveUp: there is none; the ticket hears it, and a person looks for another way.
    """
    if retailer is None or not retailer.contacts:
        raise GiveUp("the account has no contact; import one with: mailflow retailers import")
    reached = tuple(contact.address for contact in retailer.contacts if contact.is_reachable)
    if not reached:
        raise GiveUp(
            "nothing reaches any contact of the account; ask them for another address and "
            "import it with: mailflow retailers import"
        )
    return reached


def _about_ticket(
    uow: UnitOfWork,
    desk: Desk,
    orders: Sequence[Order],
    tickets: Sequence[Ticket],
    made: tuple[str, str],
) -> Letter:
    ticket, leader, (message_id, written) = tickets[0], orders[0], made
    effects = [order.effect for order in orders if isinstance(order.effect, SendMail)]
    effect = effects[0]
    retailer = uow.directory.retailer(ticket.job.retailer)
    to = _recipients(desk, effect, retailer)
    for_staff = effect.audience is Audience.STAFF or set(to) <= desk.team.staff
    language = desk.team.language if for_staff or retailer is None else retailer.language
    zone = desk.team.zone if for_staff or retailer is None else retailer.zone
    options = closed_options(asked_of(ticket, uow, language), language, desk.lexicons)
    earlier = [m for m in uow.sent.of_ticket(ticket.id) if set(m.to) & set(to)]
    token = make_token(desk.team.token_keys[0], ticket.id, (STAFF,) if for_staff else to)
    facts = facts_for(
        ticket,
        effect=effect,
        retailer=retailer,
        others=tickets[1:],
        team=desk.team.name,
        reply_by=ticket.deadline,
        reply_text=written,
        for_staff=for_staff,
        story=uow.tickets.story(ticket.id) if for_staff else (),
        options=[line for _, line in options],
        commands=[(command.word, command.meaning) for command in COMMANDS] if for_staff else (),
        pictures=_pictures_spoken_of(uow, effects),
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
        enclosures=tuple(_enclosures(uow, effects)) if for_staff else (),
    )


def _pictures_spoken_of(
    uow: UnitOfWork, effects: Sequence[SendMail]
) -> list[tuple[str, bool, tuple[str, ...]]]:
    """Name each picture, whether a person still looks at it, and the checks it did not pass."""
    return [
        (uow.files.get(effect.about).filename, effect.undecided, effect.failed)
        for effect in effects
        if effect.about
    ]


def _enclosures(uow: UnitOfWork, effects: Sequence[SendMail]) -> Iterator[Enclosure]:
    for sha256 in dict.fromkeys(effect.attachment for effect in effects if effect.attachment):
        file = uow.files.get(sha256)
        yield Enclosure(
            filename=file.filename or "picture.png",
            content_type=file.content_type,
            content=file.content,
        )


def _about_none(uow: UnitOfWork, desk: Desk, leader: Order, message_id: str) -> Letter:
    effect = leader.effect
    assert isinstance(effect, SendMail)
    enclosures: tuple[Enclosure, ...] = ()
    if effect.message:
        raw = uow.mails.get(int(effect.message)).raw
        # Not message/rfc822, which must not be base64 (RFC 2046, section 5.2.1): a hostile mail
        # may hold what no other encoding carries, and it is to arrive byte for byte.
        enclosures = (Enclosure(filename="mail.eml", content_type=_OPAQUE, content=raw),)
    facts = facts_without_ticket(
        effect,
        team=desk.team.name,
        known=leader.facts,
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
