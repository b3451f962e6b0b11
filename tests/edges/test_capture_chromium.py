"""Pictures of real pages by the real browser, and what it refuses to be led to."""

import io
import os
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mailflow.demo.platform_server import PlatformServer
from mailflow.edges import capture_chromium
from mailflow.edges.capture_chromium import ChromiumCamera, find_browser
from mailflow.edges.clock import SystemClock
from mailflow.edges.platforms.simulated import SimulatedPlatform
from mailflow.settings.evidence import CaptureSettings
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.tickets.ticket import Job, Kind

JOB = Job(
    id="feed-7",
    name="Product feed",
    retailer="acme",
    marketplace="bazaar",
    kind=Kind.FEED,
    platform="simulated",
)
CLOCK = SystemClock()
Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture(autouse=True, scope="module")
def browser() -> str:
    found = find_browser()
    if not found and os.environ.get("MAILFLOW_FULL_SUITE") == "1":
        pytest.fail("the full suite needs Chromium: install the package chromium")
    if not found:
        pytest.skip("there is no Chromium here")
    return found


def camera(page_url: str, **changes: Any) -> ChromiumCamera:
    # As root, as in a container, Chromium has no sandbox; these pages are our own.
    usual: dict[str, Any] = {"sandbox": os.geteuid() != 0, "seconds": 40}
    return ChromiumCamera(page_url, CaptureSettings(**(usual | changes)), clock=CLOCK)


class Site:
    """A web site that answers as it is told, and remembers who asked with which headers."""

    def __init__(self, url: str, asked: list[tuple[str, dict[str, str]]]) -> None:
        self.url = url
        self.asked = asked


@contextmanager
def site(
    answers: dict[str, Answer], *, certificate: Path | None = None, host: str = "127.0.0.1"
) -> Iterator[Site]:
    asked: list[tuple[str, dict[str, str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            answers.get(self.path, lambda h: h.send_error(404))(self)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_: object) -> None:
            """A browser that turns away is no news."""

    server = Server(
        ("", 0), Handler
    )  # on every address: what is not reached is the browser's doing
    scheme = "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Site(f"{scheme}://{host}:{server.server_address[1]}", asked)
    finally:
        server.shutdown()
        server.server_close()


def page(text: str, status: int = 200) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        content = f"<!DOCTYPE html><html><body>{text}</body></html>".encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "text/html")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def redirect(to: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", to)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def never(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(60)  # longer than the camera waits: this is what is tested


def test_the_simulated_platforms_page_is_seen_with_its_text_and_address():
    platform = SimulatedPlatform(clock=CLOCK)
    platform.add_job(JOB)
    platform.run_as_scheduled(JOB.id)
    with PlatformServer(platform) as server:
        began = CLOCK.now()
        captured = camera(f"{server.url}/jobs/{{job}}").capture(JOB)

        assert captured.address == f"{server.url}/jobs/feed-7"
    assert began <= captured.taken_at <= CLOCK.now()
    assert "Succeeded" in captured.text
    with Image.open(io.BytesIO(captured.png)) as image:
        assert image.format == "PNG"
        assert image.size == (1440, 900)
        assert np.asarray(image.convert("L")).min() < 60, "something is written on it"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "[::ffff:127.0.0.1]"])
def test_another_host_is_never_reached_neither_by_redirect_nor_by_a_picture_on_the_page(host):
    with site({"/": page("elsewhere")}, host=host) as other:
        led = {
            "/away": redirect(f"{other.url}/"),
            "/shows": page(f'<img src="{other.url}/spy.png">the job'),
            "/script": page(f"<script>location = '{other.url}/'</script>the job"),
        }
        with site(led) as own:
            with pytest.raises(GiveUp, match="leads away"):
                camera(f"{own.url}/away").capture(JOB)
            captured = camera(f"{own.url}/shows").capture(JOB)
            try:
                stayed = camera(f"{own.url}/script").capture(JOB).address
            except (GiveUp, TryAgainLater):
                stayed = own.url

        assert other.asked == []
    assert "the job" in captured.text
    assert stayed.startswith(own.url)


def test_a_redirect_to_another_port_of_the_host_is_no_page_of_the_job():
    with (
        site({"/": page("another service")}) as other,
        site({"/x": redirect(other.url)}) as own,
        pytest.raises(GiveUp, match="leads to another address"),
    ):
        camera(f"{own.url}/x").capture(JOB)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tls") / "self-signed.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    both = [*command, "-keyout", str(place), "-out", str(place.with_suffix(".crt"))]
    subprocess.run(both, check=True, capture_output=True)
    place.write_bytes(place.read_bytes() + place.with_suffix(".crt").read_bytes())
    return place


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate):
    with (
        site({"/": page("the job")}, certificate=certificate) as own,
        pytest.raises(GiveUp, match="certificate is not to be trusted"),
    ):
        camera(f"{own.url}/").capture(JOB)

    assert own.asked == []


def test_a_page_that_never_loads_is_tried_later():
    with site({"/": never}) as own:
        began = time.monotonic()
        with pytest.raises(TryAgainLater, match="in time"):
            camera(f"{own.url}/", seconds=6).capture(JOB)

    assert time.monotonic() - began < 40


def test_a_page_that_keeps_the_browser_busy_for_ever_is_ended():
    busy = page("<script>while (true) {}</script>")
    with site({"/": busy}) as own, pytest.raises(TryAgainLater):
        camera(f"{own.url}/", seconds=6).capture(JOB)


@pytest.mark.parametrize(
    ("status", "expected"), [(403, GiveUp), (404, GiveUp), (500, TryAgainLater)]
)
def test_a_page_that_is_refused_or_broken_is_no_picture(status, expected):
    with site({"/": page("no", status)}) as own, pytest.raises(expected, match=str(status)):
        camera(f"{own.url}/").capture(JOB)


def test_a_platform_that_is_down_is_tried_later():
    with site({}) as gone:
        address = gone.url
    with pytest.raises(TryAgainLater, match="cannot be reached"):
        camera(f"{address}/").capture(JOB)


def test_the_login_goes_to_the_pages_own_host_alone(tmp_path: Path):
    secret = tmp_path / "header"
    secret.write_text("Bearer abc123\n", encoding="utf-8")
    with site({"/s.css": page("")}) as other:
        shows = page(f'<link rel="stylesheet" href="{other.url}/s.css">the job')
        with site({"/": shows}) as own:
            camera(f"{own.url}/", header_file=secret).capture(JOB)

    headers = dict(own.asked)["/"]
    assert headers["authorization"] == "Bearer abc123"
    assert all("authorization" not in headers for _, headers in other.asked)
    assert other.asked, "the other port of the same host was asked, without the login"


def test_the_login_does_not_follow_a_redirect(tmp_path: Path):
    secret = tmp_path / "header"
    secret.write_text("Bearer abc123\n", encoding="utf-8")
    with site({"/": page("another service")}) as other, site({"/x": redirect(other.url)}) as own:
        with pytest.raises(GiveUp, match="leads to another address"):
            camera(f"{own.url}/x", header_file=secret).capture(JOB)

        assert dict(own.asked)["/x"]["authorization"] == "Bearer abc123"
        assert all("authorization" not in headers for _, headers in other.asked)


def test_a_stored_login_is_shown_to_the_page(tmp_path: Path):
    with site({"/": page("the job")}) as own:
        state = tmp_path / "state.json"
        state.write_text(
            '{"cookies": [{"name": "session", "value": "s1", "domain": "127.0.0.1", "path": "/",'
            ' "expires": -1, "httpOnly": true, "secure": false, "sameSite": "Lax"}],'
            ' "origins": []}',
            encoding="utf-8",
        )
        camera(f"{own.url}/", state_file=state).capture(JOB)

    assert dict(own.asked)["/"]["cookie"] == "session=s1"


def test_what_must_be_there_is_waited_for():
    late = (
        "<p>loading</p><script>setTimeout(() => {"
        "document.body.innerHTML = '<table class=runs><tr><td>run 9</td></tr></table>'}, 2500)"
        "</script>"
    )
    with site({"/": page(late)}) as own:
        captured = camera(f"{own.url}/", wait_for="table.runs").capture(JOB)

    assert captured.text == "run 9"


def test_a_page_without_end_is_cut():
    with site({"/": page('<div style="height: 90000px">the job</div>')}) as own:
        captured = camera(f"{own.url}/").capture(JOB)

    with Image.open(io.BytesIO(captured.png)) as image:
        assert image.size == (1440, 4000)


def test_a_download_is_no_page():
    def download(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/octet-stream")
        handler.send_header("Content-Disposition", "attachment; filename=x.bin")
        handler.send_header("Content-Length", "4")
        handler.end_headers()
        handler.wfile.write(b"MZMZ")

    with site({"/": download}) as own, pytest.raises(GiveUp, match="no picture"):
        camera(f"{own.url}/").capture(JOB)


def test_without_a_browser_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(GiveUp, match="install the package chromium"):
        camera("http://127.0.0.1:9/").capture(JOB)


def browsers_of(folder: Path) -> list[str]:
    """Give the command lines of all processes that work below `folder`."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = place.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if str(folder) in line:
            found.append(line)
    return found


def test_no_browser_is_left_behind_even_when_its_driver_is_killed(monkeypatch, tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("c")  # short: the browser's socket lies below it
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(capture_chromium, "_START_SECONDS", 0)
    with site({"/": never}) as own, pytest.raises(TryAgainLater, match="browser took longer"):
        camera(f"{own.url}/", seconds=5).capture(JOB)

    until = time.monotonic() + 20
    while browsers_of(tmp_path) and time.monotonic() < until:
        time.sleep(0.1)
    assert browsers_of(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_browser_that_does_not_start_is_told_with_what_may_help(tmp_path):
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)

    with pytest.raises(GiveUp, match="does not start; as root it needs sandbox = false"):
        camera("http://127.0.0.1:9/", browser=broken).capture(JOB)


def test_whoever_comes_while_a_page_is_looked_at_is_sent_away_for_a_moment():
    came = threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> None:
        came.set()
        assert done.wait(60)
        page("the job")(handler)

    done = threading.Event()
    with site({"/": slow}) as own:
        found: list[str] = []
        first = threading.Thread(
            target=lambda: found.append(camera(f"{own.url}/").capture(JOB).text)
        )
        first.start()
        assert came.wait(60)
        with pytest.raises(TryAgainLater, match="another page") as sent_away:
            camera(f"{own.url}/").capture(JOB)
        done.set()
        first.join()

    assert sent_away.value.after_seconds
    assert found == ["the job"]
