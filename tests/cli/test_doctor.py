"""The doctor finds what is wrong on a real stage, says why it matters, and touches nothing."""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from mailflow.cli.examining import Grade, examine
from mailflow.demo.people import BOX
from mailflow.demo.stage import Stage
from mailflow.settings.loading import load_settings
from tests.edges.token_server import CLIENT, SECRET, running_token_server


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    with Stage(tmp_path_factory.mktemp("stage")) as stage:
        yield stage


def found(stage, changed="", **replaced):
    text = stage.config.read_text("utf-8")
    for old, new in replaced.values():
        assert old in text
        text = text.replace(old, new, 1)
    other = stage.folder / "other.toml"
    other.write_text(text + changed, encoding="utf-8")
    return list(examine(load_settings(other), send_mail=False))


def faults(findings, check):
    return [f for f in findings if f.check == check and f.grade is not Grade.OK]


def test_on_a_sound_stage_all_is_well_and_the_mail_comes_back_vouched_for(stage):
    command = [sys.executable, "-m", "mailflow", "doctor", "--json", "--config", str(stage.config)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    findings = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stdout + done.stderr
    fine = {finding["check"] for finding in findings if finding["grade"] == "ok"}
    assert fine >= {"files", "database", "disk", "mailbox", "test mail", "authentication", "ocr"}
    assert fine >= {
        "clock",
        *(f"platform {name}" for name in load_settings(stage.config).platforms),
    }
    assert list(stage.platform.acts()) == []
    assert stage.tickets() == []


def test_each_finding_says_what_why_and_what_to_do(stage):
    (stage.folder / "wrong").write_text("no such password")
    port = stage.config.read_text().partition("base_url")[2].partition("127.0.0.1:")[2][:5]
    findings = found(
        stage,
        password=('password_file = "box-password"', 'password_file = "wrong"'),
        again=('password_file = "box-password"', 'password_file = "wrong"'),
        platform=(f"127.0.0.1:{port}", "127.0.0.1:1"),
        key=('token_key_file = "token-key"', 'token_key_file = "nowhere"'),
        disk=("[policy]", "[alarms]\ndisk_free_mb = 1_000_000_000\n\n[policy]"),
    )
    for check in ("mailbox", "outbox", "platform simulated", "files", "disk"):
        wrong = faults(findings, check)
        assert wrong, check
        assert all(f.what and f.why and f.todo for f in wrong)
    assert "refused" in faults(findings, "mailbox")[0].what.lower()


@pytest.fixture
def closed_door():
    """Answer every request with 401."""

    class Door(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(401)

        def do_HEAD(self):
            self.send_error(401)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_a_platform_without_rights_is_told_from_one_that_is_away(stage, closed_door):
    port = stage.config.read_text().partition("base_url")[2].partition("127.0.0.1:")[2][:5]
    findings = found(stage, platform=(f"127.0.0.1:{port}", f"127.0.0.1:{closed_door}"))
    (wrong,) = faults(findings, "platform simulated")
    assert "401" in wrong.what
    assert "rights" in wrong.todo


def test_without_a_test_mail_the_login_where_mails_go_out_is_tried(stage):
    assert [f.grade for f in found(stage) if f.check == "outbox"] == [Grade.OK]


def test_a_folder_that_is_not_there_is_named(stage):
    findings = found(stage, folder=("[inbox]", '[inbox]\nfolder = "Nowhere"'))
    assert "no folder 'Nowhere'" in faults(findings, "mailbox")[0].what


def test_a_new_database_is_a_warning_not_a_fault(stage):
    findings = found(stage, db=("mailflow.db", "new.db"))
    (warning,) = faults(findings, "database")
    assert warning.grade is Grade.WARNING
    assert "db upgrade" in warning.todo


@pytest.mark.parametrize(
    ("renew_by", "secret", "grade", "words"),
    [
        ("2100-01-01", SECRET, Grade.OK, "granted"),
        ("2020-01-01", SECRET, Grade.FAULT, "its secret ends in"),
        ("2100-01-01", "wrong", Grade.FAULT, "invalid_client"),
    ],
)
def test_a_token_is_asked_for_and_its_end_is_told(stage, renew_by, secret, grade, words):
    (stage.folder / "client-secret").write_text(secret)
    with running_token_server(BOX) as server:
        oauth2 = f"""
[oauth2]
grant = "client_credentials"
token_url = "{server.url}/token"
client_id = "{CLIENT}"
client_secret_file = "client-secret"
renew_by = {renew_by}
"""
        findings = found(stage, oauth2)
    (token,) = [finding for finding in findings if finding.check == "token"]
    assert token.grade is grade
    assert words in token.what
