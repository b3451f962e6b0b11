"""A desk over a real memory, with a clock that is set by hand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from mailflow.store.unit_of_work import SqlMemory
from mailflow.workflow.desk import Desk, Pace, Team
from mailflow.workflow.ports import Clock
from tests.builders import POLICY, STAFF


class HandClock:
    """Stands still until it is set."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def now_is(self, moment: datetime) -> None:
        self._now = moment


@dataclass(frozen=True)
class _NotHere:
    """Stands for an edge that the test does not use; touching it fails."""


TEAM = Team(
    name="Team",
    mailbox="inbox@example.com",
    staff=frozenset({STAFF}),
    notify=(STAFF,),
    escalate_to=(),
    language="en",
    zone="UTC",
    token_keys=[b"k" * 32],
)


def desk_over(memory: SqlMemory, clock: Clock, **changes: Any) -> Desk:
    """Build a desk; edges that are not given are absent."""
    absent = cast("Any", _NotHere())
    parts: dict[str, Any] = dict.fromkeys(
        ("packs", "border", "parser", "letters", "outbox", "pictures"), absent
    )
    parts |= {"platforms": {}, "pages": {}, "platform_of": lambda _failure: ""}
    parts |= {"policy": POLICY, "pace": Pace(), "team": TEAM}
    return Desk(memory=memory, clock=clock, **(parts | changes))
