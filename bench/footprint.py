"""How long mailflow takes to be ready, and what it costs at rest, by number of open tickets.

    python bench/footprint.py [TICKETS ...]     (0 and 10000 where nothing is named)

The real daemon in its own process, on the demo's mail server and platform. Memory is that of the
process (VmRSS) and of its children; processor time is counted over half a minute of rest.
"""

import os
import socket
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from mailflow.demo.stage import Stage
from mailflow.edges.clock import SystemClock
from mailflow.store.unit_of_work import open_memory
from mailflow.tickets.containing import open_ticket
from mailflow.tickets.decide import decide
from mailflow.tickets.events import AlertReceived, JobPaused
from mailflow.tickets.policy import Policy
from mailflow.tickets.ticket import Cause, Job, Kind

_REST_SECONDS = 30
_BATCH = 200


def fill(url: str, tickets: int) -> None:
    """Open tickets that wait for their retailers, their stops recorded."""
    memory, policy, now = open_memory(url), Policy(), SystemClock().now()
    for start in range(0, tickets, _BATCH):
        with memory.write() as uow:
            for number in range(start, min(start + _BATCH, tickets)):
                job = Job(
                    id=f"job-{number}", name=f"Job {number}", retailer=f"shop-{number % 500}",
                    marketplace="otter", kind=Kind.FEED, platform="",
                )  # fmt: skip
                alert = AlertReceived(
                    at=now, failed_at=now, error_text="feed rejected", cause=Cause.FEED_FAILED,
                    message="0",
                )  # fmt: skip
                opened = open_ticket(uow.tickets.next_id(), job, alert, policy)
                ticket = uow.tickets.record(None, alert, opened, cause="bench")
                assert ticket is not None
                stopped = JobPaused(at=now + timedelta(seconds=1), because="bench")
                decided = decide(ticket, stopped, policy)
                uow.tickets.record(ticket, stopped, replace(decided, effects=()), cause="stop")
    memory.close()


def kilobytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def measure(tickets: int) -> None:
    """Print one line of figures."""
    with tempfile.TemporaryDirectory(prefix="mailflow-bench-") as name:
        folder = Path(name)
        with Stage(folder) as stage, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            stage.stop_daemon()
            fill(f"sqlite:///{folder}/mailflow.db", tickets)
            manager.bind(str(folder / "notify"))
            manager.settimeout(120)
            stage.environ = {"NOTIFY_SOCKET": str(folder / "notify")}
            began = time.monotonic()
            pid = stage.start_daemon()
            while b"READY=1" not in manager.recv(4096):
                pass
            ready = time.monotonic() - began
            time.sleep(_REST_SECONDS)
            before = ticks(pid)
            time.sleep(_REST_SECONDS)
            used = (ticks(pid) - before) / os.sysconf("SC_CLK_TCK") / _REST_SECONDS
            own, others = kilobytes(pid), sum(map(kilobytes, children(pid)))
        print(
            f"{tickets:6} open tickets: ready after {ready:.1f} s, {own / 1024:.0f} MB, "
            f"children {others / 1024:.0f} MB, {used:.1%} of one core at rest"
        )


if __name__ == "__main__":
    for wanted in [int(word) for word in sys.argv[1:]] or [0, 10_000]:
        measure(wanted)
