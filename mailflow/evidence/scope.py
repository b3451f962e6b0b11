"""What of a picture speaks of one job's newest run, and may be judged."""

from dataclasses import dataclass

from mailflow.evidence.layout import Cell
from mailflow.evidence.verdict import Check


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be judged. Without cells the job's own place on the page was not found."""

    job: Check
    cells: tuple[Cell, ...] = ()
    runs: bool = False  # the cells include the newest row of a table of runs
    card: bool = False  # the cells are those of the job's card: its values need no label
    elsewhere: tuple[Cell, ...] = ()  # loose text of a page about this job alone
    above: tuple[Cell, ...] = ()  # the page's head, or that of the job's group: whose page it is


def unsure(seen: str) -> Scope:
    return Scope(Check.unsure("job", seen))
