"""What time alone brings about: deadlines that pass, and stopped jobs that run again."""

import structlog

from mailflow.tickets.effects import Purpose
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.tickets.events import DeadlinePassed, JobFoundRunning
from mailflow.tickets.ticket import Outcome, State, Ticket
from mailflow.workflow.advance import tell
from mailflow.workflow.desk import Desk
from mailflow.workflow.memory import UnitOfWork
from mailflow.workflow.ports import JobState
from mailflow.workflow.records import MailState

log = structlog.get_logger()
_AT_ONCE = 1000


def pass_deadlines(desk: Desk) -> int:
    """Tell every ticket whose deadline has passed; a deadline is told once. Returns how many."""
    now = desk.clock.now()
    with desk.memory.read() as uow:
        due = [t for t in uow.tickets.due(now, _AT_ONCE) if not _unannounced(uow, desk, t)]
    for ticket in due:
        assert ticket.deadline is not None
        event = DeadlinePassed(at=now, due=ticket.deadline)
        cause = f"deadline:{ticket.deadline.isoformat()}"
        tell(desk, ticket.id, event, cause=cause)
        log.info("deadline.passed", ticket=ticket.id, state=ticket.state)
    return len(due)


def _unannounced(uow: UnitOfWork, desk: Desk, ticket: Ticket) -> bool:
    """Is it a removal whose announcement has not left, or left too lately to be answered?

    Where it never leaves, staff hear of that by other roads: a refusal, the shelf, an alarm.
    """
    if ticket.state is not State.REMOVAL_SCHEDULED:
        return False
    assert ticket.deadline is not None
    for mail in uow.sent.of_ticket(ticket.id):
        grace_ends = desk.policy.deadline(State.REMOVAL_SCHEDULED, mail.attempted_at)
        assert grace_ends is not None
        told = mail.purpose == Purpose.REMOVAL_SCHEDULED and mail.state is MailState.SENT
        if told and ticket.deadline <= grace_ends <= desk.clock.now():
            return False
    return True


def must_be_stopped(ticket: Ticket) -> bool:
    """Is the job one that an open ticket wants stopped right now?"""
    contained = ticket.containment
    if not ticket.is_open or contained is None or contained.outcome is Outcome.CANNOT:
        return False
    return ticket.reactivated_at is None and ticket.removed_at is None


def reconcile(desk: Desk) -> int:
    """Look whether stopped jobs are stopped, and say so where one runs. Returns how many ran."""
    with desk.memory.read() as uow:
        tickets = [t for t in uow.tickets.listed(limit=10_000) if must_be_stopped(t)]
    found = 0
    for ticket in tickets:
        platform = desk.platforms.get(ticket.job.platform)
        if platform is None:
            continue
        try:
            running = platform.state_of(ticket.job) is JobState.RUNNING
        except (TryAgainLater, GiveUp):
            continue  # the next look will tell
        if running:
            found += 1
            now = desk.clock.now()
            why = "the platform shows it running although it must be stopped"
            event = JobFoundRunning(at=now, because=why)
            tell(desk, ticket.id, event, cause=f"found:{now.isoformat()}")
    return found
