"""Orders to read a picture: what it shows, and whether the platform says the same."""

from mailflow.evidence.judge import judge
from mailflow.evidence.reading import Reading
from mailflow.evidence.verdict import Question, Result, Verdict
from mailflow.tickets import events as e
from mailflow.tickets.effects import ReadScreenshot
from mailflow.tickets.errors import GiveUp
from mailflow.tickets.ticket import Proof, ProofKind, Subject, Ticket, Witness
from mailflow.workflow.acting import ended_runs
from mailflow.workflow.desk import Desk, PlatformPage
from mailflow.workflow.memory import UnitOfWork
from mailflow.workflow.ports import RunStatus


def read_screenshot(desk: Desk, ticket: Ticket, effect: ReadScreenshot) -> e.Event:
    """Read, judge, and ask the platform where it can be asked: a picture never stands alone."""
    with desk.memory.read() as uow:
        file = uow.files.get(effect.attachment)
    try:
        reading = desk.pictures.read(file.content)
    except GiveUp as refused:
        return e.ScreenshotRefused(
            at=desk.clock.now(),
            attachment=effect.attachment,
            sender=effect.sender,
            reasons=(refused.reason,),
        )
    with desk.memory.write() as uow:
        question = _question(uow, desk, ticket, reading)
        uow.files.remember_reading(reading, ticket.id)
    verdict = judge(reading, question)
    return _event(desk, ticket, effect, _cross_checked(desk, ticket, verdict))


def _question(uow: UnitOfWork, desk: Desk, ticket: Ticket, reading: Reading) -> Question:
    page = desk.pages.get(ticket.job.platform, PlatformPage())
    removal = ticket.removed_at is not None
    names = {ticket.job.id, ticket.job.name}
    siblings = {t.id for t in uow.tickets.open_of_retailers([ticket.job.retailer])}
    seen = set(uow.files.tickets_showing(reading)) - siblings - {ticket.id}
    retailer = uow.directory.retailer(ticket.job.retailer)
    return Question(
        subject=Subject.REMOVAL if removal else Subject.REPAIR,
        job=ticket.job.id,
        job_name=ticket.job.name,
        retailer=ticket.job.retailer,
        retailer_name=retailer.name if retailer else "",
        marketplace=ticket.job.marketplace,
        other_jobs=tuple(n for n in uow.tickets.known_job_names() if n not in names),
        after=max(ticket.last_failure_at, ticket.reactivated_at or ticket.last_failure_at),
        received_at=desk.clock.now(),
        zone=page.zone,
        day_first=page.day_first,
        seen_before=tuple(sorted(seen)),
    )


def _cross_checked(desk: Desk, ticket: Ticket, verdict: Verdict) -> tuple[Verdict, str]:
    """Say what speaks against an accepted picture: a newer run that failed."""
    if verdict.result is not Result.ACCEPTED or ticket.removed_at is not None:
        return verdict, ""
    try:
        ended = ended_runs(desk, ticket)
    except GiveUp:
        return verdict, ""  # it cannot be asked; the rules know that the picture stands alone
    if any(run.status is RunStatus.FAILED for run in ended):
        return verdict, "the platform reports a failed run since then"
    if not any(run.status is RunStatus.SUCCEEDED for run in ended):
        return verdict, "the platform reports no successful run since then"
    return verdict, ""


def _event(
    desk: Desk, ticket: Ticket, effect: ReadScreenshot, judged: tuple[Verdict, str]
) -> e.Event:
    (verdict, against), now = judged, desk.clock.now()
    if verdict.result is Result.REFUSED:
        return e.ScreenshotRefused(
            at=now, attachment=effect.attachment, sender=effect.sender, reasons=verdict.reasons
        )
    if verdict.result is Result.UNSURE or against or verdict.finished_at is None:
        reasons = (against,) if against else verdict.reasons
        return e.ScreenshotUnsure(
            at=now, attachment=effect.attachment, sender=effect.sender, reasons=reasons
        )
    proof = Proof(
        id=f"picture:{effect.attachment}:{ticket.trial}",
        kind=ProofKind.SCREENSHOT_ACCEPTED,
        subject=Subject.REPAIR if ticket.removed_at is None else Subject.REMOVAL,
        witness=Witness.PICTURE,
        by=effect.sender,
        at=now,
        covers=verdict.finished_at,
        source=effect.attachment,
        detail="; ".join(f"{check.name}: {check.seen}" for check in verdict.checks)[:1000],
    )
    return e.ProofAccepted(at=now, proof=proof)
