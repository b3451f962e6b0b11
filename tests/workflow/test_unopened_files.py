"""A file that nobody opens is said to be unread: on the ticket, and to whoever sent it."""

from email.message import EmailMessage

import pytest

from mailflow.demo.border import stamp
from mailflow.workflow.ports import WrittenMail
from mailflow.workflow.take_in import handle
from tests.understanding.test_pictures import OLD, SCREEN
from tests.understanding.test_tnef import a_file, container
from tests.workflow.room import SHOP, Room

SAVED = OLD + "__substg1.0_0037001F".encode("utf-16-le")
IN_OUTLOOK = container(*a_file(b"screen.png", SCREEN))


def answer(notice: WrittenMail, name: str, content: bytes) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = SHOP, "box@mailflow.test", "Re: job"
    mail["Message-ID"], mail["In-Reply-To"] = "<files@shop.test>", notice.message_id
    mail.set_content("Here is the screenshot.")
    mail.add_attachment(content, "application", "octet-stream", filename=name)
    return mail


def take(room: Room, mail: EmailMessage) -> str:
    because = handle(room.desk, room.keeps(stamp(mail.as_bytes(), login=SHOP, peer="x")))
    room.work_off()
    room.wait(61)
    return because


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("job.msg", SAVED, "a mail saved by Outlook"),
        ("steps.doc", OLD, "a document of the old kind"),
        ("winmail.dat", IN_OUTLOOK[:-9], "a container that only Outlook opens"),
    ],
)
def test_ticket_and_sender_are_told_of_a_file_that_was_not_opened(
    room: Room, name: str, content: bytes, what: str
):
    job = room.job("closed")
    because = take(room, answer(room.is_told(job), name, content))

    assert f"not opened: {name}" in because
    with room.desk.memory.read() as uow:
        told = [e.because for e in uow.tickets.story(room.ticket(job).id)]
    assert any(what in line for line in told)
    (answered,) = [mail for mail in room.pile.mails if mail.to == (SHOP,)]
    text = " ".join(answered.text.split())
    assert name in text
    assert what in text
    assert "please send PNG or JPEG" in text


def test_a_file_in_an_attached_mail_is_told_of_too(room: Room):
    notice = room.is_told(room.job("nested"))
    outer = answer(notice, "notes.txt", b"see below")
    outer.add_attachment(answer(notice, "job.msg", SAVED))

    assert "not opened: job.msg" in take(room, outer)
    assert "job.msg" in room.pile.to(SHOP)[-1].text


def test_a_picture_in_outlooks_container_is_read_like_any_other(room: Room):
    job = room.job("outlook")
    because = take(room, answer(room.is_told(job), "winmail.dat", IN_OUTLOOK))

    assert "not opened" not in because
    with room.desk.memory.read() as uow:
        assert "screen.png" in [f.filename for f in uow.files.of_ticket(room.ticket(job).id)]
    assert "winmail" not in " ".join(mail.text for mail in room.pile.mails)
