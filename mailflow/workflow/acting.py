"""Orders on a job: stop, reactivate, run, watch, remove. Each ends in an event, or later."""

from mailflow.tickets import events as e
from mailflow.tickets.effects import PauseJob, ProbeRuns
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.tickets.proof import find_proof
from mailflow.tickets.ticket import (
    Proof,
    ProofKind,
    Subject,
    Ticket,
    Witness,
)
from mailflow.workflow.desk import Desk
from mailflow.workflow.ports import JobState, NotStoppable, Platform, Run, RunStatus
from mailflow.workflow.records import Order


class NotYet(Exception):  # noqa: N818 - named by what is known
    """Nothing to report yet, for the reason given; ask again after the usual pace."""


def platform_of(desk: Desk, ticket: Ticket) -> Platform:
    """Find where the job runs.

    Raises:
        NotStoppable: on no platform that can be reached.
    """
    platform = desk.platforms.get(ticket.job.platform)
    if platform is None:
        raise NotStoppable("this job runs on no platform that we can reach")
    return platform


def pause(desk: Desk, ticket: Ticket, order: Order, effect: PauseJob) -> e.Event:
    try:
        how = platform_of(desk, ticket).stop(ticket.job, effect.stop, key=order.key)
    except NotStoppable as no_switch:
        return e.CannotBeStopped(at=desk.clock.now(), because=no_switch.reason)
    except GiveUp as refused:
        return e.PauseFailed(at=desk.clock.now(), because=refused.reason)
    return e.JobPaused(at=desk.clock.now(), because=how)


def reactivate(desk: Desk, ticket: Ticket, order: Order, trial: int) -> e.Event:
    try:
        platform_of(desk, ticket).reactivate(ticket.job, key=order.key)
    except GiveUp as refused:
        return e.ReactivationFailed(at=desk.clock.now(), trial=trial, because=refused.reason)
    return e.JobReactivated(at=desk.clock.now(), trial=trial)


def run_now(desk: Desk, ticket: Ticket, order: Order) -> str:
    """Start a run; where that cannot be done, the job's own schedule will."""
    try:
        return platform_of(desk, ticket).run_now(ticket.job, key=order.key)
    except GiveUp as refused:
        return f"no run was started ({refused.reason}); its own schedule will start one"


def probe_runs(desk: Desk, ticket: Ticket, effect: ProbeRuns) -> e.Event:
    """Look for a run that ended since the job was switched on.

    Raises:
        NotYet: none has ended.
    """
    now = desk.clock.now()
    try:
        ended = ended_runs(desk, ticket)
    except GiveUp as refused:
        return e.RunsUnknowable(at=now, trial=effect.trial, because=refused.reason)
    failed = next((run for run in ended if run.status is RunStatus.FAILED), None)
    if failed is not None and failed.finished_at is not None:
        return e.TrialRunFailed(
            at=now,
            trial=effect.trial,
            finished_at=failed.finished_at,
            run=failed.id,
            because=failed.detail or "the run failed",
        )
    counted = {p.source for p in ticket.proofs if p.kind is ProofKind.RUN_CONFIRMED}
    for run in reversed(ended):
        if run.status is RunStatus.SUCCEEDED and run.id not in counted:
            return e.ProofAccepted(at=now, proof=_run_proof(desk, ticket, run))
    raise NotYet("no run has ended since")


def ended_runs(desk: Desk, ticket: Ticket) -> list[Run]:
    """Give runs that ended after the newest failure and the reactivation, newest first.

    Raises:
        GiveUp: the platform cannot tell how runs ended.
    """
    since = max(ticket.last_failure_at, ticket.reactivated_at or ticket.last_failure_at)
    runs = platform_of(desk, ticket).last_runs(ticket.job)
    latest = desk.clock.now() + desk.policy.clock_skew
    return [r for r in runs if r.finished_at is not None and since < r.finished_at <= latest]


def _run_proof(desk: Desk, ticket: Ticket, run: Run) -> Proof:
    assert run.finished_at is not None
    return Proof(
        id=f"run:{ticket.trial}:{run.id}",
        kind=ProofKind.RUN_CONFIRMED,
        subject=Subject.REPAIR,
        witness=Witness.PROBE,
        by=f"probe {ticket.job.platform}",
        at=desk.clock.now(),
        covers=run.finished_at,
        source=run.id,
        detail=run.detail,
    )


def remove(desk: Desk, ticket: Ticket, order: Order) -> e.Event:
    try:
        how = platform_of(desk, ticket).remove(ticket.job, key=order.key)
    except GiveUp as refused:
        return e.RemovalFailed(at=desk.clock.now(), because=refused.reason)
    return e.JobRemoved(at=desk.clock.now(), because=how)


def probe_removal(desk: Desk, ticket: Ticket) -> e.Event:
    """Ask the platform once more whether the job is gone: that validates the removal."""
    now = desk.clock.now()
    if platform_of(desk, ticket).state_of(ticket.job) is not JobState.REMOVED:
        raise TryAgainLater("the platform does not report the job as removed")
    confirmed = find_proof(ticket, ProofKind.WRITTEN_CONFIRMATION, Subject.REMOVAL)
    proof = Proof(
        id=f"removal:{ticket.id}",
        kind=ProofKind.CHANGE_VALIDATED,
        subject=Subject.REMOVAL,
        witness=Witness.PROBE,
        by=f"probe {ticket.job.platform}",
        at=now,
        covers=now,
        source=ticket.job.id,
        detail=f"the platform reports it as removed; asked for by {confirmed.by}"
        if confirmed
        else "the platform reports it as removed",
    )
    return e.ProofAccepted(at=now, proof=proof)
