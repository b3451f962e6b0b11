"""Every mail of ours, and the templates that it is written from."""

import shutil

import pytest

from mailflow.edges.mail_templates import TemplateLetters, shipped_folder
from mailflow.edges.template_check import check_templates
from mailflow.tickets.effects import Purpose
from mailflow.tickets.errors import GiveUp
from mailflow.tickets.ticket import Cause
from mailflow.workflow.ports import Enclosure
from tests.edges.letters import (
    AT,
    OUTCOMES,
    assert_sound,
    html_of,
    letter_of,
    parsed,
    ticket_of,
    write,
)

PICTURE = Enclosure(filename="a\r\nB: c.png", content_type="image/png\r\nX: y", content=b"\x89PNG")
ALL = [(p, Cause.FEED_FAILED) for p in list(Purpose) if p.value != "first_notice"]
ALL += [(Purpose.FIRST_NOTICE, cause) for cause in Cause]


def test_the_shipped_templates_have_no_fault():
    assert check_templates(shipped_folder()) == []


@pytest.mark.parametrize("outcome", OUTCOMES, ids=str)
@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(("purpose", "cause"), ALL, ids=str)
def test_every_mail_renders_whatever_the_facts_are(purpose, cause, language, outcome):
    assert_sound(write(letter_of(purpose, ticket_of(outcome, cause), language)), language)


def test_every_step_stands_on_a_line_of_its_own():
    lines = write(letter_of(ticket=ticket_of(words="plain"))).text.splitlines()
    assert [line[:7] for line in lines if line.startswith(("2. ", "3. "))][-2:] == [
        "2. We t",
        "3. When",
    ]


def test_a_first_mail_says_what_was_paused_and_when():
    mail = write(letter_of(ticket=ticket_of(words="plain")))
    assert "was paused on our side" in " ".join(mail.text.split())
    assert "Mon 23 November 2026, 11:00 CET" in " ".join(mail.text.split())


def test_the_same_letter_gives_the_same_bytes():
    letter = letter_of(enclosures=(PICTURE,))
    assert write(letter).raw == write(letter).raw


def test_headers_keep_the_thread_and_silence_robots():
    long_id = "<" + "a" * 120 + "@mail.example>"
    subject = "[MF-1001] Your feed"
    mail = write(letter_of(references=("<r@x.example>", "bad\r\nBcc: a", long_id),
                           thread_subject=f"Re: {subject}", enclosures=(PICTURE,)))  # fmt: skip
    message = parsed(mail)
    assert message["Subject"] == f"Re: {subject}"
    assert message["From"] == "Team <inbox@example.com>"
    assert message["Reply-To"] == "inbox+t@example.com"
    assert long_id.encode() in mail.raw
    assert message["In-Reply-To"] == long_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["X-Mailflow-Ticket"] == "MF-1001 MF-1002"
    assert message["Date"].datetime == AT
    attached = next(message.iter_attachments())
    assert attached.get_content_type() == "application/octet-stream"
    assert message["B"] is None


@pytest.mark.parametrize("length", range(60, 80))
def test_no_program_may_take_a_subject_for_empty(length):
    subject = "[MF-1001] " + "Zugang für otter läuft ab " * 3
    mail = write(letter_of(thread_subject=subject[:length].strip()))
    (line,) = [line for line in mail.raw.splitlines() if line.startswith(b"Subject:")]
    assert line[len("Subject:") :].strip()
    assert parsed(mail)["Subject"] == mail.subject == f"Re: {subject[:length].strip()}"


def test_a_german_reader_is_told_the_time_and_the_stop_in_german():
    mail = write(letter_of(ticket=ticket_of(words="english words"), language="de", for_staff=False))
    text = " ".join(mail.text.split())
    assert (
        "11:00 Uhr MEZ, damit nichts weiter fehlschlägt. Dazu wurde der Feed abgeschaltet." in text
    )
    assert "english words" not in text.replace("Prices english words", "")


def test_a_language_without_templates_falls_back_to_english():
    assert 'lang="en"' in html_of(write(letter_of(language="sv")))


def test_an_address_that_is_none_is_given_up():
    with pytest.raises(GiveUp, match="no address"):
        write(letter_of(to=("a@b\r\nBcc: c@d",)))


@pytest.mark.parametrize(
    "broken", ["{{ job.nothing }}", "{% if %}", "{{ ''.__class__.__mro__ }}", "{{ 1 / 0 }}"]
)
def test_a_broken_template_is_given_up_with_file_line_and_remedy(tmp_path, broken):
    shutil.copytree(shipped_folder(), tmp_path / "t")
    file = tmp_path / "t/mail/feed_failed/en/subject.txt"
    file.write_text(file.read_text() + broken)
    letters = TemplateLetters(tmp_path / "t", "inbox@example.com", "Team")
    with pytest.raises(GiveUp, match=r"feed_failed/en/subject\.txt, line 8.*copy"):
        letters.write(letter_of())


def test_the_check_finds_what_is_missing_undeclared_and_unheaded(tmp_path):
    shutil.copytree(shipped_folder(), tmp_path / "t")
    mail = tmp_path / "t/mail"
    (mail / "closed/en/body.txt").unlink()
    (mail / "triage/en/body.txt").write_text("hello")
    file = mail / "unknown/en/subject.txt"
    file.write_text(file.read_text() + "{{ secret }}")
    faults = "\n".join(check_templates(tmp_path / "t"))
    assert "closed/en/body.txt is missing" in faults
    assert "triage/en/body.txt does not begin" in faults
    assert "unknown/en/subject.txt uses secret" in faults
