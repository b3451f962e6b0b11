"""Tells what the rest of a page holds against a sheet: trouble of its own job, or a later run."""

import re
from itertools import pairwise

from mailflow.evidence.apart import is_run
from mailflow.evidence.layout import TIMES, Cell, Row, kind_of, on_one_line, page_of, rows_of
from mailflow.evidence.naming import is_job, is_other, resembles
from mailflow.evidence.runs import SPOKEN, is_word
from mailflow.evidence.statuses import Says, is_button, number, sense
from mailflow.evidence.times import Local, Span, moment_in
from mailflow.evidence.verdict import Question
from mailflow.evidence.words import normal

_BARE = re.compile(r"#?\d{1,6}")
_EDGE = 1.5  # line heights by which the lines of a list of runs may be out of line
_REACH = 12.0  # line heights between two texts of one row
_GAP = 2.5  # line heights below which a list of runs ends
_INK = 0.4  # line heights from the middle of a line to the next one at least


def against(told: Row, rest: Row, question: Question, local: Local) -> Row:
    """Give the words outside of a sheet that are neither of another job nor of an older run."""
    end = _spans([c for c in told if c.kind == "finished"], local)
    begin = _spans([c for c in told if c.kind == "started"], local) or end
    page = page_of(tuple(c.words for c in rest))
    fine = {id(c.words) for table in page.tables for c in table.heading}
    later: list[Cell] = []
    loose = [part for line in page.loose for part in _segments(line)]
    for row in (*(row for table in page.tables for row in table.rows), *loose):
        dates = _spans([c for c in row if c.kind != "next"], local)
        older = dates and _is_past(dates, begin) and not _is_numbered_later(row, told)
        if _is_anothers(row, question) or older:
            fine |= {id(c.words) for c in row}
        elif dates and end and max(d.latest for d in dates) > max(e.latest for e in end):
            later += (c for c in row if sense(c.text) in SPOKEN)
    fine |= _listed(told, rest, begin, local)
    return tuple(
        c for c in rest if id(c.words) not in fine and (_is_trouble(c, rest) or _is_in(c, later))
    )


def _is_in(cell: Cell, cells: list[Cell]) -> bool:
    return any(c.words is cell.words for c in cells)


def _spans(cells: list[Cell], local: Local) -> tuple[Span, ...]:
    """Give what the times mean; nothing where one of them cannot be told."""
    moments = [m for c in cells if (m := moment_in(c.text, local))]
    if any(not m.readings for m in moments):
        return ()
    return tuple(span for m in moments for span in m.readings)


def _is_past(dates: tuple[Span, ...], begin: tuple[Span, ...]) -> bool:
    return bool(begin) and max(d.latest for d in dates) <= min(b.earliest for b in begin)


def _is_numbered_later(row: Row, told: Row) -> bool:
    """Tell whether a row bears a higher number than the run of the sheet."""
    own = _numbers([c for c in told if c.kind == "run"])
    first = row[:1] if row[0].kind is None and _BARE.fullmatch(row[0].text) else ()
    theirs = _numbers([*first, *(c for c in row if c.kind == "run" or is_run(c.text))])
    return bool(own) and any(number > own[0] for number in theirs)


def _numbers(cells: list[Cell]) -> list[int]:
    return [int(digits) for c in cells if (digits := re.sub(r"\D", "", c.text))]


def _is_anothers(row: Row, question: Question) -> bool:
    named = any(is_other(c.text, question) or resembles(c.text, question) for c in row)
    return named and not any(is_job(c.text, question) for c in row)


def _segments(line: Row) -> list[Row]:
    """Part a line where it is white for long: two panes stand side by side there."""
    parts: list[list[Cell]] = [[line[0]]]
    for left, right in pairwise(line):
        if right.box.left - left.box.right > _REACH * left.height:
            parts.append([])
        parts[-1].append(right)
    return [tuple(part) for part in parts]


def _is_trouble(cell: Cell, rest: Row) -> bool:
    if sense(cell.text) is not Says.TROUBLE or is_button(cell.text) or is_run(cell.text):
        return False
    parts = cell.text.split("/")
    if len(parts) > 1 and all(kind_of(part) for part in parts):
        return False  # "Items / Errors" heads a column
    if kind_of(cell.text) not in ("errors", "started", "next"):
        return True
    right = [c for c in rest if on_one_line(c, cell) and c.box.left > cell.box.left]
    value = min(right, key=lambda c: c.box.left, default=None)
    if value is None:
        return True
    counted = kind_of(cell.text) == "errors"
    return number(value.text) != 0 if counted else kind_of(cell.text) not in TIMES | {"next"}


def _listed(told: Row, rest: Row, begin: tuple[Span, ...], local: Local) -> set[int]:
    """Give the older runs of a list that begins with the sheet's own run, each below its word."""
    words = sorted((c for c in rest if is_word(c)), key=lambda c: c.middle)
    status = [normal(c.text) for c in told if c.kind == "status"]
    end = _spans([c for c in told if c.kind == "finished"], local)
    first = next((c for c in words if normal(c.text) in status), None)
    if first is None:
        return set()
    column = [c for c in rest if abs(_left(c) - _left(first)) < _EDGE * first.height]
    if _spans([c for c in column if c.middle < first.middle], local):
        return set()
    heads = [c for c in words if c in column and c.middle >= first.middle]
    entries = [
        _entry(word, below, column) for word, below in zip(heads, [*heads[1:], None], strict=True)
    ]
    dates = [_spans(list(entry), local) for entry in entries]
    if not set(end) & set(dates[0]):
        return set()
    return {
        id(c.words)
        for entry, dated in zip(entries[1:], dates[1:], strict=True)
        for c in entry
        if dated and _is_past(dated, begin)
    }


def _left(cell: Cell) -> float:
    """Give where the line begins that the text is taken from."""
    return cell.words.box.left


def _entry(word: Cell, below: Cell | None, column: list[Cell]) -> Row:
    line = _INK * word.height
    bottom = below.middle - line if below else float("inf")
    found = [c for c in column if word.middle - line < c.middle < bottom]
    for row, following in pairwise(rows_of(tuple(found))):
        if following[0].box.top - row[0].box.bottom > _GAP * word.height:
            return tuple(c for c in found if c.middle < following[0].middle - line)
    return tuple(found)
