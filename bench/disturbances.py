"""What befalls the daemon besides its death: a name, a share of the lives, and what is done."""

import errno
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from bench.world import World
from tests.postgres import Server, running_server

_DISK_MEGABYTES = 256
_TOUCH_SECONDS = 0.2  # between two cuts
DEADLINES = ("deadline: before the commit", "deadline: after the commit")
TICKS = ("tick digest: before the commit", "tick digest: after the commit")


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Lasts as long as its context; `share` of the lives know it."""

    name: str
    share: float
    during: Callable[[World], AbstractContextManager[None]]
    holds_up_people: bool = False  # they ask the database too


@dataclass(frozen=True, slots=True)
class Ground:
    """Where the database lies: on a small disk of its own, where root may mount one."""

    address: str
    disk: Path
    is_mounted: bool
    server: Server | None

    @contextmanager
    def silent_database(self, _world: World) -> Iterator[None]:
        """PostgreSQL: every process of the server is stopped. SQLite: another one writes."""
        if self.server is None:
            with self._other_writer():
                yield
            return
        pids = [*_children(self.server.pid), self.server.pid]
        _signal(pids, signal.SIGSTOP)
        try:
            yield
        finally:
            _signal(pids, signal.SIGCONT)

    @contextmanager
    def _other_writer(self) -> Iterator[None]:
        other = sqlite3.connect(self.disk / "mailflow.db", isolation_level=None, timeout=60)
        try:
            other.execute("BEGIN IMMEDIATE")
            yield
        finally:
            other.close()

    @contextmanager
    def cut_database(self, _world: World) -> Iterator[None]:
        """End every session, the one that holds the lock too, and let the daemon come again."""
        assert self.server is not None
        address = self.address.replace("+psycopg", "")
        with psycopg.connect(address, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
                " datname = current_database() AND pid <> pg_backend_pid()"
            )
        yield

    @contextmanager
    def full_disk(self, _world: World) -> Iterator[None]:
        """Fill the disk below the database to its last byte."""
        filler = self.disk / "filler"
        if self.server is None:
            self._shrink_journal()
        try:
            _fill(filler)
            yield
        finally:
            filler.unlink(missing_ok=True)

    def _shrink_journal(self) -> None:
        """Leave SQLite no room that it has already: its write-ahead log is used over and over."""
        other = sqlite3.connect(self.disk / "mailflow.db", isolation_level=None, timeout=10)
        with closing(other):
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def ground(*, postgres: bool, address: str = "") -> Iterator[Ground]:
    """Make an empty database, on a server of its own where PostgreSQL is wanted."""
    with ExitStack() as stack:
        server = stack.enter_context(running_server()) if postgres and not address else None
        folder = server.folder if server is not None else Path(stack.enter_context(_folder()))
        disk = folder / "disk"
        disk.mkdir()
        mounted = stack.enter_context(_small_disk(disk))
        if server is not None:
            place = disk / "tables"
            place.mkdir()
            for path in (disk, place):
                shutil.chown(path, server.user if os.geteuid() == 0 else os.getuid())
            address = server.new_database(place=place)
        elif not postgres:
            address = f"sqlite:///{disk}/mailflow.db"
        yield Ground(address, disk, mounted, server)


@contextmanager
def _folder() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield folder


@contextmanager
def _small_disk(at: Path) -> Iterator[bool]:
    size = f"size={_DISK_MEGABYTES}m"
    mount = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(at)]
    is_mounted = os.geteuid() == 0 and subprocess.run(mount, check=False).returncode == 0
    try:
        yield is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", "--lazy", str(at)], check=False)


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as filler:
        block = bytes(2**20)
        while block:
            try:
                filler.write(block)
            except OSError as full:
                if full.errno != errno.ENOSPC:
                    raise
                block = block[: len(block) // 2]


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


@contextmanager
def _silent_mail(world: World) -> Iterator[None]:
    with world.mail_road.silent():
        yield


@contextmanager
def _silent_platform(world: World) -> Iterator[None]:
    with world.platform_road.silent():
        yield


@contextmanager
def _cut_midway(world: World) -> Iterator[None]:
    world.mail_road.cut_midway()
    yield


@contextmanager
def _cut(world: World) -> Iterator[None]:
    world.mail_road.cut()
    yield
    world.mail_road.cut()


def disturbances(ground: Ground) -> list[Disturbance]:
    """Give what may befall a daemon here; the rest of the lives know nothing but death."""
    found = [
        Disturbance("mail server silent", 0.10, _silent_mail),
        Disturbance("mail connections reset", 0.06, _cut),
        Disturbance("mail connections reset midway", 0.12, _cut_midway),
        Disturbance("platform silent", 0.08, _silent_platform),
    ]
    if ground.server is not None or urlsplit(ground.address).scheme == "sqlite":
        found.append(
            Disturbance("database silent", 0.08, ground.silent_database, holds_up_people=True)
        )
    if ground.server is not None:
        found.append(Disturbance("database sessions ended", 0.08, ground.cut_database))
    if ground.is_mounted:
        found.append(Disturbance("disk full", 0.08, ground.full_disk))
    return found


def calm(_world: World) -> AbstractContextManager[None]:
    return nullcontext()


def chosen(options: list[Disturbance], chance: random.Random) -> Disturbance:
    """Draw one by its share."""
    point = chance.random()
    for option in options:
        point -= option.share
        if point < 0:
            return option
    return Disturbance("none", 0, calm)


def pause(seconds: float, world: World) -> None:
    """Let time pass while people do what they do."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        world.go_on()
        time.sleep(_TOUCH_SECONDS)
