"""From an event to a stored decision: event, ticket and orders in one commit, or nothing."""

from datetime import datetime, timedelta

import structlog

from mailflow.tickets.containing import open_ticket
from mailflow.tickets.decide import decide
from mailflow.tickets.decision import Decision
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
from mailflow.tickets.events import AlertReceived, Event
from mailflow.tickets.ticket import Job, Ticket
from mailflow.workflow.desk import Desk, Pace
from mailflow.workflow.memory import StaleTicket, UnitOfWork
from mailflow.workflow.records import NewOrder

log = structlog.get_logger()
_TRIES = 5  # a ticket saved by someone else meanwhile is read again


def place_in_line(effect: Effect, ticket: Ticket) -> tuple[str, int]:
    """Say in which lane an order waits, and how urgent it is; 0 comes first."""
    match effect:
        case PauseJob():
            return f"act:{ticket.job.key}", 0
        case ReactivateJob() | RunJob() | RemoveJob():
            return f"act:{ticket.job.key}", 1
        case SendMail(purpose=Purpose.EVIDENCE_REFUSED, to=to):  # waits, and holds up no other
            return f"mail:{ticket.id}:picture:{to}", 2
        case SendMail(audience=audience):
            return f"mail:{ticket.id}:{audience}", 2
        case ProbeRuns() | ProbeRemoval():
            return f"probe:{ticket.id}", 3
        case WeighReply():
            return f"reply:{ticket.id}", 3
        case ReadScreenshot() | CaptureScreenshot():
            return f"picture:{ticket.id}", 4


def order_for(effect: Effect, ticket: Ticket, key: str, at: datetime, pace: Pace) -> NewOrder:
    """Make an effect into an order; what is better said in one mail waits a little."""
    lane, priority = place_in_line(effect, ticket)
    due, group = at, ""
    if isinstance(effect, SendMail) and effect.purpose is Purpose.FIRST_NOTICE:
        due = at + timedelta(seconds=pace.grouping_seconds)
        group = f"notice:{ticket.job.retailer}:{ticket.job.marketplace}:{ticket.cause}"
    if isinstance(effect, SendMail) and effect.purpose is Purpose.EVIDENCE_REFUSED:
        due = at + timedelta(seconds=pace.grouping_seconds)
        group = f"picture:{ticket.id}:{effect.to}"
    return NewOrder(
        key=key,
        ticket=ticket.id,
        effect=effect,
        lane=lane,
        priority=priority,
        due=due,
        group=group,
    )


def _store(
    uow: UnitOfWork, before: Ticket | None, event: Event, decision: Decision, cause: str, pace: Pace
) -> Decision | None:
    saved = uow.tickets.record(before, event, decision, cause=cause)
    if saved is None:
        return None
    for number, effect in enumerate(decision.effects):
        key = f"{saved.id}/{cause}/{number}"
        uow.orders.place(order_for(effect, saved, key, event.at, pace))
    log.info(
        "ticket.decided",
        ticket=saved.id,
        heard=type(event).__name__,
        was=before.state if before else "",
        now=saved.state,
        orders=[_named(effect) for effect in decision.effects],
        because=decision.because,
    )
    return Decision(saved, decision.effects, decision.because)


def _named(effect: Effect) -> str:
    if isinstance(effect, SendMail):
        to = "" if effect.audience is Audience.RETAILER else f" to {effect.audience}"
        return f"SendMail {effect.purpose}{to}"
    return type(effect).__name__


def advance(
    uow: UnitOfWork, ticket_id: str, event: Event, *, cause: str, desk: Desk
) -> Decision | None:
    """Decide and store within the caller's unit of work; None when `cause` was heard before."""
    ticket = uow.tickets.get(ticket_id)
    if ticket is None:
        raise LookupError(f"there is no ticket {ticket_id}")
    decision = decide(ticket, event, desk.policy)
    return _store(uow, ticket, event, decision, cause, desk.pace)


def open_or_advance(
    uow: UnitOfWork, job: Job, alert: AlertReceived, *, cause: str, desk: Desk
) -> Decision | None:
    """Hear an alert: on the job's open ticket, else on a new one linked to the last."""
    ticket = uow.tickets.open_of_job(job.key)
    if ticket is not None:
        return advance(uow, ticket.id, alert, cause=cause, desk=desk)
    last = uow.tickets.latest_of_job(job.key)
    opened = open_ticket(
        uow.tickets.next_id(), job, alert, desk.policy, follows=last.id if last else ""
    )
    return _store(uow, None, alert, opened, cause, desk.pace)


def tell(desk: Desk, ticket_id: str, event: Event, *, cause: str) -> Decision | None:
    """Advance in a unit of work of its own; a ticket that moved meanwhile is read again."""
    for _ in range(_TRIES - 1):
        try:
            with desk.memory.write() as uow:
                return advance(uow, ticket_id, event, cause=cause, desk=desk)
        except StaleTicket:
            continue
    with desk.memory.write() as uow:
        return advance(uow, ticket_id, event, cause=cause, desk=desk)
