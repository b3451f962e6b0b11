"""Labels and their values: beside each other, below, or the label small below its value."""

import re

from mailflow.evidence.layout import NEARER, SAME_EDGE, Cell, Row, is_label, kind_of
from mailflow.evidence.statuses import Says, is_navigation, number, sense
from mailflow.evidence.times import tells_time, times_in

_BELOW = 1.3  # line heights between a label and the value below it
_HUNG = 0.6  # line heights between a value and the label below it
_NAMES = frozenset({"job", "name", "retailer", "marketplace", "status", "state"})  # no times
_RUN_NUMBER = re.compile(r"(?:[a-z]+[-_]+){0,2}#?\d{1,6}", re.IGNORECASE)


def labelled(
    rows: tuple[Row, ...], *, freely: bool = False
) -> tuple[tuple[Cell, ...], tuple[Cell, ...]]:
    """Split loose rows into values named by their labels, and all the rest.

    "Completed" before a time in one line, or above one, is a word of success; `freely` takes it for
    a label, as it is where another word says how the run ended.
    """
    values: list[Cell] = []
    rest: list[Cell] = []
    for row in rows:
        pairs = list(zip(row[::2], row[1::2], strict=False))
        if len(row) % 2 == 0 and all(
            _is_pair(label, value, freely=freely) and not is_label(value) for label, value in pairs
        ):
            values += [Cell(value.words, kind_of(label.text)) for label, value in pairs]
            continue
        cells = list(row)
        while cells:
            cell = cells.pop(0)
            if cells and _is_pair(cell, cells[0], freely=freely) and not is_label(cells[0]):
                values.append(Cell(cells.pop(0).words, kind_of(cell.text)))
            else:
                rest.append(cell)
    below = _values_below(rest, freely=freely)
    return (
        (*values, *(Cell(value.words, kind_of(label.text)) for label, value in below)),
        tuple(c for c in rest if all(c is not one for pair in below for one in pair)),
    )


def _is_pair(label: Cell, value: Cell, *, freely: bool) -> bool:
    """Tell whether a cell is the label of the next one, or the word itself, as "Completed"."""
    if kind_of(label.text) is None:
        return False
    apart = freely or label.text.endswith(":") or label.words.box != value.words.box
    return fits(label, value) or (apart and tells_time(value.text))


def _values_below(cells: list[Cell], *, freely: bool) -> list[tuple[Cell, Cell]]:
    """Pair labels that stand alone with what stands below each, close and on the same edge."""
    pairs: list[tuple[Cell, Cell]] = []
    used: set[int] = set()
    labels = sorted((c for c in cells if kind_of(c.text)), key=lambda c: c.box.top)
    firm = [c for c in labels if is_label(c)]
    hung = bool(firm) and all(_hung_from(c, cells) for c in firm)
    for label in labels:
        under = [
            c
            for c in cells
            if c is not label
            and abs(c.box.left - label.box.left) < SAME_EDGE * label.height
            and c.middle - label.middle > 0.6 * label.height
            and c.box.top - label.box.bottom < _BELOW * label.height
        ]
        nearest = min(under, key=lambda c: c.middle, default=None)
        if hung:
            nearest = _hung_from(label, cells)
        if nearest is None or not used.isdisjoint((id(label), id(nearest))) or is_label(nearest):
            continue
        if fits(label, nearest) or (freely and tells_time(nearest.text)):
            used.add(id(nearest))
            pairs.append((label, nearest))
    return pairs


def _hung_from(label: Cell, cells: list[Cell]) -> Cell | None:
    """Give the value that a label stands below, where it is much nearer than what is below it."""
    edge = [
        c
        for c in cells
        if c is not label and abs(c.box.left - label.box.left) < SAME_EDGE * label.height
    ]
    over = [c for c in edge if 0.6 * label.height < label.middle - c.middle]
    nearest = max(over, key=lambda c: c.middle, default=None)
    if nearest is None or is_label(nearest):
        return None
    down = min((c.middle - label.middle for c in edge if c.middle > label.middle), default=None)
    up = label.middle - nearest.middle
    close = label.box.top - nearest.box.bottom < _HUNG * label.height
    return nearest if close and (down is None or up < NEARER * down) else None


def fits(label: Cell, value: Cell) -> bool:
    """Tell whether a word of two meanings is a label: "Errors" is one before a number."""
    kind = kind_of(label.text)
    if is_navigation(value.text):
        return False
    if kind in _NAMES and times_in(value.text):
        return False
    match sense(label.text):
        case Says.TROUBLE:
            counted = number(value.text) is not None or label.text.endswith(":")
            numbered = kind == "run" and _RUN_NUMBER.fullmatch(value.text) is not None
            timed = kind == "next" and tells_time(value.text)
            return kind == "started" or timed or (kind == "errors" and counted) or numbered
        case Says.WEAK_SUCCESS:
            return tells_time(value.text)
        case Says.SUCCESS | Says.REMOVED:
            return len(label.text.split()) > 1  # "Completed at"; "Completed" is the word itself
        case _:
            return True
