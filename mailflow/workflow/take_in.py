"""From bytes to events: keep the mail first, understand it after, lose nothing on the way."""

from collections.abc import Iterator

import structlog

from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.understanding.forwarded import forwarded
from mailflow.understanding.identity import message_id_of
from mailflow.understanding.meaning import MailKind
from mailflow.understanding.message import Message
from mailflow.understanding.pictures import may_hide_pictures
from mailflow.workflow.absent import take_automatic_reply
from mailflow.workflow.alerting import take_alert
from mailflow.workflow.answering import take_reply, take_staff_mail
from mailflow.workflow.desk import Desk
from mailflow.workflow.interpreting import Understood, understand
from mailflow.workflow.memory import StaleTicket, UnitOfWork
from mailflow.workflow.ports import IncomingMail
from mailflow.workflow.records import KeptMail, PassedOn, ShelfKind, StoredFile
from mailflow.workflow.returning import note_that_they_wrote, take_bounce
from mailflow.workflow.triage import shelve

log = structlog.get_logger()
_MOST_FILES = 50  # of one mail; more is no evidence
_MOST_NESTED = 5
_WRITTEN_BY_PEOPLE = frozenset({MailKind.REPLY, MailKind.STAFF, MailKind.ALERT, MailKind.STRANGER})


def keep(desk: Desk, mail: IncomingMail) -> int:
    """Commit 1: the raw bytes and where they lay. Only then may the server be told."""
    with desk.memory.write() as uow:
        kept = uow.mails.keep(mail, message_id_of(mail.raw))
        reuses = uow.mails.reuse_of(kept.id) if kept.is_new else None
        if kept.is_new and mail.truncated:
            why = "it is larger than max_bytes; only its headers were fetched"
            shelve(uow, desk, ShelfKind.UNREADABLE, why, kept)
            uow.mails.mark_handled(kept.id, kind="unreadable", because=why, tickets=())
    log.info("mail.kept", mail=kept.id, uid=mail.uid, new=kept.is_new, size=len(mail.raw))
    if reuses is not None:
        log.warning("mail.id_reused", mail=kept.id, earlier=reuses)
    return kept.id


def handle(desk: Desk, mail_id: int, *, vouched_by: str = "") -> str:
    """Commit 2: what a kept mail means, as events and orders, or as an entry on the shelf.

    `vouched_by` names a person who looked at the mail and vouches for its sender.

    Returns what was made of it, in a few words.

    Raises:
        TryAgainLater: the parser could not be asked; the mail stays unhandled.
    """
    with desk.memory.read() as uow:
        kept = uow.mails.get(mail_id)
    if kept.handled and not vouched_by:
        return "handled before"
    try:
        message = desk.parser.parse(kept.raw)
    except GiveUp as problem:
        return _set_aside(desk, kept, ShelfKind.UNREADABLE, problem.reason)
    try:
        return _act_on(desk, kept, message, vouched_by)
    except (TryAgainLater, StaleTicket):
        raise
    except Exception as defect:
        log.exception("mail.defect", mail=mail_id)
        why = f"mailflow failed on it: {type(defect).__name__}: {defect}"
        return _set_aside(desk, kept, ShelfKind.DEFECT, why)


def _set_aside(desk: Desk, kept: KeptMail, kind: ShelfKind, why: str) -> str:
    with desk.memory.write() as uow:
        shelve(uow, desk, kind, why, kept)
        uow.mails.mark_handled(kept.id, kind=kind.value, because=why, tickets=())
    return why


def _act_on(desk: Desk, kept: KeptMail, message: Message, vouched_by: str) -> str:
    with desk.memory.write() as uow:
        meaning = understand(uow, desk, message, vouched_by=vouched_by)
        because, tickets = _apply(uow, desk, kept, meaning)
        if tickets:
            said = [*_set_aside_pictures(kept, meaning), *_unopened(meaning)]
            because = "; ".join([because, *said])
        if (earlier := uow.mails.reuse_of(kept.id)) is not None:
            because += f"; its Message-ID was used before, by mail {earlier} with other content"
        keep_files(uow, kept, meaning, tickets)
        if (passed_on := _passed_on(meaning)) is not None:
            uow.mails.note_passed_on(kept.id, passed_on)
        uow.mails.mark_handled(kept.id, kind=meaning.kind.value, because=because, tickets=tickets)
    log.info(
        "mail.understood", mail=kept.id, kind=meaning.kind, tickets=list(tickets), because=because
    )
    return because


def _passed_on(meaning: Understood) -> PassedOn | None:
    """Give what a person's mail forwards; what a report returns is our own."""
    found = forwarded(meaning.message) if meaning.kind in _WRITTEN_BY_PEOPLE else None
    if found is None:
        return None
    return PassedOn(
        forwarder=meaning.sender.address,
        sender=found.sender,
        date=found.date,
        subject=found.subject,
        files=tuple(
            one.filename or one.sha256
            for one in found.attachments[:_MOST_FILES]
            if not one.inline  # a logo may as well be the forwarder's
        ),
    )


def _set_aside_pictures(kept: KeptMail, meaning: Understood) -> Iterator[str]:
    """Say which pictures are not read as evidence, and why: in the log and in the record."""
    if meaning.kind not in (MailKind.REPLY, MailKind.STAFF):
        return
    for one in meaning.set_aside:
        sha256 = one.attachment.sha256
        log.info("picture.set_aside", mail=kept.id, picture=sha256[:12], because=one.because)
        yield f"not read as evidence: {one.attachment.filename or sha256[:12]}, {one.because}"


def _unopened(meaning: Understood) -> Iterator[str]:
    """Say which files may hold pictures that nobody has seen, in the mail and those within it."""
    mails = [meaning.message, *meaning.message.nested[:_MOST_NESTED]]
    for one in [one for mail in mails for one in mail.attachments[:_MOST_FILES]]:
        if may_hide_pictures(one):
            yield f"not opened: {one.filename or one.content_type}; look into it by hand"


def _apply(
    uow: UnitOfWork, desk: Desk, kept: KeptMail, meaning: Understood
) -> tuple[str, tuple[str, ...]]:
    if meaning.in_doubt:
        shelve(uow, desk, ShelfKind.SENDER_IN_DOUBT, meaning.in_doubt, kept)
        return meaning.in_doubt, ()
    match meaning.kind:
        case MailKind.ALERT:
            return take_alert(uow, desk, kept, meaning)
        case MailKind.REPLY:
            note_that_they_wrote(uow, kept, meaning)
            return take_reply(uow, desk, kept, meaning)
        case MailKind.STAFF:
            return take_staff_mail(uow, desk, kept, meaning)
        case MailKind.BOUNCE:
            return take_bounce(uow, desk, kept, meaning)
        case MailKind.AUTO_REPLY:
            return take_automatic_reply(uow, desk, kept, meaning)
        case MailKind.DELAYED | MailKind.FEEDBACK | MailKind.RECEIPT | MailKind.CHALLENGE:
            tickets = (t for mail in meaning.refers_to for t in mail.tickets)
            return meaning.because, tuple(dict.fromkeys(tickets))
        case MailKind.OWN | MailKind.LIST | MailKind.STRANGER:
            return _of_no_ticket(uow, desk, kept, meaning)


def _of_no_ticket(
    uow: UnitOfWork, desk: Desk, kept: KeptMail, meaning: Understood
) -> tuple[str, tuple[str, ...]]:
    """Let a person see what a person may have meant for us; the rest is noted."""
    known_on_a_list = meaning.kind is MailKind.LIST and meaning.contacts
    if meaning.kind is MailKind.STRANGER or known_on_a_list:
        uow.shelf.put(ShelfKind.NO_TICKET, meaning.because, at=desk.clock.now(), mail=kept.id)
    return meaning.because, ()


def keep_files(
    uow: UnitOfWork, kept: KeptMail, meaning: Understood, tickets: tuple[str, ...]
) -> None:
    """Keep every file once, by its content, and every picture that is to be read as evidence."""
    if not tickets:
        return
    for attachment in (*meaning.pictures, *meaning.message.attachments[:_MOST_FILES]):
        file = StoredFile(
            sha256=attachment.sha256,
            content_type=attachment.content_type,
            filename=attachment.filename,
            content=attachment.content,
        )
        uow.files.keep(file, mail_id=kept.id, tickets=tickets)
