"""A daemon that ends itself as a power cut would, at a named point.

Every commit and every act on the outside goes through a port, so the ports are where the points
are: one on each side. Nothing of this is known to the daemon; `wiring` never names it. Whoever
wants a daemon that dies arms a desk with it.
"""

import os
import signal
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from mailflow.edges.putting_away import PuttingAway
from mailflow.edges.sent_folder import SentFolder
from mailflow.tickets.effects import Stop
from mailflow.tickets.ticket import Job
from mailflow.workflow.desk import Desk
from mailflow.workflow.memory import Memory, UnitOfWork
from mailflow.workflow.ports import JobState, Outbox, Platform, Refused, Run, WrittenMail
from mailflow.workflow.records import Order

Reached = Callable[[str], None]


class PowerCut:
    """Waits for one of some named points and ends the process there, without any farewell.

    `note` is told every point that is reached, the last one included.
    """

    def __init__(self, points: Collection[str], *, note: Callable[[str], None]) -> None:
        self._points = points
        self._note = note
        self._lock = threading.Lock()

    def reached(self, point: str) -> None:
        """Note the point; at an awaited one, end."""
        with self._lock:
            self._note(point)
            if point in self._points:
                os.kill(os.getpid(), signal.SIGKILL)
                threading.Event().wait()  # the signal is on its way; nothing may happen meanwhile


def armed(desk: Desk, reached: Reached) -> Desk:
    """Give the same desk with a point on each side of every commit and act."""
    _arm_edges(reached)
    platforms = {n: _BreakingPlatform(p, reached) for n, p in desk.platforms.items()}
    return replace(
        desk,
        memory=_BreakingMemory(desk.memory, reached),
        platforms=platforms,
        outbox=_BreakingOutbox(desk.outbox, reached),
    )


def _arm_edges(reached: Reached) -> None:
    """Reach into the edges too: between the server's yes and the copy, and before it is told."""
    keep, put_away = SentFolder.keep, PuttingAway.put_away

    def breaking_keep(self: SentFolder, mail: WrittenMail) -> None:
        reached("mail taken, copy not kept")
        keep(self, mail)

    def breaking_put_away(self: PuttingAway, client: Any, uids: list[int], folder: str) -> None:
        reached("put away: before")
        put_away(self, client, uids, folder)
        reached("put away: after")

    SentFolder.keep = breaking_keep  # type: ignore[method-assign]  # that is what arming means
    PuttingAway.put_away = breaking_put_away  # type: ignore[method-assign]  # same


class _BreakingMemory:
    """Names each commit after what was written in it."""

    def __init__(self, memory: Memory, reached: Reached) -> None:
        self._memory = memory
        self._reached = reached

    def write(self) -> AbstractContextManager[UnitOfWork]:
        return self._write()

    @contextmanager
    def _write(self) -> Iterator[UnitOfWork]:
        written: list[str] = []
        with self._memory.write() as uow:
            yield cast("UnitOfWork", _Listening(uow, written))
            for what in written[:1]:
                self._reached(f"{what}: before the commit")
        for what in written[:1]:
            self._reached(f"{what}: after the commit")

    def read(self) -> AbstractContextManager[UnitOfWork]:
        return self._memory.read()

    def close(self) -> None:
        self._memory.close()


# What makes a commit worth a name; the first of these in a transaction gives it.
_NAMES: dict[tuple[str, str], Callable[..., str]] = {
    ("mails", "keep"): lambda *_: "kept",
    ("mails", "mark_handled"): lambda *_, **more: f"understood {more['kind']}",
    ("orders", "finish"): lambda order, **_: f"finished {_what(order)}",
    ("orders", "postpone"): lambda order, **_: f"postponed {_what(order)}",
    ("orders", "park"): lambda order, **_: f"parked {_what(order)}",
    ("sent", "record"): lambda *_, **more: f"noted {more['purpose']}",
    ("sent", "attempt"): lambda *_: "noted again",
    ("sent", "mark"): lambda _id, state: f"marked {state}",
    ("tickets", "record"): lambda *_, cause: "deadline" if cause.startswith("deadline:") else "",
}


def _what(order: Order) -> str:
    purpose = getattr(order.effect, "purpose", "")
    return f"{type(order.effect).__name__} {purpose}".strip()


class _Listening:
    """A unit of work that writes down what is asked of it."""

    def __init__(self, uow: UnitOfWork, written: list[str]) -> None:
        self._uow = uow
        self._written = written

    def __getattr__(self, room: str) -> Any:
        if room == "tick_once":
            return self._tick_once
        inside = getattr(self._uow, room)
        return inside if callable(inside) else _Room(inside, room, self._written)

    def _tick_once(self, name: str, slot: str, at: datetime) -> bool:
        is_new = self._uow.tick_once(name, slot, at)
        if is_new:
            self._written.append(f"tick {name}")
        return is_new


class _Room:
    def __init__(self, inside: Any, room: str, written: list[str]) -> None:
        self._inside = inside
        self._room = room
        self._written = written

    def __getattr__(self, verb: str) -> Any:
        act = getattr(self._inside, verb)
        name = _NAMES.get((self._room, verb))
        if (self._room, verb) == ("orders", "claim"):
            return lambda *args, **more: self._claimed(act(*args, **more))
        if name is None:
            return act

        def listening(*args: Any, **more: Any) -> Any:
            self._written += filter(None, [name(*args, **more)])
            return act(*args, **more)

        return listening

    def _claimed(self, orders: Sequence[Order]) -> Sequence[Order]:
        self._written += [f"claimed {_what(order)}" for order in orders[:1]]
        return orders


class _BreakingPlatform:
    def __init__(self, platform: Platform, reached: Reached) -> None:
        self._platform = platform
        self._reached = reached

    @property
    def name(self) -> str:
        return self._platform.name

    def _act(self, verb: str, act: Callable[[], str]) -> str:
        self._reached(f"{verb}: before")
        how = act()
        self._reached(f"{verb}: after")
        return how

    def stop(self, job: Job, stop: Stop, *, key: str) -> str:
        self._reached(f"stop {job.id}")
        return self._act("stop", lambda: self._platform.stop(job, stop, key=key))

    def reactivate(self, job: Job, *, key: str) -> str:
        return self._act("reactivate", lambda: self._platform.reactivate(job, key=key))

    def remove(self, job: Job, *, key: str) -> str:
        return self._act("remove", lambda: self._platform.remove(job, key=key))

    def run_now(self, job: Job, *, key: str) -> str:
        return self._act("run", lambda: self._platform.run_now(job, key=key))

    def state_of(self, job: Job) -> JobState:
        return self._platform.state_of(job)

    def last_runs(self, job: Job) -> tuple[Run, ...]:
        return self._platform.last_runs(job)


class _BreakingOutbox:
    def __init__(self, outbox: Outbox, reached: Reached) -> None:
        self._outbox = outbox
        self._reached = reached

    def send(self, mail: WrittenMail) -> tuple[Refused, ...]:
        self._reached("send: before")
        refused = self._outbox.send(mail)
        self._reached("send: after")
        return refused

    def was_sent(self, message_id: str) -> bool | None:
        return self._outbox.was_sent(message_id)
