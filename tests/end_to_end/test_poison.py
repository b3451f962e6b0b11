"""An order over which the daemon dies is found among others, which are done meanwhile."""

import time
from collections.abc import Sequence

import pytest

from mailflow.demo.alerts import as_json
from mailflow.demo.people import BOX, JSON_ALERTS, SHOPS
from mailflow.demo.stage import Stage
from mailflow.tickets.ticket import Job, Kind
from tests.end_to_end.test_power_cuts import KILLABLE

POISON = "job-1"


class PoisonedStage(Stage):
    """A stage whose daemon dies whenever it stops one certain job."""

    more_settings = "\n[limits]\ncrashes = 3\n"

    def start_daemon(self, program: Sequence[str] = ()) -> int:
        (self.folder / "points").write_text(f"stop {POISON}")
        files = [str(self.folder / name) for name in ("points", "trace")]
        return super().start_daemon([*program, str(KILLABLE), *files])


def failing(number: int) -> Job:
    return Job(
        id=f"job-{number}",
        name=f"Job {number}",
        retailer=SHOPS[0].account,
        marketplace=f"market{number}",
        kind=Kind.TOKEN,
        platform="simulated",
    )


@pytest.mark.timeout(240)
def test_an_order_that_kills_is_shelved_and_what_was_in_hand_with_it_is_done(tmp_path):
    jobs = [failing(number) for number in range(4)]
    with PoisonedStage(tmp_path) as stage:
        stage.stop_daemon()
        for job in jobs:
            stage.platform.add_job(job)
            stage.send(JSON_ALERTS, BOX, "Job failed", as_json(job, "401: token has expired"))
        stage.start_daemon()
        deaths, until = 0, time.monotonic() + 200
        while not stage.on_the_shelf() and time.monotonic() < until:
            if stage.daemon_ended() is not None:
                deaths += 1
                stage.start_daemon()
            time.sleep(0.1)
        stage.wait_for("the others", lambda: contained(stage) == {"job-0", "job-2", "job-3"})

        (because,) = stage.on_the_shelf()
        assert "died 3 times while doing it and nothing else" in because
        assert deaths >= 3


def contained(stage: Stage) -> set[str]:
    return {t.job.id for t in stage.tickets() if t.containment is not None}
