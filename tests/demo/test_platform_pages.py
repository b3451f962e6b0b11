import subprocess
import sys
from io import BytesIO

import httpx
import pytest
from PIL import Image

from mailflow.demo.camera import take_picture, with_browser, without_browser
from mailflow.demo.platform_server import PlatformServer
from mailflow.edges.capture_chromium import find_browser
from mailflow.edges.platforms.simulated import SimulatedPlatform
from mailflow.tickets.errors import GiveUp
from mailflow.tickets.ticket import Job, Kind
from tests.edges.platform_helpers import SteppingClock

JOB = Job(
    id="JOB-1",
    name="Price <feed>",
    retailer="acme-tools",
    marketplace="nordmarkt",
    kind=Kind.FEED,
    platform="simulated",
)


@pytest.fixture
def server():
    platform = SimulatedPlatform(clock=SteppingClock())
    platform.add_job(JOB)
    with PlatformServer(platform) as running:
        yield running


def get(url: str) -> httpx.Response:
    return httpx.get(url, trust_env=False)


def test_pages_show_runs_in_words_and_escape_names(server):
    server.platform.run_now(JOB, key="1")
    for page in (get(server.url + "/").text, get(server.url + "/jobs/JOB-1").text):
        assert ">Succeeded<" in page
        assert "2026-03-01 12:00:" in page
        assert "Price &lt;feed&gt;" in page


def test_a_removed_job_says_when(server):
    server.platform.remove(JOB, key="1")
    page = get(server.url + "/jobs/JOB-1").text
    assert ">Removed<" in page
    assert "Removed at" in page


def test_an_unknown_page_is_not_found(server):
    assert get(server.url + "/jobs/nowhere").status_code == 404


def test_the_stage_adds_breaks_and_runs_jobs(server):
    fields = {"id": "J2", "name": "Sync", "retailer": "r", "marketplace": "m", "kind": "sync"}
    control = server.url + "/control/jobs"
    assert httpx.post(control, json=fields, trust_env=False).status_code == 200
    for order in ("break", "run", "fix", "fail-next-run", "run", "run"):
        assert httpx.post(f"{control}/J2/{order}", trust_env=False).json() == {"done": True}
    runs = get(server.url + "/api/r/m/jobs/J2/runs").json()["runs"]
    assert [run["status"] for run in runs] == ["ok", "error", "error"]


def test_an_act_needs_a_key(server):
    url = server.url + "/api/acme-tools/nordmarkt/jobs/JOB-1/remove"
    assert httpx.post(url, trust_env=False).status_code == 400
    assert get(server.url + "/control/acts").json() == {"acts": []}


def test_a_picture_needs_no_browser(server):
    pytest.importorskip("plutoprint")
    picture = Image.open(BytesIO(without_browser(server.url + "/jobs/JOB-1")))
    assert picture.format == "PNG"
    assert picture.width == 1280


@pytest.mark.skipif(find_browser() is None, reason="no browser here")
def test_a_browser_takes_the_same_page(server):
    browser = find_browser()
    assert browser is not None
    picture = Image.open(BytesIO(with_browser(browser, server.url + "/jobs/JOB-1")))
    assert picture.size == (1280, 800)


def test_without_any_camera_it_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(GiveUp, match="install the package chromium"):
        take_picture("http://127.0.0.1:9/")


def test_the_server_announces_its_port():
    command = [sys.executable, "-m", "mailflow.demo.platform_server", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        word, port = started.stdout.readline().split()
        assert (word, get(f"http://127.0.0.1:{port}/").status_code) == ("READY", 200)
        started.terminate()
