"""`mailflow explain mail` gives one line a file, whatever the file is."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mailflow.cli.app import app

MAILS = {
    "a.eml": b"From: eve@other.example\nSubject: Fwd: feed\n\n---------- Forwarded message --------"
    b"\nFrom: Anna <anna@shop.example>\nDate: Mon, 23 Nov 2026 10:00:00 +0100\nSubject: feed\n\nok",
    "b/empty.eml": b"",
    "b/nothing-of-a-mail.bin": bytes(range(256)) * 40,
    "b/report.eml": b"From: MAILER-DAEMON@mx.example\nSubject: failure notice\n\nHi. This is the "
    b"qmail-send program at mx.\n\n<anna@shop.example>:\n550 no such user\n\n--- Below this line"
    b" is a copy.\n\nMessage-ID: <7@mailflow.example>\n",
}


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "etc" / "mailflow.toml"
    path.parent.mkdir()
    runner = CliRunner()
    assert runner.invoke(app, ["init-config", str(path)]).exit_code == 0
    written = path.read_text().replace("\n#url = ", f'\nurl = "sqlite:///{tmp_path}/m.db" #')
    path.write_text(written)
    for name in ("inbox-password", "outbox-password"):
        (path.parent / name).write_text("secret\n")
    (path.parent / "token-key").write_text("7" * 64)
    for secret in path.parent.glob("*-*"):
        secret.chmod(0o600)
    assert runner.invoke(app, ["db", "upgrade", "--config", str(path)]).exit_code == 0
    return path


def test_a_folder_gives_one_line_a_file_and_a_missing_file_gives_one_too(config, tmp_path):
    folder = tmp_path / "mails"
    for name, raw in MAILS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw)
    words = ["explain", "mail", "--json", "--config", str(config), str(folder), "no-such-file"]

    result = CliRunner().invoke(app, words)

    rows = [json.loads(line) for line in result.stdout.splitlines()]
    by_name = {row["file"].removeprefix(f"{folder}/"): row for row in rows}
    assert list(by_name) == [*MAILS, "no-such-file"]
    assert result.exit_code == 1
    assert by_name["a.eml"]["forwarded"]["from"] == "anna@shop.example"
    assert by_name["b/empty.eml"]["kind"] == by_name["no-such-file"]["kind"] == "unreadable"
    report = by_name["b/report.eml"]
    assert (report["kind"], report["failed"]) == ("bounce", ["anna@shop.example"])
    assert report["about_mails"] == ["<7@mailflow.example>"]


def test_mails_are_explained_where_nothing_is_configured(tmp_path: Path):
    """Whoever tries mailflow on a folder of mails need not set it up first."""
    (tmp_path / "a.eml").write_bytes(b"From: a@shop.test\r\nSubject: hello\r\n\r\nHello there.\r\n")
    (tmp_path / "b.eml").write_bytes(b"")

    command = [sys.executable, "-m", "mailflow", "explain", "mail", "--json", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    first, second = map(json.loads, ended.stdout.splitlines())
    assert (first["kind"], first["sender"]) == ("stranger", "a@shop.test")
    assert second["kind"] == "unreadable"
    assert ended.returncode == 1
    assert "nobody is known" in ended.stderr
