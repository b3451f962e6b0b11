"""Ticket courses played into a memory, one unit of work an event."""

from dataclasses import replace

from mailflow.store.unit_of_work import SqlMemory
from mailflow.tickets import events as e
from mailflow.tickets.decide import decide
from mailflow.tickets.ticket import ProofKind, Ticket
from tests.builders import POLICY, an_alert, opened, paused, proven, reactivated


def open_one(memory: SqlMemory, ticket_id: str = "T-1", job: str = "feed-7") -> Ticket:
    start = opened(id=job)
    start = replace(start, ticket=replace(start.ticket, id=ticket_id))
    with memory.write() as uow:
        saved = uow.tickets.record(None, an_alert(), start, cause="mail:1")
    assert saved is not None
    return saved


def tell(memory: SqlMemory, ticket: Ticket, *events: e.Event) -> Ticket:
    for event in events:
        with memory.write() as uow:
            cause = f"{type(event).__name__}:{ticket.version}"
            saved = uow.tickets.record(ticket, event, decide(ticket, event, POLICY), cause=cause)
        assert saved is not None
        ticket = saved
    return ticket


def nearly_closed(memory: SqlMemory) -> Ticket:
    """Give a ticket that wants nothing but the picture."""
    return tell(
        memory,
        open_one(memory),
        paused(1),
        proven(ProofKind.WRITTEN_CONFIRMATION, 10),
        reactivated(11),
        proven(ProofKind.RUN_CONFIRMED, 12),
    )


def closed(memory: SqlMemory) -> Ticket:
    return tell(memory, nearly_closed(memory), proven(ProofKind.SCREENSHOT_ACCEPTED, 13))
