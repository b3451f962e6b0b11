"""The one door to the rules: what follows from an event."""

from typing import assert_never

from mailflow.tickets import containing, listening, proving
from mailflow.tickets import events as e
from mailflow.tickets.decision import Decision, hand_over
from mailflow.tickets.errors import BrokenRule
from mailflow.tickets.events import Event
from mailflow.tickets.policy import Policy
from mailflow.tickets.ticket import Outcome, Ticket
from mailflow.tickets.transitions import TRANSITIONS


def decide(ticket: Ticket, event: Event, policy: Policy) -> Decision:
    """Say what follows from `event`; an event that the state does not hear changes nothing.

    Raises:
        BrokenRule: the result is not in the table; nothing of it may be stored.
    """
    allowed = TRANSITIONS[ticket.state].get(type(event))
    if allowed is None:
        now = ticket.state.value.replace("_", " ")
        return Decision(ticket, (), f"nothing was done, because the ticket is {now}")
    decision = _weigh(ticket, event, policy)
    if decision.ticket == ticket and not decision.effects:
        return decision  # heard and found not to apply, such as a deadline that was moved
    if decision.ticket.state not in allowed:
        raise BrokenRule(
            f"{type(event).__name__} led from {ticket.state} to {decision.ticket.state}, "
            "which the table does not allow"
        )
    return decision


def _weigh(ticket: Ticket, event: Event, policy: Policy) -> Decision:  # noqa: C901, PLR0912 - one case an event, nothing else
    match event:
        case e.AlertReceived():
            return containing.failed_again(ticket, event, policy)
        case e.JobPaused():
            return containing.settle(ticket, Outcome.PAUSED, event.because, event.at, policy)
        case e.CannotBeStopped():
            return containing.settle(ticket, Outcome.CANNOT, event.because, event.at, policy)
        case e.PauseFailed():
            return containing.settle(ticket, Outcome.FAILED, event.because, event.at, policy)
        case e.JobFoundRunning():
            return containing.found_running(ticket, event)
        case e.TrialRunFailed():
            return containing.trial_run_failed(ticket, event, policy)
        case e.JobReactivated():
            return proving.reactivated(ticket, event)
        case e.RunsUnknowable():
            return proving.runs_unknowable(ticket, event, policy)
        case e.JobRemoved():
            return proving.removed(ticket, event, policy)
        case e.ProofAccepted():
            return proving.proof_accepted(ticket, event, policy)
        case e.ReactivationFailed():
            return _reactivation_failed(ticket, event, policy)
        case e.RemovalFailed():
            return hand_over(ticket, f"the removal failed: {event.because}", event.at, policy)
        case e.EvidenceReceived():
            return listening.evidence_received(ticket, event)
        case e.CaptureFailed():
            return listening.capture_failed(ticket, event)
        case e.ScreenshotRefused():
            return listening.screenshot_refused(ticket, event)
        case e.DocumentSetAside():
            return Decision(ticket, (), "a document is set aside: " + "; ".join(event.reasons))
        case e.ScreenshotUnsure():
            return listening.screenshot_unsure(ticket, event)
        case e.ReplyUnclear():
            return listening.reply_unclear(ticket, event, policy)
        case e.ReplyPromised():
            return listening.reply_promised(ticket, event, policy)
        case e.AbsenceNoticed():
            return listening.absence_noticed(ticket, event, policy)
        case e.ReplyNeedsPerson():
            return listening.reply_needs_person(ticket, event, policy)
        case e.MailRefused():
            return listening.mail_refused(ticket, event, policy)
        case e.MailReturned():
            return Decision(ticket, (), event.because)
        case e.StaffReactivated():
            return listening.staff_reactivated(ticket, event, policy)
        case e.StaffKeptPaused():
            return listening.staff_kept_paused(ticket, event, policy)
        case e.StaffHandedBack():
            return listening.staff_handed_back(ticket, event, policy)
        case e.StaffNoted():
            return Decision(ticket, (), f"a note by {event.by}: {event.text}")
        case e.DeadlinePassed():
            return listening.deadline_passed(ticket, event, policy)
    assert_never(event)


def _reactivation_failed(ticket: Ticket, event: e.ReactivationFailed, policy: Policy) -> Decision:
    if event.trial != ticket.trial:
        return Decision(ticket, (), "that reactivation belongs to an earlier trial")
    why = f"it could not be reactivated: {event.because}"
    return hand_over(ticket, why, event.at, policy)
