"""How long a failing job runs on after its alert was delivered, with IDLE and with polling.

    python bench/containment.py [ALERTS]

Alerts are handed to a real mail server one after the other; the clock runs from the server's "yes"
(the mail lies in the mailbox) to the platform's record of the stop. Everything is on this machine.
"""

import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from statistics import quantiles

from mailflow.demo.alerts import as_json
from mailflow.demo.people import BOX, JSON_ALERTS
from mailflow.demo.stage import Stage
from mailflow.edges.clock import SystemClock
from mailflow.tickets.ticket import Job, Kind

_POLL_SECONDS = 5


class PollingStage(Stage):
    """The same stage, whose daemon looks into the mailbox by the clock alone."""

    more_inbox = f"use_idle = false\npoll_seconds = {_POLL_SECONDS}\n"


def measure(stage: Stage, alerts: int) -> list[float]:
    """Give the seconds from delivery to stop, one for each alert."""
    delivered = {}
    for number in range(alerts):
        job = Job(
            id=f"job-{number}",
            name=f"Job {number}",
            retailer="north",
            marketplace=f"market{number}",
            kind=Kind.FEED,
            platform="simulated",
        )
        stage.platform.add_job(job, broken=True)
        stage.send(JSON_ALERTS, BOX, "Job failed", as_json(job, "the feed was refused"))
        delivered[job.id] = SystemClock().now()
        time.sleep(0.37)  # out of step with every interval in use
    stage.wait_for("every stop", lambda: len(_stops(stage)) == alerts)
    stops = _stops(stage)
    return sorted((stops[job] - moment).total_seconds() for job, moment in delivered.items())


def _stops(stage: Stage) -> dict[str, datetime]:
    return {act.job: act.at for act in stage.platform.acts()}


def main(alerts: int) -> None:
    """Measure both ways and print what came of it."""
    for name, kind in (("IDLE", Stage), (f"polling every {_POLL_SECONDS} s", PollingStage)):
        with tempfile.TemporaryDirectory() as folder, kind(Path(folder)) as stage:
            seconds = measure(stage, alerts)
        steps = quantiles(seconds, n=20)
        print(
            f"{name}: {len(seconds)} alerts, delivery to stop "
            f"p50 {steps[9]:.2f} s, p95 {steps[18]:.2f} s, longest {seconds[-1]:.2f} s"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
