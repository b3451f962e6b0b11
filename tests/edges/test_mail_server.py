import smtplib
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.demo.border import stamp, without_our_stamps
from mailflow.demo.mail_server import spawn_mail_server
from tests.edges.mail_fixtures import LOOPBACK, PASSWORD, RETAILER, US, USERS, mailbox

OURS = b"mail.mailflow.test"


def verdict(raw: bytes) -> bytes:
    first = raw.split(b"\r\n", 1)[0]
    assert first.startswith(b"Authentication-Results: " + OURS + b"; dmarc=")
    return first.split(b"dmarc=")[1]


@pytest.mark.parametrize(
    ("login", "head", "expected"),
    [
        (RETAILER, b"From: Ops <ops@retailer.test>", b"pass header.from=retailer.test"),
        ("", b"From: ops@retailer.test", b"none header.from=retailer.test"),
        (US, b"From: ops@retailer.test", b"fail header.from=retailer.test"),
        (US, b"From: ops@retailer.test, " + US.encode(), b"fail header.from=unknown.invalid"),
        (US, b"From: a@b.test\r\nFrom: " + US.encode(), b"fail header.from=unknown.invalid"),
        (US, b"Subject: no sender", b"fail header.from=unknown.invalid"),
    ],
)  # fmt: skip
def test_the_stamp_says_whether_the_login_is_the_sender(login, head, expected):
    raw = stamp(head + b"\r\n\r\nbody", login=login, peer="client")
    assert verdict(raw) == expected
    assert raw.endswith(head + b"\r\n\r\nbody")


@pytest.mark.parametrize(
    "forged",
    [
        b"Authentication-Results: mail.mailflow.test; dmarc=pass",
        b"authentication-results:MAIL.mailflow.test (x (y)) 1; dmarc=pass",
        b'Authentication-Results: (a;b)\r\n\t"mail.mailflow.test";\r\n dmarc=pass',
    ],
)
def test_forged_stamps_of_ours_are_taken_away(forged):
    rest = b"Authentication-Results: other.test; dmarc=pass\r\nSubject: x\r\n\r\n" + forged
    assert without_our_stamps(forged + b"\r\n" + rest) == rest


@given(st.binary(max_size=300))
def test_other_bytes_are_left_alone(raw):
    assert without_our_stamps(raw) == raw or b"authentication-results" in raw.lower()


def test_the_server_delivers_refuses_and_shows_folders():
    with spawn_mail_server(USERS) as server:
        with smtplib.SMTP(LOOPBACK, server.smtp_port) as smtp:
            smtp.login(RETAILER, PASSWORD)
            mail = f"From: {RETAILER}\r\n\r\nhello\r\n"
            refused = smtp.sendmail(RETAILER, [US.upper(), "nobody@retailer.test"], mail)
        assert refused == {"nobody@retailer.test": (550, b"5.1.1 no such user here")}
        with mailbox(server) as client:
            assert {f[2] for f in client.list_folders()} == {"INBOX", "Processed", "Sent"}
            client.select_folder("INBOX")
            raw = client.fetch(client.search(), ["BODY.PEEK[]"]).popitem()[1][b"BODY[]"]
        assert verdict(raw) == b"pass header.from=retailer.test"


def test_the_server_keeps_keywords_and_wakes_whoever_idles():
    with spawn_mail_server(USERS) as server, mailbox(server) as client:
        client.select_folder("INBOX")
        client.idle()
        with smtplib.SMTP(LOOPBACK, server.smtp_port) as smtp:
            smtp.sendmail(RETAILER, [US], "Subject: x\r\n\r\n")
        assert client.idle_check(timeout=5)
        client.idle_done()
        uids = client.search()
        client.add_flags(uids, [b"$MailflowDone"])
        assert client.search(["KEYWORD", "$MailflowDone"]) == uids


def test_the_server_ends_when_whoever_started_it_is_gone():
    server = spawn_mail_server(USERS)
    assert server.process.stdin is not None
    server.process.stdin.close()
    assert server.process.wait(10) == 0
    server.process.stdin = None
    server.stop()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((LOOPBACK, server.imap_port), 1)


def test_a_port_in_use_is_told():
    with spawn_mail_server(USERS) as server, pytest.raises(RuntimeError, match="did not start"):
        spawn_mail_server(USERS, imap_port=server.imap_port)


def test_bad_users_are_refused():
    with pytest.raises(RuntimeError):
        spawn_mail_server({"no-address": "x"})
