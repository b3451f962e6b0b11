"""mailflow as a service: how it starts, shows that it lives, changes its files, and ends."""

import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import structlog

from mailflow.edges.mailbox_state import MailboxState
from mailflow.edges.metrics import Sources
from mailflow.edges.notify import (
    ALIVE,
    READY,
    STOPPING,
    reloading,
    sd_notify,
    status,
    watchdog_seconds,
)
from mailflow.settings.loading import BadSettings, load_settings
from mailflow.settings.root import Settings
from mailflow.tickets.errors import MailflowError
from mailflow.wiring import Office, changeable, daemon_and_inbox
from mailflow.wiring.operating import serve_metrics
from mailflow.workflow.brakes import brake_now
from mailflow.workflow.figures import standing

log = structlog.get_logger()

DRAIN_SECONDS = 18.0  # all in all; the manager kills after TimeoutStopSec=30
_INBOX_SECONDS = 4.0  # of them
_FIRST_LOGIN_SECONDS = 45.0  # a mail server that does not answer must not keep the service down
_BEAT_SECONDS = 10.0  # at the latest, where no watchdog asks for signs of life
_RELOADED = frozenset({"policy", "paths", "staff", "alarms"})  # sections that SIGHUP reads again
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def work_until_stopped(config: Path, settings: Settings, office: Office) -> bool:
    """Work over an open office until told to stop; False when something did not end in time."""
    return _Service(config, settings, office).run()


class _Service:
    """One run of mailflow, from its start to its end."""

    def __init__(self, config: Path, settings: Settings, office: Office) -> None:
        self._config = config
        self._settings = settings
        self._office = office
        self._is_ready = False
        self._stop_metrics: Callable[[], None] = lambda: None
        self._mailbox = MailboxState(office.desk.clock)
        self._daemon, self._inbox = daemon_and_inbox(settings, office, self._mailbox)

    def run(self) -> bool:
        """Work until told to stop; False when something did not end in time."""
        with _signals() as arrived:
            self._daemon.start()  # what a dead predecessor held is taken over here
            self._inbox.start()
            self._serve_metrics()
            asked = self._wait_for_login(arrived)
            if not asked:
                self._is_ready = True
                sd_notify(f"{READY}\n{status(self._line())}")
                asked = self._work(arrived)
        sd_notify(f"{STOPPING}\n{status('finishing what is under way')}")
        log.info("service.stopping", because=signal.Signals(asked).name)
        return self._end()

    def _wait_for_login(self, arrived: "Arrivals") -> int:
        until = time.monotonic() + _FIRST_LOGIN_SECONDS
        while not self._mailbox.attempted and time.monotonic() < until:
            asked = arrived.next(0.1)
            if asked and asked != signal.SIGHUP:
                return asked
        return 0

    def _work(self, arrived: "Arrivals") -> int:
        beat = min(watchdog_seconds() or _BEAT_SECONDS, _BEAT_SECONDS)
        while True:
            asked = arrived.next(beat)
            if asked == signal.SIGHUP:
                self._reload()
            elif asked:
                return asked
            self._beat()

    def _beat(self) -> None:
        stuck = self.stuck()
        if not stuck:
            sd_notify(ALIVE)
        sd_notify(status(f"STUCK: {', '.join(stuck)}" if stuck else self._line()))

    def stuck(self) -> list[str]:
        """Name every part that shows no sign of life; empty when all is well."""
        parts = self._daemon.stuck()
        if self._inbox.is_stuck():
            parts.append("mailbox")
        if not self._office.outbox_responds():
            parts.append("outbox")
        return parts

    def unready(self) -> list[str]:
        """Say why no work should be expected now; empty when it may be."""
        faults = self.stuck()
        if not self._is_ready:
            faults.append("starting or ending")
        if self._mailbox.unread_since is not None:
            faults.append(f"mailbox: {self._mailbox.state}")
        try:
            with self._office.memory.read() as uow:
                uow.last_tick("readyz")
        except MailflowError as trouble:
            faults.append(f"database: {trouble}")
        return faults

    def _serve_metrics(self) -> None:
        sources = Sources(
            memory=self._office.memory,
            clock=self._office.desk.clock,
            mailbox=self._mailbox,
            mailbox_name=self._settings.inbox.address,
            seconds_since_read=self._inbox.seconds_since_whole_look,
            tokens=self._office.token_states,
            brake=lambda: brake_now(self._office.desk),
        )
        try:
            self._stop_metrics = serve_metrics(
                self._settings, sources, stuck=self.stuck, unready=self.unready
            )
        except OSError as taken:  # the work matters more than its figures
            log.error("metrics.not_served", because=str(taken))  # noqa: TRY400 - no trace wanted

    def _line(self) -> str:
        try:
            with self._office.memory.read() as uow:
                told = standing(uow.figures(), self._office.desk.clock.now())
        except MailflowError as trouble:
            told = f"database: {trouble}"
        return f"mailbox: {self._mailbox.state}; {told}"

    def _reload(self) -> None:
        """Read again what may change. A fault anywhere keeps everything as it is."""
        sd_notify(reloading())
        try:
            fresh = load_settings(self._config)
            desk = changeable(fresh).on(self._office.desk)
        except BadSettings as bad:
            log.error("settings.refused", faults=[str(fault) for fault in bad.faults])  # noqa: TRY400 - no trace wanted
        except MailflowError as bad:
            log.error("settings.refused", faults=str(bad).splitlines())  # noqa: TRY400 - same
        else:
            self._daemon.use(desk)
            self._office = replace(self._office, desk=desk)
            log.info("settings.reloaded", packs=len(desk.packs.packs))
            changed = [n for n in Settings.model_fields if _differs(n, fresh, self._settings)]
            if waiting := sorted(set(changed) - _RELOADED):
                log.warning("settings.need_restart", sections=waiting)
        sd_notify(f"{READY}\n{status(self._line())}")

    def _end(self) -> bool:
        until = time.monotonic() + DRAIN_SECONDS
        self._is_ready = False
        self._stop_metrics()
        self._inbox.stop(_INBOX_SECONDS)
        return self._daemon.stop(max(1.0, until - time.monotonic()))


def _differs(section: str, fresh: Settings, known: Settings) -> bool:
    return bool(getattr(fresh, section) != getattr(known, section))


class Arrivals:
    """Signals in the order of their arrival, read from the wake-up socket."""

    def __init__(self, bell: socket.socket) -> None:
        self._bell = bell
        self._waiting: list[int] = []

    def next(self, seconds: float) -> int:
        """Wait for one; 0 when none came in time."""
        if not self._waiting:
            select.select([self._bell], [], [], seconds)
            with suppress(BlockingIOError):
                self._waiting += [n for n in self._bell.recv(256) if n in _SIGNALS]
        return self._waiting.pop(0) if self._waiting else 0


@contextmanager
def _signals() -> Iterator[Arrivals]:
    """Turn signals into bytes: a handler that takes a lock could wait for itself for ever."""
    bell, button = socket.socketpair()
    for end in (bell, button):
        end.settimeout(0)
    before = {number: signal.signal(number, lambda *_: None) for number in _SIGNALS}
    fd = signal.set_wakeup_fd(button.fileno(), warn_on_full_buffer=False)
    try:
        yield Arrivals(bell)
    finally:
        signal.set_wakeup_fd(fd)
        for number, handler in before.items():
            signal.signal(number, handler)
        bell.close()
        button.close()


def leave_at_once() -> None:
    """End the process although threads are at work: the ledger finds again what they held."""
    os._exit(0)
