"""One reading of the file tells everything that is wrong with it, and what to do about it."""

from pathlib import Path

import pytest

from mailflow.settings.loading import BadSettings, Fault, load_settings, missing_files
from mailflow.settings.root import Settings

GOOD = """
[inbox]
host = "imap.example.com"
address = "integrations@example.com"
password_file = "inbox-password"
[outbox]
host = "smtp.example.com"
[staff]
members = ["Staff@Example.com"]
notify = ["staff@example.com"]
[replies]
token_key_file = "token-key"
"""


def load(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> Settings:
    path = tmp_path / "mailflow.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path, environ or {})


def faults_of(tmp_path: Path, text: str) -> dict[str, Fault]:
    with pytest.raises(BadSettings) as bad:
        load(tmp_path, text)
    for fault in bad.value.faults:
        assert str(fault) in str(bad.value)
        assert fault.remedy
    return {fault.where: fault for fault in bad.value.faults}


def test_a_good_file_gives_settings_with_defaults(tmp_path):
    settings = load(tmp_path, GOOD)
    assert settings.inbox.port == 993
    assert settings.staff.members == ("staff@example.com",)


def test_all_faults_are_told_at_once(tmp_path):
    text = GOOD.replace('host = "imap.example.com"', 'hots = "imap.example.com"\nport = 99999')
    text += '[policy]\nreminder_seconds = -1\n[nonsense]\na = 1\n[log]\nlevel = "loud"\n'
    found = faults_of(tmp_path, text)
    assert set(found) == {
        "inbox.host",
        "inbox.hots",
        "inbox.port",
        "policy.reminder_seconds",
        "nonsense",
        "log.level",
    }


def test_an_unknown_key_is_answered_with_the_nearest_known_one(tmp_path):
    text = GOOD + "[policy]\nreminder_second = 5\n"
    fault = faults_of(tmp_path, text)["policy.reminder_second"]
    assert fault.remedy == "Did you mean reminder_seconds?"


def test_an_unknown_key_like_no_other_is_answered_with_all_known_ones(tmp_path):
    fault = faults_of(tmp_path, GOOD + "[log]\nzzz = 5\n")["log.zzz"]
    assert fault.remedy == "Known keys: json_lines, level."


def test_an_unknown_key_inside_a_platform_is_answered_too(tmp_path):
    text = GOOD + '[platforms.shop]\nbase_url = "https://jobs.example.com"\nzoen = "UTC"\n'
    assert faults_of(tmp_path, text)["platforms.shop.zoen"].remedy == "Did you mean zone?"


def test_a_needed_key_is_explained(tmp_path):
    fault = faults_of(tmp_path, GOOD.replace('host = "smtp.example.com"', ""))["outbox.host"]
    assert fault.wrong == "this is needed and not set"
    assert fault.remedy == "Name or address of the server."


def test_a_needed_section_is_explained(tmp_path):
    found = faults_of(tmp_path, "")
    assert found["staff"].remedy == "Who may attest, and who is told."
    assert set(found) == {"inbox", "outbox", "staff", "replies"}


def test_a_wrong_value_is_shown(tmp_path):
    text = GOOD.replace("[outbox]", '[outbox]\nport = "smtp"')
    assert "'smtp'" in faults_of(tmp_path, text)["outbox.port"].wrong


def test_a_readable_password_on_the_wire_is_refused(tmp_path):
    text = GOOD.replace("[outbox]", '[outbox]\nsecurity = "plain"')
    assert "readable" in faults_of(tmp_path, text)["outbox"].wrong


def test_broken_toml_is_told_with_its_line(tmp_path):
    found = faults_of(tmp_path, "[inbox]\nhost = \n")
    assert set(found) == {"line 2"}


def test_text_that_is_not_utf8_is_told_with_its_line(tmp_path):
    path = tmp_path / "mailflow.toml"
    path.write_bytes(b"[inbox]\nhost = '\xff'\n")
    with pytest.raises(BadSettings, match="line 2: this is not UTF-8"):
        load_settings(path, {})


def test_a_file_that_is_not_there_is_a_fault(tmp_path):
    with pytest.raises(BadSettings, match="cannot be read"):
        load_settings(tmp_path / "nowhere.toml", {})


def test_relative_files_start_at_the_folder_of_the_file(tmp_path):
    settings = load(tmp_path, GOOD + '[paths]\nalerts = "alerts"\n')
    assert settings.paths.alerts == tmp_path / "alerts"
    assert settings.replies.token_key_file == tmp_path / "token-key"


def test_secrets_start_at_the_credentials_folder(tmp_path):
    text = GOOD + '[paths]\nalerts = "alerts"\n'
    text += '[platforms.shop]\nbase_url = "https://jobs.example.com"\nca_file = "ca.pem"\n'
    text += '[platforms.shop.auth]\nscheme = "bearer"\nsecret_file = "shop-token"\n'
    settings = load(tmp_path, text, {"CREDENTIALS_DIRECTORY": "/run/credentials"})
    assert settings.inbox.password_file == Path("/run/credentials/inbox-password")
    assert settings.replies.token_key_file == Path("/run/credentials/token-key")
    assert settings.platforms["shop"].auth.secret_file == Path("/run/credentials/shop-token")
    assert settings.platforms["shop"].ca_file == tmp_path / "ca.pem"
    assert settings.paths.alerts == tmp_path / "alerts"


def test_absolute_files_stay(tmp_path):
    text = GOOD.replace('"token-key"', '"/etc/key"')
    settings = load(tmp_path, text, {"CREDENTIALS_DIRECTORY": "/run/credentials"})
    assert settings.replies.token_key_file == Path("/etc/key")


def test_files_that_are_not_there_are_named(tmp_path):
    (tmp_path / "token-key").write_bytes(b"k" * 32)
    found = [fault.where for fault in missing_files(load(tmp_path, GOOD))]
    assert found == ["inbox.password_file"]
