"""What was passed on is told only where it is certain."""

from datetime import UTC, datetime

import pytest

from mailflow.understanding.forwarded import forwarded
from mailflow.understanding.parse import parse

INLINE = {
    "en": ("---------- Forwarded message ---------", "From", "Date", "Subject", "To"),
    "de": ("---------- Weitergeleitete Nachricht ---------", "Von", "Datum", "Betreff", "An"),
    "fr": ("-------- Message transféré --------", "De", "Date", "Objet", "À"),
    "es": ("Inicio del mensaje reenviado:", "De", "Fecha", "Asunto", "Para"),
    "it": ("---------- Messaggio inoltrato ---------", "Da", "Data", "Oggetto", "A"),
}


def _read(body: str, subject: str = "job"):
    head = f"From: s@b.example\r\nSubject: {subject}\r\nContent-Type: text/plain; charset=utf-8"
    return forwarded(parse(f"{head}\r\n\r\n{body}".encode()))


@pytest.mark.parametrize("language", INLINE)
@pytest.mark.parametrize("mark", ["", "> "])
def test_an_inline_forward_is_read(language, mark):
    separator, sender, date, subject, to = INLINE[language]
    lines = [separator, "", f"{sender}: Anna <Anna@shop.example>",
             f"{date}: Mon, 23 Nov 2026 10:00:00 +0100", f"{subject}: feed", f"{to}: b@x.example",
             "", "It is fixed."]  # fmt: skip
    found = _read("see below\n\n" + "\n".join(mark + line for line in lines))
    assert found is not None
    assert (found.sender, found.subject) == ("anna@shop.example", "feed")
    assert found.date == datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert found.text == "It is fixed."


BLOCK = "From: Anna <anna@shop.example>\nSent: Monday 10:00\nTo: b@x.example\nSubject: feed\n\nold"


def test_outlook_forwards_are_told_by_the_subject_and_a_date_without_zone_is_unknown():
    found = _read(BLOCK, subject="FW: feed")
    assert found is not None
    assert found.sender == "anna@shop.example"
    assert found.date is None


def test_a_reply_with_history_is_no_forward():
    assert _read(BLOCK, subject="Re: feed") is None
    assert _read("---------- Forwarded message ---------\nnothing below") is None


def _attached(count: int):
    inner = "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: a@shop.example\r\n\r\nit\r\n"
    raw = f"Content-Type: multipart/mixed; boundary=b\r\n\r\n{inner * count}--b--\r\n"
    return forwarded(parse(raw.encode()))


def test_one_attached_mail_is_the_forwarded_one_and_two_are_unknown():
    found = _attached(1)
    assert found is not None
    assert (found.sender, found.text.strip()) == ("a@shop.example", "it")
    assert _attached(2) is None
