"""Mail through a real Postfix with opendkim and opendmarc: what each forgery is worth."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from mailflow.edges.imap_session import session
from mailflow.edges.signatures import SignatureCheckingParser
from mailflow.settings.mail import InboxSettings
from mailflow.understanding.meaning import Authenticity
from mailflow.understanding.parse import parse
from mailflow.understanding.sender import Border, authenticate
from tests.edges.authstack import AUTHSERV_ID, Signer, Zone, require_authstack, running_authstack
from tests.edges.dovecot import USER, Wishes, require_dovecot, running_dovecot
from tests.edges.mail_fixtures import inbox_settings
from tests.edges.postfix import Postfix, require_postfix, running_postfix

BORDER = Border(authserv_id=AUTHSERV_ID)
ELSEWHERE = "198.51.100.66"  # no SPF record names it
GOOD = "dmarc=pass header.from=shop.test"
ANNA = b"From: Anna <anna@shop.test>"


@dataclass(frozen=True)
class Stage:
    postfix: Postfix
    inbox: InboxSettings
    zone: Zone
    shop: Signer
    evil: Signer

    def through(self, raw: bytes, *, envelope: str = "x@evil.test", client: str = ELSEWHERE):
        """Hand a mail in at the border; gives what lies in the mailbox in the end."""
        with session(self.inbox) as imap:
            before = imap.folder_status("INBOX", ["UIDNEXT"])[b"UIDNEXT"]
            self.postfix.deliver(raw, envelope=envelope, to=USER, client=client)
            end = time.monotonic() + 30
            while True:
                imap.select_folder("INBOX", readonly=True)
                uids = [uid for uid in imap.search(["UID", f"{before}:*"]) if uid >= before]
                if uids:
                    return bytes(imap.fetch(uids, ["BODY.PEEK[]"])[uids[0]][b"BODY[]"])
                assert time.monotonic() < end, "the mail did not arrive"
                time.sleep(0.05)

    def judged(self, raw: bytes, **how: str):
        return authenticate(parse(self.through(raw, **how)), BORDER)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    require_dovecot()
    require_postfix()
    require_authstack()
    zone = Zone()
    shop, evil = Signer("shop.test", zone), Signer("evil.test", zone, address=ELSEWHERE)
    folder = tmp_path_factory.mktemp("forgeries")
    with (
        running_dovecot(Wishes(lmtp=True)) as dovecot,
        running_authstack(zone) as milters,
        running_postfix(dovecot, (USER,), milters) as postfix,
    ):
        inbox = inbox_settings(
            dovecot.tls_port, folder, host="localhost", security="tls", ca_file=dovecot.ca_file
        )
        yield Stage(postfix, inbox, zone, shop, evil)


def mail(*headers: bytes, sender: bytes = ANNA, text: bytes = b"repaired") -> bytes:
    lines = [*headers, sender, b"To: " + USER.encode(), b"Subject: Re: [MF-1] job", b"", text, b""]
    return b"\r\n".join(lines)


def test_a_signed_mail_from_its_own_server_is_believed(stage):
    verdict = stage.judged(stage.shop.sign(mail()), envelope="anna@shop.test", client="192.0.2.10")
    assert (verdict.authenticity, verdict.address) == (Authenticity.PASS, "anna@shop.test")


def test_a_forwarded_mail_is_believed_by_its_signature(stage):
    assert stage.judged(stage.shop.sign(mail())).authenticity is Authenticity.PASS


@pytest.mark.parametrize(
    ("forge", "expected"),
    [
        (lambda _: mail(), "fail"),
        (lambda s: s.shop.sign(mail()).replace(b"repaired", b"remove the account"), "fail"),
        (lambda s: s.evil.sign(mail()), "fail"),
        (lambda s: s.evil.sign(mail(sender=ANNA + b", eve@evil.test")), "none"),
        (lambda s: s.evil.sign(mail(b"From: eve@evil.test")), "none"),
        (lambda s: s.shop.sign(mail()).replace(ANNA, b"From: eve@evil.test\r\n" + ANNA), "none"),
    ],
    ids=[
        "a borrowed address",
        "a changed text",
        "another one's signature",
        "two addresses",
        "a second From",
        "a second From on a signed mail",
    ],
)
def test_no_forged_from_is_believed(stage, forge, expected):
    verdict = stage.judged(forge(stage))
    assert verdict.authenticity == expected


@pytest.mark.parametrize(
    "sender",
    [
        b'From: "anna@shop.test" <eve@evil.test>',
        b"From: =?utf-8?q?anna=40shop=2Etest_=3Canna=40shop=2Etest=3E?= <eve@evil.test>",
        b'From: "Anna <anna@shop.test>" <eve@evil.test>',
        b"From: anna@shop.test <eve@evil.test>",
        b"From: (anna@shop.test) eve@evil.test",
        b"From: <eve@evil.test> (anna@shop.test)",
        b"From: anna@shop.test\x00 <eve@evil.test>",
        b'From: "anna@shop.test\\"" <eve@evil.test>',
    ],
)
def test_a_display_name_that_looks_like_an_address_is_nobody(stage, sender):
    verdict = stage.judged(stage.evil.sign(mail(sender=sender)), envelope="eve@evil.test")
    assert verdict.address == "eve@evil.test" or verdict.authenticity is not Authenticity.PASS


@pytest.mark.parametrize(
    "stamp",
    [
        b"Authentication-Results: mx.mailflow.test; " + GOOD.encode(),
        b"Authentication-Results: MX.mailflow.test (x) 1; " + GOOD.encode(),
        b"Authentication-Results: (a (nested) comment) mx.mailflow.test; " + GOOD.encode(),
        b'Authentication-Results: "mx.mailflow.test"; ' + GOOD.encode(),
        b"Authentication-Results:\r\n\tmx.mailflow.test;\r\n\t" + GOOD.encode(),
        b"authentication-results : mx.mailflow.test; " + GOOD.encode(),
        b"AUTHENTICATION-RESULTS: Mx.Mailflow.Test 1; " + GOOD.encode(),
        b"Authentication-Results: mx.mailflow.test; dmarc/1 = pass header . from = shop.test",
        b"Authentication-Results: =?utf-8?q?mx=2Emailflow=2Etest=3B_dmarc=3Dpass?= a=b",
        b"Authentication-Results: mx.mailflow.test; dmarc=fail (; " + GOOD.encode(),
        b"Received: from a by mx.mailflow.test\r\nAuthentication-Results: MX.mailflow.test (x) 1; "
        + GOOD.encode(),
    ],
)
def test_no_stamp_that_came_with_the_mail_is_believed(stage, stamp):
    assert stage.judged(mail(stamp)).authenticity is Authenticity.FAIL
    nobody = mail(stamp, sender=b"From: anna@unknown.test")
    assert stage.judged(nobody).authenticity is not Authenticity.PASS


def test_a_stamp_in_an_odd_spelling_gets_past_the_filter_and_only_its_place_tells(stage):
    odd = b"Authentication-Results: MX.mailflow.test (x) 1; " + GOOD.encode()
    arrived = parse(stage.through(mail(odd, sender=b"From: anna@policyless.test")))
    stamps = [value for name, value in arrived.headers if name == "Authentication-Results"]
    assert any("(x) 1" in value for value in stamps)
    assert authenticate(arrived, BORDER).authenticity is Authenticity.NONE
    careless = Border(authserv_id=AUTHSERV_ID, internal_hops=9)
    odd_for_sender = parse(stage.through(mail(odd.replace(b"shop", b"policyless"),
                                              sender=b"From: anna@policyless.test")))  # fmt: skip
    assert authenticate(odd_for_sender, careless).authenticity is not Authenticity.NONE


class TestOurOwnCheck:
    """For a border that stamps nothing: the same mails, judged by their signatures alone."""

    @pytest.fixture
    def parser(self, stage):
        return SignatureCheckingParser(_Plain(), stage.zone.lookup)

    def judge(self, parser, raw):
        return authenticate(parser.parse(raw), Border())

    def test_a_good_aligned_signature_vouches(self, stage, parser):
        assert self.judge(parser, stage.shop.sign(mail())).authenticity is Authenticity.PASS

    @pytest.mark.parametrize(
        "forge",
        [
            lambda _: mail(),
            lambda s: s.evil.sign(mail()),
            lambda s: s.shop.sign(mail()).replace(b"repaired", b"removed"),
            lambda s: s.shop.sign(mail(), length=True),
            lambda s: s.shop.sign(mail(), length=True) + b"and remove the account\r\n",
            lambda s: s.shop.sign(mail(), include_headers=[b"from"]),
            lambda s: b"From: eve@evil.test\r\n" + s.shop.sign(mail()),
            lambda s: s.shop.sign(mail()).replace(b"s=sel", b"s=old"),
            lambda s: s.shop.sign(mail()).replace(b"rsa-sha256", b"rsa-sha1"),
        ],
        ids=["none", "other", "changed", "l=", "l=+", "from only", "two", "no key", "sha1"],
    )
    def test_no_other_signature_does(self, stage, parser, forge):
        assert self.judge(parser, forge(stage)).authenticity is not Authenticity.PASS

    def test_it_never_outweighs_the_borders_no(self, stage, parser):
        stamped = b"Authentication-Results: mx.mailflow.test; dmarc=fail\r\n"
        raw = stamped + stage.shop.sign(mail())
        verdict = authenticate(parser.parse(raw), BORDER)
        assert verdict.authenticity is Authenticity.FAIL

    def test_hostile_signatures_break_nothing(self, parser):
        for value in (b"", b"v=1", b";;;=", b"v=1; d=\xff; h=from; b=x", b"a=" * 5000):
            raw = b"DKIM-Signature: " + value + b"\r\n" + mail()
            assert parser.parse(raw).signed_by == ()


class _Plain:
    parse = staticmethod(parse)
