"""A person's word about a mail whose outcome nobody else can tell."""

from datetime import timedelta

import pytest

from mailflow.settings.mail import Witness
from mailflow.tickets.effects import Audience, Purpose, SendMail
from mailflow.wiring import Office
from mailflow.workflow.ports import WrittenMail
from mailflow.workflow.records import MailState, NewOrder, Order
from mailflow.workflow.settling import settle_mail
from tests.builders import an_alert, opened

MAIL = WrittenMail(
    message_id="<1@mailflow.test>",
    sender="box@mailflow.test",
    to=("ops@shop.test",),
    subject="s",
    text="t",
    raw=b"Subject: s\r\n\r\nt\r\n",
)


def a_parked_mail(office: Office, state: MailState) -> Order:
    """Leave an order on the shelf whose mail is in `state`; its ticket is open."""
    desk, now = office.desk, office.desk.clock.now()
    decision = opened()
    effect = SendMail(purpose=Purpose.REMINDER, audience=Audience.RETAILER)
    with desk.memory.write() as uow:
        saved = uow.tickets.record(None, an_alert(), decision, cause="mail:1")
        assert saved is not None
        uow.orders.place(
            NewOrder(key="k", ticket=saved.id, effect=effect, lane="l", priority=2, due=now)
        )
    with desk.memory.write() as uow:
        (order,) = uow.orders.claim(now + timedelta(seconds=1), owner="w", lease_seconds=60)
        uow.sent.record(order, MAIL, purpose="reminder", tickets=[saved.id], at=now)
        uow.sent.mark(MAIL.message_id, state)
        uow.orders.park(order, because="nobody can tell")
    return order


@pytest.mark.parametrize(
    ("was_sent", "state"), [(True, MailState.SENT), (False, MailState.NOT_SENT)]
)
def test_a_word_settles_the_mail_notes_it_on_the_ticket_and_lets_the_order_go_on(
    office: Office, was_sent: bool, state: MailState
):
    order = a_parked_mail(office, MailState.UNSURE)

    assert settle_mail(office.desk, MAIL.message_id, was_sent=was_sent, by="Sam")

    with office.memory.read() as uow:
        (mail,) = uow.sent.by_message_id([MAIL.message_id])
        assert mail.state is state
        assert uow.shelf.items() == []
        assert [waiting["state"] for waiting in uow.orders.waiting()] == ["ready"]
        assert uow.tickets.story(order.ticket)[-1].event == "StaffNoted"


@pytest.mark.parametrize("state", [MailState.SENT, MailState.REFUSED, MailState.NOT_SENT])
def test_what_is_known_already_cannot_be_settled(office: Office, state: MailState):
    a_parked_mail(office, state)

    assert not settle_mail(office.desk, MAIL.message_id, was_sent=False, by="Sam")

    with office.memory.read() as uow:
        (mail,) = uow.sent.by_message_id([MAIL.message_id])
        assert mail.state is state


def test_the_usual_witness_is_a_copy_to_ourselves(office: Office):
    assert office.desk.witness is Witness.COPY
