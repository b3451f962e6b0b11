"""Draws docs/ticket-states.md from the table that the rules themselves obey.

Run it without arguments to draw the page, with --check to fail when the page is out of date.
"""

import sys
from collections import defaultdict
from pathlib import Path

from mailflow.tickets.ticket import State
from mailflow.tickets.transitions import TRANSITIONS

PAGE = Path(__file__).parents[1] / "ticket-states.md"

_HEAD = """\
# The course of a ticket

Drawn from `mailflow/tickets/transitions.py` by `docs/tools/draw_states.py`; change the table, not
this page. `decide` checks each of its results against the same table.

- Every open state hears `DeadlinePassed`, so no ticket waits for ever.
- `ProofAccepted` is the only way into `closed`, and `closed` hears nothing any more.
- An event that a state's row does not name changes nothing there.
"""


def page() -> str:
    """Write the page: a diagram of the moves, then the whole table."""
    return "\n".join([_HEAD, *_diagram(), "", *_table()]) + "\n"


def _diagram() -> list[str]:
    lines = ["```mermaid", "stateDiagram-v2", "    direction TB", "    [*] --> containing"]
    for state in State:
        for target, names in sorted(_moves(state).items()):
            lines.append(f"    {state} --> {target}: {', '.join(names)}")
    return [*lines, "    closed --> [*]", "```"]


def _moves(state: State) -> dict[State, list[str]]:
    """Give, for each other state that can come next, the events that may lead there."""
    moves: dict[State, list[str]] = defaultdict(list)
    for kind, targets in TRANSITIONS[state].items():
        for target in targets - {state}:
            moves[target].append(kind.__name__)
    return {target: sorted(names) for target, names in moves.items()}


def _table() -> list[str]:
    lines = ["| State | Event | Next |", "| --- | --- | --- |"]
    for state in State:
        row = TRANSITIONS[state]
        if not row:
            lines.append(f"| {state} | hears nothing | |")
        for kind in sorted(row, key=lambda kind: kind.__name__):
            targets = sorted("(stays)" if target is state else target for target in row[kind])
            lines.append(f"| {state} | {kind.__name__} | {', '.join(targets)} |")
    return lines


def main() -> int:
    """Draw the page, or say that it is out of date."""
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page():
        return 0
    sys.stderr.write(f"{PAGE.name} is out of date; draw it with: make format\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
