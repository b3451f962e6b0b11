"""Finds the newest of a job's runs, in a table or one below the other; None where unclear."""

import re
from itertools import pairwise

from mailflow.evidence.apart import is_run
from mailflow.evidence.layout import TIMES, Cell, Row, Table, kind_of, rows_of
from mailflow.evidence.lexicon import any_of, durations
from mailflow.evidence.statuses import Says, sense
from mailflow.evidence.times import Local, Span, moment_in
from mailflow.evidence.words import normal

SPOKEN = frozenset({Says.SUCCESS, Says.TROUBLE, Says.REMOVED})
_PITCH = 1.7  # a wider gap below the heading may hide a newer run
_EDGE = 1.5  # line heights by which the words of a list of runs may be out of line
_DOTS = frozenset({"\u2022", "\u25cf", "O", "0", "C"})
_OF_RUNS = frozenset({"status", "when", "run", "duration"})
_BARE = re.compile(r"#?\d{1,6}")
_FIVE = re.compile(r"(?<=\dm \d\d)5(?!\w)")  # engines read it for an s: "3m 085"
_LINE = 0.6  # line heights between two texts of one line


def newest(rows: list[Row], local: Local) -> Row | None:
    """Give the newest of a job's rows; None unless it is the first one and every row is dated."""
    if len(rows) == 1:
        return rows[0]
    dates: list[tuple[Span, ...]] = []
    for row in rows:
        moments = [m for c in row if c.kind != "next" and (m := moment_in(c.text, local))]
        if not moments or any(not moment.readings for moment in moments):
            return None
        dates.append(tuple(span for moment in moments for span in moment.readings))
    return rows[0] if all(_not_before(dates[0], older) for older in dates[1:]) else None


def _not_before(first: tuple[Span, ...], second: tuple[Span, ...]) -> bool:
    """Compare readings one by one where both were read the same ways: one page, one format."""
    if len(first) == len(second):
        return all(a.earliest >= b.latest for a, b in zip(first, second, strict=True))
    return min(s.earliest for s in first) >= max(s.latest for s in second)


def failed_first(table: Table) -> Row | None:
    """A first row that shows trouble refuses, dated or not: a running one has no end yet."""
    first = table.rows[0]
    troubled = any(c.kind == "status" and sense(c.text) is Says.TROUBLE for c in first)
    return first if troubled else None


def are_whole(table: Table) -> bool:
    """Tell whether the first run follows the heading closely: none is hidden or unread between."""
    if not table.rows:
        return False
    middles = [row[0].middle for row in (table.heading, *table.rows)]
    gaps = [below - above for above, below in pairwise(middles)]
    usual = sorted(gaps[1:])[len(gaps[1:]) // 2] if len(gaps) > 1 else 2 * table.heading[0].height
    return gaps[0] <= _PITCH * usual


def is_word(cell: Cell) -> bool:
    """Tell whether a text says how a run ended: trouble anywhere, success as its first word.

    "Last success" and "the job succeeded" may speak of another run than the newest.
    """
    says = sense(cell.text)
    if is_run(cell.text):
        return False
    if says not in SPOKEN or says is Says.TROUBLE:
        return says is Says.TROUBLE
    plain = re.sub(r"^\W+", "", normal(cell.text))
    if verb := any_of("auxiliary").match(plain):
        plain = plain[verb.end() :].lstrip()
    return any(any_of(name).match(plain) for name in ("success", "removed", "weak")) or (
        plain[:1].isdigit()
    )


def listed(rest: Row, local: Local) -> tuple[Row, Row] | None:
    """Give the newest of runs that stand one below the other without headings, and all of them.

    Each begins with its word and has one time beside or below it; they keep a regular distance, and
    the first follows what stands above it closely.
    """
    words = sorted((c for c in rest if is_word(c)), key=lambda c: c.middle)
    if len(words) < 2 or not _in_column(words):  # noqa: PLR2004 - one run is no list
        return None
    entries = [
        _entry(word, below, rest) for word, below in zip(words, [*words[1:], None], strict=True)
    ]
    dated = [[c for c in entry if moment_in(c.text, local)] for entry in entries]
    above = [c for c in rest if c.middle < words[0].middle - _LINE * words[0].height]
    if any(len(dates) != 1 for dates in dated) or any(moment_in(c.text, local) for c in above):
        return None
    if not _regular(words, above) or newest([tuple(dates) for dates in dated], local) is None:
        return None
    return entries[0], tuple(cell for entry in entries for cell in entry)


def _in_column(words: list[Cell]) -> bool:
    lefts = [word.box.left for word in words]
    apart = max(lefts) - min(lefts)
    lines = all(b.middle - a.middle > _LINE * a.height for a, b in pairwise(words))
    return lines and apart < _EDGE * words[0].height


def _entry(word: Cell, below: Cell | None, rest: Row) -> Row:
    top = word.middle - _LINE * word.height
    bottom = below.middle - _LINE * below.height if below else word.box.bottom + 2.5 * word.height
    return tuple(c for c in rest if top < c.middle < bottom)


def _regular(words: list[Cell], above: list[Cell]) -> bool:
    gaps = [b.middle - a.middle for a, b in pairwise(words)]
    usual = sorted(gaps)[len(gaps) // 2]
    nearest = max((c.middle for c in above), default=None)
    close = nearest is not None and words[0].middle - nearest <= max(_PITCH * usual, 0)
    return close and all(gap < _PITCH * usual for gap in gaps)


def past(rest: Row, newest: Row, local: Local) -> Row:
    """Give the lines of runs that a lower number and an earlier time show to be older ones."""
    number = _number_of(newest)
    dates = tuple(s for c in newest if c.kind in TIMES for s in _spans(c, local))
    if number is None or not dates:
        return ()
    found: list[Cell] = []
    for row in rows_of(rest):
        cells = tuple(
            Cell(c.words, "run") if _BARE.fullmatch(c.text) else told(c, local) for c in row
        )
        times = [_spans(c, local) for c in cells if c.kind == "when"]
        own = _number_of(cells)
        known = all(c.kind in _OF_RUNS for c in cells)
        if known and len(times) == 1 and times[0] and own is not None and own < number:
            found += row if _not_before(dates, times[0]) else ()
    return tuple(found)


def _number_of(cells: Row) -> int | None:
    """Give the one number of a run; None for none or several."""
    runs = [re.sub(r"\D", "", c.text) for c in cells if c.kind == "run"]
    return int(runs[0]) if len(runs) == 1 and runs[0] else None


def _spans(cell: Cell, local: Local) -> tuple[Span, ...]:
    moment = moment_in(cell.text, local)
    return moment.readings if moment else ()


def self_told(row: Row, local: Local) -> Row:
    """Name what a row says in lines of its own, whatever column they stand in: "Run 52 Items: 338".

    A green mark before the word says no more than the word.
    """
    cells: list[Cell] = []
    label: Cell | None = None
    for cell in row:
        if label and cell.words.box == label.words.box:
            cells.append(Cell(cell.words, kind_of(label.text)))
            label = None
        elif cell.text.endswith(":") and kind_of(cell.text):
            label = cell
        elif is_run(cell.text):
            cells.append(Cell(cell.words, "run"))
        elif not is_dot(cell):
            cells.append(told(cell, local) if cell.kind is None else cell)
    return tuple(cells)


def is_dot(cell: Cell) -> bool:
    """Tell a green dot before a word, which engines read as a letter or a nought."""
    return cell.words.colour == "green" and cell.text.strip() in _DOTS


def told(cell: Cell, local: Local) -> Cell:
    """Name what needs no label where a run is told: its word, its time, its number, its length."""
    text = normal(cell.text)
    if is_word(cell):
        return Cell(cell.words, "status")
    if moment_in(cell.text, local):
        return Cell(cell.words, "when")
    length = durations().sub("", _FIVE.sub("s", text)).strip(" ,.:-") == ""
    if length and any(c.isdigit() for c in text):
        return Cell(cell.words, "duration")
    if is_run(cell.text):
        return Cell(cell.words, "run")
    return cell
