"""A mail and what is known, put together: what it means. Looks only, changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from mailflow.understanding import alerts, attribution, classify, sender, tokens
from mailflow.understanding.classify import Known
from mailflow.understanding.meaning import (
    AlertReading,
    Attribution,
    MailKind,
    ReplyText,
    SenderVerdict,
)
from mailflow.understanding.message import Attachment, Message
from mailflow.understanding.pictures import SetAside, evidence_in
from mailflow.understanding.reply_text import split_reply
from mailflow.understanding.returned import original_ids
from mailflow.workflow.desk import Desk
from mailflow.workflow.memory import UnitOfWork
from mailflow.workflow.records import Contact, Retailer, SentMail

_REPORTS = frozenset({MailKind.BOUNCE, MailKind.DELAYED, MailKind.FEEDBACK, MailKind.RECEIPT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What a mail means, with everything that led there."""

    message: Message
    kind: MailKind
    because: str
    sender: SenderVerdict
    in_doubt: str  # why nobody may act on it yet; "" when they may
    attribution: Attribution
    refers_to: Sequence[SentMail]  # our mails that it answers or returns
    contacts: Sequence[tuple[Retailer, Contact]]
    alert: AlertReading | None
    text: ReplyText
    pictures: tuple[Attachment, ...]  # and documents, to be read as evidence
    set_aside: tuple[SetAside, ...]  # logos, icons and the like: never read


def understand(
    uow: UnitOfWork, desk: Desk, message: Message, *, vouched_by: str = ""
) -> Understood:
    """Find out who sent it, what sort it is, and which ticket it belongs to."""
    verdict = sender.authenticate(message, desk.border)
    contacts = uow.directory.of_address(verdict.address) if verdict.address else ()
    kind, because = classify.classify(message, verdict, _known(desk, verdict, bool(contacts)))
    if kind is MailKind.ALERT and verdict.address in desk.team.staff:
        kind, because = MailKind.STAFF, "from a member of staff, who may also write alerts"
    named = [*_named_mails(message), *(original_ids(message) if kind in _REPORTS else ())]
    refers_to = uow.sent.by_message_id(tuple(dict.fromkeys(named)))
    if kind is MailKind.LIST and refers_to:  # somebody answers us from within a list
        kind = MailKind.STRANGER
    place = _attribute(uow, desk, message, (contacts, refers_to), kind)
    alert = None
    if desk.packs.is_sender(verdict.address) and not place.ticket:
        alert = alerts.read_alert(message, desk.packs)
        if alert is not None and kind is MailKind.STAFF:
            kind, because = MailKind.ALERT, "an alert written by a member of staff"
    evidence, set_aside = evidence_in(message, uow.files.mails_with)
    return Understood(
        message=message,
        kind=kind,
        because=because,
        sender=verdict,
        in_doubt="" if vouched_by else sender.doubt(kind, verdict, desk.border),
        attribution=place,
        refers_to=refers_to,
        contacts=contacts,
        alert=alert,
        text=split_reply(message, [mail.text for mail in refers_to]),
        pictures=evidence,
        set_aside=set_aside,
    )


def _known(desk: Desk, verdict: SenderVerdict, is_contact: bool) -> Known:  # noqa: FBT001 - a fact looked up by the one caller
    address = frozenset({verdict.address})
    return Known(
        our_addresses=frozenset({desk.team.mailbox}),
        alert_senders=address if desk.packs.is_sender(verdict.address) else frozenset(),
        staff=desk.team.staff,
        contacts=address if is_contact else frozenset(),
    )


def _named_mails(message: Message) -> list[str]:
    """Message-IDs that the mail refers to, in its headers or in a mail that it returns."""
    ids = [*message.in_reply_to, *message.references]
    for inner in message.nested[:5]:
        ids += [inner.message_id, *inner.in_reply_to]
    return [i for i in dict.fromkeys(ids) if i][:100]


def _attribute(
    uow: UnitOfWork,
    desk: Desk,
    message: Message,
    known: tuple[Sequence[tuple[Retailer, Contact]], Sequence[SentMail]],
    kind: MailKind,
) -> Attribution:
    contacts, refers_to = known
    clues = attribution.clues(message, desk.team.mailbox)
    if kind is MailKind.STAFF:
        own = [t for t in clues.subject_tags if uow.tickets.get(t) is not None]
    else:
        own = [t.id for t in uow.tickets.open_of_retailers(r.id for r, _ in contacts)]
    valid = [
        ticket
        for ticket, token in clues.tokens
        if any(
            tokens.check(desk.team.token_keys, ticket, given_to, token)
            for given_to in _given_to(uow, ticket, clues.from_address, kind)
        )
    ]
    # A mail about several jobs names them all; its token names the one that stands for them.
    referenced = [
        next((ticket for ticket in mail.tickets if ticket in valid), mail.tickets[0])
        for mail in refers_to
        if mail.tickets
    ]
    return attribution.attribute(
        clues, valid_tokens=valid, referenced=referenced, open_of_sender=own
    )


def _given_to(
    uow: UnitOfWork, ticket: str, address: str, kind: MailKind
) -> Sequence[tuple[str, ...]]:
    """Give whom this sender's tokens were made for: those who got a mail together with him."""
    if kind is MailKind.STAFF:
        return [(tokens.STAFF,)]
    return list(dict.fromkeys(mail.to for mail in uow.sent.of_ticket(ticket) if address in mail.to))
