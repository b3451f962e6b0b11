"""Nobody gets more mails than they can read, and nothing floods the world."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from mailflow.tickets.effects import Audience, Purpose, SendMail
from mailflow.tickets.errors import TryAgainLater
from mailflow.tickets.ticket import Ticket
from mailflow.wiring import Office
from mailflow.workflow.brakes import brake_now, hold_back
from mailflow.workflow.ports import WrittenMail
from mailflow.workflow.records import MailState, NewOrder, Order
from tests.builders import an_alert, opened

REMINDER = SendMail(purpose=Purpose.REMINDER, audience=Audience.RETAILER)
ANSWER = SendMail(purpose=Purpose.COMMAND_ANSWER, audience=Audience.SENDER, to="a@shop.test")
HOUR = timedelta(hours=1)


def a_mail(number: int, *to: str) -> WrittenMail:
    return WrittenMail(
        message_id=f"<{number}@mailflow.test>",
        sender="box@mailflow.test",
        to=to or ("a@shop.test",),
        subject="s",
        text="t",
        raw=b"",
    )


def a_ticket(office: Office) -> tuple[Ticket, Order]:
    desk, now = office.desk, office.desk.clock.now()
    with desk.memory.write() as uow:
        ticket = uow.tickets.record(None, an_alert(), opened(), cause="mail:1")
        assert ticket is not None
        uow.orders.place(
            NewOrder(key="k", ticket=ticket.id, effect=REMINDER, lane="l", priority=2, due=now)
        )
        (order,) = uow.orders.claim(now + HOUR, owner="w", lease_seconds=60)
    return ticket, order


def sent(office: Office, of: tuple[Ticket, Order], *ago: timedelta, state=MailState.SENT) -> None:
    """Let a mail about the ticket have left at each of these times before now."""
    now: datetime = office.desk.clock.now()
    ticket, order = of
    with office.memory.write() as uow:
        for number, before in enumerate(ago):
            mail = a_mail(number)
            uow.sent.record(order, mail, purpose="reminder", tickets=[ticket.id], at=now - before)
            uow.sent.mark(mail.message_id, state)


def test_a_fourth_mail_about_one_ticket_waits_until_a_day_has_passed(office: Office):
    ticket, order = of = a_ticket(office)
    sent(office, of, 23 * HOUR, 2 * HOUR, HOUR)

    with pytest.raises(TryAgainLater, match="3 mails") as held:
        hold_back(office.desk, order, a_mail(9), [ticket])

    assert held.value.after_seconds == pytest.approx(3600, abs=60)


def test_the_window_slides(office: Office):
    ticket, order = of = a_ticket(office)
    sent(office, of, 24.1 * HOUR, 2 * HOUR, HOUR)
    hold_back(office.desk, order, a_mail(9), [ticket])


def test_another_recipient_is_not_held_back(office: Office):
    ticket, order = of = a_ticket(office)
    sent(office, of, 3 * HOUR, 2 * HOUR, HOUR)
    hold_back(office.desk, order, a_mail(9, "b@shop.test"), [ticket])


@pytest.mark.parametrize("state", [MailState.NOT_SENT, MailState.REFUSED])
def test_what_never_left_does_not_count(office: Office, state: MailState):
    ticket, order = of = a_ticket(office)
    sent(office, of, 3 * HOUR, 2 * HOUR, HOUR, state=state)
    hold_back(office.desk, order, a_mail(9), [ticket])


def test_an_answer_to_a_command_passes(office: Office):
    ticket, order = of = a_ticket(office)
    sent(office, of, 3 * HOUR, 2 * HOUR, HOUR)
    hold_back(office.desk, replace(order, effect=ANSWER), a_mail(9), [ticket])


def test_a_flood_stops_every_mail_and_says_so(office: Office):
    ticket, order = of = a_ticket(office)
    pace = replace(office.desk.pace, mails_an_hour=2)
    desk = replace(office.desk, pace=pace)
    sent(office, of, timedelta(minutes=5))
    assert brake_now(desk) == ""
    sent(office, of, timedelta(minutes=5), timedelta(minutes=4))

    assert "2 mails left within an hour" in brake_now(desk)
    with pytest.raises(TryAgainLater, match="brake"):
        hold_back(desk, order, a_mail(9, "b@shop.test"), [])
    with pytest.raises(TryAgainLater, match="brake"):
        hold_back(desk, replace(order, effect=ANSWER), a_mail(9), [ticket])
