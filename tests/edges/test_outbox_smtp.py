import contextlib
import smtplib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from mailflow.demo.mail_server import RunningMailServer, spawn_mail_server
from mailflow.edges import outbox_smtp
from mailflow.edges.outbox_smtp import SmtpOutbox
from mailflow.edges.sent_folder import SentFolder
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.workflow.ports import OutcomeUnknown
from tests.edges.mail_fixtures import (
    RETAILER,
    US,
    USERS,
    count,
    inbox_settings,
    mailbox,
    outbox_settings,
    password_file,
    written,
)
from tests.edges.scripted_smtp import HANG_UP, SILENCE, ScriptedSmtp


@pytest.fixture(scope="module")
def server() -> Iterator[RunningMailServer]:
    with spawn_mail_server(USERS) as running:
        yield running


@contextlib.contextmanager
def outbox(smtp_port: int, imap_port: int, folder, *, inbox=None, **changes):
    made = SmtpOutbox(
        outbox_settings(smtp_port, folder, **changes),
        inbox_settings(imap_port, folder, **(inbox or {})),
    )
    try:
        yield made
    finally:
        made.close()


def test_a_sent_mail_arrives_whole_and_leaves_one_witness(server, tmp_path):
    before = count(server, "Sent")
    with outbox(server.smtp_port, server.imap_port, tmp_path) as box:
        box.send(written(1))
    with outbox(server.smtp_port, server.imap_port, tmp_path) as fresh:
        assert fresh.was_sent("<1@mailflow.test>") is True
        assert fresh.was_sent("<2@mailflow.test>") is False
    assert count(server, "Sent") == before + 1
    with mailbox(server, RETAILER) as client:
        client.select_folder("INBOX")
        uid = client.search(["HEADER", "Message-ID", "<1@mailflow.test>"])[0]
        raw = client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
    assert raw.endswith(written(1).raw)
    assert b"dmarc=pass" in raw


def test_a_mail_to_nobody_known_is_refused_for_good(server, tmp_path):
    with (
        outbox(server.smtp_port, server.imap_port, tmp_path) as box,
        pytest.raises(GiveUp, match=r"550 .*no such user"),
    ):
        box.send(written(3, to=("nobody@retailer.test",)))


def test_one_unknown_recipient_does_not_hold_up_the_others(server, tmp_path):
    with outbox(server.smtp_port, server.imap_port, tmp_path) as box:
        refused = box.send(written(4, to=("nobody@retailer.test", RETAILER)))
        assert box.was_sent("<4@mailflow.test>") is True
    assert [(one.address, one.code) for one in refused] == [("nobody@retailer.test", 550)]
    assert "no such user" in refused[0].answer


def test_without_a_sent_folder_nobody_can_tell(server, tmp_path):
    nowhere = {"sent_folder": "Elsewhere"}
    with outbox(server.smtp_port, server.imap_port, tmp_path, inbox=nowhere) as box:
        assert box.was_sent("<5@mailflow.test>") is None
        box.send(written(5))
        assert box.was_sent("<5@mailflow.test>") is True


def test_a_blind_copy_comes_back_to_the_mailbox_as_the_witness(server, tmp_path):
    before = count(server, "INBOX")
    with outbox(server.smtp_port, server.imap_port, tmp_path) as box:
        box.send(written(7))
    assert count(server, "INBOX") == before + 1


def test_no_mail_leaves_without_its_witness(tmp_path):
    with (
        ScriptedSmtp(RCPT=["250 OK", "550 not to yourself"]) as smtp,
        outbox(smtp.port, 1, tmp_path, witness="copy") as box,
        pytest.raises(TryAgainLater, match="blind copy"),
    ):
        box.send(written(8))
    assert smtp.bodies == []


def test_no_copy_is_appended_where_the_provider_keeps_them(server, tmp_path):
    before = count(server, "Sent")
    with outbox(server.smtp_port, server.imap_port, tmp_path, keep_copy=False) as box:
        box.send(written(6))
    assert count(server, "Sent") == before


_TABLE = [
    ({"greeting": "421 busy"}, TryAgainLater),
    ({"greeting": "554 no service"}, TryAgainLater),
    ({"greeting": HANG_UP}, TryAgainLater),
    ({"greeting": SILENCE}, TryAgainLater),
    ({"AUTH": "454 later"}, TryAgainLater),
    ({"AUTH": "535 wrong"}, TryAgainLater),
    ({"MAIL": "451 later"}, TryAgainLater),
    ({"MAIL": "550 not you"}, GiveUp),
    ({"MAIL": HANG_UP}, TryAgainLater),
    ({"MAIL": SILENCE}, TryAgainLater),
    ({"RCPT": "451 grey"}, TryAgainLater),
    ({"RCPT": "550 unknown"}, GiveUp),
    ({"RCPT": "421 going down"}, TryAgainLater),
    ({"RCPT": HANG_UP}, TryAgainLater),
    ({"DATA": "451 later"}, TryAgainLater),
    ({"DATA": "554 no"}, GiveUp),
    ({"DATA": HANG_UP}, OutcomeUnknown),
    ({"DATA": SILENCE}, OutcomeUnknown),
    ({"DOT": "451 later"}, TryAgainLater),
    ({"DOT": "421 going down"}, TryAgainLater),
    ({"DOT": "552 too large"}, GiveUp),
    ({"DOT": HANG_UP}, OutcomeUnknown),
    ({"DOT": SILENCE}, OutcomeUnknown),
    ({"DOT": "what?"}, OutcomeUnknown),
]


@pytest.mark.parametrize(("answers", "error"), _TABLE, ids=str)
def test_every_failure_says_what_to_do_next(server, tmp_path, answers, error):
    with (
        ScriptedSmtp(**answers) as smtp,
        outbox(smtp.port, server.imap_port, tmp_path, read_seconds=0.5, connect_seconds=1) as box,
    ):
        with pytest.raises(error) as caught:
            box.send(written(10))
        assert type(caught.value) is error
        assert box.was_sent("<10@mailflow.test>") is False


def test_after_a_failure_the_next_mail_gets_a_fresh_connection(server, tmp_path):
    with (
        ScriptedSmtp(DOT=["451 later", "250 taken"]) as smtp,
        outbox(smtp.port, server.imap_port, tmp_path) as box,
    ):
        with pytest.raises(TryAgainLater):
            box.send(written(20))
        box.send(written(20))
        box.send(written(21))
        assert smtp.connections == 2


def test_a_mail_does_not_wait_for_its_turn_for_ever(server, tmp_path, monkeypatch):
    monkeypatch.setattr(outbox_smtp, "_LONGEST_TURN", 0.2)
    with (
        ScriptedSmtp(MAIL=SILENCE) as smtp,
        outbox(smtp.port, server.imap_port, tmp_path, read_seconds=3) as box,
        ThreadPoolExecutor() as others,
    ):
        first = others.submit(box.send, written(20))
        while not any(line.startswith("MAIL") for line in smtp.commands):
            assert not first.done()
            time.sleep(0.01)

        with pytest.raises(TryAgainLater, match="busy with other mails"):
            box.send(written(21))

        assert isinstance(first.exception(20), TryAgainLater)
        with pytest.raises(TryAgainLater, match="before DATA"):  # the turn was given back
            box.send(written(22))


def test_a_connection_lost_between_two_mails_is_replaced(server, tmp_path):
    with (
        ScriptedSmtp(NOOP="421 idle for too long") as smtp,
        outbox(smtp.port, server.imap_port, tmp_path) as box,
    ):
        box.send(written(22))
        box.send(written(23))
        assert len(smtp.bodies) == 2


def test_a_temporary_refusal_of_all_outweighs_a_final_one(server, tmp_path):
    with (
        ScriptedSmtp(RCPT=["550 unknown", "451 grey"]) as smtp,
        outbox(smtp.port, server.imap_port, tmp_path) as box,
        pytest.raises(TryAgainLater),
    ):
        box.send(written(24, to=("a@retailer.test", "b@retailer.test")))
    assert not smtp.bodies


def test_a_mail_above_the_servers_size_is_refused_before_it_is_sent(server, tmp_path):
    mail = written(25)
    large = type(mail)(
        message_id=mail.message_id,
        sender=US,
        to=mail.to,
        subject="",
        text="",
        raw=mail.raw + b"x" * 100_000,
    )
    with (
        ScriptedSmtp() as smtp,
        outbox(smtp.port, server.imap_port, tmp_path) as box,
        pytest.raises(GiveUp, match="at most"),
    ):
        box.send(large)
    assert not smtp.bodies


def test_starttls_that_is_not_offered_is_never_done_without(server, tmp_path):
    with (
        ScriptedSmtp() as smtp,
        outbox(smtp.port, server.imap_port, tmp_path, security="starttls") as box,
        pytest.raises(TryAgainLater),
    ):
        box.send(written(26))
    assert not any(command.startswith(("AUTH", "MAIL")) for command in smtp.commands)


def test_a_copy_that_cannot_be_kept_sends_nothing_twice(server, tmp_path):
    with ScriptedSmtp() as smtp, outbox(smtp.port, 1, tmp_path) as box:
        box.send(written(27))
        assert len(smtp.bodies) == 1


def test_a_witness_that_cannot_be_asked_is_asked_again_later(tmp_path):
    with outbox(1, 1, tmp_path) as box, pytest.raises(TryAgainLater):
        box.was_sent("<28@mailflow.test>")


def test_a_copy_is_tried_again_on_a_fresh_connection(server, tmp_path):
    folder = SentFolder(inbox_settings(server.imap_port, tmp_path))
    folder.keep(written(29))
    assert folder._client is not None
    folder._client.socket().shutdown(2)
    folder.keep(written(30))
    assert folder.holds("<30@mailflow.test>") is True
    folder.close()


def test_a_missing_password_file_holds_the_mail_instead_of_refusing_it(server, tmp_path):
    missing = tmp_path / "missing"
    with (
        outbox(server.smtp_port, server.imap_port, tmp_path, password_file=missing) as box,
        pytest.raises(TryAgainLater, match="missing"),
    ):
        box.send(written(31))


def test_a_wrong_password_is_not_tried_often(server, tmp_path):
    (tmp_path / "wrong").mkdir()
    wrong = password_file(tmp_path / "wrong", "wrong")
    with (
        outbox(server.smtp_port, server.imap_port, tmp_path, password_file=wrong) as box,
        pytest.raises(TryAgainLater) as caught,
    ):
        box.check()
    assert caught.value.after_seconds is not None
    assert caught.value.after_seconds >= 60
    with (
        pytest.raises(smtplib.SMTPAuthenticationError),
        smtplib.SMTP("127.0.0.1", server.smtp_port) as smtp,
    ):
        smtp.login(US, "wrong")
