"""No mail that a machine wrote changes a ticket; an absence only moves its reminder."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailflow.demo.border import stamp
from mailflow.tickets.ticket import State, Ticket
from mailflow.workflow.deadlines import pass_deadlines
from mailflow.workflow.ports import WrittenMail
from mailflow.workflow.take_in import handle
from tests.workflow.reports import comes_back, report_on
from tests.workflow.room import SHOP, STAFF, Room

CONFIRMS = "We have corrected the feed, the fix is done and live for otter."
RAW = Path(__file__).parents[1] / "mails" / "raw"
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)


def answer(notice: WrittenMail, text: str = CONFIRMS, **headers: str) -> bytes:
    """Write an answer to our mail that a machine marked as its own."""
    mail = EmailMessage()
    mail["From"], mail["To"] = headers.pop("sender", SHOP), "box@mailflow.test"
    mail["Subject"] = headers.pop("subject", f"Re: {notice.subject}")
    mail["Message-ID"] = "<machine@shop.test>"
    mail["In-Reply-To"] = headers.pop("answers", notice.message_id)
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def listed(notice: WrittenMail) -> bytes:
    raw = answer(notice, List_Id="<all.shop.test>", subject="News of the week")
    return raw.replace(f"In-Reply-To: {notice.message_id}\n".encode(), b"")


def returning(notice: WrittenMail) -> bytes:
    return notice.raw


MACHINES: dict[str, Callable[[WrittenMail], bytes]] = {
    "a delay": lambda m: report_on(m, SHOP, action="delayed", status="4.4.1"),
    "a read receipt": lambda m: report_on(m, SHOP).replace(
        b"delivery-status", b"disposition-notification"
    ),
    "a spam complaint": lambda m: report_on(m, SHOP).replace(
        b"delivery-status", b"feedback-report"
    ),
    "a challenge": lambda m: answer(m, subject="Please confirm your email to deliver it"),
    "an automatic answer": lambda m: answer(m, Auto_Submitted="auto-replied"),
    "a vacation in German": lambda m: answer(m, subject="Automatische Antwort: Job"),
    "a vacation in French": lambda m: answer(m, subject="Réponse automatique : Job"),
    "a vacation in Spanish": lambda m: answer(m, subject="Respuesta automática: Job"),
    "a vacation in Italian": lambda m: answer(m, subject="Risposta automatica: Job"),
    "a vacation in Dutch": lambda m: answer(m, subject="Automatisch antwoord: Job"),
    "a vacation in Polish": lambda m: answer(m, subject="Odpowiedź automatyczna: Job"),
    "a vacation in Portuguese": lambda m: answer(m, subject="Resposta automática: Job"),
    "a mailing list": listed,
    "our own mail": returning,
}


@pytest.mark.parametrize("name", MACHINES)
def test_a_machines_mail_leaves_the_ticket_as_it_was(room: Room, name: str):
    job = room.job("quiet")
    notice = room.is_told(job)
    before, mails = room.ticket(job), len(room.pile.mails)

    raw = stamp(MACHINES[name](notice), login=SHOP, peer="x")
    handle(room.desk, room.keeps(raw))
    room.work_off()

    assert room.ticket(job) == before
    assert len(room.pile.mails) == mails


@pytest.mark.parametrize("name", ["a read receipt", "a spam complaint", "an automatic answer"])
def test_a_machines_mail_stands_on_the_ticket_of_the_mail_that_it_answers(room: Room, name: str):
    job = room.job("stands")
    notice = room.is_told(job)
    mail = room.keeps(stamp(MACHINES[name](notice), login=SHOP, peer="x"))

    handle(room.desk, mail)

    with room.desk.memory.read() as uow:
        assert mail in [kept.id for kept in uow.mails.of_ticket(room.ticket(job).id)]


def test_a_contacts_mail_by_a_list_waits_where_a_person_can_see_it(room: Room):
    notice = room.is_told(room.job("group"))

    handle(room.desk, room.keeps(stamp(listed(notice), login=SHOP, peer="x")))

    assert room.shelf() == ["it carries List-Id"]


def test_a_report_that_returns_a_mail_without_its_boundary_is_read_and_changes_nothing(room: Room):
    job = room.job("broken")
    notice = room.is_told(job)
    before = room.ticket(job)
    raw = (RAW / "report-of-a-mail-without-its-boundary.eml").read_bytes()

    because = comes_back(
        room, raw.replace(b"<order-7@mailflow.example>", notice.message_id.encode())
    )
    room.work_off()

    assert "our mail came back undelivered" in because
    assert room.ticket(job) == replace(before, version=room.ticket(job).version)
    assert "our mail came back undelivered" in " ".join(room.pile.to(STAFF)[-1].text.split())


# absences


def on_a_monday(room: Room, job: str) -> tuple[WrittenMail, Callable[[], Ticket]]:
    room.clock.now_is(MONDAY)
    made = room.job(job)
    return room.is_told(made), lambda: room.ticket(made)


@pytest.mark.parametrize(
    "text",
    [
        "I am out of the office until 26 November.",
        "Ich bin bis einschließlich 26.11.2026 im Urlaub.",
        "Je suis absent jusqu'au 26 novembre 2026.",
        "Wracam 27 listopada.",
    ],
)
def test_an_absence_with_a_day_moves_the_reminder_to_it(room: Room, text: str):
    notice, ticket = on_a_monday(room, "moved")
    before = ticket()

    raw = answer(notice, text, Auto_Submitted="auto-replied")
    handle(room.desk, room.keeps(stamp(raw, login=SHOP, peer="x")))

    moved = ticket()
    assert moved.state is before.state is State.AWAITING_RETAILER
    assert moved.deadline == datetime(2026, 11, 27, 9, 5, tzinfo=UTC)
    room.clock.now_is(datetime(2026, 11, 26, 12, tzinfo=UTC))
    pass_deadlines(room.desk)
    assert ticket() == moved


@pytest.mark.parametrize(
    ("text", "login"),
    [
        ("I am out of the office.", SHOP),
        ("I am out of the office until 11/12/2026.", SHOP),
        ("I am out of the office until 26 November.", "eve@rival.test"),
    ],
)
def test_an_absence_without_a_clear_day_or_a_clear_sender_moves_nothing(
    room: Room, text: str, login: str
):
    notice, ticket = on_a_monday(room, "unmoved")
    before = ticket()

    raw = answer(notice, text, Auto_Submitted="auto-replied")
    handle(room.desk, room.keeps(stamp(raw, login=login, peer="x")))

    assert ticket() == before


def test_an_absence_of_a_stranger_moves_nothing(room: Room):
    notice, ticket = on_a_monday(room, "stranger")
    before = ticket()

    raw = answer(
        notice, "I am away until 26 November.", sender="x@else.test", Precedence="auto_reply"
    )
    handle(room.desk, room.keeps(stamp(raw, login="x@else.test", peer="x")))

    assert ticket() == before


def test_a_date_in_our_quoted_mail_is_not_theirs(room: Room):
    notice, ticket = on_a_monday(room, "quoted")
    before = ticket()

    text = "I am out of the office.\n\n> We are away until 26 November.\n"
    raw = answer(notice, text, Auto_Submitted="auto-replied")
    handle(room.desk, room.keeps(stamp(raw, login=SHOP, peer="x")))

    assert ticket() == before
