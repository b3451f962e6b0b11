"""A contact whose answer goes to a person is told so: once a ticket, and nobody else is."""

import pytest

from mailflow.demo.alerts import as_json
from mailflow.demo.border import stamp
from mailflow.tickets.ticket import State
from mailflow.workflow.ports import WrittenMail
from mailflow.workflow.take_in import handle
from tests.workflow.room import ALERTS, HELPER, SHOP, STAFF, Room

QUESTION = "Which feed do you mean?"


def told(room: Room) -> list[WrittenMail]:
    return [
        mail for mail in room.pile.mails if "a colleague reads it" in " ".join(mail.text.split())
    ]


def asks(room: Room, notice: WrittenMail, sender: str = SHOP, text: str = QUESTION) -> None:
    room.arrives(sender, text, answers=notice)
    room.work_off()


def test_whoever_asks_is_told_that_a_person_reads_it_and_staff_get_it(room: Room):
    job = room.job("asked")
    asks(room, room.is_told(job), HELPER)

    assert [mail.to for mail in told(room)] == [(HELPER,)]
    assert QUESTION in room.pile.to(STAFF)[-1].text
    assert room.ticket(job).state is State.WITH_STAFF


def test_it_is_told_once_a_ticket_whatever_comes_back(room: Room):
    job = room.job("once")
    notice = room.is_told(job)
    asks(room, notice)
    (first,) = told(room)

    asks(room, first, text="We have received your message. Are you there?")
    asks(room, notice, HELPER, text="And what is the error?")

    assert told(room) == [first]
    assert room.ticket(job).acknowledged


@pytest.mark.parametrize(
    ("login", "headers"),
    [
        ("eve@rival.test", ""),
        (SHOP, "Auto-Submitted: auto-replied\r\n"),
        (SHOP, "List-Id: <a.b>\r\n"),
    ],
)
def test_neither_a_forger_nor_a_machine_is_told(room: Room, login: str, headers: str):
    job = room.job("nobody")
    notice = room.is_told(job)
    answers = "" if "List-Id" in headers else f"In-Reply-To: {notice.message_id}\r\n"
    raw = f"From: {SHOP}\r\nTo: box@mailflow.test\r\n{answers}{headers}\r\n{QUESTION}\r\n"

    handle(room.desk, room.keeps(stamp(raw.encode(), login=login, peer="x")))
    room.work_off()

    assert told(room) == []
    assert not room.ticket(job).acknowledged


def test_a_clear_answer_is_not_acknowledged(room: Room):
    job = room.job("clear")
    asks(room, room.is_told(job), text="The feed is corrected, the fix is done and live for otter.")
    asks(room, room.pile.to(SHOP)[-1], text="We will do it tomorrow.")

    assert told(room) == []


def test_nothing_is_told_before_the_stop_is_settled(room: Room):
    job = room.job("early")
    room.arrives(ALERTS, as_json(job, "no"))

    room.arrives(SHOP, QUESTION)

    assert room.ticket(job).state is State.CONTAINING
    assert not room.ticket(job).acknowledged
    room.work_off()
    assert told(room) == []
