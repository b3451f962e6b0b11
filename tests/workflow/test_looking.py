"""What becomes of a picture: read by the real engine, and checked against the platform."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from mailflow.edges.picture_worker import WorkerPictureReader
from mailflow.edges.platforms.simulated import SimulatedPlatform
from mailflow.settings.root import LimitSettings
from mailflow.store.unit_of_work import SqlMemory, open_memory
from mailflow.tickets import events as e
from mailflow.tickets.containing import open_ticket
from mailflow.tickets.decide import decide
from mailflow.tickets.effects import Audience, Purpose, ReadScreenshot, SendMail
from mailflow.tickets.ticket import Cause, Job, Kind, ProofKind, Subject, Ticket, Witness
from mailflow.understanding.staff_commands import read_orders
from mailflow.workflow.answering import _staff_event
from mailflow.workflow.desk import Desk
from mailflow.workflow.looking import read_screenshot
from mailflow.workflow.ports import IncomingMail
from mailflow.workflow.records import Contact, Retailer, StoredFile
from tests.builders import POLICY, an_alert
from tests.edges.test_documents import typed_pdf
from tests.workflow.office import HandClock, desk_over

PICTURES = Path(__file__).parents[1] / "evidence" / "pictures"
SHOWN = datetime(2026, 3, 10, 9, 14, 5, tzinfo=UTC)  # when the run on the picture ended
FAILED = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
SENDER = "shop@example.com"
JOB = Job(
    id="feed-nordhaus-de",
    name="Nordhaus price feed",
    retailer="nordhaus",
    marketplace="Kaufwelt DE",
    kind=Kind.FEED,
    platform="simulated",
)
NORDHAUS = Retailer(
    id="nordhaus",
    name="Nordhaus Moebel",
    language="de",
    zone="UTC",
    contacts=(Contact(address=SENDER, name="", language="de"),),
)


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkerPictureReader]:
    reader = WorkerPictureReader(LimitSettings())
    yield reader
    reader.close()


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[SqlMemory]:
    opened = open_memory(f"sqlite:///{tmp_path / 'mailflow.db'}")
    with opened.write() as uow:
        uow.directory.replace([NORDHAUS])
    yield opened
    opened.close()


@pytest.fixture
def clock() -> HandClock:
    return HandClock(FAILED)


@pytest.fixture
def platform(clock: HandClock) -> SimulatedPlatform:
    platform = SimulatedPlatform(clock=clock)
    platform.add_job(JOB)
    return platform


@pytest.fixture
def desk(memory, clock, platform, reader) -> Desk:
    return desk_over(memory, clock, platforms={"simulated": platform}, pictures=reader)


@pytest.fixture
def ticket(memory: SqlMemory) -> Ticket:
    """Give a ticket whose job failed at eight and was switched on again soon after."""
    alert = an_alert(cause=Cause.FEED_FAILED)
    alert = replace(alert, at=FAILED, failed_at=FAILED)
    started = open_ticket("MF-1", JOB, alert, POLICY)
    with memory.write() as uow:
        saved = uow.tickets.record(None, alert, started, cause="mail:1")
    assert saved is not None
    contained = e.JobPaused(at=FAILED + timedelta(minutes=1), because="stopped")
    with memory.write() as uow:
        saved = uow.tickets.record(
            saved, contained, decide(saved, contained, POLICY), cause="order:0"
        )
    assert saved is not None
    return replace(saved, reactivated_at=FAILED)


def shown(desk: Desk, ticket: Ticket, content: bytes, **about) -> e.Event:
    sha256 = hashlib.sha256(content).hexdigest()
    file = StoredFile(sha256=sha256, content_type="image/png", filename="run.png", content=content)
    mail = IncomingMail(
        folder="INBOX", uidvalidity=1, uid=7, raw=b"x", received_at=desk.clock.now()
    )
    with desk.memory.write() as uow:
        kept = uow.mails.keep(mail, "<m@example.com>")
        uow.files.keep(file, mail_id=kept.id, tickets=[ticket.id])
    effect = ReadScreenshot(attachment=sha256, sender=SENDER, message=str(kept.id))
    return read_screenshot(desk, ticket, replace(effect, **about))


def page(name: str) -> bytes:
    return (PICTURES / f"{name}.png").read_bytes()


def run_at(clock: HandClock, platform: SimulatedPlatform, moment: datetime) -> None:
    clock.now_is(moment)
    assert platform.run_as_scheduled(JOB.id)
    clock.now_is(SHOWN + timedelta(minutes=20))


def test_a_picture_of_the_run_that_the_platform_reports_is_a_proof(desk, clock, platform, ticket):
    run_at(clock, platform, SHOWN - timedelta(seconds=40))

    event = shown(desk, ticket, page("platform_job"))

    assert isinstance(event, e.ProofAccepted)
    assert event.proof.witness is Witness.PICTURE
    assert event.proof.covers == SHOWN
    assert "run R-1001 succeeded" in event.proof.detail


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (SHOWN + timedelta(minutes=9), "the picture shows 2026-03-10 09:14:05"),
        (None, "no successful run"),
    ],
)
def test_a_picture_of_a_run_that_the_platform_does_not_report_never_closes(
    desk, clock, platform, ticket, run, said
):
    clock.now_is(SHOWN + timedelta(minutes=20))
    if run:
        run_at(clock, platform, run)

    event = shown(desk, ticket, page("platform_job"))

    assert isinstance(event, e.ScreenshotUnsure)
    assert event.disputed
    assert said in event.reasons[0]
    mails = mails_after(ticket, event)
    assert [m.audience for m in mails] == [Audience.STAFF, Audience.SENDER]
    assert mails[0].reason == "the platform contradicts the picture"


def test_a_failed_run_on_the_platform_outweighs_the_picture(desk, clock, platform, ticket):
    run_at(clock, platform, SHOWN)
    platform.fail_next_run(JOB.id)
    run_at(clock, platform, SHOWN + timedelta(minutes=5))

    event = shown(desk, ticket, page("platform_job"))

    assert isinstance(event, e.ScreenshotUnsure)
    assert event.disputed
    assert "failed run R-1002" in event.reasons[0]


@pytest.mark.parametrize("name", ["icon_only", "relative_time"])
def test_the_platform_settles_what_an_icon_or_a_relative_time_leaves_open(
    desk, clock, platform, ticket, name
):
    run_at(clock, platform, SHOWN - timedelta(seconds=40))

    event = shown(desk, ticket, page(name))

    assert isinstance(event, e.ProofAccepted)
    assert event.proof.covers == SHOWN - timedelta(seconds=40), "the platform's own time"
    assert "the platform: run R-1001 succeeded" in event.proof.detail


@pytest.mark.parametrize(
    ("name", "run"),
    [("icon_only", SHOWN - timedelta(minutes=9)), ("relative_time", SHOWN - timedelta(hours=1))],
)
def test_the_platform_settles_nothing_of_a_run_that_it_does_not_know(
    desk, clock, platform, ticket, name, run
):
    run_at(clock, platform, run)

    event = shown(desk, ticket, page(name))

    assert isinstance(event, e.ScreenshotUnsure)
    assert not event.disputed


@pytest.mark.parametrize("name", ["icon_only", "relative_time"])
def test_nobodys_word_is_taken_for_a_status_or_time_that_a_picture_does_not_show(
    desk, clock, ticket, name
):
    clock.now_is(SHOWN + timedelta(minutes=20))
    alone = replace(desk, platforms={})

    event = shown(alone, ticket, page(name), sender="eve@example.com", from_staff=True)

    assert isinstance(event, e.ScreenshotUnsure)


@pytest.mark.parametrize(
    ("text", "kind", "mails"),
    [
        ("Invoice 4711<br>Paper, 20 boxes: 312.00", e.DocumentSetAside, 0),
        (f"{JOB.id}<br>Status: Succeeded", e.ScreenshotUnsure, 2),
    ],
)
def test_a_document_that_names_no_job_is_set_aside_unanswered(
    desk, clock, ticket, text, kind, mails
):
    clock.now_is(SHOWN + timedelta(minutes=20))

    event = shown(desk, ticket, typed_pdf(text))

    assert isinstance(event, kind)
    assert len(mails_after(ticket, event)) == mails


def test_a_mail_whose_pictures_take_too_long_is_looked_at_by_a_person(
    desk, clock, platform, ticket
):
    run_at(clock, platform, SHOWN - timedelta(seconds=40))
    hurried = replace(desk, pace=replace(desk.pace, mail_pictures_seconds=0.05))

    first = shown(hurried, ticket, page("platform_job"))
    second = shown(hurried, ticket, page("list_succeeded"))

    assert isinstance(first, e.ProofAccepted), "what was begun in time is finished"
    assert isinstance(second, e.ScreenshotUnsure)
    assert "take too long to read" in second.reasons[0]


def test_a_document_with_too_many_slow_pictures_is_looked_at_by_a_person(
    desk, clock, platform, ticket
):
    run_at(clock, platform, SHOWN - timedelta(seconds=40))
    hurried = replace(desk, pace=replace(desk.pace, mail_pictures_seconds=0.05))
    out = io.BytesIO()
    pages = [Image.open(io.BytesIO(page(name))) for name in ("platform_job", "list_failed")]
    pages[0].convert("RGB").save(out, "PDF", save_all=True, append_images=pages[1:])

    event = shown(hurried, ticket, out.getvalue())

    assert isinstance(event, e.ScreenshotUnsure)
    assert "1 of its pictures were not read, it took too long" in event.reasons


def test_where_the_platform_cannot_be_asked_the_picture_waits_for_a_named_person(
    desk, clock, ticket
):
    clock.now_is(SHOWN + timedelta(minutes=20))
    alone = replace(desk, platforms={})

    event = shown(alone, ticket, page("platform_job"))

    assert isinstance(event, e.ScreenshotUnsure)
    assert not event.disputed
    assert event.covers == SHOWN
    assert event.failed == ("platform",)
    (mail,) = mails_after(ticket, event)
    assert mail.audience is Audience.STAFF, "the sender did nothing wrong"


def test_where_the_platform_cannot_be_asked_staff_vouch_for_what_they_send(desk, clock, ticket):
    clock.now_is(SHOWN + timedelta(minutes=20))
    alone = replace(desk, platforms={})

    event = shown(alone, ticket, page("platform_job"), sender="eve@example.com", from_staff=True)

    assert isinstance(event, e.ProofAccepted)
    assert event.proof.witness is Witness.STAFF
    assert event.proof.by == "eve@example.com"
    assert "cannot be asked" in event.proof.detail


def test_the_word_of_staff_does_not_save_a_bad_picture(desk, clock, ticket):
    clock.now_is(SHOWN + timedelta(minutes=20))
    alone = replace(desk, platforms={})

    event = shown(alone, ticket, page("platform_failed"), from_staff=True)

    assert isinstance(event, e.ScreenshotRefused)


def test_a_refused_picture_is_drawn_upon_and_its_sender_told_which_checks_failed(desk, ticket):
    desk.clock.now_is(SHOWN + timedelta(minutes=20))

    event = shown(desk, ticket, page("platform_failed"))

    assert isinstance(event, e.ScreenshotRefused)
    assert "status" in event.failed
    with desk.memory.read() as uow:
        drawn = uow.files.get(event.drawn)
        names = [file.filename for file in uow.files.of_ticket(ticket.id)]
    assert (drawn.filename, drawn.content_type) == ("run-checked.png", "image/png")
    assert drawn.content != page("platform_failed")
    assert "run.png" in names, "the original is kept beside it"
    (mail,) = mails_after(ticket, event)
    assert (mail.purpose, mail.to, mail.failed) == (Purpose.EVIDENCE_REFUSED, SENDER, event.failed)


def test_what_is_no_picture_is_refused_without_being_sent_on(desk, ticket):
    event = shown(desk, ticket, b"<html><script>alert(1)</script></html>" * 9)

    assert isinstance(event, e.ScreenshotRefused)
    assert event.failed == ("unreadable",)
    assert event.drawn == ""


def test_a_document_is_judged_by_the_picture_in_it(desk, clock, platform, ticket):
    run_at(clock, platform, SHOWN)
    pdf = io.BytesIO()
    with Image.open(io.BytesIO(page("platform_job"))) as image:
        image.convert("RGB").save(pdf, "PDF", quality=95)

    assert isinstance(shown(desk, ticket, pdf.getvalue()), e.ProofAccepted)


def test_a_removal_is_proven_only_while_the_platform_says_so_too(desk, clock, platform, ticket):
    removed = replace(ticket, removed_at=FAILED, reactivated_at=None)
    clock.now_is(SHOWN + timedelta(minutes=20))

    early = shown(desk, removed, page("platform_removed"))
    platform.remove(JOB, key="k")
    late = shown(desk, removed, page("platform_removed"))

    assert isinstance(early, e.ScreenshotUnsure)
    assert early.disputed
    assert isinstance(late, e.ProofAccepted)
    assert late.proof.subject is Subject.REMOVAL
    assert late.proof.kind is ProofKind.SCREENSHOT_ACCEPTED


def test_a_picture_of_an_earlier_removal_proves_nothing(desk, clock, platform, ticket):
    clock.now_is(SHOWN + timedelta(hours=2))
    platform.remove(JOB, key="k")
    again = replace(ticket, removed_at=SHOWN + timedelta(hours=1), reactivated_at=None)

    event = shown(desk, again, page("platform_removed"))

    assert isinstance(event, e.ScreenshotRefused)
    assert "is not later than" in " ".join(event.reasons)


def vouched(desk: Desk, ticket: Ticket, event: e.Event) -> e.Event | str:
    """Let a member of staff say SCREENSHOT OK after `event` was recorded."""
    with desk.memory.write() as uow:
        uow.tickets.record(ticket, event, decide(ticket, event, POLICY), cause="order:1")
        kept = replace(uow.mails.get(1), received_at=SHOWN + timedelta(hours=1))
        (command,) = read_orders("SCREENSHOT OK").commands
        now = uow.tickets.get(ticket.id)
        assert now is not None
        return _staff_event(uow, desk, kept, "eve@example.com", (now, command))


def test_a_picture_that_the_platform_contradicts_cannot_be_vouched_for(desk, clock, ticket):
    clock.now_is(SHOWN + timedelta(minutes=20))
    event = shown(desk, ticket, page("platform_job"))

    answer = vouched(desk, ticket, event)

    assert isinstance(answer, str)
    assert "contradicts" in answer


def test_a_vouched_picture_speaks_for_the_run_on_it_not_for_the_hour_of_the_word(
    desk, clock, ticket
):
    """A failure between the run and the word must still outdate the picture."""
    clock.now_is(SHOWN + timedelta(minutes=20))
    event = shown(replace(desk, platforms={}), ticket, page("platform_job"))

    answer = vouched(desk, ticket, event)

    assert isinstance(answer, e.ProofAccepted)
    assert (answer.proof.by, answer.proof.covers) == ("eve@example.com", SHOWN)
    assert answer.proof.witness is Witness.STAFF


def mails_after(ticket: Ticket, event: e.Event) -> list[SendMail]:
    effects = decide(ticket, event, POLICY).effects
    return [effect for effect in effects if isinstance(effect, SendMail)]
