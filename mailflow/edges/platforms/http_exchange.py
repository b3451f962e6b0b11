"""One bounded question to a platform over HTTP, and what its status means."""

import base64
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import httpx

from mailflow.settings.placeholders import PLACEHOLDERS, filled
from mailflow.settings.platforms import AuthSettings, PlatformSettings, RequestSettings
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.tickets.ticket import Job
from mailflow.workflow.ports import Clock

MAX_ANSWER_BYTES = 1_000_000
_BUSY = frozenset({408, 425, 429})
_SERVER_ERROR = 500
_EXCERPT_CHARS = 200


class Refused(GiveUp):
    """The platform answered with a status that was not expected."""

    def __init__(self, reason: str, *, status: int) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back with an expected status."""

    of: str  # "GET /jobs/7", for messages
    content: bytes

    def json(self) -> Any:
        """Parse it.

        Raises:
            GiveUp: it is no JSON; the reason says where it breaks.
        """
        try:
            return json.loads(self.content)
        except json.JSONDecodeError as broken:
            place = f"line {broken.lineno} column {broken.colno}"
            raise GiveUp(f"{self.of}: the answer is no JSON ({place}: {broken.msg})") from broken
        except (ValueError, RecursionError) as broken:
            raise GiveUp(f"{self.of}: the answer is no readable JSON") from broken


class HttpExchange:
    """Sends requests of one platform. Safe for many threads."""

    def __init__(self, settings: PlatformSettings, *, secret: str, clock: Clock) -> None:
        self._base = settings.base_url.rstrip("/")
        self._longest_seconds = settings.connect_seconds + settings.read_seconds
        self._secret = secret
        self._clock = clock
        self._client = httpx.Client(
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "identity",  # a packed answer could unfold beyond any bound
                **_credentials(settings.auth, secret),
            },
            timeout=httpx.Timeout(settings.read_seconds, connect=settings.connect_seconds),
            verify=ssl.create_default_context(cafile=settings.ca_file),
            follow_redirects=False,
            trust_env=False,  # no proxy and no login from the environment
        )

    def close(self) -> None:
        self._client.close()

    def ask(
        self, request: RequestSettings, job: Job, *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request for one job.

        Raises:
            TryAgainLater: unreachable, too slow, busy, or broken on the other side.
            Refused: another status that was not expected.
            GiveUp: it cannot be sent, or the answer is too large.
        """
        path = path_for(request.path, job)
        of = f"{request.method} {path}"
        extra = {**_headers_for(request, job, of), **(headers or {})}
        try:
            return self._send(request, job, path=path, headers=extra)
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise GiveUp(f"{of}: this request cannot be sent: {error}") from error
        except httpx.TimeoutException as error:
            raise TryAgainLater(f"{of}: no answer in time") from error
        except httpx.HTTPError as error:
            raise TryAgainLater(f"{of}: no connection: {error}") from error

    def _send(
        self, request: RequestSettings, job: Job, *, path: str, headers: Mapping[str, str]
    ) -> Answer:
        of = f"{request.method} {path}"
        content = None
        if request.body is not None:
            content = json.dumps(_body_for(request.body, _plain_values(job))).encode()
            headers = {"Content-Type": "application/json", **headers}
        with self._client.stream(
            request.method, self._base + path, content=content, headers=dict(headers)
        ) as response:
            body = self._read(response, of)
            self._judge(response, body, request, of)
        return Answer(of=of, content=body)

    def _read(self, response: httpx.Response, of: str) -> bytes:
        """Read no more than the bound, and no longer than one answer may take."""
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise GiveUp(f"{of}: the answer is packed although none was asked for")
        body = bytearray()
        end = time.monotonic() + self._longest_seconds
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > MAX_ANSWER_BYTES:
                raise GiveUp(f"{of}: the answer is larger than {MAX_ANSWER_BYTES} bytes")
            if time.monotonic() > end:
                raise TryAgainLater(f"{of}: the answer does not end")
        return bytes(body)

    def _judge(
        self, response: httpx.Response, body: bytes, request: RequestSettings, of: str
    ) -> None:
        status = response.status_code
        if status in request.expected:
            return
        if status in _BUSY or status >= _SERVER_ERROR:
            wait = _wait_asked_for(response.headers.get("retry-after", ""), self._clock)
            raise TryAgainLater(f"{of}: status {status}", after_seconds=wait)
        said = self._excerpt(body)
        raise Refused(f"{of}: status {status}{': ' + said if said else ''}", status=status)

    def _excerpt(self, body: bytes) -> str:
        text = body[: 4 * _EXCERPT_CHARS].decode("utf-8", "replace")
        if self._secret:
            text = text.replace(self._secret, "***")
        printable = "".join(c if c.isprintable() else " " for c in text)
        return " ".join(printable.split())[:_EXCERPT_CHARS]


def path_for(template: str, job: Job) -> str:
    """Fill a path or address; every value stays within its own segment.

    Raises:
        GiveUp: a value is empty or would change the path's meaning.
    """
    try:
        values = {name: quote(value, safe="") for name, value in _plain_values(job).items()}
    except UnicodeEncodeError as error:
        raise GiveUp(f"the job {job.key!r} has characters that no address can hold") from error
    missing = [name for name, value in values.items() if not value and f"{{{name}}}" in template]
    if missing:
        raise GiveUp(f"the job {job.key!r} has no {missing[0]} to put into {template!r}")
    path = filled(template, values)
    if {".", ".."} & set(path.split("?")[0].split("/")):
        raise GiveUp(f"the job {job.key!r} would lead elsewhere in {template!r}")
    return path


def _plain_values(job: Job) -> dict[str, str]:
    values = (job.id, job.retailer, job.marketplace)
    return dict(zip(PLACEHOLDERS, values, strict=True))


def _headers_for(request: RequestSettings, job: Job, of: str) -> dict[str, str]:
    headers = {name: filled(text, _plain_values(job)) for name, text in request.headers.items()}
    for name, text in headers.items():
        if not (text.isascii() and text.isprintable()):
            raise GiveUp(f"{of}: the header {name} cannot hold {text!r}")
    return headers


def _body_for(template: Any, values: Mapping[str, str]) -> Any:
    match template:
        case str():
            return filled(template, values)
        case dict():
            return {
                filled(key, values): _body_for(inner, values) for key, inner in template.items()
            }
        case list():
            return [_body_for(inner, values) for inner in template]
        case _:
            return template


def _credentials(auth: AuthSettings, secret: str) -> dict[str, str]:
    match auth.scheme:
        case "none":
            return {}
        case "bearer":
            return {"Authorization": f"Bearer {secret}"}
        case "basic":
            login = base64.b64encode(f"{auth.user}:{secret}".encode()).decode("ascii")
            return {"Authorization": f"Basic {login}"}
        case "header":
            return {auth.header: secret}


def _wait_asked_for(text: str, clock: Clock) -> float | None:
    """Read a Retry-After: seconds or a date (RFC 9110, section 10.2.3); None if it is neither."""
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (_aware(when) - clock.now()).total_seconds())


def _aware(when: datetime) -> datetime:
    return when if when.tzinfo else when.replace(tzinfo=UTC)
