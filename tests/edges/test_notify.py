"""The service manager hears what it is told, and its absence hurts nobody."""

import os
import socket

import pytest

from mailflow.edges.notify import ALIVE, READY, sd_notify, watchdog_seconds


@pytest.mark.parametrize("abstract", [False, True])
def test_the_manager_hears_the_state(tmp_path, abstract):
    name = f"@mailflow-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + name[1:] if abstract else name)
        manager.settimeout(5)
        assert sd_notify(READY, {"NOTIFY_SOCKET": name})
        assert manager.recv(100) == b"READY=1"


@pytest.mark.parametrize("name", ["", "relative", "/nowhere/at/all"])
def test_no_manager_is_no_error(name):
    assert not sd_notify(ALIVE, {"NOTIFY_SOCKET": name})


def test_no_environment_is_no_error():
    assert not sd_notify(ALIVE, {})


def test_signs_of_life_come_twice_as_often_as_asked():
    assert watchdog_seconds({"WATCHDOG_USEC": "30000000"}) == 15


@pytest.mark.parametrize("usec", ["", "0", "soon"])
def test_no_watchdog_asks_for_no_sign(usec):
    assert watchdog_seconds({"WATCHDOG_USEC": usec}) is None


def test_a_watchdog_of_another_process_is_not_ours():
    assert watchdog_seconds({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}) is None
