"""Tells the service manager how things stand (sd_notify), without a library for it."""

import os
import socket
import time
from collections.abc import Mapping

READY = "READY=1"
STOPPING = "STOPPING=1"
ALIVE = "WATCHDOG=1"


def status(line: str) -> str:
    """Say how things stand, for `systemctl status`; one line."""
    return f"STATUS={' '.join(line.split())}"


def reloading() -> str:
    """Announce a reload; READY ends it. The time is what Type=notify-reload asks for."""
    return f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}"


def sd_notify(state: str, environ: Mapping[str, str] | None = None) -> bool:
    """Send `state` to $NOTIFY_SOCKET. Returns whether it was taken; nobody listening is no error.

    A manager that cannot be told must not stop the work, so no error of the socket is raised.
    """
    address = (os.environ if environ is None else environ).get("NOTIFY_SOCKET", "")
    if address[:1] not in {"/", "@"}:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]  # an abstract socket has no file
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
            out.settimeout(0)  # a full queue must not hold up the work
            out.sendto(state.encode(), address)
    except OSError:
        return False
    return True


def watchdog_seconds(environ: Mapping[str, str] | None = None) -> float | None:
    """Give the time between two signs of life, half of what the manager allows; None: no watch."""
    environ = os.environ if environ is None else environ
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    allowed = environ.get("WATCHDOG_USEC", "")
    return int(allowed) / 2_000_000 if allowed.isdecimal() and int(allowed) else None
