import threading
import time
from collections.abc import Iterator

import pytest
from imapclient import IMAPClient

from mailflow.edges.checkup import look_at_mailbox
from mailflow.edges.imap_session import connect, session
from mailflow.edges.sent_folder import SentFolder
from mailflow.tickets.errors import GiveUp
from tests.edges.dovecot import Dovecot, require_dovecot, running_dovecot
from tests.edges.mail_fixtures import Memory, inbox_settings, mail_text, watching, written


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    require_dovecot()
    with running_dovecot() as server:
        yield server


@pytest.fixture(params=["tls", "starttls"])
def settings(request, dovecot, tmp_path):
    port = dovecot.tls_port if request.param == "tls" else dovecot.starttls_port
    return inbox_settings(
        port, tmp_path, host="localhost", security=request.param, ca_file=dovecot.ca_file
    )


def wait_empty(client: IMAPClient, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while client.folder_status("INBOX", ["MESSAGES"])[b"MESSAGES"]:
        assert time.monotonic() < end, "mails are left in INBOX"
        time.sleep(0.05)


def test_mails_appended_at_random_moments_are_each_kept_once(settings):
    memory = Memory()

    def append(numbers: range) -> None:
        with session(settings) as client:
            for number in numbers:
                client.append("INBOX", mail_text(number))

    writers = [threading.Thread(target=append, args=(range(a, a + 50),)) for a in (0, 50)]
    with watching(settings, memory), session(settings) as client:
        memory.wait_state("watching")
        for writer in writers:
            writer.start()
        memory.wait_kept(100)
        wait_empty(client)
    for writer in writers:
        writer.join()
    assert len(memory.offered) == 100


def test_dovecot_wakes_the_watcher_within_two_seconds(settings):
    memory = Memory()
    with watching(settings, memory), session(settings) as client:
        memory.wait_state("watching")
        for number in range(5):
            sent = time.monotonic()
            client.append("INBOX", mail_text(1_000 + number))
            memory.wait_kept(number + 1, seconds=5)
            assert time.monotonic() - sent < 2


def test_the_sent_folder_is_found_by_its_use_not_its_name(settings):
    mail = written(900 if settings.security == "tls" else 901)
    folder = SentFolder(settings)
    assert folder.holds(mail.message_id) is False
    folder.keep(mail)
    folder.keep(mail)
    assert folder.holds(mail.message_id) is True
    folder.close()
    with connect(settings) as client:
        client.select_folder("Ausgang")
        assert len(client.search(["HEADER", "Message-ID", mail.message_id])) == 1


def test_an_unknown_authority_and_a_wrong_name_are_refused(settings):
    assert look_at_mailbox(settings).idle
    with pytest.raises(GiveUp, match="not trusted"):
        look_at_mailbox(settings.model_copy(update={"ca_file": None}))
    with pytest.raises(GiveUp, match="not trusted"):
        look_at_mailbox(settings.model_copy(update={"host": "127.0.0.1"}))
