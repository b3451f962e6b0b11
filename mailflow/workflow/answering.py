"""What retailers and staff write back, as events on their tickets."""

import re
from datetime import datetime
from typing import NamedTuple

from mailflow.tickets import events as e
from mailflow.tickets.effects import Audience, Purpose, SendMail, WeighReply
from mailflow.tickets.proof import owed
from mailflow.tickets.ticket import (
    Cause,
    Proof,
    ProofKind,
    Subject,
    Ticket,
    Witness,
)
from mailflow.understanding.confirmation import TOPICS, Asked, judge
from mailflow.understanding.confirmation.second_reading import (
    second_reading,
    wants_second_reading,
)
from mailflow.understanding.meaning import (
    Answer,
    CommandKind,
    ReplyVerdict,
    StaffCommand,
)
from mailflow.understanding.staff_commands import read_orders
from mailflow.workflow.absent import back_at
from mailflow.workflow.advance import advance, order_for
from mailflow.workflow.desk import Desk
from mailflow.workflow.interpreting import Understood, understand
from mailflow.workflow.memory import UnitOfWork
from mailflow.workflow.records import Contact, KeptMail, ShelfKind
from mailflow.workflow.triage import shelve

Taken = tuple[str, tuple[str, ...]]
_GIST = 300  # characters of a reply that a person is shown at once


def asked_of(ticket: Ticket, uow: UnitOfWork, language: str) -> Asked:
    """Put the ticket's question, as the judge of replies needs it."""
    removal = ticket.cause is Cause.OFFBOARDED
    names = {t.job.marketplace for t in uow.tickets.listed(limit=500)}
    return Asked(
        ticket=ticket.id,
        marketplace=ticket.job.marketplace,
        subject=Subject.REMOVAL if removal else Subject.REPAIR,
        language=language,
        all_marketplaces=tuple(sorted(names | {ticket.job.marketplace})),
        topic=TOPICS.get(ticket.cause),
    )


def take_reply(uow: UnitOfWork, desk: Desk, kept: KeptMail, meaning: Understood) -> Taken:
    """Hear a retailer: the pictures first, then the words."""
    ticket = uow.tickets.get(meaning.attribution.ticket)
    if ticket is None:
        why = f"no single ticket fits: {meaning.attribution.because}"
        shelve(uow, desk, ShelfKind.NO_TICKET, why, kept)
        return why, ()
    contact = next((c for r, c in meaning.contacts if r.id == ticket.job.retailer), None)
    if contact is None:
        why = f"the sender is no contact of the account of {ticket.id}"
        shelve(uow, desk, ShelfKind.NO_TICKET, why, kept)
        return why, ()
    said, meant = [], _meant(uow, meaning, ticket)
    if not meant:
        return _of_another(uow, desk, kept, meaning, ticket), (ticket.id,)
    for sibling in meant:
        if not sibling.is_open:
            said.append(f"{sibling.id} is closed; this changes nothing")
            continue
        _show_pictures(uow, desk, kept, meaning, sibling, from_staff=False)
        said.append(_hear(uow, desk, kept, meaning, (sibling, contact)))
    if not any(sibling.is_open for sibling in meant) and meaning.text.own.strip():
        shelve(uow, desk, ShelfKind.NO_TICKET, f"a reply to the closed {meant[0].id}", kept)
    return "; ".join(said), tuple(sibling.id for sibling in meant)


def _of_another(
    uow: UnitOfWork, desk: Desk, kept: KeptMail, meaning: Understood, ticket: Ticket
) -> str:
    """An answer in one ticket's thread that speaks of another: nobody guesses which it means."""
    about = "it names another ticket"
    _show_pictures(uow, desk, kept, meaning, ticket, from_staff=False)
    event = e.ReplyNeedsPerson(
        at=desk.clock.now(),
        message=str(kept.id),
        gist=meaning.text.own[:_GIST],
        about=about,
        sender=meaning.sender.address,
    )
    advance(uow, ticket.id, event, cause=f"mail:{kept.id}/words", desk=desk)
    return f"{ticket.id}: {about}"


def _meant(uow: UnitOfWork, meaning: Understood, ticket: Ticket) -> list[Ticket]:
    """Give the tickets that an answer is about; empty when it names only others of the account.

    One mail may stand for several jobs. An answer that names some of them is about those alone.
    """
    asked = _asked_about(uow, meaning, ticket)
    words = meaning.text.own.casefold()
    named = [t for t in asked if any(_says(words, name) for name in (t.id, t.job.id, t.job.name))]
    if named:
        return named
    others = uow.tickets.open_of_retailers([ticket.job.retailer])
    return [] if any(_says(words, other.id) for other in others) else asked


def _says(words: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", words) is not None


def _asked_about(uow: UnitOfWork, meaning: Understood, ticket: Ticket) -> list[Ticket]:
    ids = [ticket.id]
    for mail in meaning.refers_to:
        if ticket.id in mail.tickets:
            ids += mail.tickets
    found = (uow.tickets.get(ticket_id) for ticket_id in dict.fromkeys(ids))
    return [t for t in found if t is not None and t.job.retailer == ticket.job.retailer]


def _show_pictures(
    uow: UnitOfWork,
    desk: Desk,
    kept: KeptMail,
    meaning: Understood,
    ticket: Ticket,
    *,
    from_staff: bool,
) -> None:
    if not meaning.pictures:
        return
    event = e.EvidenceReceived(
        at=desk.clock.now(),
        message=str(kept.id),
        sender=meaning.sender.address,
        from_staff=from_staff,
        attachments=tuple(picture.sha256 for picture in meaning.pictures),
    )
    advance(uow, ticket.id, event, cause=f"mail:{kept.id}/pictures", desk=desk)


def _hear(
    uow: UnitOfWork,
    desk: Desk,
    kept: KeptMail,
    meaning: Understood,
    who: tuple[Ticket, Contact],
) -> str:
    ticket, contact = who
    own = meaning.text.own.strip()
    if not own:
        return f"{ticket.id}: no words of its own"
    verdict = judge(own, asked_of(ticket, uow, contact.language), desk.lexicons)
    if desk.second_reader is not None and wants_second_reading(verdict):
        effect = WeighReply(message=str(kept.id), contact=contact.address)
        key = f"{ticket.id}/mail:{kept.id}/weigh"
        uow.orders.place(order_for(effect, ticket, key, desk.clock.now(), desk.pace))
        return f"{ticket.id}: {verdict.answer}: a second reader is asked first"
    event = reply_event(verdict, own, kept, desk, contact)
    decision = advance(uow, ticket.id, event, cause=f"mail:{kept.id}/words", desk=desk)
    heard = decision.because if decision is not None else "heard before"
    return f"{ticket.id}: {verdict.answer}: {heard}"


def weigh_reply(desk: Desk, ticket: Ticket, effect: WeighReply) -> e.Event:
    """Judge a kept reply once more, with a second reader's opinion."""
    with desk.memory.read() as uow:
        kept = uow.mails.get(int(effect.message))
        retailer = uow.directory.retailer(ticket.job.retailer)
    contacts = retailer.contacts if retailer else ()
    contact = next((c for c in contacts if c.address == effect.contact), None)
    message = desk.parser.parse(kept.raw)
    with desk.memory.read() as uow:
        own = understand(uow, desk, message).text.own.strip()
        language = contact.language if contact else desk.team.language
        asked = asked_of(ticket, uow, language)
    if contact is None:
        return e.ReplyNeedsPerson(
            at=desk.clock.now(),
            message=effect.message,
            gist=own[:_GIST],
            about="the sender is no contact of the account any more",
        )
    opinion = desk.second_reader.read(own, asked) if desk.second_reader else None
    verdict = second_reading(judge(own, asked, desk.lexicons), opinion, own)
    return reply_event(verdict, own, kept, desk, contact)


def reply_event(
    verdict: ReplyVerdict, own: str, kept: KeptMail, desk: Desk, contact: Contact
) -> e.Event:
    """Make the judge's verdict an event; a confirmation needs the right to give it."""
    now, gist, message, by = desk.clock.now(), own[:_GIST], str(kept.id), contact.address
    match verdict.answer:
        case Answer.CONFIRMED if _may(contact, verdict.confirms):
            return e.ProofAccepted(at=now, proof=_confirmation(verdict, kept, contact, desk))
        case Answer.CONFIRMED:
            return e.ReplyNeedsPerson(
                at=now, message=message, gist=gist, about="no right to confirm this", sender=by
            )
        case Answer.PROMISE:
            return e.ReplyPromised(
                at=now, message=message, gist=gist, until=verdict.until, sender=by
            )
        case Answer.AUTOMATIC:
            until = back_at("", own, kept.received_at, desk.team.zone)
            return e.AbsenceNoticed(at=now, message=message, until=until)
        case (
            Answer.QUESTION
            | Answer.DENIAL
            | Answer.KEEP_PAUSED
            | Answer.PARTIAL
            | Answer.TROUBLE
            | Answer.DELEGATED
        ):
            return e.ReplyNeedsPerson(
                at=now, message=message, gist=gist, about=verdict.answer.value, sender=by
            )
        case Answer.UNCLEAR:
            return e.ReplyUnclear(
                at=now, message=message, gist=gist, reasons=verdict.reasons, sender=by
            )


def _may(contact: Contact, subject: Subject | None) -> bool:
    match subject:
        case Subject.REPAIR:
            return contact.may_confirm_change
        case Subject.REMOVAL:
            return contact.may_confirm_removal
        case None:
            return False


def _confirmation(verdict: ReplyVerdict, kept: KeptMail, contact: Contact, desk: Desk) -> Proof:
    assert verdict.confirms is not None
    return Proof(
        id=f"mail:{kept.id}/confirmation",
        kind=ProofKind.WRITTEN_CONFIRMATION,
        subject=verdict.confirms,
        witness=Witness.RETAILER,
        by=contact.address,
        at=desk.clock.now(),
        covers=kept.received_at,
        source=str(kept.id),
        detail=verdict.sentence,
    )


def take_staff_mail(uow: UnitOfWork, desk: Desk, kept: KeptMail, meaning: Understood) -> Taken:
    """Carry out what staff order by mail, and answer with what was done and what is owed."""
    ticket = uow.tickets.get(meaning.attribution.ticket)
    if ticket is None:
        why = f"no single ticket fits: {meaning.attribution.because}"
        shelve(uow, desk, ShelfKind.NO_TICKET, why, kept)
        return why, ()
    _show_pictures(uow, desk, kept, meaning, ticket, from_staff=True)
    orders = read_orders(meaning.text.own)
    answers = [
        f"{command.line.strip()}: {_obey(uow, desk, kept, meaning, (ticket.id, number, command))}"
        for number, command in enumerate(orders.commands)
    ]
    answers += [f"not understood: {line.strip()}" for line in orders.not_understood]
    if not answers and not meaning.pictures:
        answers = ["no command was found above the quote; nothing was done"]
    if answers:
        _answer_staff(uow, desk, kept, meaning, (ticket.id, answers))
    return "; ".join(answers) or f"{len(meaning.pictures)} picture(s) from staff", (ticket.id,)


def _obey(
    uow: UnitOfWork,
    desk: Desk,
    kept: KeptMail,
    meaning: Understood,
    order: tuple[str, int, StaffCommand],
) -> str:
    ticket_id, number, command = order
    ticket = uow.tickets.get(ticket_id)
    assert ticket is not None
    event = _staff_event(uow, desk, kept, meaning.sender.address, (ticket, command))
    if isinstance(event, str):
        return event
    cause = f"mail:{kept.id}/order/{number}"
    decision = advance(uow, ticket_id, event, cause=cause, desk=desk)
    return decision.because if decision is not None else "heard before"


def _staff_event(
    uow: UnitOfWork, desk: Desk, kept: KeptMail, by: str, order: tuple[Ticket, StaffCommand]
) -> e.Event | str:
    """Make a command an event, or say why it is none."""
    _ticket, command = order
    now = desk.clock.now()
    match command.kind:
        case CommandKind.REACTIVATE:
            return e.StaffReactivated(at=now, by=by)
        case CommandKind.KEEP_PAUSED:
            return e.StaffKeptPaused(at=now, by=by, because=command.text)
        case CommandKind.HAND_BACK:
            return e.StaffHandedBack(at=now, by=by)
        case CommandKind.NOTE:
            return e.StaffNoted(at=now, by=by, text=command.text)
        case CommandKind.VERIFIED | CommandKind.VALIDATED | CommandKind.SCREENSHOT_OK:
            return _attested(uow, desk, kept, by, order)


_ATTESTS = {
    CommandKind.VERIFIED: ProofKind.TECHNICALLY_VERIFIED,
    CommandKind.VALIDATED: ProofKind.CHANGE_VALIDATED,
    CommandKind.SCREENSHOT_OK: ProofKind.SCREENSHOT_ACCEPTED,
}


def _attested(
    uow: UnitOfWork, desk: Desk, kept: KeptMail, by: str, order: tuple[Ticket, StaffCommand]
) -> e.Event | str:
    ticket, command = order
    kind, source, covers = _ATTESTS[command.kind], str(kept.id), kept.received_at
    if kind is ProofKind.SCREENSHOT_ACCEPTED:
        doubt = _doubtful_picture(uow, ticket)
        if doubt is None:
            return "there is no picture here that waits for a person's eye"
        if doubt.disputed:
            return "the platform contradicts that picture; send one of the run that it reports"
        source, covers = doubt.attachment, doubt.covers or covers
    removal = ticket.removed_at is not None and kind is not ProofKind.TECHNICALLY_VERIFIED
    now = desk.clock.now()
    proof = Proof(
        id=f"mail:{kept.id}/{kind}",
        kind=kind,
        subject=Subject.REMOVAL if removal else Subject.REPAIR,
        witness=Witness.STAFF,
        by=by,
        at=now,
        covers=covers,
        source=source,
        detail=command.text or command.line.strip(),
    )
    return e.ProofAccepted(at=now, proof=proof)


class _Doubt(NamedTuple):
    attachment: str
    disputed: bool  # the platform says otherwise
    covers: datetime | None  # when its run ended, where only a witness was missing


def _doubtful_picture(uow: UnitOfWork, ticket: Ticket) -> _Doubt | None:
    """Give the newest picture that mailflow was unsure of, None when a refusal is newer."""
    for entry in reversed(uow.tickets.story(ticket.id)):
        if entry.event == "ScreenshotUnsure":
            covers = entry.data.get("covers")
            return _Doubt(
                attachment=str(entry.data["attachment"]),
                disputed=bool(entry.data.get("disputed")),
                covers=datetime.fromisoformat(covers) if covers else None,
            )
        if entry.event == "ScreenshotRefused":
            return None
    return None


def _answer_staff(
    uow: UnitOfWork,
    desk: Desk,
    kept: KeptMail,
    meaning: Understood,
    said: tuple[str, list[str]],
) -> None:
    ticket_id, answers = said
    ticket = uow.tickets.get(ticket_id)
    assert ticket is not None
    missing = [f"{path}: {', '.join(kinds)}" for path, kinds in owed(ticket).items() if kinds]
    effect = SendMail(
        purpose=Purpose.COMMAND_ANSWER,
        audience=Audience.SENDER,
        to=meaning.sender.address,
        reasons=tuple(answers),
        reason="still owed: " + " or ".join(missing) if ticket.is_open and missing else "",
    )
    key = f"{ticket_id}/mail:{kept.id}/answer"
    uow.orders.place(order_for(effect, ticket, key, desk.clock.now(), desk.pace))
