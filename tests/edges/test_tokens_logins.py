"""Logins by XOAUTH2 at a real Dovecot and Postfix, whose tokens a local server vouches for."""

import os
import signal
import subprocess
from functools import partial
from pathlib import Path

import pytest

from mailflow.edges.imap_session import LoginRefused, connect, session
from mailflow.edges.outbox_smtp import SmtpOutbox
from mailflow.edges.tokens import TokenSource
from mailflow.settings.oauth2 import Grant, OAuth2Settings
from mailflow.tickets.errors import TryAgainLater
from tests.edges.dovecot import USER, Wishes, require_dovecot, running_dovecot
from tests.edges.mail_fixtures import (
    Memory,
    inbox_settings,
    mail_text,
    outbox_settings,
    watching,
    written,
)
from tests.edges.postfix import require_postfix, running_postfix
from tests.edges.token_server import CLIENT, SECRET, running_token_server


@pytest.fixture(scope="module")
def vouching():
    with running_token_server(USER) as server:
        yield server


@pytest.fixture(scope="module")
def dovecot(vouching):
    require_dovecot()
    lmtp = Path("/usr/lib/dovecot/lmtp").exists()
    with running_dovecot(Wishes(token_server=vouching.url, lmtp=lmtp)) as server:
        yield server


@pytest.fixture
def tokens(vouching):
    vouching.lifetime_seconds, vouching.away, vouching.refuse = 3600, False, ""
    vouching.asked.clear()
    vouching.revoke_all()
    return vouching


@pytest.fixture
def source(tokens, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    return TokenSource(
        OAuth2Settings(
            grant=Grant.CLIENT_CREDENTIALS,
            token_url=tokens.url + "/token",
            client_id=CLIENT,
            client_secret_file=secret,
        ),
        USER,
    )


@pytest.fixture
def inbox(dovecot, tmp_path):
    return inbox_settings(
        dovecot.tls_port,
        tmp_path,
        host="localhost",
        security="tls",
        ca_file=dovecot.ca_file,
        login="oauth2",
        password_file=None,
    )


def test_a_token_opens_the_mailbox_and_another_ones_does_not(inbox, source, tokens):
    with session(inbox, source) as client:
        assert client.folder_exists("INBOX")
    tokens.mailbox = "somebody-else@mailflow.test"
    try:
        with pytest.raises(LoginRefused):
            connect(inbox, source)
    finally:
        tokens.mailbox = USER


def test_a_token_that_the_server_dropped_early_is_replaced_once(inbox, source, tokens):
    connect(inbox, source).shutdown()
    tokens.revoke_all()
    connect(inbox, source).shutdown()
    assert len(tokens.asked) == 2


def test_a_refusal_carries_the_servers_complaint(inbox, source, tokens, monkeypatch):
    monkeypatch.setattr(tokens, "introspect", lambda _token: {"active": False})
    with pytest.raises(LoginRefused, match="status"):
        connect(inbox, source)
    assert len(tokens.asked) == 2


def test_the_watcher_outlives_its_tokens_and_no_mail_is_lost(inbox, source, tokens):
    tokens.lifetime_seconds = 3
    memory = Memory()
    with watching(inbox, memory, source):
        for number in range(3):
            with session(inbox, source) as client:
                client.append("INBOX", mail_text(3_000 + number))
            memory.wait_kept(number + 1)
            memory.wait_for(partial(_asked_more_than, tokens, len(tokens.asked)))
    assert len(memory.offered) == 3


def test_a_session_cut_with_its_token_revoked_is_taken_up_again(inbox, source, tokens, dovecot):
    memory = Memory()
    with watching(inbox, memory, source):
        memory.wait_state("watching")
        tokens.revoke_all()
        _cut_sessions(dovecot)
        memory.wait_state("connection lost")
        with session(inbox, source) as client:
            client.append("INBOX", mail_text(3_100))
        memory.wait_kept(1)
    assert len(tokens.asked) == 2


def test_an_outage_of_the_token_server_is_told_and_gets_over(inbox, source, tokens):
    tokens.away = True
    memory = Memory()
    with watching(inbox, memory, source) as watcher:
        memory.wait_state("answers 503")
        assert "503" in source.state.refused
        tokens.away = False
        watcher.kick()
        memory.wait_state("watching")
    assert source.state.refused == ""


def _asked_more_than(tokens, before):
    return len(tokens.asked) > before


def _cut_sessions(dovecot):
    """End every IMAP session, as a server does when a token has run out."""
    pids = subprocess.run(
        ["pgrep", "-f", "^dovecot/imap( |$)"], capture_output=True, text=True, check=False
    ).stdout
    ours = (int(pid) for pid in pids.split())
    for pid in ours:
        if str(dovecot.home) in _open_files(pid):
            os.kill(pid, signal.SIGTERM)


def _open_files(pid: int) -> str:
    try:
        return " ".join(str(file.readlink()) for file in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return ""


@pytest.fixture
def outbox(dovecot, inbox, source, tmp_path):
    require_postfix()
    with running_postfix(dovecot, (USER,)) as postfix:
        settings = outbox_settings(
            postfix.submission_port,
            tmp_path,
            host="localhost",
            security="starttls",
            ca_file=dovecot.ca_file,
            login="oauth2",
            password_file=None,
            witness="none",
        )
        made = SmtpOutbox(settings, inbox, source)
        yield made
        made.close()


def test_mails_are_sent_with_a_token_a_fresh_one_and_not_at_all(outbox, inbox, source, tokens):
    outbox.send(written(3_200, to=(USER,)))
    tokens.revoke_all()
    outbox._hang_up()
    outbox.send(written(3_201, to=(USER,)))
    asked = len(tokens.asked)
    assert asked >= 2
    tokens.revoke_all()
    tokens.refuse = "invalid_client"
    outbox._hang_up()
    with pytest.raises(TryAgainLater, match="invalid_client"):
        outbox.send(written(3_202, to=(USER,)))
    assert "invalid_client" in source.state.refused
    tokens.refuse = ""
    memory = Memory()
    with watching(inbox, memory, source):
        memory.wait_kept(2)
