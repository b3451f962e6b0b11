"""The daily digest: once a day over restarts, and every number as it was recorded."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from mailflow.store.unit_of_work import open_memory
from mailflow.tickets import events as e
from mailflow.tickets.ticket import ProofKind
from mailflow.workflow.digest import digest_facts, due_slot, place_digest
from mailflow.workflow.ports import IncomingMail
from tests.builders import START, an_alert, minute, opened, paused, proven
from tests.store.courses import nearly_closed, open_one, tell
from tests.workflow.office import HandClock, desk_over


@pytest.fixture
def memory(database_url):
    opened_memory = open_memory(database_url)
    yield opened_memory
    opened_memory.close()


@pytest.fixture
def clock():
    return HandClock(datetime(2026, 3, 2, 6, 0, tzinfo=UTC))


def digests(memory):
    with memory.read() as uow:
        return [o["key"] for o in uow.orders.waiting() if o["lane"] == "digest"]


def test_a_digest_is_placed_once_a_day_however_often_mailflow_starts(memory, clock):
    assert not place_digest(desk_over(memory, clock)), "nothing happened before the first start"
    for days in (0, 1):
        clock.now_is(datetime(2026, 3, 2 + days, 7, 29, tzinfo=UTC))
        assert not place_digest(desk_over(memory, clock))
        for minutes in (30, 31, 55):
            clock.now_is(datetime(2026, 3, 2 + days, 7, minutes, tzinfo=UTC))
            place_digest(desk_over(memory, clock))
    assert digests(memory) == ["digest:2026-03-02", "digest:2026-03-03"]


def test_a_digest_missed_while_nobody_ran_is_caught_up_with_at_the_start(memory, clock):
    place_digest(desk_over(memory, clock))
    clock.now_is(datetime(2026, 3, 5, 3, 0, tzinfo=UTC))
    assert place_digest(desk_over(memory, clock))
    assert digests(memory) == ["digest:2026-03-04"], "one for the whole time, not one a day"


def test_two_processes_place_one_digest(memory, clock, database_url):
    place_digest(desk_over(memory, clock))
    other = open_memory(database_url)
    clock.now_is(datetime(2026, 3, 2, 8, 0, tzinfo=UTC))
    placed = [place_digest(desk_over(m, clock)) for m in (memory, other)]
    other.close()
    assert placed == [True, False]


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        ("2026-03-29T00:59:00+00:00", "2026-03-28"),
        ("2026-03-29T01:30:00+00:00", "2026-03-29"),  # 02:30 does not exist that day
        ("2026-10-25T00:30:00+00:00", "2026-10-25"),  # the first of two 02:30
        ("2026-10-25T01:30:00+00:00", "2026-10-25"),
    ],
)
def test_the_change_of_time_makes_neither_two_digests_nor_none(now, slot):
    assert due_slot(datetime.fromisoformat(now), time(2, 30), ZoneInfo("Europe/Berlin")) == slot


def facts_of(memory, until=1440.0, since=0.0):
    with memory.read() as uow:
        return digest_facts(uow, since=minute(since), until=minute(until), zone=ZoneInfo("UTC"))


def test_seconds_to_the_stop_count_from_the_arrival_of_the_alert(memory):
    mail = IncomingMail(
        folder="INBOX", uidvalidity=1, uid=1, raw=b"x", received_at=minute(0) - timedelta(seconds=4)
    )
    with memory.write() as uow:
        kept = uow.mails.keep(mail, "<a@example.com>")
    start = opened()
    with memory.write() as uow:
        ticket = uow.tickets.record(None, an_alert(message=str(kept.id)), start, cause="mail:1")
    tell(memory, ticket, paused(0.5))
    stopped = facts_of(memory)["stopped"]
    assert [row["seconds"] for row in stopped["rows"]] == [34]
    assert facts_of(memory)["pace"] == {"typical": 34, "slowest": 34}


def test_what_closed_names_the_proofs_it_rests_on(memory):
    tell(memory, nearly_closed(memory), proven(ProofKind.SCREENSHOT_ACCEPTED, 13))
    (row,) = facts_of(memory)["closed"]["rows"]
    assert row["path"] == "confirmed"
    assert {proof["kind"] for proof in row["proofs"]} >= {"screenshot_accepted", "run_confirmed"}
    assert facts_of(memory)["waiting"] == []


def test_what_waits_is_told_by_whom_and_how_long_and_what_is_overdue(memory):
    tell(memory, open_one(memory), paused(10))
    late = tell(memory, open_one(memory, "T-2", "feed-8"), paused(10))
    assert late.deadline is not None
    tell(memory, late, e.DeadlinePassed(at=late.deadline, due=late.deadline))
    tell(memory, open_one(memory, "T-3", "feed-9"), e.PauseFailed(at=minute(5), because="500"))
    facts = facts_of(memory, until=60)
    rows = {part["whom"]: part["rows"] for part in facts["waiting"]}
    assert [row["ticket"] for row in rows["staff"]] == ["T-3"]
    assert {row["ticket"]: row["seconds"] for row in rows["retailer"]} == {"T-1": 3000, "T-2": 3000}
    assert [row["ticket"] for row in facts["overdue"]["rows"]] == ["T-2"]
    assert [row["outcome"] for row in facts["stopped"]["rows"]] == ["paused", "paused", "failed"]


def test_what_lies_outside_of_the_period_is_not_told_again(memory):
    tell(memory, open_one(memory), paused(1))
    facts = facts_of(memory, since=30, until=60)
    assert (facts["failed"]["count"], facts["stopped"]["count"]) == (0, 0)
    assert sum(day["failed"] for day in facts["days"]) == 1, "the chart looks back further"


def test_a_long_list_is_cut_and_says_by_how_much(memory):
    for number in range(17):
        open_one(memory, f"T-{number}", f"feed-{number}")
    failed = facts_of(memory)["failed"]
    assert (failed["count"], len(failed["rows"]), failed["more"]) == (17, 15, 2)


def test_the_order_carries_the_facts_whole(memory, clock):
    clock.now_is(START - timedelta(days=1))
    place_digest(desk_over(memory, clock))
    tell(memory, open_one(memory), paused(1))
    clock.now_is(START + timedelta(days=1))
    assert place_digest(desk_over(memory, clock))
    with memory.write() as uow:
        (order,) = uow.orders.claim(clock.now(), owner="t", lease_seconds=60)
    digest = order.facts["digest"]
    assert digest["failed"]["count"] == 1
    assert digest["until"] == clock.now()
    assert replace(order, facts={}).effect.purpose == "daily_digest"
