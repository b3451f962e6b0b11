"""An order in hand belongs to one worker: a second one cannot get at it, nor a late one act."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from mailflow.tickets.effects import Audience, Purpose, SendMail
from mailflow.tickets.errors import TryAgainLater
from mailflow.wiring import Office
from mailflow.workflow.carry_out import carry_out_next
from mailflow.workflow.daemon import Daemon
from mailflow.workflow.desk import Desk
from mailflow.workflow.holding import Hands, Hold
from mailflow.workflow.memory import LostLease, Memory, UnitOfWork
from mailflow.workflow.ports import Outbox, Refused, WrittenMail
from mailflow.workflow.records import MailState, NewOrder, Order
from tests.builders import an_alert, opened

MAIL = SendMail(purpose=Purpose.HAND_OVER, audience=Audience.STAFF)
LEASE = 2.0


class SlowOutbox:
    """Counts what it is handed, and takes its time over it."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.begun = threading.Event()
        self.go_on = threading.Event()

    def send(self, mail: WrittenMail) -> tuple[Refused, ...]:
        self.taken.append(mail.message_id)
        self.begun.set()
        assert self.go_on.wait(150)
        return ()

    def was_sent(self, message_id: str) -> bool | None:
        return message_id in self.taken


def a_desk(office: Office, outbox: Outbox, *, lease: float) -> Desk:
    """Give a desk with one mail to send."""
    desk = replace(office.desk, outbox=outbox, pace=replace(office.desk.pace, lease_seconds=lease))
    now, decision = desk.clock.now(), opened()
    # Without a deadline the daemon's own clock brings forth no other order.
    decision = replace(decision, ticket=replace(decision.ticket, deadline=None))
    with desk.memory.write() as uow:
        saved = uow.tickets.record(None, an_alert(), decision, cause="mail:1")
        assert saved is not None
        uow.orders.place(
            NewOrder(key="k", ticket=saved.id, effect=MAIL, lane="l", priority=0, due=now)
        )
    return desk


def claimed(desk: Desk, *, later: float = 0) -> list[Order]:
    with desk.memory.write() as uow:
        now = desk.clock.now() + timedelta(seconds=later)
        return list(uow.orders.claim(now, owner="w", lease_seconds=desk.pace.lease_seconds))


def test_a_mail_that_takes_longer_than_its_lease_is_left_to_its_worker(office: Office):
    outbox = SlowOutbox()
    desk = a_desk(office, outbox, lease=LEASE)
    hands = Hands()
    worker = threading.Thread(
        target=carry_out_next, args=(desk,), kwargs={"owner": "a", "hands": hands}
    )
    worker.start()
    assert outbox.begun.wait(60)
    with desk.memory.write() as uow:
        hands.renew(uow, replace(desk, pace=replace(desk.pace, lease_seconds=3600)))

    assert claimed(desk, later=LEASE * 100) == []

    outbox.go_on.set()
    worker.join(60)
    with desk.memory.read() as uow:
        assert uow.orders.waiting() == []


def test_what_nobody_has_in_hand_any_more_is_claimed_when_its_lease_is_over(office: Office):
    desk = a_desk(office, SlowOutbox(), lease=LEASE)
    hands = Hands()
    orders = claimed(desk)
    with hands.holding(orders):
        pass
    with desk.memory.write() as uow:
        hands.renew(uow, replace(desk, pace=replace(desk.pace, lease_seconds=3600)))

    assert [order.fence for order in claimed(desk, later=LEASE * 100)] == [2]


def test_a_worker_whose_order_was_claimed_anew_sends_nothing(office: Office):
    desk = a_desk(office, SlowOutbox(), lease=LEASE)
    late = claimed(desk)
    assert claimed(desk, later=LEASE * 100)

    with pytest.raises(LostLease), desk.memory.write() as uow:
        Hold(uow, desk, late)


def test_a_worker_that_stood_still_for_its_whole_lease_sends_nothing(office: Office):
    outbox = SlowOutbox()
    outbox.go_on.set()
    desk = a_desk(office, outbox, lease=0)

    assert carry_out_next(desk, owner="late")

    assert outbox.taken == []
    with desk.memory.read() as uow:
        (mail,) = uow.sent.unsettled()
    assert mail.state is MailState.WRITTEN  # to be asked about, as after a power cut


class RestlessMemory:
    """A memory that can be away."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.away = False

    def write(self) -> AbstractContextManager[UnitOfWork]:
        if self.away:
            raise TryAgainLater("the database is away")
        return self._memory.write()

    def read(self) -> AbstractContextManager[UnitOfWork]:
        return self._memory.read()

    def close(self) -> None:
        self._memory.close()


class LastOutbox(SlowOutbox):
    """Takes a mail, and is the last to hear of anything: then the memory is away."""

    def __init__(self, memory: RestlessMemory) -> None:
        super().__init__()
        self._memory = memory

    def send(self, mail: WrittenMail) -> tuple[Refused, ...]:
        self.taken.append(mail.message_id)
        self._memory.away = True
        return ()


def test_an_order_whose_outcome_could_not_be_written_down_is_put_back_not_shelved(office: Office):
    memory = RestlessMemory(office.memory)
    desk = replace(a_desk(office, LastOutbox(memory), lease=3600), memory=memory)
    hands = Hands()

    with pytest.raises(TryAgainLater):
        carry_out_next(desk, owner="a", hands=hands)
    memory.away = False
    assert claimed(desk) == []
    with memory.write() as uow:
        assert hands.put_back(uow, desk)

    (order,) = claimed(desk, later=1)
    assert order.fence == 2
    with memory.read() as uow:
        assert uow.shelf.items() == []


def test_after_a_death_orders_go_one_by_one_until_each_that_was_in_hand_has_ended(office: Office):
    desk = a_desk(office, SlowOutbox(), lease=LEASE)
    hands = Hands()
    (order,) = claimed(desk)
    hands.suspect([order.id])
    with ThreadPoolExecutor(1) as other:
        with hands.free() as first, hands.holding([order]):
            assert first
            assert not other.submit(carry_out_next, desk, owner="b", hands=hands).result(60)

        with hands.free() as again:
            assert again
            assert other.submit(is_free, hands).result(60)


def is_free(hands: Hands) -> bool:
    with hands.free() as may:
        return may


def test_the_daemon_renews_what_its_workers_have_in_hand(office: Office):
    outbox = SlowOutbox()
    desk = a_desk(office, outbox, lease=60)
    daemon = Daemon(desk, workers=2)
    daemon.start()
    try:
        assert outbox.begun.wait(60)
        first = lease_ends(desk)
        until = time.monotonic() + 60
        while lease_ends(desk) <= first and time.monotonic() < until:
            time.sleep(0.2)
        assert lease_ends(desk) > first
    finally:
        outbox.go_on.set()
        assert daemon.stop(60)


def lease_ends(desk: Desk) -> datetime:
    """Give the end of the only lease; the mail's order is the only one there is."""
    with desk.memory.read() as uow:
        ends = uow.orders.next_due()
    assert ends is not None
    return ends
