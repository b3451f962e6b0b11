"""What people say and what time does: replies, pictures, staff's words, deadlines."""

from dataclasses import replace

from mailflow.tickets import events as e
from mailflow.tickets.containing import contain_again, settle, stay_paused
from mailflow.tickets.decision import (
    Decision,
    enter,
    hand_over,
    to_retailer,
    to_staff,
)
from mailflow.tickets.effects import Audience, Purpose, ReadScreenshot, RemoveJob, SendMail
from mailflow.tickets.policy import Policy
from mailflow.tickets.proof import find_proof, owed
from mailflow.tickets.proving import begin_trial, proceed
from mailflow.tickets.ticket import Outcome, ProofKind, State, Subject, Ticket

_ASKED = frozenset({State.AWAITING_RETAILER, State.CLARIFYING})
_RUNNING = frozenset({State.ON_TRIAL, State.AWAITING_EVIDENCE})
_A_WORD_STOPS_IT = _ASKED | {State.REMOVAL_SCHEDULED, State.STAYING_PAUSED}


def evidence_received(ticket: Ticket, event: e.EvidenceReceived) -> Decision:
    """Have every picture read; that it arrived proves nothing."""
    effects = tuple(
        ReadScreenshot(
            attachment=sha256,
            sender=event.sender,
            message=event.message,
            from_staff=event.from_staff,
        )
        for sha256 in dict.fromkeys(event.attachments)
    )
    return Decision(ticket, effects, f"{len(effects)} picture(s) to be read")


def capture_failed(ticket: Ticket, event: e.CaptureFailed) -> Decision:
    """Ask a person for the picture that we could not take ourselves."""
    why = f"no picture was taken of the job's page: {event.because}"
    if event.trial != ticket.trial:
        return Decision(ticket, (), "that picture belongs to an earlier trial")
    return Decision(ticket, (to_staff(Purpose.EVIDENCE_WANTED, reason=why),), why)


def screenshot_refused(ticket: Ticket, event: e.ScreenshotRefused) -> Decision:
    why = "the picture proves nothing: " + "; ".join(event.reasons)
    if not event.sender:  # we took it ourselves
        mail = to_staff(
            Purpose.EVIDENCE_WANTED,
            reason="the page of the job, opened by mailflow itself, does not prove it",
            reasons=event.reasons,
            attachment=event.drawn,
        )
        return Decision(ticket, (mail,), why)
    if ticket.state is State.CONTAINING:  # the sender may be the retailer, who is told nothing yet
        mail = to_staff(
            Purpose.HAND_OVER,
            reason="a picture was refused while the job is being stopped",
            reasons=event.reasons,
            attachment=event.drawn,
        )
        return Decision(ticket, (mail,), why)
    return Decision(ticket, _answered(event), why)


def _answered(event: e.ScreenshotRefused | e.ScreenshotUnsure) -> tuple[SendMail, ...]:
    """Tell whoever sent the picture which checks it did not pass; what we took has no sender."""
    if not event.sender:
        return ()
    mail = SendMail(
        purpose=Purpose.EVIDENCE_REFUSED,
        audience=Audience.SENDER,
        to=event.sender,
        reasons=event.reasons,
        attachment=event.drawn,
        message=event.message,
        about=event.attachment,
        failed=event.failed,
        undecided=isinstance(event, e.ScreenshotUnsure),
    )
    return (mail,)


def screenshot_unsure(ticket: Ticket, event: e.ScreenshotUnsure) -> Decision:
    reason = (
        "the platform contradicts the picture"
        if event.disputed
        else "a person must look at the picture"
    )
    mail = to_staff(Purpose.HAND_OVER, reason=reason, reasons=event.reasons, attachment=event.drawn)
    untold = event.from_staff or event.covers is not None or ticket.state is State.CONTAINING
    told = () if untold else _answered(event)
    return Decision(ticket, (mail, *told), f"{reason}: " + "; ".join(event.reasons))


def reply_unclear(ticket: Ticket, event: e.ReplyUnclear, policy: Policy) -> Decision:
    """Ask once, with closed options; after that a person reads it."""
    if ticket.state is State.AWAITING_RETAILER and not ticket.clarified:
        ticket = enter(replace(ticket, clarified=True), State.CLARIFYING, event.at, policy)
        mail = to_retailer(Purpose.CLARIFICATION, message=event.message)
        return Decision(ticket, (mail,), "the reply is unclear: " + "; ".join(event.reasons))
    return _for_a_person(ticket, event, "an unclear reply", policy)


def reply_needs_person(ticket: Ticket, event: e.ReplyNeedsPerson, policy: Policy) -> Decision:
    about = event.about.replace("_", " ")
    return _for_a_person(ticket, event, f"a reply for a person to read ({about})", policy)


def reply_promised(ticket: Ticket, event: e.ReplyPromised, policy: Policy) -> Decision:
    """A promise moves the reminder; where a word stops things, a person reads it."""
    if ticket.state is State.REMOVAL_SCHEDULED:
        return _for_a_person(ticket, event, "a reply while the removal waits", policy)
    if ticket.state not in _ASKED:
        return Decision(ticket, (), "a promise, which changes nothing here")
    until = policy.put_off(ticket.state, event.at, event.until)
    why = "a promise is no confirmation; the reminder waits for it"
    return Decision(replace(ticket, deadline=until), (), why)


def absence_noticed(ticket: Ticket, event: e.AbsenceNoticed, policy: Policy) -> Decision:
    """Somebody who is away need not be reminded before they are back; never sooner than before."""
    assert ticket.deadline is not None
    back = policy.put_off(ticket.state, event.at, event.until)
    if event.until is None or back is None or back <= ticket.deadline:
        return Decision(ticket, (), "an automatic answer, which changes nothing")
    why = "they are away; the reminder waits until they are back"
    return Decision(replace(ticket, deadline=back), (), why)


def _for_a_person(
    ticket: Ticket,
    event: e.ReplyUnclear | e.ReplyNeedsPerson | e.ReplyPromised,
    what: str,
    policy: Policy,
) -> Decision:
    """Let staff read it; their mail quotes the words, the story keeps the gist."""
    because = f"{what}: {event.gist}"
    ticket, told = _acknowledged(ticket, event.sender)
    if ticket.state in _A_WORD_STOPS_IT:
        handed = hand_over(ticket, because, event.at, policy, message=event.message, told=what)
        return handed.also(*told)
    mail = to_staff(Purpose.HAND_OVER, reason=what, message=event.message)
    return Decision(ticket, (mail, *told), because)


def _acknowledged(ticket: Ticket, sender: str) -> tuple[Ticket, tuple[SendMail, ...]]:
    """Tell the contact that a person reads it: once a ticket, so that no two machines converse.

    Nothing is told before it is recorded whether the job was stopped.
    """
    if not sender or ticket.acknowledged or ticket.containment is None:
        return ticket, ()
    mail = SendMail(purpose=Purpose.BEING_READ, audience=Audience.SENDER, to=sender)
    return replace(ticket, acknowledged=True), (mail,)


def mail_refused(ticket: Ticket, event: e.MailRefused, policy: Policy) -> Decision:
    """A retailer who cannot be reached is a matter for a person; so is a removal not announced."""
    why = f"the mail {event.purpose} could not be delivered: {event.because}"
    if event.to_staff:
        return Decision(ticket, (), why)
    if ticket.state in _ASKED | {State.REMOVAL_SCHEDULED}:
        return hand_over(ticket, why, event.at, policy)
    return Decision(ticket, (to_staff(Purpose.HAND_OVER, reason=why),), why)


def staff_reactivated(ticket: Ticket, event: e.StaffReactivated, policy: Policy) -> Decision:
    if ticket.removed_at is not None:
        return Decision(ticket, (), "a removed job cannot be reactivated")
    if ticket.reactivated_at is not None:
        return Decision(ticket, (), "it is reactivated already; hand it back to go on")
    return begin_trial(Decision(ticket, (), ""), f"ordered by {event.by}", event.at, policy)


def staff_kept_paused(ticket: Ticket, event: e.StaffKeptPaused, policy: Policy) -> Decision:
    """Keep it stopped; a job that runs on trial is stopped first, and only then is it said."""
    because = event.because or f"decided by {event.by}"
    contained = ticket.containment
    if ticket.removed_at is not None:
        return Decision(ticket, (), "the job is removed; there is nothing to keep paused")
    if ticket.state is State.CONTAINING:
        kept = replace(ticket, keep_paused_because=because)
        return Decision(kept, (), "it stays paused once it is stopped")
    if contained is None or contained.outcome is not Outcome.PAUSED:
        return Decision(ticket, (), "it is not paused, so it cannot stay paused")
    if ticket.reactivated_at is not None or ticket.state in _RUNNING:
        again = contain_again(ticket, because, event.at, policy)
        kept = replace(again.ticket, keep_paused_because=because)
        return Decision(kept, again.effects, because)
    return stay_paused(ticket, because, event.at, policy)


def staff_handed_back(ticket: Ticket, event: e.StaffHandedBack, policy: Policy) -> Decision:
    """Let mailflow go on from where the proofs stand."""
    ticket = replace(ticket, reminders=0, clarified=False)
    why = f"handed back by {event.by}"
    if ticket.removed_at is not None or ticket.clean_runs or ticket.runs_unknowable:
        state = State.AWAITING_EVIDENCE
    elif ticket.reactivated_at is not None:
        state = State.ON_TRIAL
    else:
        state = State.AWAITING_RETAILER
    so_far = Decision(enter(ticket, state, event.at, policy), (), why)
    return proceed(so_far, event.at, policy)


def deadline_passed(ticket: Ticket, event: e.DeadlinePassed, policy: Policy) -> Decision:  # noqa: C901 - one case a state, nothing else
    """Leave the waiting state: a reminder first, then a person."""
    if event.due != ticket.deadline:
        return Decision(ticket, (), "that deadline was moved")
    match ticket.state:
        case State.CONTAINING:
            why = "stopping it was not confirmed in time"
            return settle(ticket, Outcome.FAILED, why, event.at, policy)
        case State.AWAITING_RETAILER | State.CLARIFYING:
            return _remind(ticket, event, policy, to_retailer(Purpose.REMINDER))
        case State.AWAITING_EVIDENCE:
            missing = ", ".join(sorted({k.value for kinds in owed(ticket).values() for k in kinds}))
            wanted = to_staff(Purpose.EVIDENCE_WANTED, reason=f"still owed: {missing}")
            return _remind(ticket, event, policy, wanted)
        case State.REMOVAL_SCHEDULED:
            return _remove(ticket, event, policy)
        case State.ON_TRIAL:
            return hand_over(ticket, "no run was seen in time", event.at, policy)
        case State.REMOVING:
            return hand_over(ticket, "the removal was not confirmed in time", event.at, policy)
        case State.STAYING_PAUSED:
            return hand_over(ticket, "it is time to look at it again", event.at, policy)
        case State.WITH_STAFF:
            ticket = enter(ticket, State.WITH_STAFF, event.at, policy)
            mail = to_staff(Purpose.ESCALATION, reason="it has been waiting for a person")
            return Decision(ticket, (mail,), "it is still waiting for a person")
        case State.CLOSED:
            return Decision(ticket, (), "it is closed")


def _remove(ticket: Ticket, event: e.DeadlinePassed, policy: Policy) -> Decision:
    """Remove for good, but never on a confirmation that a newer failure has voided."""
    if find_proof(ticket, ProofKind.WRITTEN_CONFIRMATION, Subject.REMOVAL) is None:
        why = "it failed after the removal was confirmed, so the confirmation counts no more"
        return hand_over(ticket, why, event.at, policy)
    removing = enter(ticket, State.REMOVING, event.at, policy)
    return Decision(removing, (RemoveJob(),), "nobody stopped the removal")


def _remind(
    ticket: Ticket, event: e.DeadlinePassed, policy: Policy, reminder: SendMail
) -> Decision:
    if ticket.reminders >= policy.reminders:
        silent = enter(ticket, State.WITH_STAFF, event.at, policy)
        why = f"no answer after {ticket.reminders} reminders"
        return Decision(silent, (to_staff(Purpose.ESCALATION, reason=why),), why)
    reminded = replace(ticket, reminders=ticket.reminders + 1)
    reminded = enter(reminded, ticket.state, event.at, policy)
    return Decision(reminded, (reminder,), f"reminder {reminded.reminders}")
