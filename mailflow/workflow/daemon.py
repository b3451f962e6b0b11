"""The daemon: threads that take in, understand and carry out, and a clock that wakes them."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from mailflow.tickets.errors import MailflowError, TryAgainLater
from mailflow.workflow.carry_out import carry_out_next
from mailflow.workflow.deadlines import pass_deadlines, reconcile
from mailflow.workflow.desk import Desk
from mailflow.workflow.ports import IncomingMail
from mailflow.workflow.take_in import handle, keep

log = structlog.get_logger()
_IDLE_SECONDS = 0.5  # longest nap of a worker that nobody woke


@dataclass(frozen=True, slots=True, kw_only=True)
class Routine:
    """Something looked after again and again; `work` says whether it placed orders."""

    name: str
    seconds: float
    work: Callable[[Desk], bool]


class Daemon:
    """Runs one mailbox and its orders until it is told to stop."""

    def __init__(
        self,
        desk: Desk,
        *,
        workers: int,
        reconcile_seconds: float,
        routines: Sequence[Routine] = (),
    ) -> None:
        self._desk = desk
        self._stop = threading.Event()
        self._bells: list[threading.Event] = []
        self._threads = [self._thread("mails", self._handle_mails)]
        self._threads.append(self._thread("containment", lambda: self._carry_out("c", only=True)))
        for number in range(workers - 1):
            self._threads.append(self._thread(f"orders-{number}", self._worker(number)))
        self._clock = BackgroundScheduler(timezone=UTC)
        options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._clock.add_job(self._tick, "interval", seconds=1, **options)
        self._clock.add_job(self._reconcile, "interval", seconds=reconcile_seconds, **options)
        for routine in routines:
            work = self._routine(routine)
            # The first time at once: what was missed while nobody ran is caught up with.
            self._clock.add_job(
                work, "interval", seconds=routine.seconds, next_run_time=desk.clock.now(), **options
            )

    def _routine(self, routine: Routine) -> Callable[[], None]:
        def run() -> None:
            try:
                if routine.work(self._desk):
                    self.wake()
            except TryAgainLater as later:
                log.warning("routine.postponed", routine=routine.name, because=later.reason)
            except Exception:  # the next time may go well; the others go on meanwhile
                log.exception("defect", routine=routine.name)

        return run

    def _worker(self, number: int) -> Callable[[], None]:
        return lambda: self._carry_out(f"w{number}", only=False)

    def _thread(self, name: str, work: Callable[[], None]) -> threading.Thread:
        bell = threading.Event()
        self._bells.append(bell)
        return threading.Thread(target=self._guarded(work, bell), name=name)

    def _guarded(self, work: Callable[[], None], bell: threading.Event) -> Callable[[], None]:
        def run() -> None:
            while not self._stop.is_set():
                bell.clear()
                try:
                    work()
                except TryAgainLater as later:
                    log.warning("order.postponed", because=later.reason)
                except Exception:
                    log.exception("defect")
                bell.wait(_IDLE_SECONDS)

        return run

    def start(self) -> None:
        """Re-own what a dead predecessor left, then begin."""
        with self._desk.memory.write() as uow:
            released = uow.orders.release_all()
        for thread in self._threads:
            thread.start()
        self._clock.start()
        log.info("service.started", released=released)

    def stop(self, seconds: float = 20) -> bool:
        """Finish what is under way, claim nothing new; False when something would not end."""
        self._stop.set()
        self.wake()
        self._clock.shutdown(wait=False)
        for thread in self._threads:
            thread.join(seconds)
        log.info("service.stopped")
        return not any(thread.is_alive() for thread in self._threads)

    def alive(self) -> bool:
        """Is every thread still at work?"""
        return all(thread.is_alive() for thread in self._threads)

    def wake(self) -> None:
        for bell in self._bells:
            bell.set()

    def keep(self, mail: IncomingMail) -> int:
        """Take in one mail for the inbox: kept when this returns."""
        mail_id = keep(self._desk, mail)
        self.wake()
        return mail_id

    def _handle_mails(self) -> None:
        while not self._stop.is_set():
            with self._desk.memory.read() as uow:
                waiting = uow.mails.unhandled(20)
            if not waiting:
                return
            for mail_id in waiting:
                handle(self._desk, mail_id)
                self.wake()

    def _carry_out(self, owner: str, *, only: bool) -> None:
        while not self._stop.is_set() and carry_out_next(
            self._desk, owner=owner, containment_only=only
        ):
            self.wake()

    def _tick(self) -> None:
        try:
            if pass_deadlines(self._desk):
                self.wake()
        except MailflowError as trouble:
            log.warning("defect", because=str(trouble))

    def _reconcile(self) -> None:
        try:
            if reconcile(self._desk):
                self.wake()
        except MailflowError as trouble:
            log.warning("defect", because=str(trouble))
