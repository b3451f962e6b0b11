"""The watcher and `reconcile` at a real Dovecot that has, and that lacks, each extension."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mailflow.cli.app import app
from mailflow.edges.imap_session import find_sent, session
from mailflow.edges.putting_away import DONE, PuttingAway, possible_way
from mailflow.edges.reconciling import Difference, Lack, differences
from mailflow.edges.sent_folder import SentFolder
from mailflow.settings.mail import InboxSettings
from mailflow.store.unit_of_work import SqlMemory, open_memory
from mailflow.understanding.identity import message_id_of
from mailflow.workflow.ports import IncomingMail
from tests.edges.dovecot import Dovecot, Wishes, require_dovecot, running_dovecot
from tests.edges.mail_fixtures import Memory, inbox_settings, mail_text, watching, written

ALL = "IMAP4rev1 SASL-IR LITERAL+ ENABLE IDLE MOVE UIDPLUS SPECIAL-USE CONDSTORE QRESYNC"
LONG_AGO = date(2000, 1, 1)


@dataclass
class Box:
    """A mailbox, a memory that feeds on it, and how the server puts away."""

    server: Dovecot
    settings: InboxSettings
    store: SqlMemory
    way: PuttingAway

    @contextmanager
    def watched(self) -> Iterator[Memory]:
        memory = Memory()
        memory.before_keep = self.keep
        with watching(self.settings, memory):
            memory.wait_state("watching")
            yield memory

    def keep(self, mail: IncomingMail) -> None:
        with self.store.write() as uow:
            kept = uow.mails.keep(mail, message_id_of(mail.raw))
            uow.mails.mark_handled(kept.id, kind="x", because="", tickets=[])

    def append(self, *numbers: int, folder: str = "INBOX") -> None:
        with session(self.settings) as client:
            for number in numbers:
                client.append(folder, mail_text(number))

    def lacking(self) -> list[Difference]:
        return differences(self.settings, self.store, since=LONG_AGO)

    def wait_agreed(self, memory: Memory) -> None:
        memory.wait_for(lambda: self.lacking() == [])

    def wait_put_away(self, memory: Memory, count: int) -> None:
        memory.wait_for(lambda: self.put_away() == count)

    def put_away(self) -> int:
        with session(self.settings) as client:
            if self.way in (PuttingAway.MOVE, PuttingAway.COPY):
                if not client.folder_exists("Processed"):
                    return 0
                client.select_folder("Processed", readonly=True)
                return len(client.search())
            client.select_folder("INBOX", readonly=True)
            return len(client.search(["KEYWORD", DONE.decode()]))


@contextmanager
def box_at(capabilities: str, folder: Path) -> Iterator[Box]:
    require_dovecot()
    wishes = Wishes(capabilities=capabilities, special_use="SPECIAL-USE" in capabilities)
    with running_dovecot(wishes) as server:
        settings = inbox_settings(
            server.tls_port,
            folder,
            host="localhost",
            security="tls",
            ca_file=server.ca_file,
            poll_seconds=1,
        )
        store = open_memory(f"sqlite:///{folder / 'mailflow.db'}")
        with session(settings) as client:
            way = possible_way(client, settings)
        yield Box(server, settings, store, way)
        store.close()


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    with box_at(ALL, tmp_path) as made:
        yield made


@pytest.mark.parametrize(
    ("lacks", "way"),
    [
        ("", PuttingAway.MOVE),
        ("IDLE", PuttingAway.MOVE),
        ("MOVE", PuttingAway.COPY),
        ("UIDPLUS", PuttingAway.MOVE),
        ("MOVE UIDPLUS", PuttingAway.MARK),
        ("SPECIAL-USE", PuttingAway.MOVE),
        ("CONDSTORE QRESYNC ENABLE", PuttingAway.MOVE),
        ("SASL-IR LITERAL+ ENABLE IDLE MOVE UIDPLUS SPECIAL-USE CONDSTORE QRESYNC", "mark"),
    ],
)
def test_mails_are_kept_once_and_put_away_whatever_the_server_lacks(tmp_path, lacks, way):
    has = " ".join(word for word in ALL.split() if word not in lacks.split())
    with box_at(has, tmp_path) as box:
        with session(box.settings) as client:
            assert not any(client.has_capability(word) for word in lacks.split())
        assert box.way == way
        box.append(1, 2)
        with box.watched() as memory:
            memory.wait_kept(2)
            box.append(3)
            memory.wait_kept(3)
            box.wait_put_away(memory, 3)
            assert len(memory.offered) == 3
        assert box.lacking() == []
        with box.watched() as again:  # after a restart nothing is offered once more
            assert again.offered == []
        mail, sent = written(9), SentFolder(box.settings)
        sent.keep(mail)
        assert sent.holds(mail.message_id)
        sent.close()
        with session(box.settings) as client:
            assert find_sent(client, box.settings) == ("Ausgang" if "SPECIAL" in has else "Sent")


def test_reconcile_names_what_was_never_seen_where_somebody_moved_it(box):
    box.append(1)
    with session(box.settings) as client:
        client.create_folder("Processed")
    box.append(2, folder="Processed")
    assert [(d.lack, d.folder) for d in box.lacking()] == [
        (Lack.NOT_KEPT, "INBOX"),
        (Lack.NOT_KEPT, "Processed"),
    ]


def test_reconcile_names_what_is_kept_and_not_handled_or_not_put_away(box):
    with box.watched() as memory:
        box.append(1)
        memory.wait_kept(1)
        box.wait_agreed(memory)
    box.append(2)
    (never_seen,) = box.lacking()
    with session(box.settings) as client:
        validity = client.select_folder("INBOX")[b"UIDVALIDITY"]
        raw = client.fetch([never_seen.uid], ["BODY.PEEK[]"])[never_seen.uid][b"BODY[]"]
    place = {"folder": "INBOX", "uidvalidity": validity, "uid": never_seen.uid}
    mail = IncomingMail(**place, raw=raw, received_at=memory.kept[0].received_at)
    with box.store.write() as uow:
        number = uow.mails.keep(mail, message_id_of(raw)).id
    assert box.lacking() == [Difference(lack=Lack.UNHANDLED, mail=number)]
    box.keep(mail)
    assert [d.lack for d in box.lacking()] == [Lack.NOT_PUT_AWAY]
    with box.watched() as again:
        box.wait_agreed(again)


def test_a_mail_moved_back_or_under_a_new_uidvalidity_is_still_the_same(box):
    box.settings = box.settings.model_copy(update={"after_handling": "flag"})
    box.way = PuttingAway.MARK
    with box.watched() as memory:
        box.append(1, 2)
        memory.wait_kept(2)
        box.wait_put_away(memory, 2)
    _count_anew(box.server.home / "mail")
    with session(box.settings) as client:
        validity = client.select_folder("INBOX")[b"UIDVALIDITY"]
        assert validity not in {mail.uidvalidity for mail in memory.kept}
        client.remove_flags(client.search(), [DONE])
    assert box.lacking() == []
    with box.watched() as again:
        again.wait_offered(2)
    with box.store.read() as uow:
        numbers = [uow.mails.get(number).id for number in (1, 2)]
        assert numbers == [1, 2]
        assert not uow.mails.unhandled(9)


def _count_anew(mails: Path) -> None:
    """Give every folder another UIDVALIDITY, and its mails other UIDs, as a restored server has."""
    for file in mails.rglob("dovecot*"):
        if file.name == "dovecot-uidlist":
            first, *rest = file.read_text().splitlines()
            places = [re.sub(r"^\d+", lambda uid: str(int(uid[0]) + 500), line) for line in rest]
            head = re.sub(r"N\d+", "N900", re.sub(r"V\d+", "V77", first))
            file.write_text("\n".join([head, *places, ""]))
        elif file.is_file():
            file.unlink()


def test_many_mails_are_caught_up_in_windows(box, monkeypatch):
    monkeypatch.setattr("mailflow.edges.inbox_imap._WINDOW", 50)
    monkeypatch.setattr("mailflow.edges.reconciling._WINDOW", 50)
    writers = [
        threading.Thread(target=box.append, args=tuple(range(start, start + 60)))
        for start in (0, 1000, 2000)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(box.lacking()) == 180
    with box.watched() as memory:
        memory.wait_kept(180, seconds=60)
        box.wait_put_away(memory, 180)
        assert len(memory.offered) == 180
    assert box.lacking() == []


_CONFIG = """\
[inbox]
host = "localhost"
port = {port}
security = "tls"
ca_file = "{ca}"
user = "{user}"
address = "{user}"
password_file = "{password}"
[outbox]
host = "127.0.0.1"
port = 1
security = "plain"
[database]
url = "sqlite:///{folder}/mailflow.db"
[staff]
members = ["desk@staff.test"]
notify = ["desk@staff.test"]
[replies]
token_key_file = "secret"
"""


def test_the_commands_exit_status_tells(box, tmp_path):
    config = tmp_path / "mailflow.toml"
    known = {"port": box.settings.port, "ca": box.settings.ca_file, "user": box.settings.user}
    known |= {"password": box.settings.password_file, "folder": tmp_path}
    config.write_text(_CONFIG.format(**known))
    command = ["reconcile", "--config", str(config)]
    agreed = CliRunner().invoke(app, command)
    assert (agreed.exit_code, agreed.output.strip()) == (0, "Mailbox and memory agree.")
    box.append(1)
    differs = CliRunner().invoke(app, [*command, "--json"])
    assert differs.exit_code == 1
    row = json.loads(differs.output)
    assert (row["lack"], row["folder"]) == ("not_kept", "INBOX")
    config.write_text(_CONFIG.format(**known | {"port": 1}))
    assert CliRunner().invoke(app, command).exit_code == 3
