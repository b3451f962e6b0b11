"""The life of the real daemon process, told to a real notify socket, with real signals."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from mailflow.demo.people import BOX, JSON_ALERTS, SHOPS, STAFF
from mailflow.demo.stage import Stage
from mailflow.edges.clock import SystemClock
from mailflow.edges.mail_templates import shipped_folder
from mailflow.store.unit_of_work import open_memory
from mailflow.workflow.daemon import Daemon
from mailflow.workflow.desk import Pace
from tests.workflow.office import desk_over

_WAIT_SECONDS = 60


class Manager:
    """A service manager's end of the notify socket."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(_WAIT_SECONDS)
        self.told: list[str] = []
        self._unheard: list[str] = []

    def hear(self, beginning: str) -> str:
        """Wait for a line that begins so; what came before is kept in `told`."""
        until = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < until:
            while self._unheard:
                self.told.append(self._unheard.pop(0))
                if self.told[-1].startswith(beginning):
                    return self.told[-1]
            self._unheard += self._socket.recv(4096).decode().splitlines()
        raise AssertionError(f"{beginning} was not told; {self.told}")

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def manager(tmp_path):
    end = Manager(tmp_path / "notify")
    yield end
    end.close()


@pytest.fixture
def stage(tmp_path):
    with Stage(tmp_path) as stage:
        stage.stop_daemon()
        yield stage


def start(stage, manager, **environ):
    stage.environ = {"NOTIFY_SOCKET": str(manager.path), **environ}
    return stage.start_daemon()


def ended(stage):
    """Wait for the daemon's exit status; 0 is no truth to wait for, so it is packed."""
    status = stage.wait_for("the end", lambda: (s := stage.daemon_ended()) is not None and (s,))
    return status[0]


def log_of(stage):
    return (stage.folder / "mailflow.log").read_text("utf-8")


def test_ready_comes_after_the_login_and_signs_of_life_follow(stage, manager):
    daemon = start(stage, manager, WATCHDOG_USEC="2000000")
    manager.hear("READY=1")
    assert "mailbox: watching" in manager.hear("STATUS=mailbox")
    assert manager.hear("WATCHDOG=1")
    assert "inbox.state" in log_of(stage).rpartition("service.started")[2]
    os.kill(daemon, signal.SIGTERM)
    manager.hear("STOPPING=1")
    assert ended(stage) == 0
    assert manager.told.index("READY=1") < manager.told.index("STOPPING=1")


RELAY = """
[alarms]
mailbox_seconds = 10
[alarms.relay]
host = "127.0.0.1"
port = {smtp}
security = "plain"
sender = "{sender}"
user = "{sender}"
password_file = "box-password"
"""


def test_a_mailbox_that_is_away_keeps_no_service_down_but_raises_an_alarm(stage, manager):
    """READY comes, /readyz says why not, and the second relay carries the alarm once."""
    before = stage.config.read_text()
    imap, smtp = re.findall(r"^port = (\d+)$", before, re.MULTILINE)[:2]
    port = free_port()
    config = before.replace(f"port = {imap}", "port = 1", 1).replace(
        f"port = {smtp}", "port = 1", 1
    )
    config = config.replace("[metrics]\nport = 0", f"[metrics]\nport = {port}")
    stage.config.write_text(config + RELAY.format(smtp=smtp, sender=BOX))
    start(stage, manager)
    manager.hear("READY=1")
    assert "connection lost" in manager.hear("STATUS=")
    told = stage.wait_for("the alarm", lambda: stage.mails_of(STAFF))
    assert [mail.subject for mail in told] == [f"[mailflow] ALARM: mailbox unreadable ({BOX})"]
    with pytest.raises(urllib.error.HTTPError) as unready:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=30)
    assert b"mailbox: connection lost" in unready.value.read()
    unready.value.close()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as alive:
        assert alive.read() == b"ok\n"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def test_a_second_start_on_the_same_database_is_refused_with_a_clear_word(stage, manager):
    first = start(stage, manager)
    manager.hear("READY=1")
    command = [sys.executable, "-m", "mailflow", "run", "--config", str(stage.config)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 1
    said = " ".join(second.stderr.split())
    assert f"another mailflow (process {first}) works on this database" in said
    assert "Stop that one first" in said
    assert stage.daemon_ended() is None


STAGED = {shop.account for shop in SHOPS}


def names(stage):
    with open_memory(f"sqlite:///{stage.folder}/mailflow.db").read() as uow:
        return {retailer.id for retailer in uow.directory.all()}


def test_a_reload_takes_over_what_is_right_and_keeps_everything_at_a_fault(stage, manager):
    contacts = stage.folder / "more.csv"
    contacts.write_text("retailer,name,contact\nlake,Lake Shop,ops@lake.example\n")
    templates = shutil.copytree(shipped_folder(), stage.folder / "templates")
    with stage.config.open("a") as config:
        config.write(f'\n[paths]\nretailers = "more.csv"\ntemplates = "{templates}"\n')
    daemon = start(stage, manager)
    manager.hear("READY=1")
    assert names(stage) == STAGED | {"lake"}

    contacts.write_text("retailer,name,contact\nmoor,Moor Shop,ops@moor.example\n")
    (templates / "mail/closed/en/subject.txt").write_text("{{ broken")
    os.kill(daemon, signal.SIGHUP)
    manager.hear("RELOADING=1")
    assert int(manager.hear("MONOTONIC_USEC=").partition("=")[2]) > 0
    manager.hear("READY=1")
    assert names(stage) == STAGED | {"lake"}, "one fault, and nothing of it is taken"
    assert "closed/en/subject.txt" in log_of(stage)

    shutil.copy(shipped_folder() / "mail/closed/en/subject.txt", templates / "mail/closed/en/")
    with stage.config.open("a") as config:
        config.write("\n[limits]\nworkers = 3\n")
    os.kill(daemon, signal.SIGHUP)
    manager.hear("READY=1")
    assert names(stage) == STAGED | {"lake", "moor"}
    assert "settings.reloaded" in log_of(stage)
    assert '"sections": ["limits"]' in log_of(stage), "what wants a restart is named"


@contextlib.contextmanager
def silent_server():
    """Take connections and never answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held = []

        def take() -> None:
            with contextlib.suppress(OSError):
                while True:
                    held.append(server.accept()[0])

        threading.Thread(target=take, daemon=True).start()
        yield server.getsockname()[1], held
        for connection in held:
            connection.close()


def test_a_term_ends_it_within_20_seconds_although_a_platform_is_silent(stage, manager):
    alert = (
        '{"failures": [{"job": {"id": "feed"}, "retailer": "north", "marketplace": "lynx",'
        ' "kind": "product feed", "error": "feed rejected"}]}'
    )
    with silent_server() as (port, held):
        lines = stage.config.read_text().splitlines()
        patched = [
            f'base_url = "http://127.0.0.1:{port}"' if x.startswith("base_url") else x
            for x in lines
        ]
        stage.config.write_text("\n".join(patched).replace("read_seconds", "#read_seconds"))
        daemon = start(stage, manager)
        manager.hear("READY=1")
        stage.send(JSON_ALERTS, BOX, "Job failed", alert)
        stage.wait_for("the call", lambda: bool(held))
        began = time.monotonic()
        os.kill(daemon, signal.SIGTERM)
        assert ended(stage) == 0
        assert time.monotonic() - began < 20
    assert "service.stopped" in log_of(stage)
    with open_memory(f"sqlite:///{stage.folder}/mailflow.db").write() as uow:
        held = uow.orders.release_all(SystemClock().now())
    assert len(held) == 1, "the stop is still ordered; the next start does it"


def test_a_writer_that_never_ends_stops_the_signs_of_life(tmp_path):
    memory = open_memory(f"sqlite:///{tmp_path}/m.db")
    desk = desk_over(memory, SystemClock(), pace=Pace(lease_seconds=1))
    daemon = Daemon(desk, workers=2)
    daemon.start()
    assert daemon.stuck() == []
    until = time.monotonic() + _WAIT_SECONDS
    with memory.write():
        while "database" not in daemon.stuck():
            assert time.monotonic() < until
            time.sleep(0.1)
    while daemon.stuck():
        assert time.monotonic() < until, daemon.stuck()
        time.sleep(0.1)
    assert daemon.stop(20)
    memory.close()


def test_a_thread_that_died_is_named(tmp_path):
    memory = open_memory(f"sqlite:///{tmp_path}/m.db")
    daemon = Daemon(desk_over(memory, SystemClock()), workers=2)
    assert "mails" in daemon.stuck(), "not started is not alive"
    memory.close()
