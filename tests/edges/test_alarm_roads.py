"""Alarms arrive on each road: over a real mail server and a real web server."""

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from mailflow.demo.mail_server import spawn_mail_server
from mailflow.edges.alarm_roads import OrdinaryRoad, RelayRoad, WebhookRoad
from mailflow.edges.outbox_smtp import SmtpOutbox
from mailflow.settings.operating import RelaySettings
from mailflow.tickets.errors import TryAgainLater
from mailflow.workflow.alarms import Message
from mailflow.workflow.records import StandingAlarm
from tests.edges.mail_fixtures import (
    RETAILER,
    US,
    USERS,
    inbox_settings,
    mailbox,
    outbox_settings,
    password_file,
)

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MESSAGE = Message(
    raised=[
        StandingAlarm(
            key="disk_low:/", kind="disk_low", about="/", detail="3 MB are left", since=AT
        )
    ],
    cleared=[],
    at=AT,
)


@pytest.fixture(scope="module")
def server():
    with spawn_mail_server(USERS) as running:
        yield running


def arrived(server):
    with mailbox(server, RETAILER) as client:
        client.select_folder("INBOX", readonly=True)
        uids = client.search(["HEADER", "X-Mailflow", "1"])
        return [mail[b"BODY[]"].decode() for mail in client.fetch(uids, ["BODY[]"]).values()]


def relay(server, folder, **changes):
    values = {"host": "127.0.0.1", "port": server.smtp_port, "security": "plain"}
    values |= {"user": US, "password_file": password_file(folder)}
    return RelaySettings.model_validate(values | changes)


def test_the_relay_and_the_outbox_both_deliver(server, tmp_path):
    RelayRoad(relay(server, tmp_path), US, [RETAILER]).tell(MESSAGE)
    outbox = SmtpOutbox(
        outbox_settings(server.smtp_port, tmp_path), inbox_settings(server.imap_port, tmp_path)
    )
    OrdinaryRoad(outbox, US, [RETAILER]).tell(MESSAGE)
    outbox.close()
    mails = arrived(server)
    assert len(mails) == 2
    for mail in mails:
        assert "[mailflow] ALARM: disk low (/)" in mail
        assert "3 MB are left" in mail
        assert "enlarge the disk" in mail
    ids = {line for mail in mails for line in mail.splitlines() if line.startswith("Message-ID")}
    assert len(ids) == 1, "the same alarm, recognisable on both roads"


def test_a_relay_that_is_away_or_refuses_is_said_to_be_broken(server, tmp_path):
    with pytest.raises(TryAgainLater):
        RelayRoad(relay(server, tmp_path, port=1), US, [RETAILER]).tell(MESSAGE)
    with pytest.raises(TryAgainLater, match="no such user"):
        RelayRoad(relay(server, tmp_path), US, ["nobody@mailflow.test"]).tell(MESSAGE)


@pytest.fixture
def hook():
    posts = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posts.append((self.headers["Authorization"], json.loads(body)))
            self.send_response(500 if self.path == "/broken" else 204)
            self.end_headers()

        def log_message(self, *_):
            pass

    web = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{web.server_address[1]}", posts
    web.shutdown()
    web.server_close()


def test_the_webhook_gets_words_and_facts_and_its_token(hook, tmp_path):
    address, posts = hook
    WebhookRoad(address + "/x", password_file(tmp_path, "pager")).tell(MESSAGE)
    ((token, body),) = posts
    assert token == "Bearer pager"
    assert body["raised"] == [{"kind": "disk_low", "about": "/", "detail": "3 MB are left"}]
    assert "ALARM" in body["text"]


def test_a_webhook_that_fails_is_said_to_be_broken(hook):
    with pytest.raises(TryAgainLater, match="500"):
        WebhookRoad(hook[0] + "/broken", None).tell(MESSAGE)
