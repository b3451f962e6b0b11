import math
import threading
import time
from collections.abc import Iterator

import pytest
from imapclient import IMAPClient

from mailflow.demo.mail_server import RunningMailServer, spawn_mail_server
from mailflow.edges import inbox_imap
from mailflow.edges.checkup import MailboxLook, look_at_mailbox
from mailflow.edges.putting_away import PuttingAway
from mailflow.tickets.errors import GiveUp, TryAgainLater
from tests.edges.mail_fixtures import (
    PASSWORD,
    USERS,
    Memory,
    count,
    deliver,
    inbox_settings,
    mail_text,
    mailbox,
    password_file,
    wait_count,
    watching,
)


@pytest.fixture
def server() -> Iterator[RunningMailServer]:
    with spawn_mail_server(USERS) as running:
        yield running


def test_a_hundred_mails_arriving_meanwhile_are_each_kept_once_and_moved(server, tmp_path):
    memory = Memory()
    senders = [
        threading.Thread(target=deliver, args=(server, *map(mail_text, range(at, at + 25))))
        for at in (0, 25, 50, 75)
    ]
    with watching(inbox_settings(server.imap_port, tmp_path), memory):
        for sender in senders:
            sender.start()
        memory.wait_kept(100)
        wait_count(server, "Processed", 100)
    for sender in senders:
        sender.join()
    assert len({m.uid for m in memory.offered}) == len(memory.offered) == 100
    assert count(server, "INBOX") == 0


def test_single_mails_wake_the_watcher_within_two_seconds(server, tmp_path):
    memory = Memory()
    with watching(inbox_settings(server.imap_port, tmp_path), memory):
        memory.wait_state("watching")
        for number in range(20):
            sent = time.monotonic()
            deliver(server, mail_text(number))
            memory.wait_kept(number + 1, seconds=5)
            assert time.monotonic() - sent < 2


def test_what_arrives_while_a_mail_is_being_kept_is_not_missed(server, tmp_path):
    memory = Memory()
    memory.before_keep = lambda mail: (
        deliver(server, mail_text(1)) if b"mail 0" in mail.raw else None
    )
    with watching(inbox_settings(server.imap_port, tmp_path), memory):
        deliver(server, mail_text(0))
        memory.wait_kept(2, seconds=5)


def test_a_killed_server_is_found_again_with_its_new_uidvalidity(server, tmp_path):
    memory = Memory()
    with watching(inbox_settings(server.imap_port, tmp_path), memory) as inbox:
        deliver(server, mail_text(1))
        wait_count(server, "Processed", 1)
        server.stop()
        memory.wait_state("connection lost")
        ports = {"imap_port": server.imap_port, "smtp_port": server.smtp_port}
        with spawn_mail_server(USERS, **ports) as again:
            deliver(again, mail_text(2), mail_text(3))
            inbox.kick()
            memory.wait_kept(3)
            wait_count(again, "Processed", 2)
    assert len({m.uidvalidity for m in memory.kept}) == 2


def test_a_mail_that_cannot_be_kept_stays_and_is_offered_again(server, tmp_path, monkeypatch):
    monkeypatch.setattr(inbox_imap, "_WAIT_AFTER_FAILED_KEEP", 0.1)
    memory = Memory()
    memory.refuse_next = 2
    deliver(server, mail_text(1))
    with watching(inbox_settings(server.imap_port, tmp_path), memory):
        memory.wait_kept(1)
        wait_count(server, "Processed", 1)
    assert len(memory.offered) == 3
    assert any("the disk is full" in state for state in memory.states)


def test_one_mail_that_can_never_be_kept_does_not_hold_up_the_others(server, tmp_path, monkeypatch):
    monkeypatch.setattr(inbox_imap, "_WAIT_AFTER_FAILED_KEEP", 0.1)
    memory = Memory()
    memory.refuse_containing = b"mail 0"
    deliver(server, *map(mail_text, range(4)))
    with watching(inbox_settings(server.imap_port, tmp_path), memory):
        memory.wait_kept(3)
        wait_count(server, "Processed", 3)
        memory.refuse_containing = b""
        memory.wait_kept(4)
        wait_count(server, "Processed", 4)


def test_a_mail_is_moved_only_after_it_was_kept(server, tmp_path):
    memory = Memory()
    seen = []
    memory.before_keep = lambda _: seen.append((count(server, "INBOX"), count(server, "Processed")))
    deliver(server, mail_text(1))
    with watching(inbox_settings(server.imap_port, tmp_path), memory):
        wait_count(server, "Processed", 1)
    assert seen == [(1, 0)]


def test_a_crash_between_keeping_and_moving_loses_and_doubles_nothing(server, tmp_path):
    memory = Memory()
    deliver(server, mail_text(1))
    with mailbox(server) as client:
        client.select_folder("INBOX")
        uid = client.search()[0]
        raw = client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
    with watching(inbox_settings(server.imap_port, tmp_path), memory):
        memory.wait_kept(1)
        wait_count(server, "Processed", 1)
    with mailbox(server) as client:  # as if the move had never happened
        client.append("INBOX", raw)
    with watching(inbox_settings(server.imap_port, tmp_path), memory):
        memory.wait_offered(2)
        wait_count(server, "INBOX", 0)
    assert len(memory.kept) == 1


def test_mails_that_are_too_large_come_as_their_headers(server, tmp_path):
    memory = Memory()
    deliver(server, mail_text(1, size=200_000), mail_text(2))
    settings = inbox_settings(server.imap_port, tmp_path, max_bytes=100_000)
    with watching(settings, memory):
        memory.wait_kept(2)
        wait_count(server, "Processed", 2)
    large, small = memory.kept
    assert large.truncated
    assert b"Subject: 1" in large.raw
    assert len(large.raw) < 1_000
    assert not small.truncated


def test_flagging_keeps_mails_in_place_and_offers_none_twice(server, tmp_path):
    memory = Memory()
    settings = inbox_settings(server.imap_port, tmp_path, after_handling="flag")
    deliver(server, mail_text(1))
    with watching(settings, memory):
        memory.wait_kept(1)
        memory.wait_state("watching")
    deliver(server, mail_text(2))
    with watching(settings, memory):
        memory.wait_kept(2)
        memory.wait_state("watching")
    assert len(memory.offered) == 2
    assert count(server, "INBOX") == 2


def test_a_mail_that_a_person_has_read_is_kept_all_the_same(server, tmp_path):
    memory = Memory()
    deliver(server, mail_text(1))
    with mailbox(server) as client:
        client.select_folder("INBOX")
        client.add_flags(client.search(), [b"\\Seen"])
    with watching(inbox_settings(server.imap_port, tmp_path, after_handling="flag"), memory):
        memory.wait_kept(1)


@pytest.mark.parametrize("missing", [{"MOVE"}, {"MOVE", "UIDPLUS"}, {"IDLE"}])
def test_servers_that_can_less_lose_nothing(server, tmp_path, monkeypatch, missing):
    real = IMAPClient.has_capability
    monkeypatch.setattr(
        IMAPClient,
        "has_capability",
        lambda self, name: name not in missing and real(self, name),
    )
    memory = Memory()
    settings = inbox_settings(server.imap_port, tmp_path, poll_seconds=1)
    with watching(settings, memory):
        memory.wait_state("watching")
        deliver(server, *map(mail_text, range(30)))
        memory.wait_kept(30)
        wait_count(server, "INBOX", 30 if "UIDPLUS" in missing else 0)
    assert len(memory.offered) == 30


def test_a_server_without_marks_is_read_by_uid_order(server, tmp_path, monkeypatch):
    monkeypatch.setattr(inbox_imap, "chosen_way", lambda *_: PuttingAway.NOTHING)
    monkeypatch.setattr(inbox_imap, "_WAIT_AFTER_FAILED_KEEP", 0.1)
    memory = Memory()
    memory.refuse_next = 1
    deliver(server, *map(mail_text, range(3)))
    with watching(inbox_settings(server.imap_port, tmp_path), memory):
        memory.wait_kept(3)
        memory.wait_state("watching")
    assert [m.uid for m in memory.kept] == sorted(m.uid for m in memory.kept)
    deliver(server, mail_text(4))
    with watching(inbox_settings(server.imap_port, tmp_path), memory):
        memory.wait_kept(4)
    assert len(memory.offered) == 5


def test_many_mails_are_searched_in_windows(server, tmp_path, monkeypatch):
    monkeypatch.setattr(inbox_imap, "_WINDOW", 7)
    memory = Memory()
    deliver(server, *map(mail_text, range(40)))
    with watching(inbox_settings(server.imap_port, tmp_path), memory):
        memory.wait_kept(40)
        wait_count(server, "Processed", 40)
    assert len(memory.offered) == 40


def test_a_refused_login_is_told_and_the_watcher_can_still_be_stopped(server, tmp_path):
    memory = Memory()
    wrong = password_file(tmp_path / "..", "wrong")
    with watching(inbox_settings(server.imap_port, tmp_path, password_file=wrong), memory):
        memory.wait_state("login refused")
        assert PASSWORD not in " ".join(memory.states)
    wrong.unlink()


def test_a_look_that_is_broken_off_is_not_taken_for_a_whole_one(server, tmp_path):
    """What it did not come to may be the witness of a mail that must not be sent twice."""
    memory, inside = Memory(), threading.Event()

    def keep_slowly(_mail: object) -> None:
        inside.set()
        time.sleep(1)  # the stop comes meanwhile

    memory.before_keep = keep_slowly
    deliver(server, *map(mail_text, range(3)))
    with watching(inbox_settings(server.imap_port, tmp_path), memory) as inbox:
        assert inside.wait(60)
        inbox.stop(30)
        assert len(memory.kept) < 3
        assert inbox.seconds_since_whole_look() == math.inf


def test_freshness_grows_while_the_server_is_away(server, tmp_path):
    memory = Memory()
    with watching(inbox_settings(server.imap_port, tmp_path), memory) as inbox:
        memory.wait_state("watching")
        assert inbox.seconds_since_look() < 5
        server.stop()
        memory.wait_state("connection lost")
        before = inbox.seconds_since_look()
        inbox.kick()
        time.sleep(0.2)
        assert inbox.seconds_since_look() >= before + 0.2


def test_a_look_at_the_mailbox_names_what_is_wrong(server, tmp_path):
    good = inbox_settings(server.imap_port, tmp_path)
    assert look_at_mailbox(good) == MailboxLook(idle=True, moves=True, sent_folder="Sent")
    with pytest.raises(GiveUp, match="no folder 'Missing'"):
        look_at_mailbox(good.model_copy(update={"folder": "Missing"}))
    with pytest.raises(GiveUp, match="was refused"):
        look_at_mailbox(good.model_copy(update={"user": "nobody@mailflow.test"}))
    server.stop()
    with pytest.raises(TryAgainLater):
        look_at_mailbox(good)
