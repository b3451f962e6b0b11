"""Only our own border's stamp counts, and only above its own Received line."""

import time

import pytest

from mailflow.settings.mail import Profile
from mailflow.understanding.meaning import Authenticity
from mailflow.understanding.parse import parse
from mailflow.understanding.sender import Border, authenticate

BORDER = Border(profile=Profile.RFC8601, authserv_id="mx.mailflow.example", internal_hops=1)
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
    ],
)
def test_a_mail_without_exactly_one_sender_has_none(sender):
    verdict = _judge(LMTP, PASS, SMTP, sender=sender)
    assert (verdict.address, verdict.authenticity) == ("", Authenticity.NONE)


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
