"""Who wrote what a contact passes on is kept beside the contact, as far as it is certain."""

from datetime import UTC, datetime
from email.message import EmailMessage

from mailflow.demo.border import stamp
from mailflow.workflow.records import PassedOn
from mailflow.workflow.take_in import handle
from tests.workflow.reports import comes_back, report_on
from tests.workflow.room import SHOP, Room


def kept(room: Room, mail: EmailMessage) -> PassedOn | None:
    number = room.keeps(stamp(mail.as_bytes(), login=SHOP, peer="x"))
    handle(room.desk, number)
    with room.desk.memory.read() as uow:
        return uow.mails.get(number).passed_on


def answer(room: Room, text: str, subject: str) -> EmailMessage:
    notice = room.is_told(room.job("passed"))
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = SHOP, "box@mailflow.test", subject
    mail["Message-ID"], mail["In-Reply-To"] = "<fwd@shop.test>", notice.message_id
    mail.set_content(text)
    return mail


def test_an_attached_mail_is_kept_with_its_sender_date_subject_and_files(room: Room):
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "Dev <dev@agency.test>", "the feed"
    inner["Date"] = "Mon, 23 Nov 2026 10:00:00 +0100"
    inner.set_content("It is fixed.")
    inner.add_attachment(b"x,y", "text", "csv", filename="log.csv")
    outer = answer(room, "See what our agency wrote.", "Fwd: the feed")
    outer.add_attachment(inner)

    assert kept(room, outer) == PassedOn(
        forwarder=SHOP,
        sender="dev@agency.test",
        date=datetime(2026, 11, 23, 9, tzinfo=UTC),
        subject="the feed",
        files=("log.csv",),
    )


def test_what_is_not_certain_of_an_inline_mail_stays_unknown(room: Room):
    text = (
        "See below.\n\nFrom: Dev\nSent: Monday 10:00\nTo: a@shop.test\nSubject: the feed\n\nDone."
    )

    assert kept(room, answer(room, text, "FW: the feed")) == PassedOn(
        forwarder=SHOP, sender="", date=None, subject="the feed", files=()
    )


def test_an_answer_passes_nothing_on(room: Room):
    text = "Done.\n\nFrom: a@b.test\nSent: Monday\nTo: c@d.test\nSubject: x\n\nold"

    assert kept(room, answer(room, text, "Re: x")) is None


def test_our_own_mail_in_a_report_is_not_passed_on(room: Room):
    notice = room.is_told(room.job("returned"))
    comes_back(room, report_on(notice, SHOP).replace(b"text/rfc822-headers", b"message/rfc822"))

    with room.desk.memory.read() as uow:
        assert [m.passed_on for m in uow.mails.of_ticket("MF-1001")] == [None, None]
