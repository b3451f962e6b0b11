"""A throw-away PostgreSQL server on loopback, for as long as a `with` block lasts."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

_UNPRIVILEGED = ("postgres", "nobody")  # the server refuses to run as root


class NoServer(Exception):  # noqa: N818 - named by what is known
    """No PostgreSQL server program is installed here."""


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    user: str
    pid: int
    folder: Path  # its own: what lies in it, the server may read

    def new_database(self, *, place: Path | None = None) -> str:
        """Create an empty database, its tables in `place` if that is given; give its address."""
        name = f"t_{uuid.uuid4().hex}"
        address = f"postgresql://{self.user}@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            where = ""
            if place is not None:
                connection.execute(f"CREATE TABLESPACE place_{name} LOCATION '{place}'".encode())
                where = f"TABLESPACE place_{name}"
            connection.execute(f'CREATE DATABASE "{name}" {where}'.encode())
        return f"postgresql+psycopg://{self.user}@127.0.0.1:{self.port}/{name}"


def programs() -> Path:
    """Find the folder of the server programs.

    Raises:
        NoServer: there is none.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    if on_path is None:
        raise NoServer("no PostgreSQL server (initdb) in /usr/lib/postgresql/*/bin or on the PATH")
    return Path(on_path).resolve().parent


@contextmanager
def running_server() -> Iterator[Server]:
    """Start a fresh cluster, and remove it in the end."""
    binaries = programs()
    user = _unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="mailflow-pg-"))
    data = folder / "data"
    server: subprocess.Popen[bytes] | None = None
    try:
        if user is not None:
            shutil.chown(folder, user)
        name = user or pwd.getpwuid(os.getuid()).pw_name
        _run(binaries / "initdb", data, name, user)
        port = _free_port()
        with (folder / "log").open("wb") as log:
            server = _start(binaries / "postgres", data, port, user, log.fileno())
        _wait_until_ready(binaries / "pg_isready", server, port, folder / "log")
        yield Server(port=port, user=name, pid=server.pid, folder=folder)
    finally:
        if server is not None:
            _stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged_user() -> str | None:
    if os.getuid() != 0:
        return None
    for name in _UNPRIVILEGED:
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise NoServer("running as root, and there is no unprivileged user to run the server as")


def _run(initdb: Path, data: Path, name: str, user: str | None) -> None:
    command: list[str | Path] = [
        initdb,
        "-D",
        data,
        "-A",
        "trust",
        "-U",
        name,
        "-E",
        "UTF8",
        "--locale=C",
        "-N",
    ]
    subprocess.run(
        command,
        check=True,
        capture_output=True,
        user=user,
        cwd=data.parent,
        env=_environment(data.parent),
    )


def _start(
    postgres: Path, data: Path, port: int, user: str | None, log: int
) -> subprocess.Popen[bytes]:
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": str(data.parent),
        "fsync": "off",  # nothing here has to outlive a power cut
        "max_connections": "100",
    }
    options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    return subprocess.Popen(
        [postgres, "-D", data, *options],
        user=user,
        cwd=data.parent,
        env=_environment(data.parent),
        stdout=log,
        stderr=log,
    )


def _environment(folder: Path) -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "LC_ALL": "C"}


def _wait_until_ready(
    pg_isready: Path, server: subprocess.Popen[bytes], port: int, log: Path
) -> None:
    for _ in range(300):
        asked: list[str | Path] = [pg_isready, "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "5"]
        if subprocess.run(asked, check=False).returncode == 0:
            return
        with suppress(subprocess.TimeoutExpired):
            server.wait(0.1)
            break
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text(errors='replace')[-2000:]}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(2)  # SIGINT: fast shutdown, sessions are cut
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
