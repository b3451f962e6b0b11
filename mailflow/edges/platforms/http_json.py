"""A job platform that speaks JSON over HTTP, described wholly by the settings."""

import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

import structlog

from mailflow.edges.clock import SystemClock
from mailflow.edges.platforms.answers import runs_from, state_from, word_of_state
from mailflow.edges.platforms.http_exchange import HttpExchange, Refused, path_for
from mailflow.edges.secrets import read_secret
from mailflow.settings.platforms import PlatformSettings, RequestSettings, StateSettings
from mailflow.tickets.effects import Stop
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.tickets.ticket import Job
from mailflow.workflow.ports import Clock, JobState, NotStoppable, Run

log = structlog.get_logger()

_STOPPED = frozenset({JobState.STOPPED, JobState.REMOVED})
_RUNNING = frozenset({JobState.RUNNING})
_REMOVED = frozenset({JobState.REMOVED})
_STOP_WORDS = {
    Stop.PAUSE_MARKETPLACE: "the marketplace job was paused",
    Stop.DISABLE_FEED: "the feed was disabled",
    Stop.SUSPEND_CONNECTION: "the connection was suspended",
}


class HttpJsonPlatform:
    """Implements the Platform port.

    Raises:
        GiveUp: `auth.secret_file` cannot be read.
    """

    def __init__(
        self,
        name: str,
        settings: PlatformSettings,
        *,
        clock: Clock | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._name = name
        self._settings = settings
        self._zone = ZoneInfo(settings.zone)
        self._sleep = sleep
        secret = "" if settings.auth.scheme == "none" else read_secret(settings.auth.secret_file)
        self._exchange = HttpExchange(settings, secret=secret, clock=clock or SystemClock())

    @property
    def name(self) -> str:
        return self._name

    def close(self) -> None:
        self._exchange.close()

    def page_of(self, job: Job) -> str:
        """Give the address of the job's page for people, empty where none is known."""
        return path_for(self._settings.page_url, job) if self._settings.page_url else ""

    def stop(self, job: Job, stop: Stop, *, key: str) -> str:
        request: RequestSettings | None = getattr(self._settings, stop.value)
        if request is None:
            raise NotStoppable(f"{self._name} has no switch for it")
        try:
            self._act(request, job, key=key, wanted=_STOPPED)
        except Refused as refused:
            if refused.status in self._settings.not_stoppable_statuses:
                log.info("platform.not_stoppable", platform=self._name, answer=refused.reason)
                # The words may stand in a mail to the retailer: no address, no answer of a machine.
                raise NotStoppable(f"{self._name} has no switch for it") from refused
            raise
        return f"{_STOP_WORDS[stop]} on {self._name}"

    def reactivate(self, job: Job, *, key: str) -> str:
        request = self._configured(self._settings.reactivate, "reactivate")
        self._act(request, job, key=key, wanted=_RUNNING)
        return f"the job was switched on again on {self._name}"

    def remove(self, job: Job, *, key: str) -> str:
        request = self._configured(self._settings.remove, "remove")
        self._act(request, job, key=key, wanted=_REMOVED)
        return f"the job was removed on {self._name}"

    def run_now(self, job: Job, *, key: str) -> str:
        request = self._configured(self._settings.run_now, "run_now")
        self._exchange.ask(request, job, headers=self._key_header(key))
        return f"a run was started on {self._name}"

    def state_of(self, job: Job) -> JobState:
        settings = self._state_settings()
        state, word = self._look(settings, job)
        if state is None:
            raise GiveUp(f"{self._name} says {word!r} of a job; state.values has no such word")
        return state

    def last_runs(self, job: Job) -> tuple[Run, ...]:
        settings = self._settings.runs
        if settings is None:
            raise GiveUp(f"{self._name} cannot tell how runs ended: 'runs' is not configured")
        answer = self._exchange.ask(settings, job)
        return runs_from(answer.json(), settings, self._zone, of=answer.of)

    def _act(
        self, request: RequestSettings, job: Job, *, key: str, wanted: frozenset[JobState]
    ) -> None:
        """Do it, and return once the platform itself reports a wanted state."""
        try:
            self._exchange.ask(request, job, headers=self._key_header(key))
        except Refused:
            # A repeat after a crash may be refused because the work is done already.
            if self._reports(job, wanted):
                return
            raise
        self._wait_for(job, wanted)

    def _reports(self, job: Job, wanted: frozenset[JobState]) -> bool:
        try:
            return self._look(self._state_settings(), job)[0] in wanted
        except (GiveUp, TryAgainLater):
            return False  # the refusal itself is the better reason

    def _wait_for(self, job: Job, wanted: frozenset[JobState]) -> None:
        settings = self._state_settings()
        end = time.monotonic() + self._settings.settle_seconds
        while True:
            state, word = self._look(settings, job)
            if state in wanted:
                return
            if time.monotonic() >= end:
                raise TryAgainLater(f"{self._name} accepted the order, but still says {word!r}")
            self._sleep(self._settings.poll_seconds)

    def _look(self, settings: StateSettings, job: Job) -> tuple[JobState | None, str]:
        try:
            answer = self._exchange.ask(settings, job)
        except Refused as refused:
            if refused.status in settings.removed_statuses:
                return JobState.REMOVED, f"status {refused.status}"
            raise
        word = word_of_state(answer.json(), settings, of=answer.of)
        return state_from(word, settings), word

    def _state_settings(self) -> StateSettings:
        if self._settings.state is None:
            raise GiveUp(f"{self._name} cannot tell a job's state: 'state' is not configured")
        return self._settings.state

    def _configured(self, request: RequestSettings | None, act: str) -> RequestSettings:
        if request is None:
            raise GiveUp(f"{self._name} has no request for '{act}'")
        return request

    def _key_header(self, key: str) -> dict[str, str]:
        header = self._settings.idempotency_header
        return {header: key} if header else {}
