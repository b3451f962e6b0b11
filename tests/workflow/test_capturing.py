"""mailflow looks at the job's page itself: real browser, real page, real engine."""

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from mailflow.demo.platform_server import PlatformServer
from mailflow.edges.capture_chromium import ChromiumCamera, find_browser
from mailflow.edges.clock import SystemClock
from mailflow.edges.picture_worker import WorkerPictureReader
from mailflow.edges.platforms.simulated import SimulatedPlatform
from mailflow.settings.evidence import CaptureSettings
from mailflow.settings.root import LimitSettings
from mailflow.store.unit_of_work import SqlMemory, open_memory
from mailflow.tickets import events as e
from mailflow.tickets.containing import open_ticket
from mailflow.tickets.decide import decide
from mailflow.tickets.effects import CaptureScreenshot, ReadScreenshot
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.tickets.ticket import Job, Kind, Ticket
from mailflow.workflow.capturing import capture_screenshot
from mailflow.workflow.desk import Desk
from mailflow.workflow.looking import read_screenshot
from mailflow.workflow.ports import Captured
from mailflow.workflow.records import Order
from tests.builders import POLICY, an_alert
from tests.workflow.office import HandClock, desk_over

JOB = Job(
    id="feed-nordhaus-de",
    name="Nordhaus price feed",
    retailer="nordhaus",
    marketplace="kaufwelt",
    kind=Kind.FEED,
    platform="simulated",
)
FIRST = SystemClock().now()
EFFECT = CaptureScreenshot(trial=0)


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkerPictureReader]:
    reader = WorkerPictureReader(LimitSettings())
    yield reader
    reader.close()


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[SqlMemory]:
    opened = open_memory(f"sqlite:///{tmp_path / 'mailflow.db'}")
    yield opened
    opened.close()


@pytest.fixture
def platform() -> SimulatedPlatform:
    platform = SimulatedPlatform(clock=SystemClock())
    platform.add_job(JOB)
    return platform


@pytest.fixture
def ticket(memory: SqlMemory) -> Ticket:
    failed = SystemClock().now() - timedelta(hours=1)
    alert = replace(an_alert(), at=failed, failed_at=failed)
    with memory.write() as uow:
        saved = uow.tickets.record(
            None, alert, open_ticket("MF-1", JOB, alert, POLICY), cause="mail:1"
        )
    assert saved is not None
    return saved


@pytest.fixture
def desk(memory, platform, reader) -> Desk:
    desk = desk_over(memory, HandClock(FIRST), platforms={"simulated": platform}, pictures=reader)
    return replace(desk, clock=SystemClock())


def order(desk: Desk) -> Order:
    now = desk.clock.now()
    return Order(
        id=1, key="k", ticket="MF-1", effect=EFFECT, crashes=0, fence=1,
        placed_at=now, batch="", facts={},
    )  # fmt: skip


class LoginPage(BaseHTTPRequestHandler):
    """Answers every question with a form."""

    def do_GET(self) -> None:
        content = b"<h1>Sign in</h1><p>Please sign in to see your jobs.</p><input value=Name>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


class BlindCamera:
    """Fails as it is told."""

    def __init__(self, failure: Exception) -> None:
        self._failure = failure

    def capture(self, job: Job) -> Captured:  # noqa: ARG002 - as the port names it
        raise self._failure


def looking_at(desk: Desk, page_url: str) -> Desk:
    if not find_browser():
        if os.environ.get("MAILFLOW_FULL_SUITE") == "1":
            pytest.fail("the full suite needs Chromium: install the package chromium")
        pytest.skip("there is no Chromium here")
    settings = CaptureSettings(sandbox=os.geteuid() != 0)
    camera = ChromiumCamera(page_url, settings, clock=SystemClock())
    return replace(desk, cameras={"simulated": camera})


def judged(desk: Desk, ticket: Ticket, event: e.Event) -> e.Event:
    (effect,) = decide(ticket, event, POLICY).effects
    assert isinstance(effect, ReadScreenshot)
    return read_screenshot(desk, ticket, effect)


def test_the_page_of_the_successful_run_is_kept_and_proves_it(desk, platform, ticket):
    assert platform.run_as_scheduled(JOB.id)
    with PlatformServer(platform) as server:
        desk = looking_at(desk, f"{server.url}/jobs/{{job}}")
        event = capture_screenshot(desk, ticket, order(desk), EFFECT)

    assert isinstance(event, e.EvidenceReceived)
    proof = judged(desk, ticket, event)
    assert isinstance(proof, e.ProofAccepted), proof
    assert proof.proof.by == "mailflow's own look at the page"
    assert "succeeded at" in proof.proof.detail
    record = kept_record(desk, ticket)
    assert record["picture_sha256"] == event.attachments[0] == proof.proof.source
    assert record["address"].endswith("/jobs/feed-nordhaus-de")
    assert "Succeeded" in record["text"]


def test_a_page_of_a_failed_run_is_no_proof_and_a_person_is_asked(desk, platform, ticket):
    platform.break_job(JOB.id)
    assert platform.run_as_scheduled(JOB.id)
    with PlatformServer(platform) as server:
        desk = looking_at(desk, f"{server.url}/jobs/{{job}}")
        event = capture_screenshot(desk, ticket, order(desk), EFFECT)

    assert isinstance(judged(desk, ticket, event), e.ScreenshotRefused)


def test_a_login_page_in_place_of_the_jobs_page_is_no_evidence(desk, platform, ticket):
    assert platform.run_as_scheduled(JOB.id)
    with ThreadingHTTPServer(("127.0.0.1", 0), LoginPage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        desk = looking_at(desk, f"http://127.0.0.1:{server.server_address[1]}/{{job}}")
        event = capture_screenshot(desk, ticket, order(desk), EFFECT)
        server.shutdown()

    verdict = judged(desk, ticket, event)
    assert isinstance(verdict, e.ScreenshotUnsure | e.ScreenshotRefused)
    assert "job" in verdict.failed


def test_what_cannot_be_looked_at_is_handed_to_a_person(desk, ticket):
    refused = replace(desk, cameras={"simulated": BlindCamera(GiveUp("a bad certificate"))})

    for here, why in ((refused, "a bad certificate"), (desk, "the settings name no page")):
        event = capture_screenshot(here, ticket, order(here), EFFECT)
        assert isinstance(event, e.CaptureFailed)
        assert why in event.because


def test_a_page_that_does_not_answer_is_tried_for_a_while_before_a_person_is_asked(
    memory, ticket, reader
):
    clock = HandClock(SystemClock().now())
    slow: Any = BlindCamera(TryAgainLater("it is down"))
    desk = desk_over(memory, clock, pictures=reader, cameras={"simulated": slow})
    placed = order(desk)

    with pytest.raises(TryAgainLater):
        capture_screenshot(desk, ticket, placed, EFFECT)
    clock.now_is(clock.now() + timedelta(minutes=11))
    event = capture_screenshot(desk, ticket, placed, EFFECT)

    assert isinstance(event, e.CaptureFailed)
    assert event.because == "it is down"


def kept_record(desk: Desk, ticket: Ticket) -> dict[str, Any]:
    with desk.memory.read() as uow:
        files = uow.files.of_ticket(ticket.id)
    (record,) = (file for file in files if file.content_type == "application/json")
    told: dict[str, Any] = json.loads(record.content)
    return told
