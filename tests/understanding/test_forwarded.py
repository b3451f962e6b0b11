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


HISTORY = (
    "---------- Forwarded message ---------\nFrom: Old <old@far.example>\nDate: Mon, 23 Nov 2026 \
10:00:00 +0100\nSubject: older\nTo: anna@shop.example\n\nvery old"
)


def test_the_first_mail_below_is_the_forwarded_one_and_not_what_that_one_forwards():
    found = _read(f"{BLOCK}\n\n{HISTORY}", subject="FW: feed")
    assert found is not None
    assert (found.sender, found.subject) == ("anna@shop.example", "feed")


@pytest.mark.parametrize(
    "quote", [BLOCK, "On 23/11/2026 10:00, Anna <anna@shop.example> wrote:\n\nold"]
)
def test_what_the_answered_mail_forwards_is_history(quote):
    assert _read(f"It is fixed.\n\n{quote}\n\n{HISTORY}", subject="Re: feed") is None


def _attached(count: int):
    inner = "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: a@shop.example\r\n\r\nit\r\n"
    raw = f"Content-Type: multipart/mixed; boundary=b\r\n\r\n{inner * count}--b--\r\n"
    return forwarded(parse(raw.encode()))


def test_one_attached_mail_is_the_forwarded_one_and_two_are_unknown():
    found = _attached(1)
    assert found is not None
    assert (found.sender, found.text.strip()) == ("a@shop.example", "it")
    assert _attached(2) is None


ONE_LINE = {
    "Forwarded Message": "From: {} To: b@x.example Sent: {} Subject: {}",
    "Weitergeleitete Nachricht": "Von: {}An: b@x.exampleGesendet: {}Betreff: {}",
    "Message transmis": "De : {}À : b@x.exampleEnvoyé : {}Objet : {}",
    "Mensaje reenviado": "De: {}Para: b@x.exampleEnviado: {}Asunto: {}",
}


@pytest.mark.parametrize("title", ONE_LINE)
def test_a_header_on_one_line_is_read(title):
    sender, date = "Anna <Anna@shop.example>", "Mon, 23 Nov 2026 10:00:00 +0100"
    line = ONE_LINE[title].format(sender, date, "feed 7")
    found = _read(f"see below\n   ----- {title} ----- {line}\n\n It is fixed.")
    assert found is not None
    assert (found.sender, found.subject) == ("anna@shop.example", "feed 7")
    assert found.date == datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert found.text == "It is fixed."


def test_french_subject_line_of_another_program_is_read():
    found = _read(
        "-------- Message transféré --------\nSujet : \tfeed\nDate : \tMon, 23 Nov 2026 "
        "10:00:00 +0100\nDe : \tAnna <anna@shop.example>\nPour : \tb@x.example\n\nFait."
    )
    assert found is not None
    assert (found.sender, found.subject, found.text) == ("anna@shop.example", "feed", "Fait.")


INTRODUCED = '\ufeffOn 23/11/2026 10:00, "Anna" <anna@shop.example> wrote:\n\n'


def test_an_introduced_mail_is_a_forward_only_where_the_subject_says_so_and_all_of_it_is_indented():
    found = _read(INTRODUCED + "    It is fixed.\n    Anna", subject="FW: feed")
    assert found is not None
    assert (found.sender, found.subject) == ("anna@shop.example", "feed")
    assert found.date is None
    assert found.text == "It is fixed.\nAnna"
    assert _read(INTRODUCED + "    It is fixed.", subject="Re: feed") is None
    assert _read(INTRODUCED + "> It is fixed.", subject="FW: feed") is None
    assert _read(INTRODUCED + "    It is fixed.\nNo, it is not.", subject="FW: feed") is None
