"""The courses that end in a closed ticket: trial, removal, and the weighing of proofs."""

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
from mailflow.tickets.effects import (
    CaptureScreenshot,
    ProbeRemoval,
    ProbeRuns,
    Purpose,
    ReactivateJob,
    ReadScreenshot,
    RemoveJob,
    RunJob,
)
from mailflow.tickets.policy import Policy
from mailflow.tickets.proof import find_proof, standing_proofs, void_because, whole_path
from mailflow.tickets.ticket import (
    Cause,
    Closure,
    Containment,
    Outcome,
    Proof,
    ProofKind,
    Standing,
    State,
    Subject,
    Ticket,
    Witness,
)

K = ProofKind
_WAITING_FOR_A_CLAIM = frozenset({State.AWAITING_RETAILER, State.CLARIFYING})


def proof_accepted(ticket: Ticket, event: e.ProofAccepted, policy: Policy) -> Decision:
    """Add the proof if it counts, then see how far the ticket may go on it."""
    void = void_because(ticket, event.proof)
    if event.proof.covers > event.at + policy.clock_skew:
        void = "it speaks for a time that has not come yet"
    if void:
        return Decision(ticket, (), f"{event.proof.kind} does not count: {void}")
    ticket = _add(ticket, event.proof)
    if event.proof.kind is K.RUN_CONFIRMED and event.proof.witness is Witness.PROBE:
        ticket = _count_run(ticket, event.proof)
    because = f"{event.proof.kind} by {event.proof.by}"
    if ticket.state is State.CONTAINING:
        return Decision(ticket, (), f"{because}; kept until the job is stopped")
    return proceed(Decision(ticket, (), because), event.at, policy, new=event.proof)


def _add(ticket: Ticket, proof: Proof) -> Ticket:
    """Add a proof and what follows from it; the same proof twice is one."""
    added = [proof]
    shows_a_run = proof.kind is K.SCREENSHOT_ACCEPTED and proof.subject is Subject.REPAIR
    if shows_a_run and ticket.runs_unknowable:
        added.append(_derived(proof, K.RUN_CONFIRMED, "run", "the run that the picture shows"))
    known = {known.id for known in ticket.proofs}
    return replace(ticket, proofs=(*ticket.proofs, *(p for p in added if p.id not in known)))


def _derived(proof: Proof, kind: ProofKind, suffix: str, detail: str) -> Proof:
    return replace(proof, id=f"{proof.id}/{suffix}", kind=kind, detail=detail)


def _count_run(ticket: Ticket, run: Proof) -> Ticket:
    """Count a clean run of the trial, and let it validate what was claimed.

    A run seen by the platform's own probe validates the change that the retailer confirmed;
    where nobody confirmed anything it is itself the technical verification.
    """
    confirmed = find_proof(ticket, K.WRITTEN_CONFIRMATION, Subject.REPAIR)
    kind = K.CHANGE_VALIDATED if confirmed else K.TECHNICALLY_VERIFIED
    ticket = _add(ticket, _derived(run, kind, "validates", "a run succeeded after the change"))
    runs = {
        p.source for p in ticket.proofs if p.kind is K.RUN_CONFIRMED and not void_because(ticket, p)
    }
    return replace(ticket, clean_runs=len(runs))


def runs_needed(ticket: Ticket, policy: Policy) -> int:
    """Say how many clean runs the trial must show; a flapping job needs more."""
    flapping = ticket.trial_failures >= policy.flapping_after_failures
    return policy.clean_runs_when_flapping if flapping else policy.clean_runs


def proceed(
    so_far: Decision, at: datetime, policy: Policy, *, new: Proof | None = None
) -> Decision:
    """Go as far as the proofs carry: close, begin the trial, schedule the removal, or wait."""
    ticket = so_far.ticket
    if new is not None and _may_close(ticket, policy):
        closure = whole_path(ticket, at)
        if closure is not None:
            return _close(so_far, closure, policy)
    match ticket.state:
        case State.AWAITING_RETAILER | State.CLARIFYING:
            return _act_on_claim(so_far, at, policy)
        case State.ON_TRIAL:
            return _go_on_with_trial(so_far, at, policy, new)
        case State.REMOVAL_SCHEDULED if _second_voice(ticket, new):
            ticket = enter(ticket, State.REMOVING, at, policy)
            why = f"{so_far.because}: a second contact confirmed the removal, so it need not wait"
            return Decision(ticket, (*so_far.effects, RemoveJob()), why)
        case State.STAYING_PAUSED | State.REMOVAL_SCHEDULED | State.WITH_STAFF:
            return _ask_a_person(so_far, at, policy, new)
        case _:
            return so_far


def _second_voice(ticket: Ticket, new: Proof | None) -> bool:
    """Is `new` the same wish for removal, by another contact than the first?"""
    wish = (K.WRITTEN_CONFIRMATION, Subject.REMOVAL)
    voices = {p.by for p in standing_proofs(ticket) if (p.kind, p.subject) == wish}
    return new is not None and (new.kind, new.subject) == wish and len(voices) > 1


def _may_close(ticket: Ticket, policy: Policy) -> bool:
    """A flapping job owes more runs than one, whatever else is proven."""
    if ticket.state in (State.STAYING_PAUSED, State.REMOVAL_SCHEDULED, State.REMOVING):
        return False
    if ticket.removed_at is not None or ticket.runs_unknowable:
        return True
    return ticket.clean_runs >= runs_needed(ticket, policy)


def _close(so_far: Decision, closure: Closure, policy: Policy) -> Decision:
    ticket = replace(so_far.ticket, closure=closure)
    if ticket.removed_at is None:
        why = "a successful run is confirmed"
        ticket = with_status(ticket, Standing.REACTIVATED, why, closure.at)
    because = f"{so_far.because}; every proof of the path '{closure.path}' is in"
    ticket = enter(ticket, State.CLOSED, closure.at, policy)
    return Decision(ticket, (*so_far.effects, to_retailer(Purpose.CLOSED)), because)


def _act_on_claim(so_far: Decision, at: datetime, policy: Policy) -> Decision:
    ticket = so_far.ticket
    left = find_proof(ticket, K.WRITTEN_CONFIRMATION, Subject.REMOVAL)
    fixed = find_proof(ticket, K.WRITTEN_CONFIRMATION, Subject.REPAIR)
    verified = find_proof(ticket, K.TECHNICALLY_VERIFIED, Subject.REPAIR)
    claims = [claim for claim in (fixed, verified, left) if claim is not None]
    if not claims:
        return so_far
    newest = max(claims, key=lambda claim: claim.covers)
    if newest is not left:
        return begin_trial(so_far, f"{newest.kind} by {newest.by}", at, policy)
    if ticket.cause is not Cause.OFFBOARDED:
        why = "the retailer asks for a removal that was not in question"
        handed = hand_over(ticket, why, at, policy, message=left.source)
        return Decision(handed.ticket, (*so_far.effects, *handed.effects), why)
    ticket = enter(ticket, State.REMOVAL_SCHEDULED, at, policy)
    mail = to_retailer(Purpose.REMOVAL_SCHEDULED)
    why = "the retailer confirmed the removal; it waits, so that it can be stopped"
    return Decision(ticket, (*so_far.effects, mail), why)


def begin_trial(so_far: Decision, because: str, at: datetime, policy: Policy) -> Decision:
    """Switch the job on again to see a run succeed; nothing is believed before that."""
    ticket = so_far.ticket
    ticket = replace(
        ticket,
        trial=ticket.trial + 1,
        reactivated_at=None,
        clean_runs=0,
        runs_unknowable=False,
        reminders=0,
    )
    ticket = enter(ticket, State.ON_TRIAL, at, policy)
    why = f"{because}: the job is tried again"
    if ticket.containment is not None and ticket.containment.outcome is Outcome.CANNOT:
        effects = (RunJob(trial=ticket.trial), ProbeRuns(trial=ticket.trial))
        return Decision(ticket, (*so_far.effects, *effects), why)
    return Decision(ticket, (*so_far.effects, ReactivateJob(trial=ticket.trial)), why)


def reactivated(ticket: Ticket, event: e.JobReactivated) -> Decision:
    """The job runs again: tell the retailer, start a run and watch how it ends."""
    if event.trial != ticket.trial:
        return Decision(ticket, (), "that reactivation belongs to an earlier trial")
    if ticket.removed_at is not None:
        return Decision(ticket, (), "the job is removed")
    if ticket.reactivated_at is not None:
        return Decision(ticket, (), "that is known already")
    ticket = replace(ticket, reactivated_at=event.at)
    ticket = with_status(ticket, Standing.ON_TRIAL, "until a run is confirmed", event.at)
    effects = (
        RunJob(trial=ticket.trial),
        ProbeRuns(trial=ticket.trial),
        to_retailer(Purpose.ON_TRIAL),
    )
    return Decision(ticket, effects, "it is reactivated on trial")


def _go_on_with_trial(
    so_far: Decision, at: datetime, policy: Policy, new: Proof | None
) -> Decision:
    ticket, needed = so_far.ticket, runs_needed(so_far.ticket, policy)
    if new is None or new.kind is not K.RUN_CONFIRMED:
        return so_far
    if ticket.clean_runs < needed:
        more = (
            RunJob(trial=ticket.trial),
            ProbeRuns(trial=ticket.trial, not_before_run=new.source),
        )
        why = f"{ticket.clean_runs} of {needed} clean runs, because the job failed before"
        return Decision(ticket, (*so_far.effects, *more), why)
    ticket = with_status(ticket, Standing.REACTIVATED, "a successful run is confirmed", at)
    why = "the run succeeded; the picture is owed"
    return _take_or_want_evidence(ticket, so_far, why, at, policy)


def _take_or_want_evidence(
    ticket: Ticket, so_far: Decision, because: str, at: datetime, policy: Policy
) -> Decision:
    """Take the picture ourselves where that is set up; otherwise a person is asked for it."""
    if ticket.job.platform not in policy.captures:
        return _want_evidence(ticket, so_far, because, at, policy)
    ticket = enter(replace(ticket, reminders=0), State.AWAITING_EVIDENCE, at, policy)
    capture = CaptureScreenshot(trial=ticket.trial)
    return Decision(ticket, (*so_far.effects, capture), because)


def _want_evidence(
    ticket: Ticket, so_far: Decision, because: str, at: datetime, policy: Policy
) -> Decision:
    ticket = enter(replace(ticket, reminders=0), State.AWAITING_EVIDENCE, at, policy)
    mail = to_staff(Purpose.EVIDENCE_WANTED, reason=because)
    return Decision(ticket, (*so_far.effects, mail), because)


def runs_unknowable(ticket: Ticket, event: e.RunsUnknowable, policy: Policy) -> Decision:
    """Nobody can be asked how the run ended: the picture's own run has to show it."""
    if event.trial != ticket.trial:
        return Decision(ticket, (), "that question belongs to an earlier trial")
    ticket = replace(ticket, runs_unknowable=True)
    if ticket.state is State.WITH_STAFF:
        return Decision(ticket, (), event.because)
    so_far = Decision(ticket, (), event.because)
    seen = find_proof(ticket, K.SCREENSHOT_ACCEPTED, Subject.REPAIR)
    if seen is not None:  # judged before this was known: judge it again, as the run's witness
        by_staff = seen.witness is Witness.STAFF
        again = ReadScreenshot(
            attachment=seen.source, sender=seen.by, message="", from_staff=by_staff
        )
        so_far = so_far.also(again)
    return _want_evidence(ticket, so_far, event.because, event.at, policy)


def removed(ticket: Ticket, event: e.JobRemoved, policy: Policy) -> Decision:
    """The integration is gone: have that validated, and ask for the picture.

    It may come to pass after the ticket went elsewhere, since a removal takes time. It is a fact
    all the same; where nobody asks for the removal any more, a person hears of it.
    """
    if ticket.removed_at is not None:
        return Decision(ticket, (), "that is known already")
    confirmed = find_proof(ticket, K.WRITTEN_CONFIRMATION, Subject.REMOVAL)
    ticket = with_status(_gone(ticket, event), Standing.REMOVED, event.because, event.at)
    so_far = Decision(ticket, (ProbeRemoval(),), event.because)
    if ticket.state is State.WITH_STAFF:
        return so_far
    if ticket.state is not State.REMOVING and confirmed is None:
        why = "the job is removed, although nobody asks for it any more"
        handed = hand_over(ticket, why, event.at, policy)
        return Decision(handed.ticket, (*so_far.effects, *handed.effects), why)
    return _take_or_want_evidence(
        ticket, so_far, "the job is removed; the picture is owed", event.at, policy
    )


def _gone(ticket: Ticket, event: e.JobRemoved) -> Ticket:
    """Note the removal; what is gone cannot fail any more, so no stop is waited for."""
    stopped = Containment(outcome=Outcome.PAUSED, at=event.at, because=event.because)
    return replace(
        ticket,
        removed_at=event.at,
        containment=ticket.containment or stopped,
        keep_paused_because="",
    )


def _ask_a_person(so_far: Decision, at: datetime, policy: Policy, new: Proof | None) -> Decision:
    """What a person decided is not undone by a proof: the person is told of it."""
    if new is None or new.kind is not K.WRITTEN_CONFIRMATION:
        return so_far
    ticket, why = so_far.ticket, f"the retailer wrote: {new.detail}"
    if ticket.state is State.REMOVAL_SCHEDULED and new.subject is Subject.REMOVAL:
        return so_far
    handed = hand_over(ticket, why, at, policy, message=new.source)
    return Decision(handed.ticket, (*so_far.effects, *handed.effects), why)
