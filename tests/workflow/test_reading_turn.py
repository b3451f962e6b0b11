"""Who may have a picture read, and for how long."""

import time

import pytest

from mailflow.tickets.errors import TryAgainLater
from mailflow.workflow.reading_turn import ReadingTurn


def test_while_one_picture_is_read_the_worker_of_another_goes_on_to_other_work():
    turn = ReadingTurn()
    with turn.taken("one", most_seconds=60):
        with pytest.raises(TryAgainLater) as later, turn.taken("another", most_seconds=60):
            pass
        assert later.value.after_seconds == 1
    with turn.taken("another", most_seconds=60):
        pass


def test_the_time_of_a_mail_is_that_of_all_its_pictures():
    turn = ReadingTurn()
    with turn.taken("one", most_seconds=60):
        time.sleep(0.2)
    with turn.taken("one", most_seconds=60) as until:
        assert until - time.monotonic() <= 59.8
    with turn.taken("another", most_seconds=60) as until:
        assert until - time.monotonic() > 59.8
