"""Tokens are renewed in time, kept safely, and a refusal is told at once."""

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from pydantic import ValidationError

from mailflow.edges.tokens import TokenSource
from mailflow.settings.oauth2 import Grant, OAuth2Settings
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.workflow.alarms import AlarmKind, Limits, View, troubles
from tests.edges.token_server import CLIENT, SECRET, running_token_server

BOX = "integration@mailflow.test"


class HandClock:
    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def server():
    with running_token_server(BOX) as running:
        yield running


@pytest.fixture
def clock():
    return HandClock()


def settings(server, tmp_path, **changes):
    secret = tmp_path / "secret"
    secret.write_text(SECRET + "\n")
    values = {"grant": "client_credentials", "token_url": server.url + "/token"}
    values |= {"client_id": CLIENT, "client_secret_file": secret, "scope": "mail", "seconds": 10}
    return OAuth2Settings.model_validate(values | changes)


def by_refresh_token(server, tmp_path, clock):
    (tmp_path / "first").write_text("first\n")
    files = {"refresh_token_file": tmp_path / "first", "renewed_token_file": tmp_path / "renewed"}
    wanted = settings(server, tmp_path, grant="refresh_token", **files)
    return TokenSource(wanted, BOX, now=clock)


def test_a_token_is_asked_for_once_and_renewed_before_it_runs_out(server, tmp_path, clock):
    source = TokenSource(settings(server, tmp_path), BOX, now=clock)
    first = source.token()
    clock.now += 3200
    assert source.token() is first
    clock.now += 150  # less than five minutes are left
    assert source.token().value != first.value
    assert server.asked[0] == {
        "grant_type": "client_credentials",
        "client_id": CLIENT,
        "client_secret": SECRET,
        "scope": "mail",
    }
    assert len(server.asked) == 2


def test_the_microsoft_preset_needs_a_tenant_and_no_address():
    preset = OAuth2Settings(
        grant=Grant.CLIENT_CREDENTIALS,
        tenant="example.com",
        client_id="x",
        client_secret_file=Path("s"),
    )
    assert preset.address == "https://login.microsoftonline.com/example.com/oauth2/v2.0/token"
    assert preset.wanted_scope == "https://outlook.office365.com/.default"
    with pytest.raises(ValidationError, match="tenant"):
        OAuth2Settings(grant=Grant.CLIENT_CREDENTIALS, client_id="x", client_secret_file=Path("s"))


def test_an_outage_is_told_at_once_and_forgiven_while_the_old_token_works(server, tmp_path, clock):
    source = TokenSource(settings(server, tmp_path), BOX, now=clock)
    old = source.token()
    server.away = True
    clock.now += 3400
    assert source.token().value == old.value
    assert "503" in source.state.refused
    view = View(mailbox=BOX, mailbox_state="", mailbox_unread_since=None, figures=None,
                tokens=[source.state])  # fmt: skip
    (alarm,) = troubles(view, Limits(), datetime.fromtimestamp(clock.now, UTC))
    assert alarm.kind is AlarmKind.TOKEN_REFUSED
    clock.now += 300
    with pytest.raises(TryAgainLater, match="503"):
        source.token()
    server.away = False
    assert source.token().value != old.value
    assert source.state.refused == ""


def test_a_refusal_gives_the_servers_own_words(server, tmp_path, clock):
    server.refuse = "invalid_client"
    source = TokenSource(settings(server, tmp_path), BOX, now=clock)
    with pytest.raises(GiveUp, match="AADSTS7000215"):
        source.token()
    assert "invalid_client" in source.state.refused


def test_a_rotated_refresh_token_is_stored_for_its_owner_only_and_used_after_a_restart(
    server, tmp_path, clock
):
    source = by_refresh_token(server, tmp_path, clock)
    source.token()
    renewed = tmp_path / "renewed"
    assert renewed.read_text().strip() == server.good_refresh_token != "first"
    assert stat.S_IMODE(renewed.stat().st_mode) == 0o600
    by_refresh_token(server, tmp_path, clock).token()
    assert renewed.read_text().strip() == server.good_refresh_token
    assert server.asked[0]["refresh_token"] == "first"
    assert not list(tmp_path.glob(".renewed-*"))


def test_a_new_token_from_the_operator_is_taken_when_the_stored_one_is_refused(
    server, tmp_path, clock
):
    (tmp_path / "renewed").write_text("revoked meanwhile\n")
    by_refresh_token(server, tmp_path, clock).token()
    assert [asked["refresh_token"] for asked in server.asked] == ["revoked meanwhile", "first"]
    assert (tmp_path / "renewed").read_text().strip() == server.good_refresh_token


def test_a_rotated_token_that_cannot_be_stored_is_used_and_told(server, tmp_path, clock):
    (tmp_path / "first").write_text("first\n")
    away = tmp_path / "not there" / "renewed"
    wanted = settings(
        server,
        tmp_path,
        grant="refresh_token",
        refresh_token_file=tmp_path / "first",
        renewed_token_file=away,
    )
    source = TokenSource(wanted, BOX, now=clock)
    source.token()
    assert "could not be stored" in source.state.refused
    away.parent.mkdir()
    clock.now += 3500
    source.token()  # by the token that only the memory had
    assert away.read_text().strip() == server.good_refresh_token
    assert source.state.refused == ""


@pytest.mark.parametrize(
    ("script", "life"),
    [("echo tok-1", 300), ('echo \'{"access_token": "tok-1", "expires_in": 900}\'', 900)],
)
def test_a_command_prints_a_token_or_json(tmp_path, clock, script, life):
    wanted = OAuth2Settings(grant=Grant.COMMAND, command=("/bin/sh", "-c", script))
    token = TokenSource(wanted, BOX, now=clock).token()
    assert (token.value, token.expires_at - clock.now) == ("tok-1", life)


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (("/bin/sh", "-c", "echo no luck >&2; exit 3"), TryAgainLater),
        (("/bin/sh", "-c", "sleep 60"), TryAgainLater),
        (("/bin/sh", "-c", "echo"), GiveUp),
        (("/no/such/program",), GiveUp),
    ],
)
def test_a_command_that_gives_none_is_no_token(clock, command, error):
    wanted = OAuth2Settings(grant=Grant.COMMAND, command=command, seconds=2)
    source = TokenSource(wanted, BOX, now=clock)
    with pytest.raises(error):
        source.token()
    assert source.state.refused


def test_a_service_account_signs_for_the_mailbox(server, tmp_path, clock):
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    account = {"client_email": "robot@example.com", "private_key": pem, "private_key_id": "7"}
    (tmp_path / "account.json").write_text(json.dumps(account))
    wanted = settings(
        server, tmp_path, grant="service_account", account_file=tmp_path / "account.json", scope=""
    )
    TokenSource(wanted, BOX, now=clock).token()
    (asked,) = server.asked
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    claims = jwt.decode(
        asked["assertion"], public, algorithms=["RS256"], audience=server.url + "/token"
    )
    assert (claims["iss"], claims["sub"]) == ("robot@example.com", BOX)
    assert claims["scope"] == "https://mail.google.com/"
    (tmp_path / "account.json").write_text(json.dumps(account | {"private_key": "none"}))
    with pytest.raises(GiveUp, match="no key file"):
        TokenSource(wanted, BOX, now=clock).token()


def test_the_day_on_which_the_secret_ends_raises_an_alarm_in_time(server, tmp_path, clock):
    source = TokenSource(settings(server, tmp_path, renew_by="2026-03-31"), BOX, now=clock)
    for day, kinds in ((23, []), (25, [AlarmKind.TOKEN_EXPIRING])):
        now = datetime(2026, 3, day, tzinfo=UTC)
        view = View(
            mailbox=BOX, mailbox_state="", mailbox_unread_since=None, figures=None,
            tokens=[source.state],
        )  # fmt: skip
        assert [trouble.kind for trouble in troubles(view, Limits(), now)] == kinds
