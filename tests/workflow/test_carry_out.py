"""Orders that cannot be done."""

from datetime import timedelta

import pytest

from mailflow.tickets.effects import Audience, Effect, PauseJob, Purpose, SendMail, Stop
from mailflow.wiring import Office
from mailflow.workflow.carry_out import carry_out_next
from mailflow.workflow.records import NewOrder
from tests.builders import an_alert, opened

RETAILER_MAIL = SendMail(purpose=Purpose.COMMAND_ANSWER, audience=Audience.SENDER, to="a@shop.test")
STAFF_MAIL = SendMail(purpose=Purpose.HAND_OVER, audience=Audience.STAFF)


def crash_too_often(office: Office, effect: Effect) -> list[str]:
    """Let mailflow die over an order as often as it may; gives what waits after the next try."""
    desk, now = office.desk, office.desk.clock.now()
    with desk.memory.write() as uow:
        saved = uow.tickets.record(None, an_alert(), opened(), cause="mail:1")
        assert saved is not None
        uow.orders.place(
            NewOrder(key="k", ticket=saved.id, effect=effect, lane="l", priority=0, due=now)
        )
    long_ago = now - timedelta(minutes=1)
    for _ in range(desk.pace.crashes):
        with desk.memory.write() as uow:
            assert uow.orders.claim(now, owner="w", lease_seconds=60)
            uow.orders.release_all(long_ago)
    assert carry_out_next(desk, owner="w")
    with desk.memory.read() as uow:
        return [f"{order['state']} {order['effect']}" for order in uow.orders.waiting()]


@pytest.mark.parametrize(
    "effect", [PauseJob(stop=Stop.DISABLE_FEED), RETAILER_MAIL], ids=["a stop", "an answer"]
)
def test_an_order_that_kills_mailflow_is_shelved_and_staff_are_told(office: Office, effect: Effect):
    waiting = crash_too_often(office, effect)

    assert sorted(waiting) == sorted([f"parked {type(effect).__name__}", "ready SendMail"])
    with office.memory.read() as uow:
        (item,) = uow.shelf.items()
        assert "died 5 times" in item.because


def test_a_stuck_mail_to_staff_brings_forth_no_other(office: Office):
    assert crash_too_often(office, STAFF_MAIL) == ["parked SendMail"]
