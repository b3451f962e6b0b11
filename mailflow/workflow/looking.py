"""Orders to read a picture: what it shows, and whether the platform says the same."""

import hashlib
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from mailflow.evidence.reading import Reading
from mailflow.evidence.verdict import Check, Earlier, Question, Result, Verdict
from mailflow.tickets import events as e
from mailflow.tickets.effects import ReadScreenshot
from mailflow.tickets.errors import GiveUp
from mailflow.tickets.ticket import Proof, ProofKind, Subject, Ticket, Witness
from mailflow.workflow.acting import ended_runs, platform_of
from mailflow.workflow.desk import Desk, PlatformPage
from mailflow.workflow.judging import Judged, judge_file, marks_of
from mailflow.workflow.memory import UnitOfWork
from mailflow.workflow.ports import JobState, Run, RunStatus
from mailflow.workflow.records import StoredFile

PLATFORM = "platform"  # the check against what the platform itself reports
PICTURE = "picture"  # the check that it shows a page of a live system, and can be read
UNREADABLE = "unreadable"  # the check that the file is a picture at all
_TOO_LONG = "the pictures of this mail take too long to read; a person must look at this one"
_UNASKED = "the platform cannot be asked, so a member of staff must vouch for the picture"


def read_screenshot(desk: Desk, ticket: Ticket, effect: ReadScreenshot) -> e.Event:
    """Read, judge, and ask the platform where it can be asked: a picture never stands alone."""
    with desk.memory.read() as uow:
        file = uow.files.get(effect.attachment)
        received_at = _received_at(uow, desk, effect)

    def ask(reading: Reading) -> Question:
        with desk.memory.write() as uow:
            question = _question(uow, desk, ticket, reading, received_at)
            uow.files.remember_reading(reading, ticket.id)
        return question

    most = desk.pace.mail_pictures_seconds
    try:
        with desk.turn.taken(effect.message or effect.attachment, most_seconds=most) as until:
            if time.monotonic() >= until:
                return e.ScreenshotUnsure(**_about(desk, effect, (_TOO_LONG,)), failed=(PICTURE,))
            judged = judge_file(desk.pictures, file.content, ask, until=until)
    except GiveUp as refused:
        reasons = (refused.reason,)
        return e.ScreenshotRefused(**_about(desk, effect, reasons), failed=(UNREADABLE,))
    if judged.unrelated:
        return e.DocumentSetAside(**_about(desk, effect, ("it names no job",)))
    if judged.verdict.result is Result.ACCEPTED:
        check = _cross_check(desk, ticket, judged.verdict)
        verdict = replace(judged.verdict, checks=(*judged.verdict.checks, check))
        judged = replace(judged, verdict=verdict)
    elif judged.verdict.askable and ticket.removed_at is None:
        judged = replace(judged, verdict=_settled(desk, ticket, judged.verdict))
    return _event(desk, ticket, effect, judged, file.filename)


def _received_at(uow: UnitOfWork, desk: Desk, effect: ReadScreenshot) -> datetime:
    """Give the time of the mail itself: "2 minutes ago" is meant against it, if anything."""
    if not effect.message.isdecimal():
        return desk.clock.now()
    return uow.mails.get(int(effect.message)).received_at


def _question(
    uow: UnitOfWork, desk: Desk, ticket: Ticket, reading: Reading, received_at: datetime
) -> Question:
    page = desk.pages.get(ticket.job.platform, PlatformPage())
    removal = ticket.removed_at is not None
    names = {ticket.job.id, ticket.job.name}
    siblings = {t.id for t in uow.tickets.open_of_retailers([ticket.job.retailer])}
    shown = set(uow.files.tickets_showing(reading)) - siblings - {ticket.id}
    seen = [one for one in sorted(shown) if _was_used(uow, one, ticket, reading)]
    retailer = uow.directory.retailer(ticket.job.retailer)
    return Question(
        subject=Subject.REMOVAL if removal else Subject.REPAIR,
        job=ticket.job.id,
        job_name=ticket.job.name,
        retailer=ticket.job.retailer,
        retailer_name=retailer.name if retailer else "",
        marketplace=ticket.job.marketplace,
        other_jobs=tuple(n for n in uow.tickets.known_job_names() if n not in names),
        after=_after(desk, ticket),
        received_at=received_at,
        zone=page.zone,
        day_first=page.day_first,
        seen_before=tuple(seen),
        ticket=ticket.id,
        earlier=tuple(
            Earlier(ticket=one, reading=before)
            for one, before in uow.files.readings_of_job(ticket.job.key, but=reading.sha256)
        ),
        alike=tuple(
            Earlier(ticket=one, reading=before)
            for one, before in uow.files.readings_like(reading, but_job=ticket.job.key)
            if one not in siblings
        ),
    )


def _was_used(uow: UnitOfWork, one: str, ticket: Ticket, reading: Reading) -> bool:
    """Tell whether a picture counts as used there: not if it came to a sibling by mistake.

    Who sends the picture of one job for another is told so, and may send it where it belongs.
    """
    other = uow.tickets.get(one)
    if other is None or other.job.retailer != ticket.job.retailer:
        return True
    if other.job.key == ticket.job.key:
        return True
    return any(proof.source == reading.sha256 for proof in other.proofs)


def _after(desk: Desk, ticket: Ticket) -> datetime:
    """Say what the picture must be newer than: failure and reactivation, or the removal."""
    if ticket.removed_at is not None:
        # The platform removes before mailflow notes it, and its clock is its own.
        removed = ticket.removed_at - timedelta(seconds=desk.pace.finish_tolerance_seconds)
        return max(ticket.last_failure_at, removed)
    return max(ticket.last_failure_at, ticket.reactivated_at or ticket.last_failure_at)


def _cross_check(desk: Desk, ticket: Ticket, verdict: Verdict) -> Check:
    """Ask the platform about what the picture shows; undecided where it cannot be asked.

    Raises:
        TryAgainLater: it could be asked, but not now.
    """
    try:
        if ticket.removed_at is not None:
            return _check_removal(desk, ticket)
        return _check_run(desk, ticket, verdict)
    except GiveUp:
        return Check.unsure(PLATFORM, _UNASKED)


def _check_removal(desk: Desk, ticket: Ticket) -> Check:
    state = platform_of(desk, ticket).state_of(ticket.job)
    if state is not JobState.REMOVED:
        return Check.fails(PLATFORM, f"the platform reports the job as {state}")
    return Check.passes(PLATFORM, "the platform reports the job as removed")


def _check_run(desk: Desk, ticket: Ticket, verdict: Verdict) -> Check:
    """Find the very run that the picture shows, and none that failed since."""
    ended = ended_runs(desk, ticket)
    failed = [run for run in ended if run.status is RunStatus.FAILED]
    good = [run for run in ended if run.status is RunStatus.SUCCEEDED]
    if failed:
        return Check.fails(PLATFORM, f"the platform reports the failed run {failed[0].id}")
    if not good:
        return Check.fails(PLATFORM, "the platform reports no successful run since then")
    tolerance = timedelta(seconds=desk.pace.finish_tolerance_seconds)
    shown = verdict.finished_at
    same = [run for run in good if shown is not None and _apart(run, shown) <= tolerance]
    if not same:
        ends = ", ".join(_at(run.finished_at) for run in good[:3])
        seen = f"the platform's successful runs ended at {ends}, the picture shows {_at(shown)}"
        return Check.fails(PLATFORM, seen)
    nearest = min(same, key=lambda run: _apart(run, shown or run.finished_at))
    return Check.passes(PLATFORM, f"run {nearest.id} succeeded at {_at(nearest.finished_at)}")


def _settled(desk: Desk, ticket: Ticket, verdict: Verdict) -> Verdict:
    """Let the platform tell what the picture leaves open, where it knows the very run shown.

    An icon says nothing that can be checked, and "2 minutes ago" nothing of when that was. Where
    the platform cannot be asked, or knows no run like it, a person must look as before.

    Raises:
        TryAgainLater: it could be asked, but not now.
    """
    try:
        ended = ended_runs(desk, ticket)
    except GiveUp:
        return verdict
    failed = [run for run in ended if run.status is RunStatus.FAILED]
    if failed:
        check = Check.fails(PLATFORM, f"the platform reports the failed run {failed[0].id}")
        return replace(verdict, checks=(*verdict.checks, check))
    same = [run for run in ended if _is_shown(desk, run, verdict)]
    if len(same) != 1 or same[0].status is not RunStatus.SUCCEEDED:
        return verdict
    run = same[0]
    told = f"run {run.id} succeeded at {_at(run.finished_at)}"
    checks = [
        check if check.passed else Check.passes(check.name, f"{check.seen}; the platform: {told}")
        for check in verdict.checks
    ]
    checks.append(Check.passes(PLATFORM, told))
    return replace(verdict, checks=tuple(checks), finished_at=run.finished_at)


def _is_shown(desk: Desk, run: Run, verdict: Verdict) -> bool:
    """Tell whether a run is the one on the picture: by its number, by its end, or by its age."""
    if run.finished_at is None:
        return False
    numbers = {"".join(filter(str.isdigit, number)) for number in (run.id, verdict.run)}
    if verdict.run and len(numbers) > 1:
        return False
    tolerance = timedelta(seconds=desk.pace.finish_tolerance_seconds)
    if verdict.finished_at is not None:
        return _apart(run, verdict.finished_at) <= tolerance
    within = verdict.within
    return within is not None and (
        within.earliest - tolerance <= run.finished_at <= within.latest + tolerance
    )


def _apart(run: Run, shown: datetime | None) -> timedelta:
    assert run.finished_at is not None
    assert shown is not None
    return abs(run.finished_at - shown)


def _at(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC") if moment else "no time"


def _event(
    desk: Desk, ticket: Ticket, effect: ReadScreenshot, judged: Judged, filename: str
) -> e.Event:
    verdict = judged.verdict
    platform = next((c for c in verdict.checks if c.name == PLATFORM), None)
    unasked = platform is not None and platform.passed is None
    if verdict.finished_at is not None and (
        verdict.result is Result.ACCEPTED or (unasked and effect.from_staff)
    ):
        witness = Witness.STAFF if unasked else Witness.PICTURE
        proof = _proof(desk, ticket, effect, verdict, witness)
        return e.ProofAccepted(at=proof.at, proof=proof)
    about = _about(desk, effect, verdict.reasons)
    failed = tuple(check.name for check in verdict.checks if not check.passed)
    drawn = _drawn(desk, ticket, effect, judged, filename)
    if verdict.result is Result.REFUSED and platform is None:
        return e.ScreenshotRefused(**about, failed=failed, drawn=drawn)
    return e.ScreenshotUnsure(
        **about,
        failed=failed,
        drawn=drawn,
        disputed=platform is not None and platform.passed is False,
        covers=verdict.finished_at if unasked else None,
    )


def _about(desk: Desk, effect: ReadScreenshot, reasons: tuple[str, ...]) -> dict[str, Any]:
    return {
        "at": desk.clock.now(),
        "attachment": effect.attachment,
        "sender": effect.sender,
        "reasons": reasons,
        "message": effect.message,
        "from_staff": effect.from_staff,
    }


def _proof(
    desk: Desk, ticket: Ticket, effect: ReadScreenshot, verdict: Verdict, witness: Witness
) -> Proof:
    assert verdict.finished_at is not None
    return Proof(
        id=f"picture:{effect.attachment}:{ticket.trial}",
        kind=ProofKind.SCREENSHOT_ACCEPTED,
        subject=Subject.REPAIR if ticket.removed_at is None else Subject.REMOVAL,
        witness=witness,
        by=effect.sender or "mailflow's own look at the page",
        at=desk.clock.now(),
        covers=verdict.finished_at,
        source=effect.attachment,
        detail="; ".join(f"{check.name}: {check.seen}" for check in verdict.checks)[:1000],
    )


def _drawn(
    desk: Desk, ticket: Ticket, effect: ReadScreenshot, judged: Judged, filename: str
) -> str:
    """Keep a copy of the picture for people, with what was seen drawn on it; "" for none."""
    try:
        content = desk.pictures.draw(judged.picture.content, marks_of(judged.verdict))
    except GiveUp:
        return ""
    name = f"{PurePath(filename).stem or 'picture'}-checked.png"
    sha256 = hashlib.sha256(content).hexdigest()
    file = StoredFile(sha256=sha256, content_type="image/png", filename=name, content=content)
    mail = int(effect.message) if effect.message.isdecimal() else None
    with desk.memory.write() as uow:
        uow.files.keep(file, mail_id=mail, tickets=[ticket.id])
    return sha256
