"""Parses mails in a child process that may be killed: time and memory of a mail are bounded."""

import contextlib
import ctypes
import logging
import os
import pickle
import resource
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import mailflow
from mailflow.settings.root import LimitSettings
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.understanding.limits import LIMITS, Limits, Unreadable
from mailflow.understanding.message import Message
from mailflow.understanding.parse import parse

_MODULE = "mailflow.edges.mail_parser"
_LENGTH = struct.Struct(">Q")
_READY = b"ready"
_START_SECONDS = 60.0  # importing the parsers on a busy machine
_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
_TRIES = 2  # a child found dead may have died of something else than this mail


class InProcessParser:
    """Parses right here, without any guard but the limits: for tests and for trusted files."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._limits = limits

    def parse(self, raw: bytes) -> Message:
        """Parse one mail; see `MailParser`."""
        try:
            return parse(raw, self._limits)
        except Unreadable as error:
            raise GiveUp(error.reason) from error


class WorkerMailParser:
    """Parses in one child process, reused from mail to mail; callers take turns."""

    def __init__(self, limits: LimitSettings) -> None:
        self._seconds = limits.parse_seconds
        self._memory_mb = limits.parse_memory_mb
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._closed = False

    def parse(self, raw: bytes) -> Message:
        """Parse one mail; see `MailParser`."""
        with self._lock:
            for _ in range(_TRIES):
                child = self._ready_child()
                try:
                    return _told(child.ask(raw, self._seconds))
                except _TimeUpError:
                    self._drop()
                    raise GiveUp(f"parsing took more than {self._seconds:g} seconds") from None
                except _DiedError:
                    self._drop()
            raise GiveUp("the parser died of it, most likely for lack of memory")

    def close(self) -> None:
        """End the child; nothing can be parsed afterwards."""
        with self._lock:
            self._closed = True
            self._drop()

    def _ready_child(self) -> "_Child":
        if self._closed:
            raise TryAgainLater("the mail parser is closed")
        if self._child is None:
            self._child = _Child(self._memory_mb)
        return self._child

    def _drop(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None


class _TimeUpError(Exception):
    """The child was killed because its time was up."""


class _DiedError(Exception):
    """The child ended without an answer."""


class _Child:
    """One child process and the two pipes to it."""

    def __init__(self, memory_mb: int) -> None:
        command = [sys.executable, "-P", "-m", _MODULE, str(memory_mb), str(os.getpid())]
        root = str(Path(mailflow.__file__).parents[1])
        path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, no input in it
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path},
            )
        except OSError as error:
            raise TryAgainLater(f"the mail parser cannot be started: {error}") from error
        try:
            ready = self._within(_START_SECONDS, lambda: _receive(self._output))
        except (_TimeUpError, _DiedError):
            ready = b""
        if ready != _READY:
            self.end()
            raise TryAgainLater("the mail parser did not start")

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def _output(self) -> BinaryIO:
        assert self._process.stdout is not None
        return self._process.stdout  # type: ignore[return-value]  # a pipe in binary mode

    def ask(self, raw: bytes, seconds: float) -> bytes:
        def exchange() -> bytes:
            assert self._process.stdin is not None
            _send(self._process.stdin, raw)  # type: ignore[arg-type]  # same
            return _receive(self._output)

        return self._within(seconds, exchange)

    def _within(self, seconds: float, act: Callable[[], bytes]) -> bytes:
        """Do blocking reads and writes; killing the child is what ends them in time."""
        time_is_up = threading.Event()

        def stop() -> None:
            time_is_up.set()
            self._process.kill()

        timer = threading.Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            return act()
        except (OSError, EOFError) as error:
            raise (_TimeUpError if time_is_up.is_set() else _DiedError) from error
        finally:
            timer.cancel()

    def end(self) -> None:
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was not sent cannot be flushed
                    pipe.close()
        self._process.wait()


def _told(answer: bytes) -> Message:
    told = pickle.loads(answer)  # noqa: S301 - written by our own child
    if isinstance(told, Message):
        return told
    raise GiveUp(str(told))


def _send(pipe: BinaryIO, content: bytes) -> None:
    pipe.write(_LENGTH.pack(len(content)))
    pipe.write(content)
    pipe.flush()


def _receive(pipe: BinaryIO) -> bytes:
    length: int = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))[0]
    return _exactly(pipe, length)


def _exactly(pipe: BinaryIO, length: int) -> bytes:
    content = pipe.read(length)
    if len(content) != length:
        raise EOFError
    return content


def _serve(memory_mb: int, parent: int) -> None:
    """Answer mails from the standard input until it ends. Runs in the child."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we could ask to die with it
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    logging.disable()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not look like an answer
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    _send(answers, _READY)
    with contextlib.suppress(EOFError):
        while True:
            _send(answers, _answer(_receive(sys.stdin.buffer)))


def _answer(raw: bytes) -> bytes:
    try:
        return pickle.dumps(parse(raw))
    except Unreadable as error:
        return pickle.dumps(error.reason)


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]))
