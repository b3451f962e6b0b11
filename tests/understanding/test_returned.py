"""A report of a mail server is read for what it says of our mail, whatever form it has."""

import pytest

from mailflow.understanding.classify import Known, classify
from mailflow.understanding.meaning import MailKind
from mailflow.understanding.message import Message
from mailflow.understanding.parse import parse
from mailflow.understanding.returned import dead_addresses, original_ids
from mailflow.understanding.sender import Border, authenticate

OURS = "<order-7@mailflow.example>"
KNOWN = Known(
    our_addresses={"alerts@mailflow.example"},
    alert_senders=(),
    staff=(),
    contacts={"anna@shop.example"},
)


def _report(status: str, action: str = "failed", kind: str = "delivery-status", inner: str = ""):
    inner = inner or f"Content-Type: text/rfc822-headers\n\nMessage-ID: {OURS}\nSubject: job\n"
    return parse(
        f"""From: Mail Delivery System <MAILER-DAEMON@mx.example>
Message-ID: <report@mx.example>
Subject: Delivery report
Content-Type: multipart/report; report-type={kind}; boundary=b

--b
Content-Type: text/plain

This is about your mail.
--b
Content-Type: message/{kind}

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; anna@shop.example
Action: {action}
Status: {status}

--b
{inner}
--b--
""".encode()
    )


def _plain(headers: str, text: str) -> Message:
    return parse(f"{headers}\n\n{text}".encode())


def _kind(message: Message) -> MailKind:
    return classify(message, authenticate(message, Border()), KNOWN)[0]


def test_a_standard_report_names_the_failed_address_and_our_mail():
    report = _report("5.1.1")
    assert _kind(report) is MailKind.BOUNCE
    assert report.failed == ("anna@shop.example",)
    assert original_ids(report) == (OURS,)
    assert dead_addresses(report) == ("anna@shop.example",)


def test_an_attached_original_is_found_too():
    report = _report("5.1.1", inner=f"Content-Type: message/rfc822\n\nMessage-ID: {OURS}\n\nhello")
    assert original_ids(report) == (OURS,)


def test_a_delay_is_no_bounce_and_kills_no_address():
    report = _report("4.4.1", action="delayed")
    assert _kind(report) is MailKind.DELAYED
    assert (report.failed, report.waiting) == ((), ("anna@shop.example",))
    assert not dead_addresses(report)


@pytest.mark.parametrize("status", ["4.2.2", "5.2.2", "4.4.7"])
def test_a_full_or_slow_mailbox_is_a_bounce_of_a_living_address(status):
    report = _report(status)
    assert _kind(report) is MailKind.BOUNCE
    assert not dead_addresses(report)


@pytest.mark.parametrize("status", ["5.7.1", "5.3.4", "5.6.0", "5.0.0", "5.1.8"])
def test_a_mail_refused_for_its_own_sake_says_nothing_of_the_address(status):
    assert dead_addresses(_report(status)) == ()


def test_of_two_failed_addresses_only_the_one_with_its_own_verdict_is_gone():
    second = "5.1.1\n\nFinal-Recipient: rfc822; ben@shop.example\nAction: failed\nStatus: 5.2.2"
    report = _report(second)
    assert report.failed == ("anna@shop.example", "ben@shop.example")
    assert dead_addresses(report) == ("anna@shop.example",)


QMAIL = f"""Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<anna@shop.example>:
192.0.2.7 does not like recipient.
Remote host said: 550 no such user

--- Below this line is a copy of the message.

Return-Path: <alerts@mailflow.example>
Message-ID:
 {OURS}
Subject: job
"""


@pytest.mark.parametrize(
    "headers",
    [
        "From: MAILER-DAEMON@mx.example\nSubject: failure notice",
        "From: gateway@mx.example\nReturn-Path: <>\nSubject: your mail",
        "From: gateway@mx.example\nSubject: failure notice",
    ],
)
def test_a_report_in_plain_words_is_read_with_the_mail_below_it(headers):
    report = _plain(headers, QMAIL)
    assert _kind(report) is MailKind.BOUNCE
    assert report.failed == ("anna@shop.example",)
    assert original_ids(report) == (OURS,)
    assert dead_addresses(report) == ("anna@shop.example",)


def test_words_of_our_own_mail_below_a_report_kill_no_address():
    words = QMAIL.replace("550 no such user", "550 try another day")
    report = _plain("From: MAILER-DAEMON@mx.example\nSubject: failure notice", words)
    again = _plain(
        "From: MAILER-DAEMON@mx.example\nSubject: failure notice",
        words + "\nThe job failed: no such user",
    )
    assert report.failed == again.failed == ("anna@shop.example",)
    assert dead_addresses(report) == dead_addresses(again) == ()


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ("From: anna@shop.example\nSubject: Re: failure notice", "Is this from you?\n" + QMAIL),
        ("From: anna@shop.example\nSubject: Delivery failed again", "The feed failed. 5.1.1"),
        ("From: anna@shop.example\nSubject: job", QMAIL),
    ],
)
def test_a_contact_who_writes_about_a_failed_delivery_stays_a_contact(headers, text):
    assert _kind(_plain(headers, text)) is MailKind.REPLY


def test_a_stranger_who_answers_or_speaks_of_deliveries_is_no_mail_server():
    headers = "From: bob@other.example\nSubject: Delivery failed"
    assert _kind(_plain(headers, "The parcel is late.")) is MailKind.STRANGER
    answer = f"{headers}\nIn-Reply-To: {OURS}"
    assert _kind(_plain(answer, QMAIL)) is MailKind.STRANGER


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("feedback-report", MailKind.FEEDBACK), ("disposition-notification", MailKind.RECEIPT)],
)
def test_feedback_reports_and_read_receipts_are_told_from_bounces(kind, expected):
    report = _report("5.1.1", kind=kind)
    assert _kind(report) is expected
    assert original_ids(report) == (OURS,)


def test_a_challenge_is_nobodys_answer():
    challenge = (
        f"From: anna@shop.example\nSubject: Please confirm your email to anna\nIn-Reply-To: {OURS}"
    )
    assert _kind(_plain(challenge, "Click here.")) is MailKind.CHALLENGE
