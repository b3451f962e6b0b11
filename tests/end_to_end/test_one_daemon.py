"""One daemon on a PostgreSQL database: a second is refused, and none works without the lock."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest

from mailflow.demo.alerts import as_json
from mailflow.demo.people import BOX, JSON_ALERTS, SHOPS
from mailflow.demo.stage import Stage
from mailflow.tickets.ticket import Job, Kind

JOB = Job(
    id="feed",
    name="Feed",
    retailer=SHOPS[0].account,
    marketplace="lynx",
    kind=Kind.TOKEN,
    platform="simulated",
)
HOLDER = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 1835100526 AND granted"
KEY = 1835100526


@pytest.fixture
def address(postgres_server) -> str:
    return str(postgres_server.new_database())


@pytest.fixture
def stage(tmp_path, address) -> Iterator[Stage]:
    with Stage(tmp_path, database=address) as stage:
        yield stage


@contextmanager
def session(address: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


def log_of(stage: Stage) -> str:
    return (stage.folder / "mailflow.log").read_text("utf-8")


def works(stage: Stage) -> None:
    stage.platform.add_job(JOB)
    stage.send(JSON_ALERTS, BOX, "Job failed", as_json(JOB, "401: token has expired"))
    stage.wait_for("a ticket", stage.tickets)


def cut_the_lock(address: str) -> None:
    with session(address) as admin:
        admin.execute(f"SELECT pg_terminate_backend(pid) FROM ({HOLDER}) AS holder")


def test_a_second_daemon_is_refused_and_told_who_is_at_work(stage):
    command = [sys.executable, "-m", "mailflow", "run", "--config", str(stage.config)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert second.returncode == 1
    said = " ".join(second.stderr.split())
    assert f"another mailflow (mailflow process {stage.daemon_pid} on " in said
    assert "from 127.0.0.1" in said
    assert "Stop that one first" in said
    works(stage)


def test_the_next_daemon_may_start_as_soon_as_the_first_was_killed(stage):
    stage.stop_daemon(kill=True)
    stage.start_daemon()
    works(stage)


def test_a_daemon_whose_lock_is_cut_takes_it_anew_and_works_on(stage, address):
    cut_the_lock(address)
    stage.wait_for("the lock", lambda: "database.lock_retaken" in log_of(stage))
    with session(address) as other:
        assert other.execute(f"SELECT pg_try_advisory_lock({KEY})").fetchone() == (False,)
    works(stage)


def test_a_daemon_whose_lock_went_to_another_ends_at_once(stage, address):
    with session(address) as other:
        other.execute("SET application_name = 'usurper'")
        waiting = threading.Thread(target=other.execute, args=(f"SELECT pg_advisory_lock({KEY})",))
        waiting.start()
        stage.wait_for("the queue", lambda: is_waiting(address))
        cut_the_lock(address)
        waiting.join(60)

        assert stage.wait_for("the end", ended(stage)) == (1,)
    assert "service.superseded" in log_of(stage)
    assert "another mailflow (usurper" in log_of(stage)


def is_waiting(address: str) -> bool:
    with session(address) as admin:
        return admin.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone() is not None


def ended(stage: Stage) -> Callable[[], tuple[int] | None]:
    return lambda: None if (status := stage.daemon_ended()) is None else (status,)
