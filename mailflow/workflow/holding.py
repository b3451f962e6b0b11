"""Who holds an order: for as long as it is worked on, and not a moment longer."""

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta

from mailflow.workflow.desk import Desk
from mailflow.workflow.memory import LostLease, UnitOfWork
from mailflow.workflow.records import Order

_PATIENCE_SECONDS = 1  # then whoever waits shows that it lives


class Hands:
    """The orders that the workers of this process are busy with. Safe for many threads.

    A slow server may take longer over an order than its lease lasts; meanwhile it must not be
    claimed by another worker, so the leases of what is in hand are renewed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[int, Order] = {}
        self._left: dict[int, Order] = {}
        self._suspects: set[int] = set()
        self._alone = threading.Lock()

    def suspect(self, orders: Iterable[int]) -> None:
        """One of these may have killed the daemon: until each has ended, orders go one by one.

        Then the next death names the one that brought it about.
        """
        self._suspects = set(orders)

    @contextmanager
    def free(self) -> Iterator[bool]:
        """Say whether an order may be taken in hand now, waiting for a while."""
        if not self._suspects:
            yield True
        elif self._alone.acquire(timeout=_PATIENCE_SECONDS):
            try:
                yield True
            finally:
                self._alone.release()
        else:
            yield False

    @contextmanager
    def holding(self, orders: Sequence[Order]) -> Iterator[None]:
        with self._lock:
            self._held.update({order.id: order for order in orders})
        try:
            yield
        finally:
            with self._lock:
                for order in orders:
                    self._held.pop(order.id, None)
                    self._suspects.discard(order.id)

    def renew(self, uow: UnitOfWork, desk: Desk) -> None:
        """Let every lease begin anew; what was finished or lost meanwhile is left alone."""
        with self._lock:
            held = list(self._held.values())
        until = desk.clock.now() + timedelta(seconds=desk.pace.lease_seconds)
        for order in held:
            with suppress(LostLease):
                uow.orders.renew(order, until=until)

    def leave(self, orders: Sequence[Order]) -> None:
        """Note that their outcome could not be written down; they are done anew."""
        with self._lock:
            self._left.update({order.id: order for order in orders})

    def put_back(self, uow: UnitOfWork, desk: Desk) -> Sequence[Order]:
        """Make ready what was left; to be forgotten as soon as that is committed."""
        with self._lock:
            left = list(self._left.values())
        for order in left:
            with suppress(LostLease):
                uow.orders.postpone(
                    order, due=desk.clock.now(), because="the database was busy or away"
                )
        return left

    def forget(self, orders: Iterable[Order]) -> None:
        with self._lock:
            for order in orders:
                self._left.pop(order.id, None)


class Hold:
    """The certainty, from one commit on and for one lease, that nobody else has these orders."""

    def __init__(self, uow: UnitOfWork, desk: Desk, orders: Sequence[Order]) -> None:
        """Renew the leases within the caller's unit of work.

        Raises:
            LostLease: another worker has claimed one of them.
        """
        self._ends = time.monotonic() + desk.pace.lease_seconds  # no clock that can be set counts
        until = desk.clock.now() + timedelta(seconds=desk.pace.lease_seconds)
        for order in orders:
            uow.orders.renew(order, until=until)

    def check(self) -> None:
        """Ask right before an act that cannot be taken back.

        Raises:
            LostLease: too much time went by since, as when the machine was asleep.
        """
        if time.monotonic() >= self._ends:
            raise LostLease("the worker stood still for longer than its lease")
