"""A process that has everything imported and brings forth daemons by forking: a start costs little.

Only what a start would load anyway is loaded; each daemon opens its database, logs in and so on by
itself. A start from nothing, imports and all, is what tests/end_to_end/test_power_cuts.py does.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path

from bench import killable
from mailflow.understanding.confirmation import warm_up

_LOOK_SECONDS = 0.02


class Daemon:
    """One that was brought forth; its end is told in a file."""

    def __init__(self, pid: int, ended: Path) -> None:
        self.pid = pid
        self._ended = ended

    def poll(self) -> int | None:
        """Give its exit status, None while it runs; a signal's is negative."""
        with suppress(FileNotFoundError):
            return int(self._ended.read_text("ascii"))
        return None

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def _send(self, number: signal.Signals) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def wait(self, timeout: float) -> int:
        """Wait for its end.

        Raises:
            TimeoutError: it goes on.
        """
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            status = self.poll()
            if status is not None:
                return status
            time.sleep(_LOOK_SECONDS / 2)
        raise TimeoutError(f"daemon {self.pid} did not end within {timeout} s")


class Nursery:
    """The process, as seen by who uses it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        command = [sys.executable, "-m", "bench.nursery", str(folder)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, points: Path, trace: Path, config: Path, log: Path) -> Daemon:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = [str(path) for path in (points, trace, config, log)]
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        return Daemon(pid, self._folder / f"ended-{pid}")

    def close(self) -> None:
        self._process.communicate()


def _bring_forth(points: Path, trace: Path, config: Path, log: Path) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        with log.open("ab") as file, Path(os.devnull).open("rb") as nothing:
            for source, target in ((nothing, 0), (file, 1), (file, 2)):
                os.dup2(source.fileno(), target)
        killable.main(points, trace, config)
        status = 0
    except BaseException:  # noqa: BLE001 - whatever it is, the parent's work must not be gone on with
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _tell_ends(folder: Path) -> None:
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            whole = folder / f"ended-{pid}.new"
            whole.write_text(str(os.waitstatus_to_exitcode(status)), encoding="ascii")
            whole.rename(folder / f"ended-{pid}")


def main(folder: Path) -> None:
    """Bring forth a daemon for each line until there are no more."""
    warm_up()
    orders = os.fdopen(0, "rb", buffering=0, closefd=False)
    while True:
        if select.select([0], [], [], _LOOK_SECONDS)[0]:
            line = orders.readline()
            if not line:
                return
            pid = _bring_forth(*map(Path, json.loads(line)))
            (folder / f"ended-{pid}").unlink(missing_ok=True)  # an earlier one of that number
            sys.stdout.write(f"{pid}\n")
            sys.stdout.flush()
        _tell_ends(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
