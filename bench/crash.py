"""Kills the real daemon at random moments, again and again, and counts what was lost or doubled.

    python -m bench.crash [--kills N] [--postgres [ADDRESS]] [--seed N]

The mail server and the job platform are real servers that outlive the daemon. Jobs fail all the
time, retailers answer, jobs are tried again or removed, while the daemon is ended by SIGKILL and
started anew; what else befalls it is in `disturbances.py`. PostgreSQL is started for it, unless an
address is given. Then it is left in peace until nothing is left to do, and everything is counted:
by the mailboxes, by the platform's own record, and by the database. Exit status 1 if any count is
not 0.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.disturbances import (
    DEADLINES,
    TICKS,
    Disturbance,
    Ground,
    chosen,
    disturbances,
    ground,
    pause,
)
from bench.world import OVER, REMOVED, REPAIRED, World, leaves
from mailflow.demo.people import SHOPS, STAFF

_LONGEST_LIFE = 1.2  # seconds of a daemon at work
_AT_WORK = 0.9  # share of the daemons that are let begin to work before they die
_LONGEST_TROUBLE = 1.6  # seconds
_DIES_IN_TROUBLE = 0.6  # share of the daemons that do not see the end of it
_STARTS_IN_TROUBLE = 0.3  # share of their successors that begin before it is over
_AT_A_DEADLINE = 0.3  # share of the daemons that die at a commit of a deadline, if one passes
_DRAINED = 0.08  # share of the deaths after a predecessor that was told to end
_RESTORED = 0.08  # share of the deaths after which the mailbox has another UIDVALIDITY
_DRAIN_SECONDS = 25.0
_PEACE_SECONDS = 400.0
_SAYS_SO = 25  # kills
_ONCE = frozenset({*REPAIRED, *REMOVED})


class Run:
    """One run: what happened, and the dice."""

    def __init__(self, world: World, options: list[Disturbance], seed: int) -> None:
        self.world = world
        self.options = options
        self.chance = random.Random(seed)
        self.happened: Counter[str] = Counter()
        self.not_drained = 0
        self._ticks = set(TICKS)

    def play(self, kills: int) -> None:
        """End the daemon that many times while the world goes on, then wait for the rest."""
        for number in range(kills):
            self._live()
            if number % _SAYS_SO == _SAYS_SO - 1:
                print(f"  {number + 1} kills", file=sys.stderr, flush=True)
        self.world.die_at(())
        self.world.stop_daemon()
        self.world.start_daemon()
        until = time.monotonic() + _PEACE_SECONDS
        while not self.world.is_done() and time.monotonic() < until:
            self.world.tend()
            self.world.go_on(fail=False)
            time.sleep(0.3)
        time.sleep(1)  # the last mails lie in the mailboxes; the postman has yet to look

    def _live(self) -> None:
        """Let a daemon live and die, and start the next one."""
        if self.chance.random() < _AT_WORK:  # the others die while they start
            self.world.wait_for("the daemon's work", self._has_begun)
        pause(self.chance.uniform(0.05, _LONGEST_LIFE), self.world)
        if self.chance.random() < _DRAINED:
            self._drain()
        trouble = chosen(self.options, self.chance)
        self.happened[trouble.name] += 1
        seconds = self.chance.uniform(0, _LONGEST_TROUBLE) if trouble.share else 0.0
        with trouble.during(self.world):
            time.sleep(seconds) if trouble.holds_up_people else pause(seconds, self.world)
            if self.chance.random() < _DIES_IN_TROUBLE:
                self._die()
                if self.chance.random() < _STARTS_IN_TROUBLE:
                    self._start()
                    time.sleep(seconds / 2)
                    return
        if self.world.is_running:
            pause(self.chance.uniform(0, _LONGEST_LIFE / 2), self.world)
            self._die()
        if self.chance.random() < _RESTORED:
            self.happened["mailbox restored with another UIDVALIDITY"] += 1
            self.world.restore_mailbox()
        self._start()

    def _has_begun(self) -> bool:
        self.world.tend()
        return self.world.has_begun() or self.world.died()

    def _die(self) -> None:
        if self.world.died():
            point = self.world.last_point()
            self.happened[f"died at {point}"] += 1
            self._ticks.discard(point)
        self.world.stop_daemon(kill=True)

    def _start(self) -> None:
        points = sorted(self._ticks)
        if self.chance.random() < _AT_A_DEADLINE:
            points.append(self.chance.choice(DEADLINES))
        self.world.die_at(points)
        self.world.start_daemon()

    def _drain(self) -> None:
        """Tell it to end while a mail is on its way."""
        if self.world.daemon_ended() is not None or not self.world.has_begun():
            return
        self.happened["SIGTERM in mid-work"] += 1
        with self.world.mail_road.silent():
            time.sleep(0.3)
            self.world.ask_to_end()
            time.sleep(self.chance.uniform(0, _LONGEST_TROUBLE))
        until = time.monotonic() + _DRAIN_SECONDS
        while self.world.daemon_ended() is None and time.monotonic() < until:
            time.sleep(0.05)
        self.not_drained += self.world.daemon_ended() not in (0, -signal.SIGKILL)
        self.world.stop_daemon(kill=True)
        self._start()
        self.world.wait_for("the daemon's work", self._has_begun)


def count(run: Run) -> dict[str, int]:
    """Count what is wrong; every figure has to be 0."""
    world = run.world
    with world.memory.read() as uow:
        stored = list(uow.tickets.listed(limit=100_000))
    tickets = Counter(ticket.job.id for ticket in stored)
    people = (SHOPS[0].address, STAFF)
    mails = [mail for person in people for mail in world.mails_of(person)]
    ids = Counter(mail.message_id for mail in mails if not mail.subject.startswith("[mailflow]"))
    purposes = Counter(
        (ticket.id, mail.purpose)
        for ticket in stored
        for mail in world.sent_about(ticket.id)
        if mail.purpose in _ONCE and mail.message_id in ids
    )
    acts = Counter((act.verb, act.job) for act in world.platform.acts() if not act.repeated)
    kinds = {ticket.id: REMOVED if leaves(ticket.job) else REPAIRED for ticket in stored}
    owed = {(ticket, purpose.value) for ticket, due in kinds.items() for purpose in due}
    acted = {"suspend_connection": 1, "remove": 1, "reactivate": 1, "run_now": 1}
    leaving = sum(leaves(job) for job in world.jobs)
    done = sum(verb in acted for verb, _ in acts)
    return {
        "alerts without a ticket": sum(tickets[job.id] == 0 for job in world.jobs),
        "tickets doubled": sum(times > 1 for times in tickets.values()),
        "answers without effect": sum(ticket.state not in OVER for ticket in stored),
        "mails left in the inbox": world.mails_left(),
        "mails doubled in a mailbox": sum(times > 1 for times in ids.values()),
        "mails written twice": sum(times > 1 for times in purposes.values()),
        "mails owed but not arrived": len(owed - set(purposes)),
        "acts done twice": sum(times > 1 for times in acts.values()),
        "acts owed but not done": 3 * (len(world.jobs) - leaving) + 2 * leaving - done,
        "orders left": len(world.orders_left()),
        "waiting for a person": len(world.on_the_shelf()),
        "not drained in time": run.not_drained,
        "faults of the record": len(world.memory.faults()),
        "defects in the log": world.told('"event": "defect"'),
    }


def report(run: Run, here: Ground, kills: int, seconds: float) -> dict[str, int]:
    """Print what happened and what is wrong; gives the latter."""
    world, counts = run.world, count(run)
    acts = world.platform.acts()
    kind = "PostgreSQL" if here.address.startswith("postgresql") else "SQLite"
    mails = sum(len(world.mails_of(person)) for person in (SHOPS[0].address, STAFF))
    print(
        f"{kind}: {kills} kills in {seconds:.0f} s ({seconds / kills:.1f} s each), "
        f"{len(world.jobs)} jobs, {mails} mails to people, {len(acts)} acts asked of the platform, "
        f"{sum(act.repeated for act in acts)} of them repeats that it absorbed"
    )
    for what, number in sorted(run.happened.items()):
        print(f"  {number:4d} {what}")
    print(f"  {world.ended_by_itself:4d} starts that failed and were made anew")
    for event in ("database or disk is full", "No space left", "database.lock_retaken"):
        print(f'  {world.told(event):4d} lines of the log say "{event}"')
    print("wrong:")
    for what, number in counts.items():
        print(f"  {number:4d} {what}")
    return counts


def main() -> int:
    """Run once and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument(
        "--postgres", nargs="?", const="", help="on PostgreSQL; else the address of a database"
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = time.monotonic()
    with (
        ground(postgres=options.postgres is not None, address=options.postgres or "") as here,
        tempfile.TemporaryDirectory() as folder,
        World(Path(folder), database=here.address) as world,
    ):
        run = Run(world, disturbances(here), options.seed)
        run.play(options.kills)
        counts = report(run, here, options.kills, time.monotonic() - began)
        if any(counts.values()):
            kept = Path(tempfile.mkdtemp(prefix="mailflow-crash-"))
            (kept / "mailflow.log").write_bytes((Path(folder) / "mailflow.log").read_bytes())
            print(f"the log is kept in {kept}")
            for order in world.orders_left():
                print(f"  left: {order}")
    return 1 if any(counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
