"""The first commands that a new user types, by what they really say and leave behind."""

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mailflow.cli.app import app
from mailflow.store.unit_of_work import open_memory

CONFIG = """\
[inbox]
host = "127.0.0.1"
port = 1
security = "plain"
user = "box@mailflow.test"
password_file = "secret"
address = "box@mailflow.test"
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
COLUMNS = "retailer,name,language,zone,contact\n"
ALERT = """\
From: jobs@alerts.mailflow.test
To: box@mailflow.test
Subject: Job failed
Message-ID: <1@alerts.mailflow.test>

Job ID: feed-7
Job name: Product feed
Retailer: acme
Marketplace: otter
Kind: product feed
Error: 401: the access token has expired
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("0" * 64)
    path = tmp_path / "mailflow.toml"
    path.write_text(CONFIG.format(folder=tmp_path))
    return path


def run(*words: str | Path):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_an_example_is_written_once_and_says_what_comes_next(tmp_path: Path):
    path = tmp_path / "mailflow.toml"

    first, again = run("init-config", path), run("init-config", path)

    assert first.exit_code == 0
    assert "check-config" in first.output
    assert "inbox" in tomllib.loads(path.read_text())
    assert again.exit_code == 1
    assert "exists" in again.output
    unfilled = run("check-config", "--config", path)
    assert unfilled.exit_code == 2
    for name in ("inbox.password_file", "outbox.password_file", "replies.token_key_file"):
        assert name in unfilled.output


def test_a_wrong_configuration_is_refused_with_every_fault_and_its_place(tmp_path: Path):
    path = tmp_path / "wrong.toml"
    path.write_text("[inbox]\nhost = 5\nfoo = 1\n[nope]\n")

    result = run("check-config", "--config", path)

    assert result.exit_code == 2
    for place in ("inbox.host", "inbox.foo", "outbox", "staff", "replies", "nope"):
        assert f"{place}:" in result.output


def test_a_sound_configuration_is_called_so(config: Path):
    result = run("check-config", "--config", config)

    assert result.exit_code == 0, result.output
    assert "is fine" in result.output


def test_contacts_are_imported_whole_or_not_at_all(config: Path, tmp_path: Path):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(COLUMNS + "acme,Acme,de,Europe/Berlin,ops@acme.test\n")
    bad.write_text(
        COLUMNS + "east,East,en,UTC,it@east.test\nwest,West,en,Nowhere/Land,no-address\n"
    )

    assert run("retailers", "import", good, "--config", config).exit_code == 0
    refused = run("retailers", "import", bad, "--config", config)

    assert refused.exit_code == 2
    assert "3" in refused.output  # the line
    memory = open_memory(f"sqlite:///{tmp_path}/mailflow.db")
    with memory.read() as uow:
        assert [retailer.id for retailer in uow.directory.all()] == ["acme"]
    memory.close()


def test_contacts_are_listed_with_whether_mail_reaches_them(config: Path, tmp_path: Path):
    contacts = tmp_path / "contacts.csv"
    contacts.write_text(COLUMNS + "acme,Acme,de,Europe/Berlin,ops@acme.test\n")
    assert "There is none" in run("retailers", "list", "--config", config).output
    run("retailers", "import", contacts, "--config", config)
    memory = open_memory(f"sqlite:///{tmp_path}/mailflow.db")
    moment = datetime(2026, 3, 2, 8, tzinfo=UTC)
    with memory.write() as uow:
        uow.directory.mark_unreachable("ops@acme.test", at=moment, because="gone")
    memory.close()

    marked = run("retailers", "list", "--json", "--config", config)
    run("retailers", "import", contacts, "--config", config)
    cleared = run("retailers", "list", "--config", config)

    assert json.loads(marked.stdout)["unreachable"] == [
        "ops@acme.test since 2026-03-02T08:00:00: gone"
    ]
    assert "not written to" not in cleared.output


def test_a_mail_is_explained_without_anything_coming_of_it(config: Path, tmp_path: Path):
    mail = tmp_path / "alert.eml"
    mail.write_text(ALERT)

    result = run("explain", "mail", mail, tmp_path / "none.eml", "--json", "--config", config)

    alert, none = (json.loads(line) for line in result.stdout.splitlines())
    assert (alert["kind"], alert["sender"]) == ("alert", "jobs@alerts.mailflow.test")
    assert alert["failures"][0]["cause"] == "token_expired"
    assert alert["failures"][0]["job"] == "feed-7"
    assert alert["authenticated"] != "pass"
    assert alert["authenticated_because"]
    assert none["kind"] == "unreadable"
    assert result.exit_code == 1
    listed = run("tickets", "--json", "--config", config)
    assert (listed.exit_code, listed.stdout) == (0, "")
    assert "The shelf is empty" in run("shelf", "--config", config).output


def test_lexicons_that_cannot_be_used_are_named_with_their_file(config: Path, tmp_path: Path):
    folder = tmp_path / "lexicons"
    folder.mkdir()
    config.write_text(f'{config.read_text()}[paths]\nlexicons = "{folder}"\n')
    empty = run("check-config", "--config", config)
    assert (empty.exit_code, "holds no LANGUAGE.toml" in " ".join(empty.output.split())) == (
        2,
        True,
    )
    (folder / "sv.toml").write_text("function_words = []\n")
    broken = run("check-config", "--config", config)
    assert broken.exit_code == 2
    assert "sv.toml: the list 'words' is missing" in " ".join(broken.output.split())
