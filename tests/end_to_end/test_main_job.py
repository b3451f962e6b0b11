"""The main job through real servers and the real daemon in its own process."""

import os
from pathlib import Path

import pytest

from mailflow.demo.camera import find_browser
from mailflow.demo.scenario import play
from mailflow.demo.stage import ALERTS, BOX, SHOP, Stage
from mailflow.tickets.ticket import Job, Kind, State
from mailflow.tickets.ticket import Path as Way


@pytest.fixture
def stage(tmp_path: Path):
    with Stage(tmp_path) as stage:
        yield stage


def test_a_job_goes_from_its_alert_to_its_proven_closure(stage: Stage):
    if os.environ.get("MAILFLOW_FULL_SUITE"):
        assert find_browser(), "the full suite looks through a real browser"
    told: list[str] = []

    assert play(stage, told.append), told

    (ticket,) = stage.tickets()
    assert ticket.state is State.CLOSED
    assert ticket.closure is not None
    assert ticket.closure.path is Way.CONFIRMED
    subjects = [mail.subject for mail in stage.mails_of(SHOP)]
    assert len(subjects) == len(set(subjects)) or len(subjects) == 3, subjects
    assert [act.repeated for act in stage.platform.acts()] == [False] * 3


def test_a_daemon_killed_between_alert_and_notice_sends_the_notice_once(stage: Stage):
    job = Job(
        id="feed-north-lynx",
        name="Feed North",
        retailer="north",
        marketplace="lynx",
        kind=Kind.FEED,
        platform="simulated",
    )
    stage.platform.add_job(job, broken=True, stoppable=True)
    text = (
        '{"failures": [{"job": {"id": "feed-north-lynx"}, "retailer": "north",'
        ' "marketplace": "lynx", "kind": "product feed", "error": "feed rejected"}]}'
    )
    stage.send(ALERTS, BOX, "Job failed", text)
    stage.wait_for("the stop", lambda: bool(stage.platform.acts()))
    stage.stop_daemon(kill=True)
    stage.start_daemon()

    stage.wait_for("the notice", lambda: bool(stage.mails_of(SHOP)))
    stage.stop_daemon()

    assert len(stage.mails_of(SHOP)) == 1
    assert len(stage.tickets()) == 1
    assert not any(act.repeated for act in stage.platform.acts()[1:])
