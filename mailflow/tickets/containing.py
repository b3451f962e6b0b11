"""The first course: stop the failure, and stop it again whenever it comes back."""

from dataclasses import replace
from datetime import datetime

from mailflow.tickets import events as e
from mailflow.tickets.decision import (
    Decision,
    enter,
    hand_over,
    to_retailer,
    to_staff,
    with_status,
)
from mailflow.tickets.effects import STOP_BY_KIND, PauseJob, Purpose
from mailflow.tickets.policy import Policy
from mailflow.tickets.proving import proceed
from mailflow.tickets.ticket import (
    AccountStatus,
    Cause,
    Containment,
    Job,
    Outcome,
    Standing,
    State,
    Ticket,
)

_RUNS_AGAIN = frozenset({State.ON_TRIAL, State.AWAITING_EVIDENCE, State.WITH_STAFF})


def open_ticket(
    ticket_id: str, job: Job, alert: e.AlertReceived, policy: Policy, *, follows: str = ""
) -> Decision:
    """Open a ticket for a job that has none open: the one thing ordered is to stop the job."""
    failed_at = believable(alert.failed_at, alert.at, policy)
    ticket = Ticket(
        id=ticket_id,
        job=job,
        cause=alert.cause,
        error_text=alert.error_text,
        opened_at=alert.at,
        last_failure_at=failed_at,
        state=State.CONTAINING,
        status=AccountStatus(standing=Standing.RUNNING, because="it is failing", since=alert.at),
        follows=follows,
    )
    because = f"{job.name} is reported as failing, so it is stopped first"
    return Decision(enter(ticket, State.CONTAINING, alert.at, policy), (_stop(ticket),), because)


def believable(moment: datetime, learnt_at: datetime, policy: Policy) -> datetime:
    """Take a reported time, but never one that lies ahead of when it was reported."""
    return moment if moment <= learnt_at + policy.clock_skew else learnt_at


def _stop(ticket: Ticket) -> PauseJob:
    return PauseJob(stop=STOP_BY_KIND[ticket.job.kind])


def failed_again(ticket: Ticket, event: e.AlertReceived, policy: Policy) -> Decision:
    """Count the recurrence, void older proofs by moving the newest failure, contain if needed."""
    failed_at = believable(event.failed_at, event.at, policy)
    ticket = replace(ticket, recurrences=ticket.recurrences + 1)
    if failed_at <= ticket.last_failure_at:
        return Decision(ticket, (), "this failure is not newer than the one known")
    ticket = replace(ticket, last_failure_at=failed_at, error_text=event.error_text, clean_runs=0)
    if ticket.cause is Cause.UNKNOWN:
        ticket = replace(ticket, cause=event.cause)
    if ticket.removed_at is not None:
        return hand_over(ticket, "a removed job was reported as failing", event.at, policy)
    if _switched_on(ticket):
        return contain_again(ticket, "it failed again after the reactivation", event.at, policy)
    if ticket.state is State.CONTAINING:
        return Decision(ticket, (), "it failed again while it is being stopped")
    if ticket.containment is not None and ticket.containment.outcome is Outcome.CANNOT:
        return Decision(ticket, (), "it failed again; it cannot be stopped on our side")
    return Decision(ticket, (_stop(ticket),), "it failed although it should be stopped")


def _switched_on(ticket: Ticket) -> bool:
    """Is the job meant to run right now, by us or because it never could be stopped?"""
    if ticket.state is State.WITH_STAFF:
        return ticket.reactivated_at is not None
    return ticket.state in _RUNS_AGAIN


def contain_again(ticket: Ticket, because: str, at: datetime, policy: Policy) -> Decision:
    """Stop a job that was switched on: its outcome is open again, and so no mail may leave."""
    ticket = replace(
        ticket,
        containment=None,
        reactivated_at=None,
        trial=ticket.trial + 1,
        clean_runs=0,
        runs_unknowable=False,
        reminders=0,
        clarified=False,
    )
    ticket = with_status(ticket, Standing.RUNNING, because, at)
    return Decision(enter(ticket, State.CONTAINING, at, policy), (_stop(ticket),), because)


def trial_run_failed(ticket: Ticket, event: e.TrialRunFailed, policy: Policy) -> Decision:
    """A failed trial run is a new failure: contain at once."""
    if event.trial != ticket.trial or ticket.removed_at is not None:
        return Decision(ticket, (), "that run belongs to an earlier trial")
    finished_at = believable(event.finished_at, event.at, policy)
    ticket = replace(
        ticket,
        last_failure_at=max(ticket.last_failure_at, finished_at),
        error_text=event.because or ticket.error_text,
        trial_failures=ticket.trial_failures + 1,
        clean_runs=0,
    )
    if ticket.state is State.WITH_STAFF and not _switched_on(ticket):
        return Decision(ticket, (), "a trial run failed; it is with staff already")
    return contain_again(ticket, f"the trial run failed: {event.because}", event.at, policy)


_STANDING_AFTER: dict[Outcome, Standing] = {
    Outcome.PAUSED: Standing.PAUSED,
    Outcome.CANNOT: Standing.NOT_STOPPED,
    Outcome.FAILED: Standing.NOT_STOPPED,
}


def settle(
    ticket: Ticket, outcome: Outcome, because: str, at: datetime, policy: Policy
) -> Decision:
    """Record how the containment ended; only from here on may the retailer be written to."""
    was = ticket.containment
    ticket = replace(ticket, containment=Containment(outcome=outcome, at=at, because=because))
    if ticket.removed_at is None:
        ticket = with_status(ticket, _standing_after(ticket, outcome), because, at)
    if ticket.state is State.CONTAINING:
        return _after_containing(ticket, outcome, at, policy)
    if outcome is Outcome.FAILED and (was is None or was.outcome is not Outcome.FAILED):
        mail = to_staff(Purpose.HAND_OVER, reason=f"the job could not be stopped: {because}")
        return Decision(ticket, (mail,), because)
    return Decision(ticket, (), because)


def _standing_after(ticket: Ticket, outcome: Outcome) -> Standing:
    if outcome is Outcome.PAUSED and ticket.state is State.STAYING_PAUSED:
        return Standing.STAYS_PAUSED
    return _STANDING_AFTER[outcome]


def _after_containing(ticket: Ticket, outcome: Outcome, at: datetime, policy: Policy) -> Decision:
    assert ticket.containment is not None
    because = ticket.containment.because
    if ticket.keep_paused_because and outcome is Outcome.PAUSED:
        return stay_paused(ticket, ticket.keep_paused_because, at, policy)
    purpose = Purpose.FAILED_AGAIN if ticket.notified else Purpose.FIRST_NOTICE
    notice = to_retailer(purpose)
    kept = ticket.keep_paused_because
    ticket = replace(ticket, notified=True, keep_paused_because="")
    if outcome is Outcome.FAILED or kept:
        wish = f"; it was to stay paused: {kept}" if kept else ""
        reason = f"the job could not be stopped: {because}{wish}"
        handed = hand_over(ticket, reason, at, policy)
        return Decision(handed.ticket, (notice, *handed.effects), reason)
    ticket = enter(ticket, State.AWAITING_RETAILER, at, policy)
    told = Decision(ticket, (notice,), f"{because}, so the retailer may be told")
    return proceed(told, at, policy)


def stay_paused(ticket: Ticket, because: str, at: datetime, policy: Policy) -> Decision:
    """Keep the job stopped by a person's word, with a date to look at it again."""
    ticket = with_status(ticket, Standing.STAYS_PAUSED, because, at)
    ticket = replace(
        ticket,
        keep_paused_because="",
        notified=True,
        reactivated_at=None,
        trial=ticket.trial + 1,
        clean_runs=0,
        runs_unknowable=False,
    )
    ticket = enter(ticket, State.STAYING_PAUSED, at, policy)
    return Decision(ticket, (to_retailer(Purpose.STAYS_PAUSED, reason=because),), because)


def found_running(ticket: Ticket, event: e.JobFoundRunning) -> Decision:
    """Containment is a level, not an edge: what must be stopped is stopped again."""
    if ticket.state is State.CONTAINING:
        return Decision(ticket, (), "it is being stopped already")
    if _switched_on(ticket) or ticket.removed_at is not None:
        return Decision(ticket, (), "it is meant to run")
    if ticket.containment is not None and ticket.containment.outcome is Outcome.CANNOT:
        return Decision(ticket, (), "it cannot be stopped on our side")
    return Decision(ticket, (_stop(ticket),), event.because)
