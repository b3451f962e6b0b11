"""Who sent poor evidence gets one mail in their language; staff see what was seen."""

import email
import email.policy
import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mailflow.edges.mail_templates import TemplateLetters
from mailflow.edges.picture_worker import WorkerPictureReader
from mailflow.edges.platforms.simulated import SimulatedPlatform
from mailflow.settings.root import LimitSettings
from mailflow.store.unit_of_work import SqlMemory, open_memory
from mailflow.tickets import events as e
from mailflow.tickets.containing import open_ticket
from mailflow.tickets.decide import decide
from mailflow.tickets.ticket import Job, Kind, State
from mailflow.workflow.advance import tell
from mailflow.workflow.carry_out import carry_out_next
from mailflow.workflow.desk import Desk
from mailflow.workflow.ports import IncomingMail, Refused, WrittenMail
from mailflow.workflow.records import Contact, Retailer, StoredFile
from tests.builders import POLICY, STAFF, an_alert
from tests.workflow.office import HandClock, desk_over

PICTURES = Path(__file__).parents[1] / "evidence" / "pictures"
FAILED = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
SHOWN = datetime(2026, 3, 10, 9, 14, 5, tzinfo=UTC)  # the end of the run on a picture
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
SENDER = "laden@example.com"
JOB = Job(
    id="feed-nordhaus-de",
    name="Nordhaus price feed",
    retailer="nordhaus",
    marketplace="Kaufwelt DE",
    kind=Kind.FEED,
    platform="simulated",
)


class Pile:
    """An outbox whose mails lie on a pile."""

    def __init__(self) -> None:
        self.mails: list[WrittenMail] = []

    def send(self, mail: WrittenMail) -> tuple[Refused, ...]:
        self.mails.append(mail)
        return ()

    def was_sent(self, message_id: str) -> bool | None:
        return any(mail.message_id == message_id for mail in self.mails)

    def to(self, address: str) -> list[EmailMessage]:
        return [
            email.message_from_bytes(mail.raw, _class=EmailMessage, policy=email.policy.default)
            for mail in self.mails
            if address in mail.to
        ]


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkerPictureReader]:
    reader = WorkerPictureReader(LimitSettings())
    yield reader
    reader.close()


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[SqlMemory]:
    opened = open_memory(f"sqlite:///{tmp_path / 'mailflow.db'}")
    contact = Contact(address=SENDER, name="", language="de")
    shop = Retailer(
        id="nordhaus", name="Nordhaus Moebel", language="de", zone="UTC", contacts=(contact,)
    )
    alert = replace(an_alert(), at=FAILED, failed_at=FAILED)
    start = open_ticket("MF-1", JOB, alert, POLICY)
    with opened.write() as uow:
        uow.directory.replace([shop])
        saved = uow.tickets.record(None, alert, start, cause="mail:0")
        assert saved is not None
        paused = e.JobPaused(at=FAILED + timedelta(minutes=1), because="stopped")
        uow.tickets.record(saved, paused, decide(saved, paused, POLICY), cause="order:0")
    yield opened
    opened.close()


@pytest.fixture
def pile() -> Pile:
    return Pile()


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture
def platform(clock: HandClock) -> SimulatedPlatform:
    platform = SimulatedPlatform(clock=clock)
    platform.add_job(JOB)
    return platform


@pytest.fixture
def desk(memory, reader, pile, clock, platform) -> Desk:
    edges: dict[str, Any] = {"platforms": {"simulated": platform}, "pictures": reader}
    edges |= {"letters": TemplateLetters(None, "inbox@example.com", "Team"), "outbox": pile}
    return desk_over(memory, clock, **edges)


def arrive(desk: Desk, *names: str, from_staff: bool = False) -> None:
    contents = {name: (PICTURES / f"{name}.png").read_bytes() for name in names}
    mail = IncomingMail(folder="INBOX", uidvalidity=1, uid=7, raw=b"x", received_at=NOON)
    with desk.memory.write() as uow:
        kept = uow.mails.keep(mail, "<m@example.com>")
        for name, content in contents.items():
            file = StoredFile(
                sha256=hashlib.sha256(content).hexdigest(),
                content_type="image/png",
                filename=f"{name}.png",
                content=content,
            )
            uow.files.keep(file, mail_id=kept.id, tickets=["MF-1"])
    event = e.EvidenceReceived(
        at=NOON,
        message=str(kept.id),
        sender=STAFF if from_staff else SENDER,
        from_staff=from_staff,
        attachments=tuple(hashlib.sha256(c).hexdigest() for c in contents.values()),
    )
    tell(desk, "MF-1", event, cause=f"mail:{kept.id}/pictures")


def do_everything(desk: Desk, clock: HandClock) -> None:
    while carry_out_next(desk, owner="test"):
        pass
    clock.now_is(clock.now() + timedelta(minutes=5))
    while carry_out_next(desk, owner="test"):
        pass


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


def test_two_poor_pictures_are_answered_by_one_mail_in_the_senders_language(desk, pile):
    arrive(desk, "list_failed", "platform_failed")
    do_everything(desk, desk.clock)

    (mail,) = pile.to(SENDER)
    text = text_of(mail)
    assert "Der Screenshot genügt noch nicht" in mail["Subject"]
    assert "list_failed.png" in text
    assert "platform_failed.png" in text
    assert "dass der Lauf dieses Jobs erfolgreich war" in text
    assert "Was ein guter Screenshot zeigt" in text
    assert [part.get_filename() for part in mail.iter_attachments()] == []
    assert all("Screenshot" not in str(m["Subject"]) for m in pile.to(STAFF))


def test_a_picture_that_proves_it_spares_its_sender_the_answer_about_the_others(
    desk, pile, platform
):
    """Twenty pictures of which one proves it are no nineteen mails."""
    clock = desk.clock
    tell(desk, "MF-1", e.StaffReactivated(at=FAILED + timedelta(minutes=5), by=STAFF), cause="s")
    switched_on = FAILED + timedelta(minutes=6)
    tell(desk, "MF-1", e.JobReactivated(at=switched_on, trial=1), cause="r")
    platform.reactivate(JOB, key="by hand")
    clock.now_is(SHOWN)
    assert platform.run_as_scheduled(JOB.id)
    clock.now_is(NOON)

    arrive(desk, "platform_failed", "relative_time", "platform_job")
    do_everything(desk, clock)

    with desk.memory.read() as uow:
        ticket = uow.tickets.get("MF-1")
    assert ticket is not None
    assert ticket.state is State.CLOSED
    told = [text_of(mail) for mail in pile.to(SENDER)]
    assert told, "of the trial and of the closure"
    assert not [text for text in told if "Es genügt noch nicht" in text]


def test_an_unsure_picture_goes_to_staff_drawn_upon_and_its_sender_hears_of_it(desk, pile):
    arrive(desk, "relative_time")
    do_everything(desk, desk.clock)

    (told,) = pile.to(SENDER)
    assert "Jemand von uns sieht es sich an" in text_of(told)
    (asked,) = pile.to(STAFF)
    assert "SCREENSHOT OK" in text_of(asked)
    (attached,) = asked.iter_attachments()
    assert attached.get_filename() == "relative_time-checked.png"
    content = attached.get_content()
    assert isinstance(content, bytes)
    with Image.open(io.BytesIO(content)) as drawn:
        assert drawn.format == "PNG"
    assert content != (PICTURES / "relative_time.png").read_bytes()


def test_staff_who_send_a_poor_picture_get_it_back_drawn_upon(desk, pile):
    arrive(desk, "platform_failed", from_staff=True)
    do_everything(desk, desk.clock)

    (mail,) = pile.to(STAFF)
    text = text_of(mail)
    assert "It does not clearly show that this job's run succeeded." in text
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "platform_failed-checked.png"
