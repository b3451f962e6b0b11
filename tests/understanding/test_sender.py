"""Only our own border's stamp counts, and only above its own Received line."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from mailflow.settings.mail import Profile, Trust
from mailflow.understanding.meaning import Authenticity, MailKind, SenderVerdict
from mailflow.understanding.parse import parse
from mailflow.understanding.sender import Border, authenticate, doubt

MAILS = Path(__file__).parents[1] / "mails" / "borders"
BORDER = Border(profile=Profile.POSTFIX, authserv_id="mx.mailflow.example", internal_hops=1)
M365 = Border(profile=Profile.M365, authserv_id="", internal_hops=0)
LMTP = "Received: by store with LMTP"
SMTP = "Received: from out.shop.example by mx.mailflow.example"
AR = "Authentication-Results: "
PASS = AR + "mx.mailflow.example; dmarc=pass (p=none) header.from=shop.example"


def _judge(*lines: str, border: Border = BORDER, sender: str = "From: anna@shop.example"):
    raw = "\r\n".join([*lines, sender, "Subject: x", "", "x"]).encode()
    return authenticate(parse(raw), border)


def test_the_borders_dmarc_pass_for_the_domain_in_from_is_believed():
    verdict = _judge(LMTP, PASS, SMTP)
    assert verdict.authenticity is Authenticity.PASS
    assert verdict.address == "anna@shop.example"


def test_the_authserv_id_is_compared_without_case_and_with_a_version():
    line = AR + "MX.mailflow.example (edge) 1; dmarc=pass header.from=Shop.example"
    assert _judge(LMTP, line, SMTP).authenticity is Authenticity.PASS


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((LMTP, SMTP, PASS), Authenticity.UNTRUSTED),  # below the border: sent in
        ((LMTP, PASS.replace("mx.", "evil."), SMTP), Authenticity.UNTRUSTED),
        ((LMTP, SMTP), Authenticity.NONE),
        ((LMTP, PASS.replace("dmarc=pass", "dmarc=fail"), SMTP), Authenticity.FAIL),
        ((LMTP, PASS.replace("from=shop", "from=evil"), SMTP), Authenticity.FAIL),
        ((LMTP, PASS.replace(" header.from=shop.example", ""), SMTP), Authenticity.FAIL),
        ((LMTP, PASS, PASS.replace("dmarc=pass", "dmarc=fail"), SMTP), Authenticity.FAIL),
        ((LMTP, PASS.replace("dmarc=pass", "dmarc=none"), SMTP), Authenticity.NONE),
        ((LMTP, AR + "mx.mailflow.example; none", SMTP), Authenticity.UNTRUSTED),
        ((LMTP, AR + "mx.mailflow.example; spf=pass smtp.mailfrom=shop.example", SMTP), "none"),
        ((LMTP, AR + 'mx.mailflow.example; spf=fail smtp.mailfrom="; dmarc=pass '
          'header.from=shop.example"@x', SMTP), "none"),
        ((LMTP, AR + "mx.mailflow.example; x=y (; dmarc=pass header.from=shop.example", SMTP),
         Authenticity.UNTRUSTED),
        ((LMTP, AR + "mx.mailflow.example; dmarc=pass header.from=shop.example "
          "header.from=evil.example", SMTP), Authenticity.FAIL),
    ],
)  # fmt: skip
def test_whatever_is_not_the_borders_clear_word_is_not_believed(lines, expected):
    assert _judge(*lines).authenticity == expected


@pytest.mark.parametrize(
    ("signer", "expected"),
    [
        ("header.d=shop.example", "pass"),
        ("header.i=@shop.example", "pass"),
        ("header.d=example", "none"),
        ("header.d=hop.example", "none"),
        ("header.d=mail.shop.example", "none"),
    ],
)
def test_without_dmarc_an_aligned_signature_is_the_fallback(signer, expected):
    stamp = AR + f"mx.mailflow.example; dmarc=none; dkim=pass (2048-bit; x) {signer}"
    assert _judge(LMTP, stamp, SMTP).authenticity == expected


@pytest.mark.parametrize(
    "sender",
    [
        "From: anna@shop.example, eve@evil.example",
        "From: anna@shop.example\r\nFrom: eve@evil.example",
        "From: anna@shop.example, eve@",
        "From: nobody",
        "Reply-To: anna@shop.example",
        "From: anna@shop.example\0 <ben@shop.example>",
        "From: ben@shop.example\0, <anna@shop.example>",
        "From: <anna@shop.example> <ben@shop.example>",
        "From: anna@shop.example <ben@shop.example",
    ],
)
def test_a_mail_without_exactly_one_sender_has_none(sender):
    verdict = _judge(LMTP, PASS, SMTP, sender=sender)
    assert (verdict.address, verdict.authenticity) == ("", Authenticity.NONE)


@pytest.mark.parametrize(
    "sender",
    [
        "anna@shop.example",
        "Anna@Shop.Example (Anna)",
        "<anna@shop.example>",
        '"Doe, Anna" <anna@shop.example>',
        "=?utf-8?q?=C3=84nne_=3Cx=40y.example=3E?= <ANNA@shop.example> (at work)",
        '"ben@shop.example" <anna@shop.example>',
    ],
)
def test_the_usual_ways_to_write_a_sender_are_read(sender):
    verdict = _judge(LMTP, PASS, SMTP, sender=f"From: {sender}")
    assert (verdict.address, verdict.authenticity) == ("anna@shop.example", Authenticity.PASS)


def test_an_encoded_word_in_a_stamp_stays_what_it_is():
    stamp = AR + "mx.mailflow.example; spf=none smtp.helo==?utf-8?q?x=3B_dmarc=3Dpass?= a=b"
    assert _judge(LMTP, stamp, SMTP).authenticity is Authenticity.NONE


def test_microsoft_365_stamps_without_a_name_and_only_its_topmost_stamp_counts():
    good = (
        AR + "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=shop.example; dkim=pass (signature "
        "was verified) header.d=shop.example;dmarc=pass action=none "
        "header.from=shop.example;compauth=pass reason=100"
    )
    bad = AR + "spf=none smtp.mailfrom=x; dkim=none header.d=none;dmarc=none header.from=x"
    assert _judge(good, SMTP, border=M365).authenticity is Authenticity.PASS
    assert _judge(bad, good, SMTP, border=M365).authenticity is Authenticity.NONE
    assert _judge(SMTP, good, border=M365).authenticity is Authenticity.UNTRUSTED
    assert _judge(PASS, SMTP, border=M365).authenticity is Authenticity.UNTRUSTED


def test_no_configured_name_believes_no_stamp():
    verdict = _judge(LMTP, PASS, SMTP, border=Border())
    assert verdict.authenticity is Authenticity.UNTRUSTED


@pytest.mark.parametrize("filler", ["(", "dkim=pass; ", '"', "\\", "header.d=", "a " * 3, "a=b;"])
def test_hostile_stamps_take_linear_time(filler):
    started = time.process_time()
    _judge(LMTP, AR + "mx.mailflow.example; " + filler * (90_000 // len(filler)), SMTP)
    assert time.process_time() - started < 2


GMAIL = Border(profile=Profile.GMAIL)
BY_GOOGLE = (
    AR + "mx.google.com; dkim=pass header.i=@shop.example header.s=1 header.b=abc; spf=pass "
    "(google.com: domain of a@shop.example designates 192.0.2.1 as permitted sender) "
    "smtp.mailfrom=a@shop.example; dmarc=pass (p=NONE sp=QUARANTINE dis=NONE) "
    "header.from=shop.example"
)


def test_google_stamps_below_its_own_received_line_and_only_once():
    inside = ("Delivered-To: us@mailflow.example", "Received: by 2002:a05:6f02 with SMTP id x")
    border = "Received: from out.shop.example by mx.google.com with ESMTPS id y"
    outside = "Received: from laptop by out.shop.example"
    failed = BY_GOOGLE.replace("dmarc=pass", "dmarc=fail").replace("dkim=pass", "dkim=fail")
    judged = [
        _judge(*inside, border, BY_GOOGLE, outside, border=GMAIL),
        _judge(*inside, border, failed, BY_GOOGLE, outside, border=GMAIL),
        _judge(*inside, border, outside, BY_GOOGLE, border=GMAIL),
        _judge(*inside, border, PASS, outside, border=GMAIL),
    ]
    assert [verdict.authenticity for verdict in judged] == [
        "pass",
        "fail",
        "untrusted",
        "untrusted",
    ]


def test_microsoft_365_adds_up_to_three_lines_above_its_stamp():
    border = Border(profile=Profile.M365)
    good = AR + "spf=pass smtp.mailfrom=shop.example; dmarc=pass header.from=shop.example"
    inside = [f"Received: from edge by store{n}.example" for n in range(4)]
    assert _judge(*inside[:3], good, SMTP, border=border).authenticity is Authenticity.PASS
    assert _judge(*inside[:4], good, SMTP, border=border).authenticity is Authenticity.UNTRUSTED


@pytest.mark.parametrize(
    ("trust", "believed"),
    [
        (Trust.PASS, ["pass"]),
        (Trust.UNSTAMPED, ["pass", "none"]),
        (Trust.PERSON, []),
    ],
)
def test_the_policy_says_whose_word_needs_no_person(trust, believed):
    border = Border(alerts=trust)
    verdicts = [
        SenderVerdict(address="a@b.example", authenticity=each, because="x")
        for each in Authenticity
    ]
    free = [v.authenticity for v in verdicts if not doubt(MailKind.ALERT, v, border)]
    assert free == believed
    confirmations = [v.authenticity for v in verdicts if not doubt(MailKind.REPLY, v, border)]
    assert confirmations == ["pass"]
    nobody = SenderVerdict(address="", authenticity=Authenticity.NONE, because="two From headers")
    assert doubt(MailKind.ALERT, nobody, border)


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        ("pass", "pass"),
        ("forwarded", "pass"),
        ("forged-from", "fail"),
        ("evil-signed", "fail"),
        ("own-stamp", "fail"),
    ],
)
def test_rspamd_stamps_once_below_the_received_line_of_its_postfix(mail, expected):
    """These went through Postfix 3.7 with rspamd 3.4; the last came with a stamp of its own."""
    raw = (MAILS / f"rspamd-{mail}.eml").read_bytes()
    border = Border(profile=Profile.RSPAMD, authserv_id="mx.mailflow.test")
    assert authenticate(parse(raw), border).authenticity == expected
    above = replace(border, profile=Profile.POSTFIX)
    assert authenticate(parse(raw), above).authenticity == "untrusted"


def test_a_second_stamp_below_that_of_rspamd_is_not_read():
    border = Border(profile=Profile.RSPAMD, authserv_id="mx.example")
    lines = ("Received: by mx.example with LMTP", "Received: from a by mx.example")
    failed = AR + "mx.example; dmarc=fail header.from=shop.example"
    passed = AR + "mx.example; dmarc=pass header.from=shop.example"
    assert _judge(*lines, failed, passed, border=border).authenticity is Authenticity.FAIL
    assert _judge(*lines, passed, failed, border=border).authenticity is Authenticity.PASS
    below = (*lines, "Received: from laptop by a", passed)
    assert _judge(*below, border=border).authenticity is Authenticity.UNTRUSTED
