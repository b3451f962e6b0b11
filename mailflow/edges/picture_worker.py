"""Decodes and reads pictures in a process of its own, which may be killed.

Both sides speak over one socket, in blocks: eight bytes of length, then as many bytes. A request
is JSON and the file; the answer is JSON, and a block for every file that its "files" counts.
Run as a program this file is the worker.
"""

import hashlib
import json
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mailflow.evidence.reading import Box, Reading, Spot, Words
from mailflow.evidence.verdict import Place
from mailflow.settings.root import LimitSettings
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.workflow.ports import Mark, Picture

if TYPE_CHECKING:
    from mailflow.edges.picture_desk import PictureDesk

Request = dict[str, Any]
Answer = tuple[dict[str, Any], list[bytes]]

IDLE_SECONDS = 120.0
REMEMBERED_DEATHS = 256
LONGEST_ANSWER = 16 * 1024 * 1024
LONGEST_FILE = 256 * 1024 * 1024
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]
_TOO_HARD = "the picture could not be read within the limits of time and memory"


class WorkerPictureReader:
    """A `PictureReader` over one worker, started when first needed. Threads take turns."""

    def __init__(self, limits: LimitSettings, *, idle_seconds: float = IDLE_SECONDS) -> None:
        self._limits = limits
        self._idle_seconds = idle_seconds
        self._turn = threading.Lock()
        self._worker: _Worker | None = None
        self._timer: threading.Timer | None = None
        self._deaths: OrderedDict[str, int] = OrderedDict()

    def unfold(self, content: bytes) -> tuple[Picture, ...]:
        """Take the pictures out of a file; see `PictureReader`."""
        answer, files = self._answer(content, {"do": "unfold"})
        pairs = zip(answer["pictures"], files, strict=True)
        return tuple(
            Picture(content=file, place=place, findings=tuple(findings))
            for (place, findings), file in pairs
        )

    def read(self, content: bytes) -> Reading:
        """Read one picture; see `PictureReader`.

        Raises:
            GiveUp: it may not be decoded, or it has ended two workers; fit for a mail.
            TryAgainLater: the worker died or ran out of time, for the first time on this picture.
        """
        answer, _ = self._answer(content, {"do": "read"})
        return _reading(answer)

    def read_again(self, content: bytes, reading: Reading, lines: Collection[Words]) -> Reading:
        """Read some lines again, slower and better; see `PictureReader`."""
        asked = {i: words for i, words in enumerate(reading.words) if words in lines}
        if not asked:
            return reading
        request = {"do": "read again", "lines": [asdict(words) for words in asked.values()]}
        answer, _ = self._answer(content, request)
        better = dict(zip(asked, map(_words, answer["words"]), strict=False))
        words = tuple(better.get(i, words) for i, words in enumerate(reading.words))
        return replace(reading, words=words)

    def draw(self, content: bytes, marks: Sequence[Mark]) -> bytes:
        """Draw marks on a picture; see `PictureReader`."""
        rows = [(*mark.box, mark.label, mark.good) for mark in marks]
        _, files = self._answer(content, {"do": "draw", "marks": rows})
        return files[0]

    def cost(self) -> tuple[float, float]:
        """Give the CPU seconds and the most megabytes that the running worker has used so far."""
        with self._turn:
            return self._worker.cost() if self._worker else (0.0, 0.0)

    def close(self) -> None:
        """End the worker; the next picture starts a new one."""
        with self._turn:
            self._stop_timer()
            self._end_worker()

    def _answer(self, content: bytes, request: Request) -> Answer:
        with self._turn:
            self._stop_timer()
            try:
                answer, files = self._ask(content, request)
            finally:
                self._start_timer()
        if "refused" in answer:
            raise GiveUp(str(answer["refused"]))
        return answer, files

    def _ask(self, content: bytes, request: Request) -> Answer:
        try:
            if self._worker is None:
                self._worker = _Worker(self._limits.picture_memory_mb)
            answer = self._worker.ask(content, request, self._limits.picture_seconds)
        except (OSError, ValueError) as error:  # time-outs and broken pipes are OSErrors
            self._end_worker()
            self._count_death(content, error)
        else:
            return answer
        raise AssertionError  # pragma: no cover - _count_death always raises

    def _count_death(self, content: bytes, error: Exception) -> None:
        sha256 = hashlib.sha256(content).hexdigest()
        deaths = self._deaths.pop(sha256, 0) + 1
        if deaths > 1:
            raise GiveUp(_TOO_HARD) from error
        self._deaths[sha256] = deaths
        if len(self._deaths) > REMEMBERED_DEATHS:
            self._deaths.popitem(last=False)
        raise TryAgainLater(_TOO_HARD) from error

    def _end_worker(self) -> None:
        if self._worker is not None:
            self._worker.end()
            self._worker = None

    def _start_timer(self) -> None:
        if self._worker is not None:
            self._timer = threading.Timer(self._idle_seconds, self._end_if_idle)
            self._timer.daemon = True
            self._timer.start()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end_if_idle(self) -> None:
        with self._turn:
            # A read that began meanwhile has replaced the timer.
            if threading.current_thread() is self._timer:
                self._timer = None
                self._end_worker()


class _Worker:
    """One worker process and the socket to it."""

    def __init__(self, memory_mb: int) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                [sys.executable, "-m", "mailflow.edges.picture_worker", str(memory_mb)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_bare_environment(),
            )

    def ask(self, content: bytes, request: Request, seconds: float) -> Answer:
        """Send a request and wait for the answer.

        Raises:
            OSError: no whole answer came in time.
            ValueError: the answer is no answer.
        """
        deadline = time.monotonic() + seconds
        self._socket.settimeout(seconds)
        _send(self._socket, json.dumps(request).encode())
        _send(self._socket, content)
        answer = json.loads(_receive(self._socket, LONGEST_ANSWER, deadline))
        if not isinstance(answer, dict):
            raise ValueError("the worker's answer is no object")  # noqa: TRY004 - like bad JSON
        count = int(answer.get("files", 0))
        files = [_receive(self._socket, LONGEST_FILE, deadline) for _ in range(count)]
        return answer, files

    def cost(self) -> tuple[float, float]:
        process = Path(f"/proc/{self.process.pid}")
        ticks = process.joinpath("stat").read_text("ascii").rpartition(")")[2].split()
        seconds = (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")  # user and system
        peak = process.joinpath("status").read_text("ascii").split("VmHWM:")[1].split()[0]
        return seconds, int(peak) / 1024

    def end(self) -> None:
        self._socket.close()
        self.process.kill()
        self.process.wait()


def _bare_environment() -> dict[str, str]:
    """Give the worker no secret it could lose, and one thread per library."""
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(_PACKAGE_ROOT),
        **single,
        # Large buffers go back when they are free: half the memory, and the same speed.
        "MALLOC_ARENA_MAX": "1",
        "MALLOC_MMAP_THRESHOLD_": str(8 << 20),
        "MALLOC_TRIM_THRESHOLD_": str(16 << 20),
    }


def _send(connection: socket.socket, block: bytes) -> None:
    connection.sendall(len(block).to_bytes(8, "big") + block)


def _receive(connection: socket.socket, longest: int, deadline: float | None = None) -> bytes:
    """Receive one block.

    Raises:
        OSError: it did not come whole, or not in time.
        ValueError: it is longer than any block may be.
    """
    size = int.from_bytes(_exactly(connection, 8, deadline), "big")
    if size > longest:
        raise ValueError("a block is too long")
    return _exactly(connection, size, deadline)


def _exactly(connection: socket.socket, size: int, deadline: float | None) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        if deadline is not None:
            connection.settimeout(max(0.001, deadline - time.monotonic()))
        part = connection.recv(min(size - len(parts), 1 << 20))
        if not part:
            raise ConnectionError("the other side has gone")
        parts += part
    return bytes(parts)


def _reading(answer: dict[str, Any]) -> Reading:
    spots = (Spot(box=Box(**spot["box"]), colour=spot["colour"]) for spot in answer["spots"])
    return Reading(
        sha256=answer["sha256"],
        pixels_sha256=answer["pixels_sha256"],
        fingerprint=answer["fingerprint"],
        width=answer["width"],
        height=answer["height"],
        words=tuple(map(_words, answer["words"])),
        spots=tuple(spots),
        findings=tuple(answer["findings"]),
        metadata=tuple((name, value) for name, value in answer["metadata"]),
    )


def _words(values: dict[str, Any]) -> Words:
    level = Box(**values["level"]) if values["level"] else None
    return Words(**{**values, "box": Box(**values["box"]), "level": level})


def serve(connection: socket.socket) -> None:
    """Answer requests until the other side goes. Runs in the worker."""
    # Imported here: only the worker shall carry decoders and engine in its memory.
    from mailflow.edges.picture_desk import PictureDesk  # noqa: PLC0415

    desk = PictureDesk()
    while True:
        try:
            request = json.loads(_receive(connection, LONGEST_ANSWER))
            content = _receive(connection, LONGEST_FILE)
        except ConnectionError:
            return
        answer, files = _done(request, content, desk)
        _send(connection, json.dumps({**answer, "files": len(files)}).encode())
        for file in files:
            _send(connection, file)


def _done(request: Request, content: bytes, desk: "PictureDesk") -> Answer:
    try:
        match request["do"]:
            case "unfold":
                return desk.unfold(content)
            case "draw":
                return {}, [desk.draw(content, map(_mark, request["marks"]))]
            case "read again":
                return desk.read_again(content, [_words(row) for row in request["lines"]]), []
            case _:
                return desk.read(content), []
    except GiveUp as refusal:
        return {"refused": refusal.reason}, []


def _mark(row: list[Any]) -> Mark:
    x, y, width, height, label, good = row
    return Mark(box=Place(x, y, width, height), label=str(label), good=bool(good))


def _die_with(parent: int) -> None:
    """End this process once its parent has gone, also in the middle of a picture.

    PR_SET_PDEATHSIG would do so already when the *thread* that started the worker ends.
    """
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def main(memory_mb: int) -> None:
    """Be the worker: bounded memory, no core dump, the socket as standard input."""
    most = memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    threading.Thread(target=_die_with, args=(os.getppid(),), daemon=True).start()
    serve(socket.socket(fileno=0))


if __name__ == "__main__":
    main(int(sys.argv[1]))
