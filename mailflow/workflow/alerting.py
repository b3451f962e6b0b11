"""An alert's failures, each on the ticket of its job."""

from mailflow.tickets.events import AlertReceived
from mailflow.tickets.ticket import Job
from mailflow.understanding.meaning import Failure
from mailflow.workflow.advance import open_or_advance
from mailflow.workflow.desk import Desk
from mailflow.workflow.interpreting import Understood
from mailflow.workflow.memory import UnitOfWork
from mailflow.workflow.records import KeptMail, ShelfKind
from mailflow.workflow.triage import shelve


def take_alert(
    uow: UnitOfWork, desk: Desk, kept: KeptMail, meaning: Understood
) -> tuple[str, tuple[str, ...]]:
    """Order the stop of every job that the alert names; what no rule reads goes to a person."""
    reading = meaning.alert
    if reading is None:
        why = "an alert that no rule pack can read"
        shelve(uow, desk, ShelfKind.TRIAGE, why, kept)
        return why, ()
    tickets: list[str] = []
    for number, failure in enumerate(reading.failures):
        alert = AlertReceived(
            at=desk.clock.now(),
            failed_at=failure.failed_at or kept.received_at,
            error_text=failure.error_text,
            cause=failure.cause,
            message=str(kept.id),
        )
        cause = f"mail:{kept.id}/{number}"
        decision = open_or_advance(uow, _job(desk, failure), alert, cause=cause, desk=desk)
        if decision is not None:
            tickets.append(decision.ticket.id)
    if reading.unread:
        why = f"{len(reading.unread)} row(s) of an alert could not be read: {reading.unread[0]}"
        shelve(uow, desk, ShelfKind.TRIAGE, why, kept)
    because = f"{len(reading.failures)} failure(s) read by {reading.pack}"
    return because, tuple(dict.fromkeys(tickets))


def _job(desk: Desk, failure: Failure) -> Job:
    return Job(
        id=failure.job,
        name=failure.job_name or failure.job,
        retailer=failure.retailer,
        marketplace=failure.marketplace,
        kind=failure.kind,
        platform=desk.platform_of(failure),
    )
