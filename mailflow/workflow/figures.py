"""How things stand, counted: for the status line, the metrics and the alarms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailflow.tickets.ticket import State

LATE = timedelta(minutes=5)  # an order that waits longer than this is late


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Orders of one sort that are neither done nor dropped."""

    count: int
    oldest_due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts of everything that is kept or waits."""

    mails: Mapping[str, int]  # handled ones, by kind
    unhandled: int
    oldest_unhandled: datetime | None  # its arrival
    tickets: Mapping[str, int]  # by state
    orders: Mapping[tuple[str, str], Lane]  # by lane ("act", "mail", ...) and state
    shelf: Mapping[str, int]  # what waits, by kind
    refused: Mapping[str, int]  # everything that ever went to the shelf, by kind
    unsure: int  # mails that may or may not have left
    containing_since: datetime | None  # the oldest stop that is ordered and not recorded
    not_stopped: int  # open tickets whose stop failed

    @property
    def open_tickets(self) -> int:
        return sum(n for state, n in self.tickets.items() if state != State.CLOSED)


def standing(figures: Figures, now: datetime) -> str:
    """Say in one line how things stand."""
    due = [lane.oldest_due for (_, state), lane in figures.orders.items() if state != "parked"]
    late = now - min(due, default=now)
    words = [
        f"{figures.open_tickets} open ticket(s)",
        f"{figures.tickets.get(State.WITH_STAFF, 0)} with staff",
        f"{figures.unhandled} mail(s) to read",
        f"{sum(figures.shelf.values())} on the shelf",
    ]
    if late > LATE:
        words.append(f"an order is {late.total_seconds() / 60:.0f} min late")
    return ", ".join(words)
