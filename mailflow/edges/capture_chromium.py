"""Takes pictures of job pages with Chromium, in a process of its own that may be killed."""

import contextlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mailflow.edges.platforms.http_exchange import path_for
from mailflow.edges.secrets import locate, read_secret
from mailflow.settings.evidence import CaptureSettings
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.tickets.ticket import Job
from mailflow.workflow.ports import Captured, Clock

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAX_PICTURE_BYTES = 25 * 1024 * 1024
_START_SECONDS = 20  # for Python, the driver and the browser, on top of the page's own time
_TURN_SECONDS = 5.0  # until a browser that is at work may be done
_END_SECONDS, _LOOK_AGAIN_SECONDS = 10, 0.05
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]
_one_at_a_time = threading.Lock()  # a browser takes a gigabyte


class ChromiumCamera:
    """A `PageCamera` for one platform: a fresh browser for every picture, and only its hosts."""

    def __init__(self, page_url: str, settings: CaptureSettings, *, clock: Clock) -> None:
        self._page_url = page_url
        self._settings = settings
        self._clock = clock

    def capture(self, job: Job) -> Captured:
        """Open the job's page; see `PageCamera`."""
        # Nobody waits for the browser in line: whoever would, has other orders to carry out.
        if not _one_at_a_time.acquire(blocking=False):
            raise TryAgainLater("another page is being looked at", after_seconds=_TURN_SECONDS)
        try:
            return self._captured(path_for(self._page_url, job))
        finally:
            _one_at_a_time.release()

    def _captured(self, address: str) -> Captured:
        with tempfile.TemporaryDirectory(prefix="capture-", ignore_cleanup_errors=True) as folder:
            told = self._look(self._asked(address, folder), Path(folder))
            if "later" in told:
                raise TryAgainLater(str(told["later"]))
            if "refused" in told:
                raise GiveUp(str(told["refused"]))
            return Captured(
                png=_picture_in(Path(folder)),
                address=str(told["address"]),
                taken_at=self._clock.now(),
                text=str(told["text"]),
            )

    def _asked(self, address: str, folder: str) -> dict[str, Any]:
        s = self._settings
        browser = str(s.browser) if s.browser else find_browser()
        if not browser:
            raise GiveUp(
                "there is no browser: install the package chromium, or name one in browser"
            )
        return {
            "address": address,
            "hosts": [urlsplit(address).hostname, *s.hosts],
            "browser": browser,
            "sandbox": s.sandbox,
            "state_file": str(locate(s.state_file)) if s.state_file else None,
            "header": [s.header, read_secret(s.header_file)] if s.header_file else None,
            "wait_for": s.wait_for,
            "size": [s.width, s.height],
            "seconds": s.seconds,
            "folder": folder,
        }

    def _look(self, asked: dict[str, Any], folder: Path) -> dict[str, Any]:
        """Ask the process that drives the browser; what it holds of a secret came by its input."""
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "mailflow.edges.capture_page"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_bare_environment(folder),
            start_new_session=True,
        )
        seconds = self._settings.seconds + _START_SECONDS
        try:
            answer, _ = process.communicate(json.dumps(asked).encode(), timeout=seconds)
        except subprocess.TimeoutExpired as slow:
            raise TryAgainLater(f"the browser took longer than {seconds:g} s") from slow
        finally:
            _end(process, folder)
        try:
            told = json.loads(answer)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise TryAgainLater("the process that drives the browser died")
        return told


def find_browser() -> str:
    """Find Chromium or Chrome on PATH, "" for none."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), "")


def can_look() -> bool:
    """Tell whether there is a browser, and the library that drives it."""
    return bool(find_browser()) and importlib.util.find_spec("playwright") is not None


def _bare_environment(folder: Path) -> dict[str, str]:
    """Give the browser no secret of ours and a home that is thrown away."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PYTHONPATH": str(_PACKAGE_ROOT),
    }


def _end(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    """End the driver's session, and the browser, which has a session of its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    until = time.monotonic() + _END_SECONDS
    while (left := _working_below(folder)) and time.monotonic() < until:
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(_LOOK_AGAIN_SECONDS)


def _working_below(folder: Path) -> list[int]:
    """Find the processes that were started with a path below the folder, ours alone."""
    mark, found = os.fsencode(folder), []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if mark in place.read_bytes():
                found.append(int(place.parent.name))
    return found


def _picture_in(folder: Path) -> bytes:
    with (folder / "page.png").open("rb") as file:
        content = file.read(MAX_PICTURE_BYTES + 1)
    if len(content) > MAX_PICTURE_BYTES:
        raise GiveUp("the picture of the page is far too large")
    return content
