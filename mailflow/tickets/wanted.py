"""Is an order still wanted? Asked right before it is carried out, since time has passed."""

from mailflow.tickets.effects import (
    Audience,
    CaptureScreenshot,
    Effect,
    PauseJob,
    ProbeRemoval,
    ProbeRuns,
    Purpose,
    ReactivateJob,
    ReadScreenshot,
    RemoveJob,
    RunJob,
    SendMail,
    WeighReply,
)
from mailflow.tickets.proof import standing_proofs
from mailflow.tickets.ticket import ProofKind, State, Ticket

_ASKED = frozenset({State.AWAITING_RETAILER, State.CLARIFYING})
_TRIED = frozenset({State.ON_TRIAL, State.AWAITING_EVIDENCE, State.WITH_STAFF})
_PICTURED = frozenset({State.AWAITING_EVIDENCE, State.WITH_STAFF})
_WANTED_IN: dict[Purpose, frozenset[State]] = {
    Purpose.FIRST_NOTICE: frozenset(State) - {State.CONTAINING, State.CLOSED},
    Purpose.FAILED_AGAIN: frozenset(State) - {State.CONTAINING, State.CLOSED},
    Purpose.REMINDER: _ASKED,
    Purpose.CLARIFICATION: frozenset({State.CLARIFYING}),
    Purpose.ON_TRIAL: frozenset({State.ON_TRIAL, State.AWAITING_EVIDENCE}),
    Purpose.STAYS_PAUSED: frozenset({State.STAYING_PAUSED}),
    Purpose.REMOVAL_SCHEDULED: frozenset({State.REMOVAL_SCHEDULED}),
    Purpose.CLOSED: frozenset({State.CLOSED}),
    Purpose.EVIDENCE_REFUSED: frozenset(State) - {State.CLOSED},
    Purpose.BEING_READ: frozenset(State) - {State.CLOSED},
}


def unwanted_because(ticket: Ticket, effect: Effect) -> str:
    """Say why `effect` must not be carried out any more; empty when it still should be."""
    match effect:
        case SendMail():
            return _mail(ticket, effect)
        case PauseJob():
            return _pause(ticket)
        case ReactivateJob(trial=trial):
            current = ticket.state is State.ON_TRIAL and trial == ticket.trial
            return "" if current else "that trial is over"
        case RunJob(trial=trial) | ProbeRuns(trial=trial):
            current = ticket.state in _TRIED and trial == ticket.trial
            return "" if current else "that trial is over"
        case RemoveJob():
            return "" if ticket.state is State.REMOVING else "the removal was stopped"
        case ProbeRemoval():
            return "" if ticket.is_open and ticket.removed_at is not None else "no removal to check"
        case CaptureScreenshot(trial=trial):
            return _capture(ticket, trial)
        case ReadScreenshot() | WeighReply():
            return "" if ticket.is_open else "the ticket is closed"


def _pause(ticket: Ticket) -> str:
    if ticket.state is State.CONTAINING:
        return ""
    if not ticket.is_open or ticket.removed_at is not None:
        return "the ticket asks for no stop any more"
    if ticket.state is State.ON_TRIAL or ticket.reactivated_at is not None:
        return "the job is meant to run"
    return ""


def _capture(ticket: Ticket, trial: int) -> str:
    if ticket.state not in _PICTURED or trial != ticket.trial:
        return "no picture is waited for any more"
    return "a picture proves it already" if _pictured(ticket) else ""


def _mail(ticket: Ticket, mail: SendMail) -> str:
    """Mails to staff always leave; one to the retailer only while what it says is true."""
    if mail.audience is Audience.STAFF:
        return ""
    if mail.audience is Audience.SENDER and mail.purpose is Purpose.COMMAND_ANSWER:
        return ""  # only staff give commands
    if ticket.containment is None:
        return "the containment's outcome is not recorded yet"
    if mail.purpose is Purpose.EVIDENCE_REFUSED and _pictured(ticket):
        return "another picture proves it"
    states = _WANTED_IN.get(mail.purpose)
    if states is not None and ticket.state not in states:
        return f"the ticket is {ticket.state} by now"
    return ""


def _pictured(ticket: Ticket) -> bool:
    return any(p.kind is ProofKind.SCREENSHOT_ACCEPTED for p in standing_proofs(ticket))
