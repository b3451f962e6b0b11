"""The demo's stories through real servers and the real daemon in its own process."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mailflow.demo.alerts import as_json
from mailflow.demo.outcome import faults
from mailflow.demo.people import BOX, JSON_ALERTS, SHOP, SHOPS
from mailflow.demo.scenario import MAIN_JOB, ROLES, play
from mailflow.demo.stage import Stage
from mailflow.demo.stories import Story
from mailflow.edges.capture_chromium import find_browser
from mailflow.tickets.ticket import State


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with Stage(tmp_path) as stage:
        yield stage


@pytest.mark.timeout(300)
def test_every_job_ends_where_it_should(stage: Stage):
    if os.environ.get("MAILFLOW_FULL_SUITE"):
        assert find_browser(), "the full suite looks through a real browser"
    told: list[str] = []

    stories = play(stage, told.append)

    assert faults(stage, ROLES) == [], told
    stoppable = [role for role in ROLES if role.stoppable]
    assert len([story for story in stories if story.stopped_after]) == len(stoppable)
    acts = [(act.verb, act.job, act.key) for act in stage.platform.acts() if not act.repeated]
    assert len(acts) == len(set(acts))
    # Two jobs failed for one reason: the retailer was told once, about both.
    notice = "La synchronisation avec lynx a échoué"
    told_east = [mail.subject for mail in stage.mails_of(SHOPS[2].address)]
    assert len([s for s in told_east if notice in s and not s.startswith("Re:")]) == 1


def test_the_judge_of_the_demo_sees_what_is_wrong(stage: Stage):
    """A demo that can only succeed shows nothing."""
    (role,) = MAIN_JOB
    stage.platform.add_job(role.job, broken=True)
    story = Story(stage, role.shop, role.job, lambda _line: None)
    story.fails(JSON_ALERTS, "Job failed", as_json(role.job, "401: the access token has expired"))
    story.is_in(State.AWAITING_RETAILER)

    assert len(faults(stage, MAIN_JOB)) == 1
    assert "AWAITING_RETAILER" in faults(stage, MAIN_JOB)[0]
    other = replace(role, job=replace(role.job, id="another"))
    assert faults(stage, (other,)) == ["another has no ticket"]


def test_a_daemon_that_is_asked_to_end_finishes_what_is_under_way(stage: Stage):
    (role,) = MAIN_JOB
    stage.platform.add_job(role.job, broken=True)
    stage.send(JSON_ALERTS, BOX, "Job failed", as_json(role.job, "the feed was refused"))
    stage.wait_for("the stop", lambda: bool(stage.platform.acts()))

    stage.stop_daemon()
    stage.start_daemon()

    stage.wait_for("the notice", lambda: bool(stage.mails_of(SHOP)))
    stage.wait_for("an end of all orders", lambda: not stage.orders_left())
    assert len(stage.mails_of(SHOP)) == 1
    assert len(stage.tickets()) == 1
    assert not any(act.repeated for act in stage.platform.acts())
