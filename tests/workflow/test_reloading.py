"""What is read again at a reload is obeyed from then on."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mailflow.edges.mailbox_state import MailboxState
from mailflow.edges.platforms.simulated import SimulatedPlatform
from mailflow.settings.root import Settings
from mailflow.store.unit_of_work import SqlMemory, open_memory
from mailflow.wiring.operating import alarm_round, watch_of
from mailflow.workflow.daemon import Daemon
from mailflow.workflow.desk import Pace
from mailflow.workflow.records import ShelfKind
from tests.builders import a_job, minute, paused
from tests.store.courses import open_one, tell
from tests.workflow.conftest import settings_in
from tests.workflow.office import HandClock, desk_over
from tests.workflow.room import Pile

FIRST, SECOND = "first@staff.test", "second@staff.test"


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[SqlMemory]:
    opened = open_memory(f"sqlite:///{tmp_path / 'mailflow.db'}")
    yield opened
    opened.close()


def test_jobs_are_compared_as_often_as_the_last_reload_says(memory: SqlMemory):
    ticket, clock = tell(memory, open_one(memory), paused(1)), HandClock(minute(2))
    platform = SimulatedPlatform(clock=clock)
    platform.add_job(a_job())  # it runs, although it must be stopped
    seldom = Pace(reconcile_seconds=3600)
    desk = desk_over(memory, clock, platforms={"simulated": platform}, pace=seldom)
    daemon = Daemon(desk, workers=2)
    daemon.start()

    daemon.use(replace(desk, pace=Pace(reconcile_seconds=0.1)))

    until = time.monotonic() + 20
    while "JobFoundRunning" not in heard(memory, ticket.id):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert daemon.stop(20)


def heard(memory: SqlMemory, ticket: str) -> list[str]:
    with memory.read() as uow:
        return [entry.event for entry in uow.tickets.story(ticket)]


def settings_to(folder: Path, to: str, **limits: int) -> Settings:
    settings = settings_in(folder, f"sqlite:///{folder / 'mailflow.db'}")
    alarms = settings.alarms.model_copy(update={"to": (to,), **limits})
    return settings.model_copy(update={"alarms": alarms})


def test_alarms_go_to_whom_the_last_reload_names_and_at_its_limits(
    memory: SqlMemory, tmp_path: Path
):
    pile, clock = Pile(), HandClock(minute(0))
    before = settings_to(tmp_path, FIRST, disk_free_mb=10**9)
    after = settings_to(tmp_path, SECOND, disk_free_mb=10**9, shelf_items=1)
    desk = desk_over(memory, clock, outbox=pile, watch=watch_of(before, pile))
    look = alarm_round(before, memory, MailboxState(clock), lambda: ())
    with memory.write() as uow:
        uow.shelf.put(ShelfKind.NO_TICKET, "a stranger", at=minute(0))

    look(desk)
    clock.now_is(minute(1.5))
    look(replace(desk, watch=watch_of(after, pile)))

    assert [(mail.to, "disk" in mail.subject) for mail in pile.mails] == [
        ((FIRST,), True),
        ((SECOND,), False),
    ]
    assert "shelf growing" in pile.mails[1].subject
