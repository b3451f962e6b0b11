"""The whole workflow without its network: mails are handed in, orders carried out by hand."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.message import EmailMessage
from email.utils import make_msgid

from mailflow.demo.alerts import as_json
from mailflow.demo.border import AUTHSERV_ID, stamp
from mailflow.edges.platforms.simulated import SimulatedPlatform
from mailflow.store.unit_of_work import SqlMemory
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.tickets.ticket import Job, Kind, Ticket
from mailflow.understanding.sender import Border
from mailflow.wiring import Office
from mailflow.workflow.carry_out import carry_out_next
from mailflow.workflow.desk import Desk
from mailflow.workflow.ports import IncomingMail, JobState, Refused, WrittenMail
from mailflow.workflow.records import Contact, Retailer
from mailflow.workflow.take_in import handle, keep
from tests.workflow.office import HandClock

BOX, STAFF = "box@mailflow.test", "desk@staff.test"
ALERTS = "api@alerts.mailflow.test"
SHOP, HELPER, OTHER_SHOP = "ops@shop.test", "temp@shop.test", "it@other.test"


class Pile:
    """An outbox whose mails lie on a pile; it may be told to fail."""

    def __init__(self) -> None:
        self.mails: list[WrittenMail] = []
        self.fails_with: list[Exception] = []  # the next sendings, one each
        self.does_not_take: dict[str, Refused] = {}

    def send(self, mail: WrittenMail) -> tuple[Refused, ...]:
        if self.fails_with:
            raise self.fails_with.pop(0)
        self.mails.append(mail)
        return tuple(self.does_not_take[to] for to in mail.to if to in self.does_not_take)

    def was_sent(self, message_id: str) -> bool | None:
        return any(mail.message_id == message_id for mail in self.mails)

    def to(self, person: str) -> list[WrittenMail]:
        return [mail for mail in self.mails if person in mail.to]


@dataclass
class Room:
    """A desk, its platform and its pile. Time stands still until `wait` is called."""

    desk: Desk
    clock: HandClock
    platform: SimulatedPlatform
    pile: Pile
    uid: int = field(default=0)

    def job(self, name: str, *, stoppable: bool = True, market: str = "otter") -> Job:
        job = Job(
            id=name,
            name=f"Job {name}",
            retailer="shop",
            marketplace=market,
            kind=Kind.FEED,
            platform="simulated",
        )
        self.platform.add_job(job, broken=True, stoppable=stoppable)
        return job

    def fails(self, job: Job, error: str = "the feed was refused") -> Ticket:
        """Hand an alert in and do all that is due; gives the job's ticket."""
        self.arrives(ALERTS, as_json(job, error))
        self.work_off()
        return self.ticket(job)

    def is_told(self, *jobs: Job) -> WrittenMail:
        """Let jobs fail together and the notice leave; gives the notice."""
        for job in jobs:
            self.fails(job)
        self.wait(61)
        return self.pile.to(SHOP)[-1]

    def arrives(
        self, sender: str, text: str, *, answers: WrittenMail | None = None, **headers: str
    ) -> str:
        """Hand a mail in as the border server would; gives what was made of it."""
        mail = EmailMessage()
        mail["From"], mail["To"] = sender, BOX
        mail["Subject"] = headers.pop("subject", "hello")
        mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
        if answers is not None:
            mail["In-Reply-To"] = answers.message_id
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        return handle(self.desk, self.keeps(stamp(mail.as_bytes(), login=sender, peer="x")))

    def keeps(self, raw: bytes, *, uid: int | None = None, truncated: bool = False) -> int:
        self.uid += 1
        return keep(
            self.desk,
            IncomingMail(
                folder="INBOX",
                uidvalidity=1,
                uid=self.uid if uid is None else uid,
                raw=raw,
                received_at=self.clock.now(),
                truncated=truncated,
            ),
        )

    def work_off(self) -> None:
        while carry_out_next(self.desk, owner="here"):
            pass

    def wait(self, seconds: float) -> None:
        """Let time pass, and do what has become due."""
        self.clock.now_is(self.clock.now() + timedelta(seconds=seconds))
        self.work_off()

    def ticket(self, job: Job) -> Ticket:
        with self.desk.memory.read() as uow:
            found = uow.tickets.open_of_job(job.key) or uow.tickets.latest_of_job(job.key)
        assert found is not None, f"{job.id} has no ticket"
        return found

    def heard(self, ticket: Ticket) -> list[str]:
        with self.desk.memory.read() as uow:
            return [entry.event for entry in uow.tickets.story(ticket.id)]

    def shelf(self) -> list[str]:
        with self.desk.memory.read() as uow:
            return [item.because for item in uow.shelf.items()]

    def acts(self, job: Job) -> list[str]:
        return [act.verb for act in self.platform.acts() if act.job == job.id]


class Absent(SimulatedPlatform):
    """A platform that answers nothing for now."""

    def state_of(self, job: Job) -> JobState:
        raise TryAgainLater(f"{job.id}: no answer")


class Refusing(SimulatedPlatform):
    """A platform that refuses every stop."""

    def stop(self, job: Job, *_: object, **__: object) -> str:
        raise GiveUp(f"no right to stop {job.id}")


def room_in(office: Office, memory: SqlMemory) -> Room:
    """Furnish the office: a hand's clock, a simulated platform, two retailers."""
    clock = HandClock(office.desk.clock.now())
    platform, pile = SimulatedPlatform(clock=clock, run_seconds=0), Pile()
    desk = replace(
        office.desk,
        memory=memory,
        clock=clock,
        platforms={"simulated": platform},
        platform_of=lambda _failure: "simulated",
        outbox=pile,
        border=Border(authserv_id=AUTHSERV_ID),
    )
    helper = Contact(
        address=HELPER,
        name="",
        language="en",
        may_confirm_change=False,
        may_confirm_removal=False,
    )
    shop = Retailer(
        id="shop",
        name="Shop",
        language="en",
        zone="UTC",
        contacts=(Contact(address=SHOP, name="", language="en"), helper),
    )
    other = Retailer(
        id="other",
        name="Other",
        language="en",
        zone="UTC",
        contacts=(Contact(address=OTHER_SHOP, name="", language="en"),),
    )
    with desk.memory.write() as uow:
        uow.directory.replace([shop, other])
    return Room(desk=desk, clock=clock, platform=platform, pile=pile)
