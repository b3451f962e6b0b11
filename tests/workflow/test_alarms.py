"""Every alarm fires and clears, is told once, and takes a road that is not the broken one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mailflow.edges.mailbox_state import MailboxState
from mailflow.store.unit_of_work import open_memory
from mailflow.tickets import events as e
from mailflow.tickets.errors import TryAgainLater
from mailflow.workflow.alarms import (
    AlarmBook,
    AlarmKind,
    Limits,
    TokenState,
    View,
    troubles,
)
from mailflow.workflow.records import ShelfKind
from tests.builders import START, minute, paused
from tests.store.courses import open_one, tell
from tests.workflow.office import HandClock

LIMITS = Limits(shelf_items=3)


class Road:
    """Keeps what it is told; may be broken."""

    def __init__(self, name, *, is_ordinary=False):
        self.name = name
        self.is_ordinary = is_ordinary
        self.broken = False
        self.told = []

    def tell(self, message):
        if self.broken:
            raise TryAgainLater("no way through")
        self.told.append(message.subject)


@pytest.fixture
def memory(database_url):
    opened = open_memory(database_url)
    yield opened
    opened.close()


@pytest.fixture
def roads():
    return [Road("outbox", is_ordinary=True), Road("relay")]


class Watch:
    """A book over a real memory, and the time of its rounds."""

    def __init__(self, memory, roads):
        self.memory, self.roads = memory, roads
        self.clock = HandClock(START)
        self.mailbox = MailboxState(self.clock)
        self.mailbox.hear("watching")
        self.more = {}
        self.restart()

    def restart(self):
        self.book = AlarmBook(memory=self.memory, roads=self.roads)

    def round(self, minutes):
        self.clock.now_is(minute(minutes))
        with self.memory.read() as uow:
            figures = uow.figures()
        view = View(
            mailbox="inbox@example.com",
            mailbox_state=self.mailbox.state,
            mailbox_unread_since=self.mailbox.unread_since,
            figures=figures,
            disk="/var/lib/mailflow",
            disk_free_bytes=10**10,
        )
        now = self.clock.now()
        self.book.note(troubles(replace(view, **self.more), LIMITS, now), now)
        return [subject for road in self.roads for subject in road.told]


@pytest.fixture
def watch(memory, roads):
    return Watch(memory, roads)


def break_mailbox(watch):
    watch.mailbox.hear("connection lost: timed out")
    return lambda: watch.mailbox.hear("watching")


def break_containment(watch):
    ticket = tell(watch.memory, open_one(watch.memory), e.PauseFailed(at=minute(0), because="500"))
    return lambda: tell(watch.memory, ticket, paused(3))


def fill_shelf(watch):
    with watch.memory.write() as uow:
        items = [uow.shelf.put(ShelfKind.TRIAGE, "no rule", at=minute(0)) for _ in range(3)]

    def clear():
        with watch.memory.write() as uow:
            uow.shelf.resolve(items[0].id, minute(4))

    return clear


def seen(**fault):
    def begin(watch):
        watch.more = dict(fault)
        return watch.more.clear

    return begin


TROUBLES = {
    AlarmKind.MAILBOX: break_mailbox,
    AlarmKind.CONTAINMENT: break_containment,
    AlarmKind.SHELF: fill_shelf,
    AlarmKind.DISK: seen(disk_free_bytes=10**6),
    AlarmKind.BRAKE: seen(brake="40 mails in a minute"),
    AlarmKind.TOKEN_REFUSED: seen(tokens=[TokenState(name="inbox", refused="invalid_grant")]),
    AlarmKind.TOKEN_EXPIRING: seen(
        tokens=[TokenState(name="inbox", expires_at=START + timedelta(days=6))]
    ),
}


def test_there_is_a_trouble_here_for_every_alarm():
    assert set(TROUBLES) == set(AlarmKind)


@pytest.mark.parametrize("kind", AlarmKind)
def test_an_alarm_is_told_once_and_cleared_once_over_restarts(watch, kind):
    end = TROUBLES[kind](watch)
    told = []
    for minutes in (0, 1, 2.5, 3, 4):
        told = watch.round(minutes)
        watch.restart()
    words = kind.replace("_", " ")
    assert len(told) == 1
    assert told[0].startswith(f"[mailflow] ALARM: {words} (")
    end()
    assert len(watch.round(5)) == 1, "a moment of quiet is no all-clear"
    watch.restart()
    for minutes in (10, 11, 15, 60):
        told = watch.round(minutes)
        watch.restart()
    assert len(told) == 2
    assert any(subject.startswith(f"[mailflow] all clear: {words} (") for subject in told)


@pytest.mark.parametrize("kind", AlarmKind)
def test_the_road_that_may_be_broken_is_not_taken_first(watch, roads, kind):
    ordinary, relay = roads
    TROUBLES[kind](watch)
    watch.round(0)
    watch.round(3)
    of_the_mail = kind not in (AlarmKind.CONTAINMENT, AlarmKind.SHELF, AlarmKind.DISK)
    assert bool(relay.told) == of_the_mail
    assert bool(ordinary.told) != of_the_mail


def test_a_broken_road_is_gone_round_and_no_road_at_all_is_tried_again(watch, roads):
    for road in roads:
        road.broken = True
    fill_shelf(watch)
    assert watch.round(0) == []
    roads[1].broken = False
    assert len(watch.round(1)) == 1


def test_a_mailbox_that_is_away_for_a_moment_raises_nothing(watch):
    break_mailbox(watch)()
    assert watch.round(10) == []
    break_mailbox(watch)
    assert watch.round(11) == []


def test_what_comes_and_goes_all_day_does_not_flood(watch):
    told = []
    for minutes in range(0, 12 * 60, 2):
        watch.more = {"disk_free_bytes": 10**6} if (minutes // 15) % 2 else {}
        told = watch.round(minutes)
    assert 3 <= len(told) <= 6, "24 times low, and held longer each time"


def test_many_at_once_are_one_message(watch):
    fill_shelf(watch)
    watch.more = {"disk_free_bytes": 1, "brake": "too many"}
    assert len(watch.round(0)) == 1


def test_what_cannot_be_seen_clears_nothing(watch):
    break_containment(watch)
    watch.round(0)
    watch.more = {"figures": None}
    assert len(watch.round(30)) == 1
