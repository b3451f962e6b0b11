"""Where jobs run, and how to stop them there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import jsonpath
from pydantic import AfterValidator, Field, JsonValue, model_validator

from mailflow.settings.evidence import CaptureSettings
from mailflow.settings.placeholders import placeholders_in
from mailflow.settings.section import Section

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def _checked_template(value: str) -> str:
    placeholders_in(value)
    return value


def _checked_path(value: str) -> str:
    if not value.startswith("/"):
        raise ValueError(f"{value!r} must start with '/'; it is put behind base_url")
    return _checked_template(value)


def _checked_query(value: str) -> str:
    if not value.startswith("$"):
        raise ValueError(f"{value!r} is no JSONPath; it must start with '$'")
    try:
        jsonpath.compile(value)
    except jsonpath.JSONPathError as broken:
        raise ValueError(f"{value!r} is no JSONPath: {broken.args[0]}") from broken
    return value


def _checked_body(value: JsonValue) -> JsonValue:
    for text in _texts_of(value):
        placeholders_in(text)
    return value


def _checked_zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError(f"{value!r} is no IANA time zone; write one such as Europe/Berlin")
    return value


def _texts_of(value: JsonValue) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for key, inner in value.items():
                yield key
                yield from _texts_of(inner)
        case list():
            for inner in value:
                yield from _texts_of(inner)
        case _:
            return


Template = Annotated[str, AfterValidator(_checked_template)]
UrlPath = Annotated[str, AfterValidator(_checked_path)]
Query = Annotated[str, AfterValidator(_checked_query)]
Body = Annotated[JsonValue, AfterValidator(_checked_body)]
Zone = Annotated[str, AfterValidator(_checked_zone)]
HttpStatus = Annotated[int, Field(ge=100, le=599)]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class AuthSettings(Section):
    """How mailflow shows the platform who it is."""

    scheme: Literal["none", "bearer", "basic", "header"] = Field(
        default="none", description="none, bearer, basic, or header (a header of its own)."
    )
    user: str = Field(default="", description="Login name, for basic.")
    header: str = Field(default="", description="Name of the header that carries the secret.")
    secret_file: Path | None = Field(
        default=None,
        description="File that holds the secret; relative: below $CREDENTIALS_DIRECTORY.",
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.scheme != "none" and self.secret_file is None:
            raise ValueError(f"scheme = {self.scheme!r} needs a secret_file")
        if self.scheme == "basic" and not self.user:
            raise ValueError("scheme = 'basic' needs a user")
        if self.scheme == "header" and not self.header:
            raise ValueError("scheme = 'header' needs the name of the header")
        return self


class RequestSettings(Section):
    """One request. {job}, {retailer} and {marketplace} stand for the job at hand."""

    method: Method = Field(default="POST", description="GET, POST, PUT, PATCH or DELETE.")
    path: UrlPath = Field(description="Path below base_url; values are percent-encoded.")
    body: Body = Field(default=None, description="JSON to send; left out: no body.")
    headers: dict[str, Template] = Field(default_factory=dict, description="Additional headers.")
    expected: tuple[HttpStatus, ...] = Field(
        default=(200, 201, 202, 204), min_length=1, description="Statuses that mean 'done'."
    )

    @model_validator(mode="after")
    def _about_one_job(self) -> Self:
        texts = (self.path, *self.headers.values(), *_texts_of(self.body))
        if not any(placeholders_in(text) for text in texts):
            raise ValueError(
                f"{self.path!r} names no job: the path, body or headers need "
                "{job}, {retailer} or {marketplace}"
            )
        return self


class StateSettings(RequestSettings):
    """How the platform is asked whether a job is stopped."""

    method: Method = Field(default="GET", description="GET, POST, PUT, PATCH or DELETE.")
    value: Query = Field(description="JSONPath of the state in the answer.")
    values: dict[str, Literal["running", "stopped", "removed"]] = Field(
        min_length=1, description="The platform's words for running, stopped and removed."
    )
    removed_statuses: tuple[HttpStatus, ...] = Field(
        default=(),
        description="Statuses that prove a removal, such as 410. A 404 may also be a typing error.",
    )

    def can_tell(self, state: str) -> bool:
        if state == "removed" and self.removed_statuses:
            return True
        return state in self.values.values()


class RunsSettings(RequestSettings):
    """How the platform is asked for a job's runs. Item paths start at one run."""

    method: Method = Field(default="GET", description="GET, POST, PUT, PATCH or DELETE.")
    items: Query = Field(description="JSONPath of the list of runs.")
    id: Query = Field(default="$.id", description="JSONPath of a run's id.")
    status: Query = Field(default="$.status", description="JSONPath of a run's status.")
    started: Query = Field(default="$.started_at", description="JSONPath of its start (ISO 8601).")
    finished: Query = Field(default="$.finished_at", description="JSONPath of its end (ISO 8601).")
    detail: Query | None = Field(default=None, description="JSONPath of a text about the run.")
    values: dict[str, Literal["succeeded", "failed", "running"]] = Field(
        min_length=1,
        description="The platform's words for succeeded, failed and running; others are unclear.",
    )


class PlatformSettings(Section):
    """A job platform that speaks JSON over HTTP. A stop without a request cannot be done there."""

    connector: Literal["http_json"] = Field(default="http_json", description="How it is spoken to.")
    base_url: str = Field(description="Start of every address, such as https://jobs.example.com.")
    marketplaces: tuple[str, ...] = Field(
        default=(), description="Marketplaces whose jobs run here; empty: all that no other names."
    )
    page_url: Template = Field(
        default="", description="Address of a job's page for people, same placeholders as paths."
    )
    zone: Zone = Field(
        default="UTC", description="IANA zone of times that it gives or shows without one."
    )
    day_first: bool = Field(
        default=True, description="Whether 03/04 on its pages is the 3rd of April."
    )
    auth: AuthSettings = AuthSettings()
    ca_file: Path | None = Field(
        default=None, description="Certificates to trust instead of the system's."
    )
    connect_seconds: float = Field(default=10, gt=0, le=300, description="Longest wait to connect.")
    read_seconds: float = Field(default=30, gt=0, le=600, description="Longest wait for an answer.")
    settle_seconds: float = Field(
        default=30, ge=0, le=600, description="Longest wait for an act to show in the state."
    )
    poll_seconds: float = Field(
        default=1, gt=0, le=60, description="Time between two looks at the state meanwhile."
    )
    idempotency_header: str = Field(
        default="Idempotency-Key", description="Header that carries the order's id; empty: none."
    )
    not_stoppable_statuses: tuple[HttpStatus, ...] = Field(
        default=(), description="Statuses that mean 'this job has no switch', such as 405."
    )
    pause_marketplace: RequestSettings | None = Field(default=None, description="Stops a sync.")
    disable_feed: RequestSettings | None = Field(default=None, description="Stops a feed.")
    suspend_connection: RequestSettings | None = Field(
        default=None, description="Stops a connection."
    )
    reactivate: RequestSettings | None = Field(default=None, description="Switches on again.")
    remove: RequestSettings | None = Field(default=None, description="Removes for good.")
    run_now: RequestSettings | None = Field(default=None, description="Starts a run.")
    state: StateSettings | None = Field(default=None, description="Asks for the state.")
    runs: RunsSettings | None = Field(default=None, description="Asks for the runs.")
    capture: CaptureSettings | None = Field(
        default=None, description="Takes a picture of page_url once a run has succeeded."
    )

    @model_validator(mode="after")
    def _safe_address(self) -> Self:
        parts = urlsplit(self.base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"base_url {self.base_url!r} must start with https:// or http://")
        if parts.query or parts.fragment or parts.username or parts.password:
            raise ValueError("base_url takes no query, fragment or login; the login goes to auth")
        secret = self.auth.scheme != "none"
        if secret and parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise ValueError("base_url would send the secret readable; use https://")
        return self

    @model_validator(mode="after")
    def _page_can_be_opened(self) -> Self:
        if self.capture is None:
            return self
        parts = urlsplit(self.page_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("capture needs a page_url that starts with https:// or http://")
        login = self.capture.state_file or self.capture.header_file
        if login and parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise ValueError("page_url would send the login readable; use https://")
        if not placeholders_in(self.page_url):
            raise ValueError("page_url names no job: it needs {job}, {retailer} or {marketplace}")
        return self

    @model_validator(mode="after")
    def _every_act_can_be_read_back(self) -> Self:
        acts = {
            "pause_marketplace": "stopped",
            "disable_feed": "stopped",
            "suspend_connection": "stopped",
            "reactivate": "running",
            "remove": "removed",
        }
        for act, outcome in acts.items():
            if getattr(self, act) is None:
                continue
            if self.state is None or not self.state.can_tell(outcome):
                raise ValueError(
                    f"{act} cannot be checked: state.values has no word for {outcome!r}"
                )
        return self
