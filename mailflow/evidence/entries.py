"""Finds the job's entry in a list without headings, by the rhythm of its entries.

Every entry has a name, and between two names there is one gap wider than all others: there one
entry ends and the next begins. What such an entry says counts where the others say the like in the
same place, and where every word of it is understood.
"""

from dataclasses import dataclass
from itertools import pairwise

from mailflow.evidence import runs
from mailflow.evidence.labels import labelled
from mailflow.evidence.layout import (
    TIMES,
    Cell,
    Page,
    Row,
    kind_of,
    rows_of,
)
from mailflow.evidence.naming import is_job, is_other, resembles
from mailflow.evidence.statuses import Says, is_mark, is_navigation, sense
from mailflow.evidence.times import Local, moment_in
from mailflow.evidence.verdict import Question
from mailflow.evidence.words import longest_mentioned, normal, same_name

_EDGE = 1.5  # line heights by which the names of a list may be out of line
_INK = 0.35  # of a line's height above and below its middle is ink for certain
_WIDER = 1.25  # times the next widest gap: a gap that parts two entries
_SAME = 0.5  # line heights by which the same fact may stand otherwise in the next entry
_ENOUGH = 2  # other entries built alike, where more of them cannot be read
_NEAR = 2.0  # line heights above the first entry in which trouble may be its own
_AHEAD = 4.0  # line heights above the first entry in which a heading may stand
_SAYS_OTHER = frozenset({"next", "last_success", "plain", "duration", "trigger", "errors", "items"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list: its name, and what stands between the gaps around it."""

    name: Cell
    cells: Row


def entry_of(
    page: Page, mine: list[Cell], question: Question, local: Local
) -> tuple[Row, Row] | None:
    """Give what the list says of the job's newest run, and what stands in no entry.

    None where the job's entry is not clear.
    """
    cells = tuple({id(c.words): c for c in page.cells}.values())
    names = _names(cells, mine, question)
    if not names or any(_beside(c, names) for c in cells if _is_name(c, question)):
        return None
    entries = _entries(names, cells, question)
    if entries is None:
        return None
    own = [entry for entry in entries if is_job(entry.name.text, question)]
    if not own or sum(c in entry.cells for entry in own for c in mine) < len(mine):
        return None
    labels = _labels(entries)
    told = [_told(entry, labels, local) for entry in own]
    times = [[c for c in row if c.kind in TIMES] for row in told]
    if runs.newest([tuple(t) for t in times], local) is None:
        return None
    others = [entry for entry in entries if entry is not own[0]]
    if not _has_rhythm(own[0], told[0], others, question, local):
        return None
    inside = {id(c.words) for entry in entries for c in entry.cells}
    outside = tuple(c for c in cells if id(c.words) not in inside)
    if _nameless_trouble(told[0], outside, local):
        return None
    clear = _may_end(own[0], entries, cells, question, local)
    return (told[0], outside) if clear else None


def _is_name(cell: Cell, question: Question) -> bool:
    return (
        is_job(cell.text, question)
        or is_other(cell.text, question)
        or resembles(cell.text, question)
    )


def _names(cells: Row, mine: list[Cell], question: Question) -> list[Cell]:
    """Give the names of jobs that stand on one edge with the job's own, one a line, top down."""
    edge = min(mine, key=lambda c: c.middle)
    column = [
        c
        for c in cells
        if _is_name(c, question) and abs(c.box.left - edge.box.left) < _EDGE * edge.height
    ]
    return sorted(column, key=lambda c: c.middle) if len(column) > 1 else []


def _beside(cell: Cell, names: list[Cell]) -> bool:
    """Tell whether a name of another column stands among the names of the list."""
    top, bottom = names[0].box.top, names[-1].box.bottom
    if cell in names or not top < cell.middle < bottom:
        return False
    return all(abs(cell.middle - name.middle) > _INK * name.height for name in names)


def _entries(names: list[Cell], cells: Row, question: Question) -> list[Entry] | None:
    """Part the list at the widest gap between each two names; None where it is not clear."""
    column = _without_menu(names, cells, question)
    cuts: list[tuple[float, float]] = []  # where, and how wide
    for above, below in pairwise(names):
        gaps = _gaps([c for c in column if above.middle <= c.middle <= below.middle])
        if not gaps or (len(gaps) > 1 and gaps[0][0] < _WIDER * gaps[1][0]):
            return None
        cuts.append((gaps[0][1], gaps[0][0]))
    usual = sorted(width for _, width in cuts)[len(cuts) // 2]
    inner = [
        Entry(name, _within(column, a[0], b[0]))
        for name, (a, b) in zip(names[1:-1], pairwise(cuts), strict=True)
    ]
    bottom = _end(column, names[-1], usual)
    last = Entry(names[-1], _within(column, cuts[-1][0], bottom))
    top = names[0].middle - max(map(_rise, (*inner, last))) - _INK * names[0].height
    head = _within(column, top - _NEAR * names[0].height, top)
    if is_job(names[0].text, question) and any(sense(c.text) is Says.TROUBLE for c in head):
        return None
    return [Entry(names[0], _within(column, top, cuts[0][0])), *inner, last]


def _within(cells: Row, top: float, bottom: float) -> Row:
    return tuple(c for c in cells if top < c.middle < bottom)


def _rise(entry: Entry) -> float:
    """Give how far the entry stands out above the middle of its name."""
    return entry.name.middle - min(c.middle - _INK * c.height for c in entry.cells)


def _without_menu(names: list[Cell], cells: Row, question: Question) -> Row:
    """Leave out a column left of the list, apart from it, that tells nothing of a run."""
    top, bottom = names[0].box.top, names[-1].box.bottom
    among = sorted((c for c in cells if top < c.middle < bottom), key=lambda c: c.box.left)
    right = 0.0
    for cell in among:
        if right and cell.box.left - right > names[0].height:
            left = [c for c in among if c.box.left < cell.box.left]
            return (
                cells
                if any(_matters(c, question) for c in left)
                else tuple(c for c in cells if c.box.left >= cell.box.left)
            )
        right = max(right, cell.box.right)
    return cells


def _matters(cell: Cell, question: Question) -> bool:
    own = (question.retailer, question.retailer_name, question.marketplace)
    return (
        _is_name(cell, question)
        or same_name(cell.text, own)
        or sense(cell.text) not in (Says.NOTHING, Says.UNCLEAR)
        or any(c.isdigit() for c in cell.text)
    )


def _gaps(cells: list[Cell]) -> list[tuple[float, float]]:
    """Give the heights of white between lines and the middle of each, the widest first."""
    found: list[tuple[float, float]] = []
    ordered = sorted(cells, key=lambda c: c.middle - _INK * c.height)
    bottom = ordered[0].middle + _INK * ordered[0].height
    for cell in ordered[1:]:
        top = cell.middle - _INK * cell.height
        if top > bottom:
            found.append((top - bottom, (top + bottom) / 2))
        bottom = max(bottom, cell.middle + _INK * cell.height)
    return sorted(found, reverse=True)


def _end(cells: Row, name: Cell, usual: float) -> float:
    """Give where the last entry ends: at the first gap about as wide as those between entries."""
    below = [c for c in cells if c.middle >= name.middle]
    wide = [at for width, at in _gaps(below) if width * _WIDER > usual]
    return min(wide, default=max(c.box.bottom for c in below))


def _labels(entries: list[Entry]) -> frozenset[str]:
    """Give what stands before the times of all entries: "Completed" in each of them is no word."""
    first, *others = [{normal(c.text) for c in entry.cells} for entry in entries]
    return frozenset(text for text in first.intersection(*others) if kind_of(text) in TIMES)


def _told(entry: Entry, labels: frozenset[str], local: Local) -> Row:
    """Name what the entry says of a run."""
    cells = tuple(Cell(c.words) for c in entry.cells if not is_mark(c.text))
    spoken = [c for c in cells if runs.is_word(c) and not c.text.endswith(":")]
    words = tuple(Cell(c.words, "status") for c in spoken if normal(c.text) not in labels)
    others = tuple(c for c in cells if all(c.words is not word.words for word in words))
    values, rest = labelled(tuple(rows_of(others)), freely=True)
    return (*words, *values, *(runs.told(c, local) for c in rest))


def _has_rhythm(
    own: Entry, told: Row, others: list[Entry], question: Question, local: Local
) -> bool:
    """Tell whether the entry has one word and one time, where others have theirs, too."""
    words = [c for c in told if c.kind == "status"]
    times = _times(own, local)
    if len(words) != 1 or len(times) != 1:
        return False
    alike = 0
    for other in others:
        when = _times(other, local)
        word = any(
            _said(c, question) and _in_place(words[0], own.name, c, other.name) for c in other.cells
        )
        dated = len(when) == 1 and _in_place(times[0], own.name, when[0], other.name)
        alike += word and dated
    return alike >= min(_ENOUGH, (len(others) + 1) / 2)


def _times(entry: Entry, local: Local) -> list[Cell]:
    return [c for c in entry.cells if moment_in(c.text, local)]


def _said(cell: Cell, question: Question) -> bool:
    """Tell whether a cell of another entry says how its run went, behind its name or alone."""
    text = normal(cell.text)
    name = longest_mentioned(text, question.other_jobs)
    rest = text.replace(normal(name), " ").strip(" -\u2013") if name else text
    return sense(rest) in runs.SPOKEN


def _nameless_trouble(told: Row, outside: Row, local: Local) -> bool:
    """Tell whether trouble stands in no entry, with a time or below the words: a name is unread."""
    lefts = [c.box.left for c in told if c.kind == "status"]
    dated = [c for c in outside if moment_in(c.text, local)]
    return any(
        sense(c.text) is Says.TROUBLE
        and (
            any(abs(c.box.left - left) < _EDGE * c.height for left in lefts)
            or any(abs(c.middle - time.middle) < _NEAR * c.height for time in dated)
        )
        for c in outside
    )


def _in_place(fact: Cell, name: Cell, other: Cell, others_name: Cell) -> bool:
    away = (fact.middle - name.middle) - (other.middle - others_name.middle)
    return abs(away) < _SAME * name.height


def _may_end(
    own: Entry, entries: list[Entry], cells: Row, question: Question, local: Local
) -> bool:
    """Tell whether nothing says that the entry's time is another than that of its run.

    A heading may be cut off at the top of the picture; times to come are those of the next runs.
    """
    top = min(c.box.top for c in entries[0].cells)
    above = [c for c in cells if c.box.bottom < top + c.height / 2 and c not in entries[0].cells]
    [time] = _times(own, local)
    word = [c for c in own.cells if sense(c.text) in runs.SPOKEN]
    if not above or any(c.kind in _SAYS_OTHER for c in (time, *word)):
        return False
    for entry in entries:
        for cell in entry.cells:
            moment = moment_in(cell.text, local)
            spans = moment.readings if moment else ()
            if spans and all(span.earliest > question.received_at for span in spans):
                return False
    return all(_may_head_ends(c) for c in above if _heads(c, time, own.name, top))


def _heads(cell: Cell, time: Cell, name: Cell, top: float) -> bool:
    """Tell whether a text above the list may be the heading of its column of times."""
    own_column = time.box.left > name.box.right or time.box.right < name.box.left
    over = cell.box.left < time.box.right and time.box.left < cell.box.right
    return own_column and over and top - cell.box.bottom < _AHEAD * cell.height


def _may_head_ends(cell: Cell) -> bool:
    return kind_of(cell.text) in TIMES or is_navigation(cell.text)
