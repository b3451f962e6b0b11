"""Every kind of mail is told apart, and automatic mail is never taken for a person's."""

import pytest

from mailflow.understanding.classify import Known, classify
from mailflow.understanding.meaning import MailKind
from mailflow.understanding.parse import parse
from mailflow.understanding.sender import Border, authenticate

KNOWN = Known(
    our_addresses={"alerts@mailflow.example"},
    alert_senders={"monitor@platform.example"},
    staff={"sam@mailflow.example"},
    contacts={"anna@shop.example"},
)
ANNA = "From: anna@shop.example"
REPORT = "Content-Type: multipart/report; report-type=delivery-status; boundary=b"


def _kind(*headers: str, known: Known = KNOWN) -> MailKind:
    message = parse("\r\n".join([*headers, "", "hello"]).encode())
    kind, because = classify(message, authenticate(message, Border()), known)
    assert because
    return kind


def test_a_known_address_makes_alert_staff_reply_or_stranger():
    assert _kind("From: monitor@platform.example") is MailKind.ALERT
    assert _kind("From: sam@mailflow.example") is MailKind.STAFF
    assert _kind(ANNA) is MailKind.REPLY
    assert _kind("From: eve@evil.example") is MailKind.STRANGER
    assert _kind("Subject: no sender") is MailKind.STRANGER


def test_alert_senders_may_be_a_rule():
    known = Known(
        our_addresses=(), alert_senders=lambda a: a.endswith("@jobs.example"), staff=(), contacts=()
    )
    assert _kind("From: anyone@jobs.example", known=known) is MailKind.ALERT


def test_a_listed_alert_sender_stays_one_although_its_mail_is_automatic():
    sender = "From: monitor@platform.example"
    assert _kind(sender, "Auto-Submitted: auto-generated") is MailKind.ALERT
    assert _kind(sender, "Return-Path: <>", "Subject: Delivery failed: feed 7") is MailKind.ALERT


@pytest.mark.parametrize(
    "headers",
    [
        ("From: alerts@mailflow.example",),
        ("From: alerts+MF-1.x@mailflow.example",),
        (ANNA, "X-Mailflow: 1", "Message-ID: <1@mailflow.example>"),
    ],
)
def test_our_own_mail_is_known_when_it_comes_back(headers):
    assert _kind(*headers) is MailKind.OWN


def test_our_mark_with_a_foreign_message_id_is_not_ours():
    assert _kind(ANNA, "X-Mailflow: 1", "Message-ID: <1@evil.example>") is MailKind.REPLY


@pytest.mark.parametrize(
    "headers",
    [
        ("From: MAILER-DAEMON@mx.example", "Subject: hello"),
        ("From: postmaster@mx.example", "Subject: Undeliverable: your job"),
        ("From: postmaster@mx.example", "Return-Path: <>"),
        (ANNA, "Return-Path: <>"),
        (ANNA, REPORT),
        (ANNA, "X-Failed-Recipients: bob@shop.example"),
        ("From: alias@mx.example", "Return-Path: <>", "Subject: Zustellung fehlgeschlagen"),
        ("From: x@mx.example", REPORT, "Auto-Submitted: auto-replied"),
    ],
)
def test_a_bounce_is_a_bounce_whoever_it_claims_to_be(headers):
    assert _kind(*headers) is MailKind.BOUNCE


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied; owner-email=x@y.example",
        "Auto-Submitted: auto-generated",
        "X-Autoreply: yes",
        "X-Autorespond: re",
        "Precedence: auto_reply",
        "Subject: Automatic reply: your job",
        "Subject: Out of Office: Re: your job",
        "Subject: Automatische Antwort: Ihr Auftrag",
        "Subject: Abwesenheitsnotiz",
        "Subject: =?utf-8?q?R=C3=A9ponse_automatique_:_absent?=",
        "Subject: =?utf-8?q?Respuesta_autom=C3=A1tica?=",
        "Subject: Risposta automatica: Ciao",
        "Subject: Automatisch antwoord: weg",
        "Subject: =?utf-8?q?Odpowied=C5=BA_automatyczna?=",
        "Subject: =?utf-8?q?Resposta_autom=C3=A1tica?=",
        "Content-Type: multipart/report; report-type=other; boundary=b",
    ],
)
def test_an_automatic_reply_is_never_the_contacts_word(header):
    assert _kind(ANNA, header) is MailKind.AUTO_REPLY
    assert _kind(ANNA, "Return-Path: <>", header) is MailKind.AUTO_REPLY


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: no",
        "Subject: Re: Automatic reply to your question",
        "Subject: Feed out of office hours",
        "Precedence: list",
    ],
)
def test_a_persons_reply_stays_a_reply(header):
    assert _kind(ANNA, header) is MailKind.REPLY


LIST = "List-Id: <news.shop.example>"


@pytest.mark.parametrize("sender", [ANNA, "From: news@other.example", "From: sam@mailflow.example"])
def test_mail_to_the_members_of_a_list_is_nobodys_word_to_us(sender):
    assert _kind(sender, LIST, "To: everybody@shop.example") is MailKind.LIST


@pytest.mark.parametrize(
    "answers",
    ["In-Reply-To: <1@mailflow.example>", "To: alerts+MF-1.x@mailflow.example", "Subject: [MF-1]"],
)
def test_a_contact_who_answers_through_the_companys_group_stays_one(answers):
    assert _kind(ANNA, LIST, answers) is MailKind.REPLY
    assert _kind("From: eve@evil.example", LIST, answers) is MailKind.LIST


def test_an_alert_that_comes_by_a_list_stays_an_alert():
    assert _kind("From: monitor@platform.example", LIST) is MailKind.ALERT
