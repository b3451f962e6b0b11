"""The numbers that the rules need; the settings fill them in."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mailflow.tickets.ticket import State
from mailflow.tickets.working_time import Week, working_time_later

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
# These states wait for a person; the others wait for machines, or until a date.
_WAIT_FOR_PEOPLE = frozenset(
    {
        State.AWAITING_RETAILER,
        State.CLARIFYING,
        State.AWAITING_EVIDENCE,
        State.REMOVAL_SCHEDULED,
        State.WITH_STAFF,
    }
)
_LONGEST_PROMISE = 4  # waits for which a promise or an absence may hold off a reminder


def _waits() -> dict[State, timedelta]:
    return {
        State.CONTAINING: timedelta(minutes=10),
        State.AWAITING_RETAILER: 2 * _DAY,
        State.CLARIFYING: 2 * _DAY,
        State.ON_TRIAL: _DAY,
        State.AWAITING_EVIDENCE: _DAY,
        State.REMOVAL_SCHEDULED: 2 * _DAY,
        State.REMOVING: _HOUR,
        State.STAYING_PAUSED: 30 * _DAY,
        State.WITH_STAFF: _DAY,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How long each state may wait, how often to remind, how many clean runs to ask for."""

    waits: dict[State, timedelta] = field(default_factory=_waits)
    week: Week = field(default_factory=Week)
    reminders: int = 2  # mails before a silent ticket goes to staff
    clean_runs: int = 1
    clean_runs_when_flapping: int = 3
    flapping_after_failures: int = 2  # failed trials that make a job a flapping one
    captures: frozenset[str] = frozenset()  # platforms of whose pages we take pictures ourselves
    clock_skew: timedelta = timedelta(minutes=5)  # a time further ahead than this is not believed

    def deadline(self, state: State, at: datetime, *, times: int = 1) -> datetime | None:
        """Say when `state`, entered at `at`, is left by itself; None for a closed ticket.

        Working time counts where a person is waited for, plain time elsewhere.
        """
        wait = self.waits.get(state)
        if wait is None:
            return None
        if state in _WAIT_FOR_PEOPLE:
            return working_time_later(at, wait * times, self.week)
        return at + wait * times

    def put_off(self, state: State, at: datetime, until: datetime | None) -> datetime | None:
        """Say when to remind somebody who named a day; nobody is waited for without end."""
        usual = self.deadline(state, at)
        latest = self.deadline(state, at, times=_LONGEST_PROMISE)
        if until is None or usual is None or latest is None or until <= at:
            return usual
        return min(until + self.clock_skew, latest)
