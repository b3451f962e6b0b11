"""`mailflow explain page` with the real browser and the simulated platform's page."""

import os
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from mailflow.cli.app import app
from mailflow.demo.platform_server import PlatformServer
from mailflow.edges.capture_chromium import find_browser
from mailflow.edges.clock import SystemClock
from mailflow.edges.platforms.simulated import SimulatedPlatform
from mailflow.tickets.ticket import Job, Kind

CONFIG = """\
[inbox]
host = "127.0.0.1"
security = "plain"
user = "box@example.com"
password_file = "secret"
address = "box@example.com"
[outbox]
host = "127.0.0.1"
security = "plain"
user = "box@example.com"
password_file = "secret"
[authentication]
authserv_id = "mx.example.com"
[staff]
members = ["staff@example.com"]
notify = ["staff@example.com"]
[replies]
token_key_file = "secret"
[platforms.blind]
base_url = "{url}"
[platforms.jobs]
base_url = "{url}"
page_url = "{url}/jobs/{{job}}"
[platforms.jobs.capture]
sandbox = {sandbox}
"""


@pytest.fixture
def config(tmp_path: Path):
    if not find_browser():
        if os.environ.get("MAILFLOW_FULL_SUITE") == "1":
            pytest.fail("the full suite needs Chromium: install the package chromium")
        pytest.skip("there is no Chromium here")
    platform = SimulatedPlatform(clock=SystemClock())
    job = Job(
        id="feed-7",
        name="Product feed",
        retailer="acme",
        marketplace="bazaar",
        kind=Kind.FEED,
        platform="jobs",
    )
    platform.add_job(job)
    platform.run_as_scheduled(job.id)
    with PlatformServer(platform) as server:
        file = tmp_path / "mailflow.toml"
        sandbox = str(os.geteuid() != 0).lower()
        file.write_text(CONFIG.format(url=server.url, sandbox=sandbox), encoding="utf-8")
        yield file


def explain(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["explain", "page", *map(str, words)])
    return result.exit_code, result.output


def test_the_settings_of_a_camera_can_be_tried(config: Path, tmp_path: Path):
    picture = tmp_path / "page.png"

    status, said = explain("jobs", "--job", "feed-7", "--out", picture, "--config", config)

    assert status == 0, said
    assert "/jobs/feed-7" in said
    assert "Succeeded" in said
    with Image.open(picture) as image:
        assert image.width == 1440


def test_what_is_wrong_is_said(config: Path, tmp_path: Path):
    about = ("--job", "x", "--out", tmp_path / "page.png", "--config", config)

    assert explain("unheard", *about)[0] == 2
    status, said = explain("blind", *about)
    assert (status, "docs/capture.md" in said) == (2, True)
    status, said = explain("jobs", *about)
    assert (status, "404" in said) == (1, True), "there is no such job"
