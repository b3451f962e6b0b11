"""Finds the cells of a picture that speak of one job's newest run, and of nothing else."""

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from mailflow.evidence.cards import card_of
from mailflow.evidence.layout import UNKNOWN, Cell, Page, Row, Table, labelled
from mailflow.evidence.naming import is_job, is_other
from mailflow.evidence.statuses import Says, sense
from mailflow.evidence.times import Local, Span, moment_in
from mailflow.evidence.verdict import Check, Question
from mailflow.evidence.words import fold, same_name
from mailflow.tickets.ticket import Subject

_FEWEST_IN_ROW = 3
_STRAY = 3.0  # line heights from a row in which a stray line may belong to it
_TELLING = frozenset({"status", "state", "items", "errors", "finished", UNKNOWN})
_PITCH = 1.7  # a wider gap below the heading may hide a newer run


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be judged. Without cells the job's own place on the page was not found."""

    job: Check
    cells: tuple[Cell, ...] = ()
    runs: bool = False  # the cells include the newest row of a table of runs
    card: bool = False  # the cells are those of the job's card: its values need no label
    elsewhere: tuple[Cell, ...] = ()  # loose text of a page about this job alone


def scope_of(page: Page, question: Question, local: Local) -> Scope:
    mine = [cell for cell in page.cells if is_job(cell.text, question)]
    if not mine:
        return Scope(_not_shown(page, question))
    seen = Check.passes("job", mine[0].text, mine[0].words.box)
    if all(_disputed(cell) for cell in mine):
        return Scope(_unsure(f"it may be {mine[0].words.first} or {mine[0].text}"))
    rows = [
        (table, row)
        for table in page.tables
        for row in table.rows
        if len(row) >= _FEWEST_IN_ROW and any(cell in mine for cell in row)
    ]
    if rows:
        return _with_facts(_in_rows(rows, question, seen, local), page, question)
    others = [cell.text for cell in page.cells if is_other(cell.text, question)]
    if others:
        card = card_of(page, mine, question)
        if card:
            return Scope(seen, card, card=True)
        return Scope(_unsure(f"no row of the job itself can be read; {others[0]} is shown too"))
    if any(len(row) >= _FEWEST_IN_ROW and any(c in mine for c in row) for row in page.loose):
        return Scope(_unsure("the job stands in a row without readable headings"))
    return _whole_page(page, question, seen, local)


def _with_facts(scope: Scope, page: Page, question: Question) -> Scope:
    """Add what stands beside the table, where the page lists this job and no other row at all."""
    alone = sum(len(table.rows) for table in page.tables) == 1
    if not (scope.cells and alone) or any(is_other(c.text, question) for c in page.cells):
        return scope
    values, rest = labelled(page.loose)
    return replace(scope, elsewhere=(*values, *rest))


def _disputed(cell: Cell) -> bool:
    """Tell whether two readings of the job differ in a digit, which tells neighbours apart."""
    first = cell.words.first
    return bool(first) and re.sub(r"\D", "", first) != re.sub(r"\D", "", cell.text)


def _not_shown(page: Page, question: Question) -> Check:
    others = [cell for cell in page.cells if is_other(cell.text, question)]
    if others:
        return Check.fails(
            "job", f"it shows {others[0].text}, not {question.job}", others[0].words.box
        )
    return _unsure(f"the job {question.job} cannot be read on it")


def _unsure(seen: str) -> Check:
    return Check.unsure("job", seen)


def _in_rows(rows: list[tuple[Table, Row]], question: Question, seen: Check, local: Local) -> Scope:
    if any(is_other(cell.text, question) for _, row in rows for cell in row):
        return Scope(_unsure("the job's row holds another job as well"))
    if len({id(table) for table, _ in rows}) > 1:
        return Scope(_unsure("the job is listed in several tables"))
    table = rows[0][0]
    near = [
        c
        for c in table.strays
        for _, row in rows
        if abs(c.middle - row[0].middle) < _STRAY * c.height and _matters(c)
    ]
    if near:
        return Scope(_unsure(f'"{near[0].text}" beside the job\'s row is not understood'))
    if _nameless_trouble(table):
        return Scope(_unsure("a row of trouble names no job that can be read"))
    newest = _newest([row for _, row in rows], local)
    if newest is None:
        return Scope(_unsure("the job is listed several times, and the newest row is not clear"))
    return Scope(seen, newest, runs=True)


def _matters(stray: Cell) -> bool:
    return stray.kind in _TELLING or sense(stray.text) is Says.TROUBLE


def _nameless_trouble(table: Table) -> bool:
    """Tell whether a row shows trouble and no job: it may be the job's newest one, unread."""
    naming = [kind for kind in ("job", "name") if table.has(kind)]
    return bool(naming) and any(
        not any(cell.kind in naming for cell in row)
        and any(cell.kind == "status" and sense(cell.text) is Says.TROUBLE for cell in row)
        for row in table.rows
    )


def _newest(rows: list[Row], local: Local) -> Row | None:
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


def _whole_page(page: Page, question: Question, seen: Check, local: Local) -> Scope:
    values, rest = labelled(page.loose)
    tables = [table for table in page.tables if table.has("status")]
    if len(tables) < len(page.tables):
        return Scope(_unsure("a table on the page is not understood"))
    wrong = [c for c in values if c.kind in ("job", "name") and not is_job(c.text, question)]
    shared = same_name(question.job_name, question.other_jobs)
    if any(not (shared and fold(c.text) == fold(question.job_name)) for c in wrong):
        return Scope(_unsure(f"the page names another job as well: {wrong[0].text}"))
    if question.subject is Subject.REMOVAL:
        return Scope(seen, values, elsewhere=rest)
    if not tables:
        return Scope(seen, values, elsewhere=rest)
    if len(tables) > 1 or not _runs_are_whole(tables[0]):
        return Scope(_unsure("the newest run of the table of runs cannot be told"))
    newest = _newest(list(tables[0].rows), local)
    if newest is None:
        newest = _failed_first(tables[0])
    if newest is None:
        return Scope(_unsure("the newest run of the table of runs cannot be told"))
    if any(
        c.kind in (None, UNKNOWN, "job", "name") and not is_job(c.text, question) for c in newest
    ):
        return Scope(_unsure("the newest run's row has a cell that is not understood"))
    return Scope(seen, (*values, *newest), runs=True, elsewhere=rest)


def _failed_first(table: Table) -> Row | None:
    """A first row that shows trouble refuses, dated or not: a running one has no end yet."""
    first = table.rows[0]
    troubled = any(c.kind == "status" and sense(c.text) is Says.TROUBLE for c in first)
    return first if troubled else None


def _runs_are_whole(table: Table) -> bool:
    """Tell whether the first run follows the heading closely: none is hidden or unread between."""
    if not table.rows:
        return False
    middles = [row[0].middle for row in (table.heading, *table.rows)]
    gaps = [below - above for above, below in pairwise(middles)]
    usual = sorted(gaps[1:])[len(gaps[1:]) // 2] if len(gaps) > 1 else 2 * table.heading[0].height
    return gaps[0] <= _PITCH * usual
