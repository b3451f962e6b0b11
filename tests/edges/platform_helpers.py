"""A clock that moves a second a look, the shipped example, and a server that misbehaves."""

import contextlib
import threading
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from mailflow.settings.platforms import PlatformSettings

EXAMPLE = Path(__file__).parents[2] / "config" / "platforms" / "simulated.toml"


class SteppingClock:
    def __init__(self) -> None:
        self._now = datetime(2026, 3, 1, 12, tzinfo=UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            self._now += timedelta(seconds=1)
            return self._now


def example_settings(base_url: str, **changes: Any) -> PlatformSettings:
    table = tomllib.loads(EXAMPLE.read_text())["platforms"]["simulated"]
    return PlatformSettings(**(table | {"base_url": base_url} | changes))


class ScriptedServer:
    """Answers each request with the next scripted (status, headers, body); the last one stays."""

    def __init__(self, *answers: tuple[int, dict[str, str], bytes]) -> None:
        self.answers = list(answers)
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.release = threading.Event()
        self.hangs = False
        self.url = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length", "0"))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        body = handler.rfile.read(length)
        self.seen.append((handler.command, handler.path, headers, body))
        if self.hangs:
            self.release.wait(30)
            return
        status, extra, content = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        handler.send_response(status)
        for name, value in extra.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        with contextlib.suppress(OSError):  # the client may have heard enough
            handler.wfile.write(content)


@contextlib.contextmanager
def serving(script: ScriptedServer) -> Iterator[ScriptedServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script.answer(self)

        do_POST = do_GET  # noqa: N815 - the base class names it

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    script.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield script
    finally:
        script.release.set()
        server.shutdown()
        server.server_close()
        thread.join()
