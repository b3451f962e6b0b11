"""Kills the real daemon at random moments, again and again, and counts what was lost or doubled.

    python bench/crash.py [--kills N] [--postgres ADDRESS] [--seed N]

The mail server and the job platform are real servers that outlive the daemon. Jobs fail all the
time, retailers answer, jobs are tried again, while the daemon is ended by SIGKILL and started anew;
before about every fourth death the mail server falls silent, and does later what it was told.
Then it is left in peace until nothing is left to do, and everything is counted: by the mailboxes,
by the platform's own record, and by the database. Exit status 1 if any count is not 0.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mailflow.demo.alerts import as_json
from mailflow.demo.people import BOX, JSON_ALERTS, SHOPS, Received
from mailflow.demo.stage import Stage
from mailflow.tickets.effects import Purpose
from mailflow.tickets.ticket import Job, Kind, State, Ticket

_AT_ONCE = 4  # jobs under way at the same time
_LONGEST_LIFE = 2.5  # seconds of a daemon
_AT_WORK = 0.9  # share of the daemons that are let begin to work before they die
_SILENT = 0.25  # share of the deaths before which the mail server falls silent
_LONGEST_SILENCE = 2.0  # seconds
_ONCE = (Purpose.FIRST_NOTICE, Purpose.ON_TRIAL, Purpose.EVIDENCE_WANTED)
_OVER = frozenset({State.AWAITING_EVIDENCE, State.CLOSED})


class World(Stage):
    """A stage on which jobs fail and retailers answer, whatever becomes of the daemon."""

    more_settings = "\n[limits]\ncrashes = 20\n"  # it dies more often than an order may kill

    def __init__(self, folder: Path, *, database: str = "") -> None:
        super().__init__(folder, database=database)
        self.jobs: list[Job] = []
        self.answered: set[str] = set()

    def go_on(self) -> None:
        """Let people do what they would do now."""
        tickets = {ticket.job.id: ticket for ticket in self.tickets()}
        under_way = [job for job in self.jobs if not _is_over(tickets.get(job.id))]
        if len(under_way) < _AT_ONCE:
            self._let_one_fail()
        for job in under_way:
            ticket = tickets.get(job.id)
            if ticket is not None and job.id not in self.answered:
                self._answer(job, ticket)

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
        text = as_json(job, "401: the access token has expired")
        self.send(JSON_ALERTS, BOX, "Job failed", text)

    def _answer(self, job: Job, ticket: Ticket) -> None:
        notice = self._notice_of(ticket)
        if notice is None:
            return
        self.answered.add(job.id)
        words = "We have renewed the access token."
        shop = SHOPS[0].address
        self.send(shop, notice.reply_to, f"Re: {notice.subject}", words, answers=notice)

    def _notice_of(self, ticket: Ticket) -> Received | None:
        ids = {m.message_id for m in self.sent_about(ticket.id) if m.purpose == _ONCE[0]}
        mails = self.mails_of(SHOPS[0].address)
        return next((mail for mail in mails if mail.message_id in ids), None)

    def starts(self) -> int:
        """Count how often a daemon has begun to work."""
        return (self.folder / "mailflow.log").read_text("utf-8").count('"service.started"')

    def wait_for_start(self, number: int) -> None:
        self.wait_for("the daemon's work", lambda: self.starts() >= number)

    @contextmanager
    def silent_mail_server(self) -> Iterator[None]:
        """Let it answer nothing meanwhile; what it was sent, it takes when nobody listens."""
        assert self._mail is not None
        self._mail.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._mail.process.send_signal(signal.SIGCONT)

    def is_done(self) -> bool:
        tickets = {ticket.job.id: ticket for ticket in self.tickets()}
        return all(_is_over(tickets.get(job.id)) for job in self.jobs) and not self.orders_left()


def _is_over(ticket: Ticket | None) -> bool:
    return ticket is not None and ticket.state in _OVER


def play(world: World, kills: int, chance: random.Random) -> None:
    """End the daemon that many times while the world goes on, then wait for the rest."""
    began = 0  # daemons that had begun to work before the present one
    for _ in range(kills):
        if chance.random() < _AT_WORK:  # the others die while they start
            world.wait_for_start(began + 1)
        until = time.monotonic() + chance.uniform(0.05, _LONGEST_LIFE)
        while time.monotonic() < until:
            world.go_on()
            time.sleep(0.05)
        if chance.random() < _SILENT:
            with world.silent_mail_server():
                time.sleep(chance.uniform(0, _LONGEST_SILENCE))
                world.stop_daemon(kill=True)
        else:
            world.stop_daemon(kill=True)
        began = world.starts()
        world.start_daemon()
    deadline = time.monotonic() + 300
    while not world.is_done() and time.monotonic() < deadline:
        tickets = {ticket.job.id: ticket for ticket in world.tickets()}
        for job in world.jobs:
            ticket = tickets.get(job.id)
            if ticket is not None and job.id not in world.answered:
                world._answer(job, ticket)  # noqa: SLF001 - the world's own people
        time.sleep(0.2)


def count(world: World) -> dict[str, int]:
    """Count what is wrong; every figure has to be 0."""
    tickets = Counter(ticket.job.id for ticket in world.tickets())
    people = (SHOPS[0].address, "desk@staff.mailflow.test")
    mails = [mail.message_id for person in people for mail in world.mails_of(person)]
    purposes = Counter(
        (ticket.id, mail.purpose)
        for ticket in world.tickets()
        for mail in world.sent_about(ticket.id)
        if mail.purpose in _ONCE
    )
    acts = Counter((act.verb, act.job) for act in world.platform.acts() if not act.repeated)
    unfinished = [t for t in world.tickets() if t.state not in _OVER]
    return {
        "alerts without a ticket": sum(tickets[job.id] == 0 for job in world.jobs),
        "tickets doubled": sum(times > 1 for times in tickets.values()),
        "answers without effect": len(unfinished),
        "mails doubled in a mailbox": sum(times > 1 for times in Counter(mails).values()),
        "mails written twice": sum(times > 1 for times in purposes.values()),
        "mails owed but not sent": 3 * len(world.jobs) - len(purposes),
        "acts done twice": sum(times > 1 for times in acts.values()),
        "orders left": len(world.orders_left()),
        "waiting for a person": len(world.on_the_shelf()),
    }


def main() -> int:
    """Run once and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--postgres", default="", help="address of an empty database")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        World(Path(folder), database=options.postgres) as world,
    ):
        play(world, options.kills, random.Random(options.seed))
        counts = count(world)
        jobs, acts = len(world.jobs), len(world.platform.acts())
        repeated = sum(act.repeated for act in world.platform.acts())
        if any(counts.values()):
            kept = Path(tempfile.mkdtemp(prefix="mailflow-crash-"))
            (kept / "mailflow.log").write_bytes((Path(folder) / "mailflow.log").read_bytes())
            print(f"the log is kept in {kept}")
    where = "PostgreSQL" if options.postgres else "SQLite"
    print(
        f"{where}: {options.kills} kills in {time.monotonic() - began:.0f} s, {jobs} jobs, "
        f"{acts} acts asked of the platform, {repeated} of them repeats that it absorbed"
    )
    for what, number in counts.items():
        print(f"  {number:4d} {what}")
    return 1 if any(counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
