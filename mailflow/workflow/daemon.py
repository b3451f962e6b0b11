"""The daemon: threads that take in, understand and carry out, and a clock that wakes them."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from mailflow.tickets.errors import MailflowError, TryAgainLater
from mailflow.understanding.confirmation import warm_up
from mailflow.workflow.carry_out import carry_out_next
from mailflow.workflow.deadlines import pass_deadlines, reconcile
from mailflow.workflow.desk import Desk
from mailflow.workflow.holding import Hands
from mailflow.workflow.ports import IncomingMail
from mailflow.workflow.take_in import handle, keep

log = structlog.get_logger()
_PULSE_SECONDS = 5
_RECONCILE = "reconcile"
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
        routines: Sequence[Routine] = (),
    ) -> None:
        self._desk = desk
        self._signs: dict[str, float] = {}  # when each part last showed that it is at work
        self._hands = Hands()
        self._stop = threading.Event()
        self._warming = threading.Lock()
        self._bells: list[threading.Event] = []
        self._threads = [self._thread("mails", self._handle_mails)]
        self._threads.append(self._thread("containment", self._worker("c", only=True)))
        for number in range(workers - 1):
            self._threads.append(self._thread(f"orders-{number}", self._worker(f"w{number}")))
        self._clock = BackgroundScheduler(timezone=UTC)
        options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._clock.add_job(self._tick, "interval", seconds=1, **options)
        self._clock.add_job(self._pulse, "interval", seconds=_PULSE_SECONDS, **options)
        every = desk.pace.reconcile_seconds
        self._clock.add_job(self._reconcile, "interval", seconds=every, id=_RECONCILE, **options)
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

    def _worker(self, owner: str, *, only: bool = False) -> Callable[[], None]:
        return lambda: self._carry_out(owner, only=only)

    def _thread(self, name: str, work: Callable[[], None]) -> threading.Thread:
        bell = threading.Event()
        self._bells.append(bell)
        # Daemon threads: what does not end in time is found again in the ledger.
        return threading.Thread(target=self._guarded(work, bell), name=name, daemon=True)

    def _guarded(self, work: Callable[[], None], bell: threading.Event) -> Callable[[], None]:
        def run() -> None:
            while not self._stop.is_set():
                self._sign()
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
            released = uow.orders.release_all(self._desk.clock.now())
        self._hands.suspect(released)
        for name in ("database", "clock"):
            self._sign(name)
        for thread in self._threads:
            thread.start()
        self._clock.start()
        log.info("service.started", released=len(released))

    def stop(self, seconds: float = 20) -> bool:
        """Claim nothing new and finish what is under way; False when it did not end in time."""
        until = time.monotonic() + seconds
        self._stop.set()
        self.wake()
        self._clock.shutdown(wait=False)
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        unfinished = [thread.name for thread in self._threads if thread.is_alive()]
        log.info("service.stopped", unfinished=unfinished)
        return not unfinished

    def use(self, desk: Desk) -> None:
        """Work with another desk from the next order and mail on."""
        every = desk.pace.reconcile_seconds
        if every != self._desk.pace.reconcile_seconds:
            self._clock.reschedule_job(_RECONCILE, trigger="interval", seconds=every)
        self._desk = desk
        self.wake()

    def stuck(self) -> list[str]:
        """Name every part that has shown no sign of life for too long; empty when all is well.

        An order may lawfully take as long as its lease.
        """
        patience = self._desk.pace.lease_seconds
        parts = [thread.name for thread in self._threads if not thread.is_alive()]
        return parts + [
            name for name, at in self._signs.items() if time.monotonic() - at > patience
        ]

    def _sign(self, name: str = "") -> None:
        self._signs[name or threading.current_thread().name] = time.monotonic()

    def _pulse(self) -> None:
        """Look after what is in hand and what was left, and so take the writer's turn once.

        A database that answers, even with an error, is not stuck: an outage is
        not cured by a restart, a thread that holds the turn for ever is.
        """
        desk = self._desk
        with suppress(TryAgainLater):
            with desk.memory.write() as uow:
                self._hands.renew(uow, desk)
                back = self._hands.put_back(uow, desk)
            self._hands.forget(back)
        self._sign("database")

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
                self._sign()
                handle(self._desk, mail_id)
                self.wake()

    def _carry_out(self, owner: str, *, only: bool) -> None:
        if not only:  # a stop waits for nothing
            self._warm_up()
        while not self._stop.is_set() and carry_out_next(
            self._desk, owner=owner, hands=self._hands, containment_only=only
        ):
            self._sign()
            self.wake()

    def _warm_up(self) -> None:
        """Load what mails are written with; it takes a second, best without an order in hand."""
        with self._warming:
            warm_up()

    def _tick(self) -> None:
        self._sign("clock")
        try:
            if pass_deadlines(self._desk):
                self.wake()
        except TryAgainLater as later:
            log.warning("routine.postponed", routine="deadlines", because=later.reason)
        except MailflowError as trouble:
            log.warning("defect", because=str(trouble))

    def _reconcile(self) -> None:
        try:
            if reconcile(self._desk):
                self.wake()
        except TryAgainLater as later:
            log.warning("routine.postponed", routine="reconcile", because=later.reason)
        except MailflowError as trouble:
            log.warning("defect", because=str(trouble))
