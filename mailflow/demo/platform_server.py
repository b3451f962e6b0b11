"""A job platform over real HTTP: an API for the connector, controls for the stage, pages.

GET  /                                               all jobs, for people
GET  /jobs/JOB                                       one job, for people
GET  /api/RETAILER/MARKETPLACE/jobs/JOB              its state
GET  /api/RETAILER/MARKETPLACE/jobs/JOB/runs         its runs, newest first
POST /api/RETAILER/MARKETPLACE/jobs/JOB/ACT          pause_marketplace, disable_feed,
     suspend_connection, reactivate, remove, run_now; with an Idempotency-Key
POST /control/jobs                                   add a job (JSON)
POST /control/jobs/JOB/DO                            break, fix, fail-next-run, run
GET  /control/acts                                   every act so far
"""

import argparse
import json
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from mailflow.demo.platform_pages import job_page, list_page, missing_page
from mailflow.edges.clock import SystemClock
from mailflow.edges.platforms.simulated import SimulatedPlatform
from mailflow.tickets.effects import Stop
from mailflow.tickets.errors import GiveUp
from mailflow.tickets.ticket import Job, Kind
from mailflow.workflow.ports import JobState, NotStoppable, Run, RunStatus

MAX_REQUEST_BYTES = 100_000
_STATES = {JobState.RUNNING: "active", JobState.STOPPED: "stopped", JobState.REMOVED: "removed"}
_STATUSES = {RunStatus.SUCCEEDED: "ok", RunStatus.FAILED: "error", RunStatus.RUNNING: "busy"}
_JSON = "application/json"
_HTML = "text/html; charset=utf-8"

Reply = tuple[HTTPStatus, str, str]


class _Wrong(Exception):  # noqa: N818 - never leaves this file
    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class PlatformServer:
    """Serves one simulated platform on a loopback port. Use it as a context manager."""

    def __init__(
        self, platform: SimulatedPlatform, *, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.platform = platform
        self._server = _Server((host, port), platform)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait(self) -> None:
        """Block until the server is stopped."""
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], platform: SimulatedPlatform) -> None:
        self.platform = platform
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let a browser that hangs up in the middle of an answer go without a word."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    timeout = 30
    server: _Server

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Stay silent: the demo's terminal belongs to its story."""

    def _answer(self, work: Callable[[], Reply]) -> None:
        try:
            status, kind, text = work()
        except _Wrong as wrong:
            status, kind, text = wrong.status, _JSON, json.dumps({"error": str(wrong)})
        except NotStoppable as refused:
            status = HTTPStatus.METHOD_NOT_ALLOWED
            kind, text = _JSON, json.dumps({"error": refused.reason})
        except GiveUp as refused:
            status, kind, text = HTTPStatus.CONFLICT, _JSON, json.dumps({"error": refused.reason})
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def _get(self) -> Reply:
        match self._segments():
            case [""]:
                return HTTPStatus.OK, _HTML, list_page(self.server.platform.views())
            case ["jobs", job_id]:
                return self._page_of(job_id)
            case ["api", retailer, marketplace, "jobs", job_id]:
                job = self._job(retailer, marketplace, job_id)
                state = _STATES[self.server.platform.state_of(job)]
                return _json({"job": {"id": job.id, "name": job.name, "state": state}})
            case ["api", retailer, marketplace, "jobs", job_id, "runs"]:
                job = self._job(retailer, marketplace, job_id)
                runs = self.server.platform.last_runs(job)
                return _json({"runs": [_run_fields(run) for run in runs]})
            case ["control", "acts"]:
                return _json({"acts": self._act_fields()})
            case _:
                return HTTPStatus.NOT_FOUND, _HTML, missing_page()

    def _post(self) -> Reply:
        body = self._body()
        match self._segments():
            case ["api", retailer, marketplace, "jobs", job_id, act]:
                return self._act(self._job(retailer, marketplace, job_id), act)
            case ["control", "jobs"]:
                return self._add(body)
            case ["control", "jobs", job_id, order]:
                return self._control(job_id, order)
            case _:
                raise _Wrong(HTTPStatus.NOT_FOUND, "there is nothing here")

    def _act(self, job: Job, act: str) -> Reply:
        key = self.headers.get("Idempotency-Key", "")
        if not key:
            raise _Wrong(HTTPStatus.BAD_REQUEST, "an act needs an Idempotency-Key")
        platform = self.server.platform
        if act in set(Stop):
            return _json({"done": platform.stop(job, Stop(act), key=key)})
        acts = {
            "reactivate": platform.reactivate,
            "remove": platform.remove,
            "run_now": platform.run_now,
        }
        if act not in acts:
            raise _Wrong(HTTPStatus.NOT_FOUND, f"there is no act {act!r}")
        return _json({"done": acts[act](job, key=key)})

    def _control(self, job_id: str, order: str) -> Reply:
        platform = self.server.platform
        orders: dict[str, Callable[[str], object]] = {
            "break": platform.break_job,
            "fix": platform.fix_job,
            "fail-next-run": platform.fail_next_run,
            "run": platform.run_as_scheduled,
        }
        if order not in orders:
            raise _Wrong(HTTPStatus.NOT_FOUND, f"there is no order {order!r}")
        return _json({"done": orders[order](job_id) is not False})

    def _add(self, body: bytes) -> Reply:
        try:
            fields = json.loads(body)
            job = Job(
                id=str(fields["id"]),
                name=str(fields["name"]),
                retailer=str(fields["retailer"]),
                marketplace=str(fields["marketplace"]),
                kind=Kind(fields["kind"]),
                platform=self.server.platform.name,
            )
            broken, stoppable = bool(fields.get("broken")), bool(fields.get("stoppable", True))
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            message = "a job needs id, name, retailer, marketplace and kind"
            raise _Wrong(HTTPStatus.BAD_REQUEST, message) from fault
        self.server.platform.add_job(job, broken=broken, stoppable=stoppable)
        return _json({"added": job.id})

    def _page_of(self, job_id: str) -> Reply:
        try:
            return HTTPStatus.OK, _HTML, job_page(self.server.platform.view(job_id))
        except GiveUp:
            return HTTPStatus.NOT_FOUND, _HTML, missing_page()

    def _job(self, retailer: str, marketplace: str, job_id: str) -> Job:
        try:
            job = self.server.platform.view(job_id).job
        except GiveUp as unknown:
            raise _Wrong(HTTPStatus.NOT_FOUND, unknown.reason) from unknown
        if (job.retailer, job.marketplace) != (retailer, marketplace):
            raise _Wrong(HTTPStatus.NOT_FOUND, f"{job_id!r} is not a job of this account")
        return job

    def _act_fields(self) -> list[dict[str, Any]]:
        return [
            {
                "verb": a.verb,
                "job": a.job,
                "key": a.key,
                "at": a.at.isoformat(),
                "again": a.repeated,
            }
            for a in self.server.platform.acts()
        ]

    def _segments(self) -> list[str]:
        return [unquote(part) for part in urlsplit(self.path).path[1:].split("/")]

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > MAX_REQUEST_BYTES:
            raise _Wrong(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "this request is too large")
        return self.rfile.read(int(length))


def _json(data: Any) -> Reply:
    return HTTPStatus.OK, _JSON, json.dumps(data)


def _run_fields(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "status": _STATUSES[run.status],
        "started_at": run.started_at.isoformat() if run.started_at else None,
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "detail": run.detail,
    }


def main() -> None:
    """Serve until interrupted; the first line printed is READY and the port."""
    parser = argparse.ArgumentParser(description="A job platform to try mailflow with.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--run-seconds", type=float, default=1.0, help="how long a run takes")
    given = parser.parse_args()
    platform = SimulatedPlatform(clock=SystemClock(), run_seconds=given.run_seconds)
    with PlatformServer(platform, host=given.host, port=given.port) as server:
        print(f"READY {server.port}", flush=True)  # noqa: T201 - whoever started it waits for this
        try:
            server.wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
