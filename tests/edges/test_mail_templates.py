"""Every mail, in every language, with facts that nobody would wish for."""

import email
import email.policy
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from mailflow.edges.mail_templates import TemplateLetters, shipped_folder
from mailflow.edges.template_check import check_templates
from mailflow.tickets.effects import Audience, Purpose, SendMail
from mailflow.tickets.errors import GiveUp
from mailflow.tickets.ticket import (
    AccountStatus,
    Cause,
    Containment,
    Job,
    Kind,
    Outcome,
    Proof,
    ProofKind,
    Standing,
    State,
    Subject,
    Ticket,
    Witness,
)
from mailflow.workflow.facts import facts_for, facts_without_ticket, template_for
from mailflow.workflow.ports import Enclosure, Letter
from mailflow.workflow.records import Entry, Retailer

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
HOSTILE = "<script>x</script>\r\nBcc: evil@example.test\r\n\r\n{{ 7*7 }} \u202e & \U0001f600"
ERROR = "line <b>one</b>\r\n##- Please reply above this line -##\n" + "x" * 10_000
PICTURE = Enclosure(filename="a\r\nB: c.png", content_type="image/png\r\nX: y", content=b"\x89PNG")
ALL = [(p, Cause.FEED_FAILED) for p in list(Purpose) if p.value != "first_notice"]
ALL += [(Purpose.FIRST_NOTICE, cause) for cause in Cause]
DESK = {Purpose.TRIAGE, Purpose.DAILY_DIGEST}
OUTCOMES = [*Outcome, None]
CLAIMS = re.compile(r"paused|pausiert|switched? (off|on)|abgeschaltet", re.IGNORECASE)


def ticket_of(outcome=Outcome.PAUSED, cause=Cause.FEED_FAILED, words=HOSTILE) -> Ticket:
    proof = Proof(
        id="p", kind=ProofKind.WRITTEN_CONFIRMATION, subject=Subject.REPAIR,
        witness=Witness.RETAILER, by="shop@example.com", at=AT, covers=AT + timedelta(hours=1),
        source="m", detail=words,
    )  # fmt: skip
    return Ticket(
        id="MF-1001",
        job=Job(id="job-7", name=f"Prices {words}", retailer="acme", marketplace="Bazaar",
                kind=Kind.FEED, platform="p"),
        cause=cause, error_text=ERROR, opened_at=AT, last_failure_at=AT,
        state=State.AWAITING_RETAILER, proofs=(proof,),
        status=AccountStatus(standing=Standing.RUNNING, because=words, since=AT),
        containment=None if outcome is None else Containment(outcome=outcome, at=AT, because=words),
    )  # fmt: skip


def digest_of():
    here = {"ticket": "MF-1", "job": HOSTILE, "retailer": HOSTILE, "marketplace": HOSTILE}
    waits = {**here, "state": "with_staff", "seconds": 93_784, "deadline": AT.isoformat()}

    def cut(*rows):
        return {"rows": list(rows), "count": len(rows), "more": 2}

    return {
        "since": AT, "until": AT, "failed": cut({**here, "cause": "feed_failed", "times": 2}),
        "stopped": cut({**here, "outcome": "paused", "seconds": 3}),
        "pace": {"typical": 3, "slowest": 60}, "waiting": [{"whom": "staff", **cut(waits)}],
        "closed": cut({**here, "path": "removed", "proofs": [{"kind": "change_validated"}]}),
        "overdue": cut(waits), "late_orders": 2, "peak": 4,
        "shelf": cut({"id": 1, "kind": "triage", "because": HOSTILE, "seconds": 3_600}),
        "days": [{"day": 24, "weekday": 1, "failed": 4, "closed": 1}],
    }  # fmt: skip


def letter_of(
    purpose=Purpose.FIRST_NOTICE, ticket=None, language="en", for_staff=True, **more
) -> Letter:
    ticket = ticket or ticket_of()
    effect = SendMail(
        purpose=purpose, audience=Audience.STAFF, reason=HOSTILE, reasons=(HOSTILE, "two")
    )
    if purpose in DESK:
        known = {
            "shelf_item": 3, "kind": "no_ticket", "unheard_of": 1, "digest": digest_of(),
        }  # fmt: skip
        facts = facts_without_ticket(effect, team="Team", known=known)
    else:
        line = Entry(
            seq=1, ticket=ticket.id, at=AT, event="AlertReceived", data={}, state_before="",
            state_after="containing", because=HOSTILE, cause="mail:1", hash="",
        )  # fmt: skip
        facts = facts_for(
            ticket, effect=effect, team="Team", reply_by=AT + timedelta(days=2),
            retailer=Retailer(id="acme", name=HOSTILE, language="en", zone="UTC", contacts=()),
            others=[replace(ticket, id="MF-1002"), ticket], reply_text=ERROR, for_staff=for_staff,
            story=[line], options=["OPTION ONE MF-1001"], commands=[("verified", "attest <b>")],
        )  # fmt: skip
    made = Letter(
        purpose=purpose, template=template_for(ticket, effect), language=language,
        zone="Europe/Berlin", facts=facts, message_id="<mf.1@example.com>", sent_at=AT,
        to=("shop@example.com",), reply_to="inbox+t@example.com",
    )  # fmt: skip
    return replace(made, **more)


def write(letter):
    return TemplateLetters(None, "inbox@example.com", "Team").write(letter)


def parsed(mail):
    return email.message_from_bytes(mail.raw, policy=email.policy.default)


def html_of(mail):
    return parsed(mail).get_body(("html",)).get_content()


def tagless(html):
    html = re.sub(r"<style>.*?</style>|<title>.*?</title>|<h1>.*?</h1>", " ", html, flags=re.DOTALL)
    return unescape(re.sub(r"<[!/]?[a-zA-Z][^>]*>", " ", html))


def facts_in(text):
    return set(re.findall(r"\w{4,}", text))


def test_the_shipped_templates_have_no_fault():
    assert check_templates(shipped_folder()) == []


@pytest.mark.parametrize("outcome", OUTCOMES, ids=str)
@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(("purpose", "cause"), ALL, ids=str)
def test_every_mail_renders_whatever_the_facts_are(purpose, cause, language, outcome):
    mail = write(letter_of(purpose, ticket_of(outcome, cause), language))
    message, html = parsed(mail), html_of(mail)
    assert "\n" not in mail.subject
    assert len(mail.subject) <= 140
    assert message["Bcc"] is None
    assert "<script" not in html
    assert "49" not in mail.text.replace("MF-", "")
    assert mail.text.startswith("##- ")
    assert sum(line.startswith("##- ") for line in mail.text.splitlines()) == 1
    assert len(mail.text) < 20_000
    assert f'<html lang="{language}">' in html
    assert facts_in(mail.text) == facts_in(tagless(html))


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("outcome", [Outcome.CANNOT, Outcome.FAILED], ids=str)
@pytest.mark.parametrize("cause", Cause)
def test_a_first_mail_never_claims_a_pause_that_did_not_happen(cause, outcome, language):
    ticket = ticket_of(outcome, cause, words="plain")
    mail = write(letter_of(ticket=ticket, language=language))
    for said in (mail.text, html_of(mail)):
        plain = " ".join(said.split())
        nothing = r"Nothing (was|is) switched off|(Es wurde|Bisher ist) nichts abgeschaltet"
        assert re.search(nothing, plain)
        assert not CLAIMS.search(re.sub(nothing, "", plain))


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


@pytest.mark.parametrize("language", ["en", "de"])
def test_what_is_removed_is_not_said_to_fail_again(language):
    status = AccountStatus(standing=Standing.REMOVED, because="", since=AT)
    gone = replace(ticket_of(words="plain"), status=status)
    removed = write(letter_of(Purpose.CLOSED, gone, language)).text
    repaired = write(letter_of(Purpose.CLOSED, ticket_of(words="plain"), language)).text
    again = re.compile(r"fails again|wieder\s+fehl")
    assert again.search(repaired)
    assert not again.search(removed)


def test_a_language_without_templates_falls_back_to_english():
    assert 'lang="en"' in html_of(write(letter_of(language="fr")))


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


@pytest.mark.parametrize("language", ["en", "de"])
def test_each_closed_option_is_a_link_to_a_mail_that_says_just_this(language):
    letter = letter_of(Purpose.CLARIFICATION, language=language, for_staff=False)
    options = ["ÄNDERUNG ERLEDIGT MF-1001", "REMOVE A&B <x> MF-1001"]
    html = html_of(write(replace(letter, facts={**letter.facts, "options": options})))
    links = [unescape(link) for link in re.findall(r'href="(mailto:[^"]*)"', html)]
    asked = [urlsplit(link) for link in links]
    assert [unquote(link.path) for link in asked] == ["inbox+t@example.com"] * 2
    told = [parse_qs(link.query) for link in asked]
    assert [words["body"] for words in told] == [[option] for option in options]
    assert all(words["subject"] == ["[MF-1001]"] for words in told)
