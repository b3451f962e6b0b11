"""A stage on which jobs fail and people answer, whatever becomes of the daemon."""

import signal
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from imapclient import IMAPClient

from bench.nursery import Nursery
from bench.roads import Roads
from mailflow.demo.alerts import as_json
from mailflow.demo.people import BOX, JSON_ALERTS, PEOPLE, SHOPS, Received
from mailflow.demo.stage import Stage
from mailflow.edges.clock import SystemClock
from mailflow.store.unit_of_work import SqlMemory
from mailflow.tickets.effects import Purpose
from mailflow.tickets.errors import TryAgainLater
from mailflow.tickets.ticket import Job, Kind, State, Ticket

OVER = frozenset({State.AWAITING_EVIDENCE, State.CLOSED})
REPAIRED = (Purpose.FIRST_NOTICE, Purpose.ON_TRIAL, Purpose.EVIDENCE_WANTED)
REMOVED = (Purpose.FIRST_NOTICE, Purpose.REMOVAL_SCHEDULED, Purpose.EVIDENCE_WANTED)
_AT_ONCE = 4  # jobs under way at the same time
_LEAVES = 4  # every fourth job's retailer has left the marketplace
_RESTART_SECONDS = 0.5  # what a service manager would wait
_DIGEST_AFTER = timedelta(minutes=2)
_OLD_MAILS = 5  # so many lie in the mailbox again when it was restored


class World(Stage):
    """The stage, with roads that can be cut between the daemon and everything else."""

    def __init__(self, folder: Path, *, database: str) -> None:
        super().__init__(folder, database=database)
        self.jobs: list[Job] = []
        self.answered: set[str] = set()
        self.ended_by_itself = 0
        self._points: tuple[str, ...] = ()
        self._began_at = 0
        self._nursery = Nursery(folder)
        self._over: set[str] = set()  # keys of jobs that ask for nothing more

    def _write_files(self) -> None:
        imap, smtp, web = self.ports
        self.mail_road, self.platform_road = Roads([imap, smtp]), Roads([web])
        super()._write_files()
        digest = (SystemClock().now() + _DIGEST_AFTER).astimezone(ZoneInfo("UTC"))
        text = self.config.read_text("utf-8")
        for old, new in (
            (f"port = {imap}", f"port = {self.mail_road.ports[0]}"),
            (f"port = {smtp}", f"port = {self.mail_road.ports[1]}"),
            (f"127.0.0.1:{web}", f"127.0.0.1:{self.platform_road.ports[0]}"),
            ("unsure_grace_seconds = 1\n", "unsure_grace_seconds = 1\nmails_an_hour = 100000\n"),
            ("[staff]\n", f'[staff]\nzone = "UTC"\ndigest_at = "{digest:%H:%M}"\n'),
        ):
            assert old in text, old
            text = text.replace(old, new)
        self.config.write_text(text, encoding="utf-8")

    def __exit__(self, *what: object) -> None:
        super().__exit__(*what)
        for process in (self.mail_road, self.platform_road, self._nursery):
            process.close()

    @property
    def memory(self) -> SqlMemory:
        assert self._memory is not None
        return self._memory

    def start_daemon(self, _program: Sequence[str] = ()) -> int:
        """Start it, or one that dies at the next named point."""
        points, trace = self.folder / "points", self.folder / "trace"
        points.write_text("\n".join(self._points), encoding="utf-8")
        log = self.folder / "mailflow.log"
        log.touch()
        self._began_at = log.stat().st_size
        self._daemon = self._nursery.start(points, trace, self.config, log)
        return self._daemon.pid

    def die_at(self, points: Sequence[str]) -> None:
        """Let the daemons that are started from now on die at these points."""
        self._points = tuple(points)

    def tend(self) -> None:
        """Start a daemon that ended by itself, as a service manager would."""
        if self.daemon_ended() is None or self.died():
            return
        self.ended_by_itself += 1
        time.sleep(_RESTART_SECONDS)
        self.start_daemon()

    def has_begun(self) -> bool:
        """Has the present daemon begun to work?"""
        log = self.folder / "mailflow.log"
        with log.open("rb") as file:
            file.seek(self._began_at)
            return b'"service.started"' in file.read()

    @property
    def is_running(self) -> bool:
        return self._daemon is not None

    def died(self) -> bool:
        """Did it die at a named point?"""
        return self.daemon_ended() == -signal.SIGKILL

    def last_point(self) -> str:
        return (self.folder / "trace").read_text("utf-8").splitlines()[-1]

    def ask_to_end(self) -> None:
        """Send SIGTERM; a daemon that has just died does not mind."""
        assert self._daemon is not None
        self._daemon.terminate()

    def told(self, event: str) -> int:
        return (self.folder / "mailflow.log").read_bytes().count(event.encode())

    def ticket_of(self, job: Job) -> Ticket | None:
        with self.memory.read() as uow:
            return uow.tickets.latest_of_job(job.key)

    def under_way(self) -> list[Job]:
        """Give the jobs whose tickets are not over."""
        jobs = [job for job in self.jobs if job.key not in self._over]
        for job in jobs:
            ticket = self.ticket_of(job)
            if ticket is not None and ticket.state in OVER:
                self._over.add(job.key)
        return [job for job in jobs if job.key not in self._over]

    def go_on(self, *, fail: bool = True) -> None:
        """Let people do what they would do now, if the database can be asked."""
        try:
            jobs = self.under_way()
            if fail and len(jobs) < _AT_ONCE:
                self._let_one_fail()
            for job in jobs:
                if job.id not in self.answered:
                    self._answer(job)
        except TryAgainLater:
            return

    def _let_one_fail(self) -> None:
        number = len(self.jobs)
        job = Job(
            id=f"job-{number}",
            name=f"Job {number}",
            retailer=SHOPS[0].account,
            marketplace=f"market{number}",  # of its own, so that no two notices become one
            kind=Kind.TOKEN,
            platform="simulated",
        )
        self.platform.add_job(job)  # sound by now: its next run succeeds
        self.jobs.append(job)
        error = "seller account closed: the shop was offboarded"
        text = as_json(job, error if leaves(job) else "401: the access token has expired")
        self.send(JSON_ALERTS, BOX, "Job failed", text)

    def _answer(self, job: Job) -> None:
        notice = self._notice_of(job)
        if notice is None:
            return
        self.answered.add(job.id)
        words = "We have renewed the access token."
        if leaves(job):
            words = f"We no longer sell on {job.marketplace}. Please remove the integration."
        self.send(SHOPS[0].address, notice.reply_to, f"Re: {notice.subject}", words, answers=notice)

    def _notice_of(self, job: Job) -> Received | None:
        ticket = self.ticket_of(job)
        if ticket is None:
            return None
        ids = {m.message_id for m in self.sent_about(ticket.id) if m.purpose == REPAIRED[0]}
        mails = self.mails_of(SHOPS[0].address)
        return next((mail for mail in mails if mail.message_id in ids), None)

    def is_done(self) -> bool:
        try:
            return not self.under_way() and not self.orders_left() and not self.mails_left()
        except TryAgainLater:
            return False

    def mails_left(self) -> int:
        """Count the mails that lie in mailflow's inbox and were not put away."""
        with self._box() as client:
            client.select_folder("INBOX", readonly=True)
            return len(client.search(["ALL"]))

    def restore_mailbox(self) -> None:
        """Give the inbox a new UIDVALIDITY, and let it hold old mails again too."""
        with self._box() as client:
            client.rename_folder("INBOX", "Before")
            client.select_folder("Before")
            if mails := client.search(["ALL"]):
                client.copy(mails, "INBOX")
            client.select_folder("Processed")
            if old := client.search(["ALL"])[-_OLD_MAILS:]:
                client.copy(old, "INBOX")
            client.delete_folder("Before")

    def _box(self) -> IMAPClient:
        client = IMAPClient("127.0.0.1", self.ports[0], ssl=False)
        client.login(BOX, PEOPLE[BOX])
        return client


def leaves(job: Job) -> bool:
    """Is it a job whose retailer has left the marketplace?"""
    return int(job.id.rpartition("-")[2]) % _LEAVES == _LEAVES - 1
