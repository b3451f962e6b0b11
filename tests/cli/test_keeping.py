"""The commands that keep what happened, typed as a person types them."""

import zipfile

import pytest
from typer.testing import CliRunner

import mailflow.cli  # noqa: F401 - the commands put themselves into the app
from mailflow.cli.app import app
from mailflow.store.unit_of_work import open_memory
from mailflow.workflow.ports import IncomingMail
from tests.builders import RETAILER, minute
from tests.store.courses import closed

CONFIG = """
[inbox]
host = "127.0.0.1"
address = "inbox@example.com"
[outbox]
host = "127.0.0.1"
[staff]
members = ["staff@example.com"]
notify = ["staff@example.com"]
[replies]
token_key_file = "key"
[database]
url = "sqlite:///{folder}/{name}.db"
"""


@pytest.fixture
def typed(tmp_path):
    """Type a command for the database NAME; gives exit status and what was said."""

    def run(*words, name="m"):
        config = tmp_path / f"{name}.toml"
        config.write_text(CONFIG.format(folder=tmp_path, name=name))
        done = CliRunner().invoke(app, [*map(str, words), "--config", str(config)])
        return done.exit_code, " ".join(done.output.split())

    memory = open_memory(f"sqlite:///{tmp_path}/m.db")
    closed(memory)
    with memory.write() as uow:
        raw = f"From: {RETAILER}\r\n\r\nDone.".encode()
        mail = IncomingMail(folder="I", uidvalidity=1, uid=1, raw=raw, received_at=minute(0))
        kept = uow.mails.keep(mail, "<1@t.test>")
        uow.mails.mark_handled(kept.id, kind="reply", because="", tickets=["T-1"])
    memory.close()
    return run


def test_what_was_backed_up_is_restored_elsewhere_and_only_once(typed, tmp_path):
    assert typed("backup", tmp_path / "copy")[0] == 0
    status, said = typed("restore", tmp_path / "copy", name="other")
    assert status == 0
    assert "the record is whole" in said
    assert "mailflow shelf" in said
    status, said = typed("restore", tmp_path / "copy", name="other")
    assert status == 1
    assert "move it away first" in said
    assert typed("show", "T-1", name="other")[0] == 0


def test_a_story_is_exported_and_a_ticket_that_is_not_there_is_said(typed, tmp_path):
    assert typed("export", "T-1", "--to", tmp_path / "t.zip")[0] == 0
    with zipfile.ZipFile(tmp_path / "t.zip") as story:
        assert {"index.html", "events.jsonl", "received/1.eml"} <= set(story.namelist())
    status, said = typed("export", "T-9", "--to", tmp_path / "u.zip")
    assert status == 1
    assert "no ticket T-9" in said
    assert not (tmp_path / "u.zip").exists()


def test_a_person_is_erased_only_with_a_name_and_a_reason(typed):
    assert typed("erase", RETAILER)[0] == 2
    status, said = typed("erase", RETAILER, "--by", "Kim", "--because", "request of 2 March")
    assert status == 0
    assert "1 mail(s)" in said
    status, said = typed("audit", "verify")
    assert status == 0
    assert "were erased on request" in said


def test_a_changed_line_is_found_by_the_audit(typed, tmp_path):
    import sqlite3  # noqa: PLC0415 - whoever tampers does not ask the store

    with sqlite3.connect(tmp_path / "m.db") as forger:
        forger.execute("DROP TRIGGER law_events_changed")
        forger.execute("UPDATE events SET because = 'all is well' WHERE seq = 2")
    forger.close()
    status, said = typed("audit", "verify")
    assert status == 1
    assert "line 2 of T-1 has other words than were written" in said


def test_old_mails_are_forgotten(typed):
    assert "Emptied 1 mail(s)" in typed("forget", "1")[1]
    assert "Emptied 0 mail(s)" in typed("forget", "1")[1]
