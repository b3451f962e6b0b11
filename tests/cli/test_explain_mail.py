"""`mailflow explain mail` gives one line a file, whatever the file is."""

import json

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
