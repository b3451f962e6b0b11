"""The numbers that the rules need; the settings fill them in."""

from dataclasses import dataclass, field
from datetime import timedelta

from mailflow.tickets.ticket import State

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


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
    reminders: int = 2  # mails before a silent ticket goes to staff
    clean_runs: int = 1
    clean_runs_when_flapping: int = 3
    flapping_after_failures: int = 2  # failed trials that make a job a flapping one
    clock_skew: timedelta = timedelta(minutes=5)  # a time further ahead than this is not believed
