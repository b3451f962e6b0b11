"""Orders to take a picture of a job's page ourselves: kept as evidence, judged like any other."""

import hashlib
import json
from datetime import UTC, timedelta

from mailflow.tickets import events as e
from mailflow.tickets.effects import CaptureScreenshot
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.tickets.ticket import Ticket
from mailflow.workflow.desk import Desk
from mailflow.workflow.ports import Captured
from mailflow.workflow.records import Order, StoredFile

_PATIENCE = timedelta(minutes=10)  # for a page or its turn, before a person is asked


def capture_screenshot(
    desk: Desk, ticket: Ticket, order: Order, effect: CaptureScreenshot
) -> e.Event:
    """Open the job's page and keep what it shows; a person is asked where that fails.

    Raises:
        TryAgainLater: the page did not answer, and there is time left to try.
    """
    camera = desk.cameras.get(ticket.job.platform)
    now = desk.clock.now()
    if camera is None:
        why = f"the settings name no page for {ticket.job.platform or 'this job'}"
        return e.CaptureFailed(at=now, trial=effect.trial, because=why)
    try:
        captured = camera.capture(ticket.job)
    except GiveUp as refused:
        return e.CaptureFailed(at=now, trial=effect.trial, because=refused.reason)
    except TryAgainLater as later:
        if now < order.placed_at + _PATIENCE:
            raise
        return e.CaptureFailed(at=now, trial=effect.trial, because=later.reason)
    picture = StoredFile(
        sha256=hashlib.sha256(captured.png).hexdigest(),
        content_type="image/png",
        filename=f"{ticket.id}-page.png",
        content=captured.png,
    )
    with desk.memory.write() as uow:
        for file in (picture, _record(ticket, picture.sha256, captured)):
            uow.files.keep(file, mail_id=None, tickets=[ticket.id])
    return e.EvidenceReceived(
        at=desk.clock.now(),
        message="",
        sender="",
        from_staff=False,
        attachments=(picture.sha256,),
    )


def _record(ticket: Ticket, sha256: str, captured: Captured) -> StoredFile:
    """Write down where, when and what: the picture alone does not say its address."""
    facts = {
        "picture_sha256": sha256,
        "address": captured.address,
        "taken_at": captured.taken_at.astimezone(UTC).isoformat(),
        "text": captured.text,
    }
    content = json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True).encode()
    return StoredFile(
        sha256=hashlib.sha256(content).hexdigest(),
        content_type="application/json",
        filename=f"{ticket.id}-page.json",
        content=content,
    )
