"""A mail may kill the child that parses it, never the daemon, and never the mails after it."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mailflow.edges.mail_parser import InProcessParser, WorkerMailParser
from mailflow.settings.root import LimitSettings
from mailflow.tickets.errors import GiveUp, TryAgainLater

PLAIN = b"From: anna@shop.example\r\nSubject: done\r\n\r\nIt is fixed."
HUNGRY = b"Content-Type: text/html\r\n\r\n" + b"<p>x</p>" * 60_000


@pytest.fixture
def parser():
    worker = WorkerMailParser(LimitSettings())
    yield worker
    worker.close()


def _pid(worker: WorkerMailParser) -> int:
    assert worker._child is not None
    return worker._child.pid


def test_the_child_reads_what_would_be_read_here_and_is_reused(parser):
    assert parser.parse(PLAIN) == InProcessParser().parse(PLAIN)
    first = _pid(parser)
    assert parser.parse(PLAIN).text == "It is fixed."
    assert _pid(parser) == first


def test_a_mail_that_breaks_a_limit_is_given_up_and_the_child_lives_on(parser):
    parser.parse(PLAIN)
    child = _pid(parser)
    with pytest.raises(GiveUp, match="header block"):
        parser.parse(b"X: y\r\n" * 100_000 + b"\r\n")
    assert _pid(parser) == child


def test_a_mail_that_takes_too_long_is_given_up_and_the_next_one_is_read():
    worker = WorkerMailParser(LimitSettings(parse_seconds=0.0001))
    with pytest.raises(GiveUp, match="seconds"):
        worker.parse(HUNGRY)
    worker._seconds = 30
    assert worker.parse(PLAIN).subject == "done"
    worker.close()


def test_a_mail_that_wants_too_much_memory_is_given_up():
    worker = WorkerMailParser(LimitSettings(parse_memory_mb=128))
    with pytest.raises(GiveUp):
        worker.parse(PLAIN + b"x" * 49_000_000)
    assert worker.parse(PLAIN).subject == "done"
    worker.close()


def test_a_child_that_died_in_between_is_replaced(parser):
    parser.parse(PLAIN)
    os.kill(_pid(parser), signal.SIGKILL)
    assert parser.parse(PLAIN).subject == "done"


def test_many_threads_may_share_the_parser(parser):
    mails = [PLAIN + str(number).encode() for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        texts = [message.text for message in pool.map(parser.parse, mails)]
    assert texts == [f"It is fixed.{number}" for number in range(40)]


def test_a_closed_parser_leaves_no_child_and_says_so(parser):
    parser.parse(PLAIN)
    child = _pid(parser)
    parser.close()
    assert not Path(f"/proc/{child}").exists()
    with pytest.raises(TryAgainLater):
        parser.parse(PLAIN)


def test_a_child_that_cannot_start_is_tried_again_later(parser, monkeypatch):
    monkeypatch.setattr("sys.executable", "/nonexistent/python")
    with pytest.raises(TryAgainLater):
        parser.parse(PLAIN)


def test_the_parser_in_this_process_gives_up_in_the_same_words():
    with pytest.raises(GiveUp, match="empty"):
        InProcessParser().parse(b"")
