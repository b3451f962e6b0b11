"""Finds a notice on a page about one job: a word, the job's name and a time."""

from mailflow.evidence import runs
from mailflow.evidence.labels import labelled
from mailflow.evidence.layout import (
    UNKNOWN,
    Cell,
    Page,
    Row,
    on_one_line,
    page_of,
    rows_of,
)
from mailflow.evidence.naming import is_job, resembles
from mailflow.evidence.scope import Scope
from mailflow.evidence.times import Local, moment_in
from mailflow.evidence.verdict import Check, Question
from mailflow.evidence.words import fold

_CLOSE = 0.6  # line heights between the lines of a notice
_APART = 2.0  # line heights around a notice in which nothing else may stand
_PLACE = frozenset({"retailer", "marketplace", "job", "name"})
_SILENT = _PLACE | {"next", "plain", "trigger"}  # labels that tell nothing of a run


def notice_of(
    page: Page, mine: list[Cell], question: Question, seen: Check, local: Local
) -> Scope | None:
    """Give what the page's one notice tells of the job; None where it tells of runs beside."""
    cells = tuple({id(c.words): Cell(c.words) for c in page.cells}.values())
    if len(mine) < 2:  # noqa: PLR2004 - its name stands on the page itself, too
        return None
    blocks = [_around(c, cells) for c in cells if is_job(c.text, question)]
    told = [block for block in blocks if _tells(block, question, local)]
    if len(told) != 1:
        return None
    rest = tuple(c for c in cells if c not in told[0])
    values, loose = _named(rest)
    if not _stands_apart(told[0], rest) or any(c.kind not in _SILENT for c in values):
        return None
    if any(runs.is_word(c) or moment_in(c.text, local) for c in loose):
        return None
    if any(resembles(c.text, question) for c in rest):
        return None
    facts, more = labelled(tuple(rows_of(told[0])), freely=True)
    placed = tuple(c for c in values if c.kind in _PLACE)
    if any(c.kind in ("job", "name") and not is_job(c.text, question) for c in placed):
        return None
    said = tuple(runs.told(c, local) for c in more)
    return Scope(seen, (*facts, *said, *placed), elsewhere=loose)


def _named(cells: Row) -> tuple[Row, Row]:
    """Give what labels or headings explain, and the rest."""
    page = page_of(tuple(c.words for c in cells))
    values, loose = labelled(page.loose)
    below = tuple(c for table in page.tables for row in table.rows for c in row)
    named = tuple(c for c in below if c.kind not in (None, UNKNOWN))
    return (*values, *named), (*loose, *(c for c in below if c.kind in (None, UNKNOWN)))


def _around(title: Cell, cells: Row) -> Row:
    """Give the lines that stand close above and below, on one edge, and what follows in each."""
    block = [title]
    for cell in [*cells, *reversed(cells)] * 2:
        if cell not in block and any(_joins(cell, one) for one in block):
            block.append(cell)
    return tuple(block)


def _joins(cell: Cell, one: Cell) -> bool:
    height = min(cell.height, one.height)
    gap = max(cell.box.top - one.box.bottom, one.box.top - cell.box.bottom)
    under = abs(cell.box.left - one.box.left) < height and gap < _CLOSE * height
    return under or (on_one_line(cell, one) and abs(cell.box.left - one.box.right) < height)


def _tells(block: Row, question: Question, local: Local) -> bool:
    _, said = labelled(tuple(rows_of(block)), freely=True)
    counts = (
        sum(runs.is_word(c) for c in said),
        sum(moment_in(c.text, local) is not None for c in block),
        sum(is_job(c.text, question) for c in block),
    )
    return counts == (1, 1, 1)


def _stands_apart(block: Row, rest: Row) -> bool:
    margin = _APART * block[0].height
    left, right = min(c.box.left for c in block), max(c.box.right for c in block)
    top, bottom = min(c.box.top for c in block), max(c.box.bottom for c in block)
    return not any(
        len(fold(c.text)) > 1
        and left - margin < c.box.right
        and c.box.left < right + margin
        and top - margin < c.box.bottom
        and c.box.top < bottom + margin
        for c in rest
    )
