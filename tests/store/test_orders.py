import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from mailflow.store.tables import orders
from mailflow.store.unit_of_work import open_memory
from mailflow.tickets.effects import (
    Audience,
    PauseJob,
    ProbeRemoval,
    Purpose,
    RunJob,
    SendMail,
    Stop,
)
from mailflow.workflow.memory import LostLease
from mailflow.workflow.records import NewOrder, ShelfKind
from tests.builders import minute

PAUSE = PauseJob(stop=Stop.DISABLE_FEED)
MAIL = SendMail(purpose=Purpose.FIRST_NOTICE, audience=Audience.RETAILER)


def place(memory, key, *, effect=MAIL, lane="", due=0.0, **more):
    new = NewOrder(
        key=key,
        ticket=more.pop("ticket", "MF-1"),
        effect=effect,
        lane=lane,
        priority=more.pop("priority", 5),
        due=minute(due),
        **more,
    )
    with memory.write() as uow:
        uow.orders.place(new)


def claim(memory, at=0.0, **more):
    with memory.write() as uow:
        return uow.orders.claim(minute(at), owner="me", lease_seconds=60, **more)


def keys(claimed):
    return [order.key for order in claimed]


def finish(memory, order):
    with memory.write() as uow:
        uow.orders.finish(order, result="done")


def test_an_order_is_claimed_as_it_was_placed(memory):
    place(memory, "a", effect=RunJob(trial=3), facts={"when": minute(3), "names": ["x", "ü\x00"]})
    (order,) = claim(memory, 1)
    assert (order.key, order.ticket, order.effect) == ("a", "MF-1", RunJob(trial=3))
    assert order.facts == {"when": minute(3), "names": ["x", "ü\x00"]}
    assert (order.crashes, order.fence, order.batch) == (0, 1, "a")
    assert order.placed_at == minute(0)


def test_the_same_key_placed_twice_is_one_order(memory):
    place(memory, "a")
    place(memory, "a", due=-5)
    assert keys(claim(memory)) == ["a"]
    assert claim(memory) == []


def test_nothing_is_claimed_before_it_is_due(memory):
    place(memory, "a", due=10)
    assert claim(memory, 9) == []
    assert keys(claim(memory, 10)) == ["a"]


def test_orders_come_by_priority_then_due_then_id(memory):
    place(memory, "late", due=2)
    place(memory, "early", due=1)
    place(memory, "early too", due=1)
    place(memory, "first", due=3, priority=0)
    claimed = [keys(claim(memory, 5))[0] for _ in range(4)]
    assert claimed == ["first", "early", "early too", "late"]


def test_in_a_lane_an_earlier_order_goes_first_even_when_it_is_put_back(memory):
    place(memory, "a", lane="x")
    place(memory, "b", lane="x")
    (a,) = claim(memory)
    assert claim(memory) == []
    with memory.write() as uow:
        uow.orders.postpone(a, due=minute(30), because="busy")
    assert claim(memory, 1) == []
    (a,) = claim(memory, 30)
    finish(memory, a)
    assert keys(claim(memory, 30)) == ["b"]


def test_a_pause_overtakes_what_waits_in_its_lane_but_not_what_runs(memory):
    place(memory, "a", lane="x")
    place(memory, "stop", effect=PAUSE, lane="x", priority=0)
    place(memory, "b", lane="x")
    (stop,) = claim(memory)
    assert stop.key == "stop"
    assert claim(memory) == []
    finish(memory, stop)
    assert keys(claim(memory)) == ["a"]
    place(memory, "stop again", effect=PAUSE, lane="x", priority=0)
    assert claim(memory, containment_only=True) == []
    assert keys(claim(memory, 2, containment_only=True)) == ["stop again"]


def test_containment_only_claims_nothing_else(memory):
    place(memory, "a", priority=0)
    assert claim(memory, containment_only=True) == []
    place(memory, "stop", effect=PAUSE, lane="x")
    assert keys(claim(memory, containment_only=True)) == ["stop"]


def test_a_group_is_claimed_at_once_with_those_not_due_yet(memory):
    place(memory, "a", lane="1", due=5, group="g")
    place(memory, "b", lane="2", due=9, group="g")
    place(memory, "c", lane="1", due=9, group="g")
    place(memory, "other", due=9, group="h")
    assert claim(memory, 4) == []
    assert keys(claim(memory, 5)) == ["a", "b", "c"]


def test_what_its_lane_holds_up_is_not_swept_along_with_its_group(memory):
    place(memory, "probe", effect=ProbeRemoval(), lane="2", due=8)
    place(memory, "a", lane="1", due=5, group="g")
    place(memory, "b", lane="2", due=5, group="g")
    assert keys(claim(memory, 5)) == ["a"]


def test_a_group_once_tried_stays_as_it_is_and_newcomers_wait_for_each_other(memory):
    place(memory, "a", group="g")
    place(memory, "b", group="g")
    tried = claim(memory)
    with memory.write() as uow:
        for order in tried:
            uow.orders.postpone(order, due=minute(9), because="unsure")
    place(memory, "c", due=1, group="g")
    assert keys(claim(memory, 8.5)) == ["c"]
    assert keys(claim(memory, 9)) == ["a", "b"]


def test_a_group_whose_lease_ran_out_is_claimed_together_again(memory):
    place(memory, "a", group="g")
    place(memory, "b", group="g")
    claim(memory)
    again = claim(memory, 1)
    assert keys(again) == ["a", "b"]
    assert [order.crashes for order in again] == [0, 0]


def test_a_claim_whose_lease_ran_out_can_finish_nothing(memory):
    place(memory, "a", lane="x")
    (old,) = claim(memory)
    assert claim(memory, 0.9) == []
    (new,) = claim(memory, 1)
    assert (new.crashes, new.fence) == (0, 2)
    with pytest.raises(LostLease):
        finish(memory, old)
    finish(memory, new)
    with pytest.raises(LostLease):
        finish(memory, new)


def test_a_renewed_lease_holds_longer(memory):
    place(memory, "a")
    (order,) = claim(memory)
    with memory.write() as uow:
        uow.orders.renew(order, until=minute(5))
    assert claim(memory, 4) == []


def die(memory, at=0.0):
    """Start anew after a death: what was in hand is released."""
    with memory.write() as uow:
        return uow.orders.release_all(minute(at))


def crashes(memory):
    with memory.read() as uow:
        return {order["key"]: order["crashes"] for order in uow.orders.waiting()}


def test_a_death_is_held_against_the_order_that_was_in_hand_alone(memory):
    place(memory, "a")
    place(memory, "b")
    claim(memory)
    die(memory)
    assert crashes(memory) == {"a": 1, "b": 0}


def test_a_group_in_hand_is_one_order(memory):
    place(memory, "a", group="g")
    place(memory, "b", group="g")
    claim(memory)
    die(memory)
    assert crashes(memory) == {"a": 1, "b": 1}


def test_deaths_with_several_orders_in_hand_are_held_against_none(memory):
    place(memory, "a")
    place(memory, "b")
    for _ in range(20):
        claim(memory)
        claim(memory)
        assert len(die(memory)) == 2
    assert crashes(memory) == {"a": 0, "b": 0}


def test_from_the_second_crash_on_an_order_lets_others_go_first(memory):
    place(memory, "a")
    claim(memory)
    die(memory)
    assert keys(claim(memory)) == ["a"]
    die(memory)
    assert claim(memory) == []
    assert keys(claim(memory, 0.1)) == ["a"]


def test_a_daemon_that_dies_without_it_clears_an_order(memory):
    place(memory, "a")
    claim(memory)
    die(memory)
    die(memory)
    assert crashes(memory) == {"a": 0}


def test_a_suspect_that_is_done_clears_every_other(memory):
    place(memory, "a")
    claim(memory)
    die(memory)
    place(memory, "b", priority=1)
    claim(memory)
    die(memory)
    assert crashes(memory) == {"a": 1, "b": 1}
    (b,) = claim(memory)
    finish(memory, b)
    assert crashes(memory) == {"a": 0}


def test_an_order_that_lets_the_daemon_live_is_cleared(memory):
    place(memory, "a")
    claim(memory)
    die(memory)
    (order,) = claim(memory)
    with memory.write() as uow:
        uow.orders.postpone(order, due=minute(1), because="busy")
    assert crashes(memory) == {"a": 0}


def test_what_is_left_of_a_batch_keeps_its_name(memory):
    place(memory, "a", group="g")
    place(memory, "b", group="g")
    both = claim(memory)
    with memory.write() as uow:
        uow.orders.drop(both[0], because="not wanted any more")
        uow.orders.postpone(both[1], due=minute(2), because="later")
    (left,) = claim(memory, 2)
    assert [order.batch for order in (*both, left)] == ["a", "a", "a"]


def test_everything_is_released_after_a_crash_and_the_dead_finish_nothing(memory):
    place(memory, "a")
    (order,) = claim(memory)
    assert die(memory) == [order.id]
    with pytest.raises(LostLease):
        finish(memory, order)
    assert keys(claim(memory)) == ["a"]


def test_a_parked_order_lies_on_the_shelf_and_can_be_sent_through_once(memory):
    place(memory, "a", lane="x")
    place(memory, "b", lane="x")
    (order,) = claim(memory)
    with memory.write() as uow:
        uow.orders.park(order, because="it crashed five times")
        (item,) = uow.shelf.items()
    assert (item.kind, item.order, item.ticket) == (ShelfKind.ORDER, order.id, "MF-1")
    (after,) = claim(memory)
    assert after.key == "b"
    finish(memory, after)
    with memory.write() as uow:
        uow.shelf.send_through_again(item.id, minute(3))
    (again,) = claim(memory, 3)
    assert (again.key, again.crashes) == ("a", 0)
    finish(memory, again)
    with memory.write() as uow:
        uow.shelf.send_through_again(item.id, minute(4))
    assert claim(memory, 5) == []


def test_what_waits_is_described_and_what_is_over_is_not(memory):
    place(memory, "a", ticket="MF-1")
    place(memory, "b", ticket="MF-2", due=7)
    (order,) = claim(memory)
    with memory.write() as uow:
        assert uow.orders.next_due() == minute(1)
        uow.orders.drop(order, because="not wanted")
    with memory.read() as uow:
        assert [told["key"] for told in uow.orders.waiting()] == ["b"]
        assert uow.orders.waiting("MF-1") == []
        assert uow.orders.next_due() == minute(7)


def test_many_threads_in_two_memories_claim_every_order_once(memory, database_url):
    for number in range(40):
        place(memory, f"o{number}")
    other = open_memory(database_url)
    claimed: list[str] = []

    def work(mine):
        while got := claim(mine):
            claimed.extend(keys(got))

    threads = [threading.Thread(target=work, args=(m,)) for m in (memory, other) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert sorted(claimed) == sorted(f"o{number}" for number in range(40))


def test_a_unit_of_work_that_raises_leaves_nothing(memory):
    new = NewOrder(key="a", ticket="", effect=MAIL, lane="", priority=1, due=minute(0))
    with pytest.raises(ZeroDivisionError), memory.write() as uow:  # noqa: PT012 - the block is the claim
        uow.orders.place(new)
        _ = 1 / 0
    assert claim(memory) == []


def test_reading_does_not_wait_for_a_writer_and_cannot_write(memory):
    place(memory, "a")
    with memory.write() as writing:
        (order,) = writing.orders.claim(minute(0), owner="me", lease_seconds=60)
        with memory.read() as reading:
            assert reading.orders.waiting()[0]["state"] == "ready"
        writing.orders.finish(replace(order), result="done")
    with memory.read() as reading, pytest.raises(sa.exc.DBAPIError):
        reading._connection.execute(sa.delete(orders))
