"""Finds the cells of a picture that speak of one job's newest run, and of nothing else."""

import re
from dataclasses import replace

from mailflow.evidence import runs
from mailflow.evidence.cards import card_of
from mailflow.evidence.entries import entry_of
from mailflow.evidence.labels import labelled
from mailflow.evidence.layout import (
    TIMES,
    UNKNOWN,
    Cell,
    Page,
    Row,
    Table,
    kind_of,
    page_of,
    rows_of,
)
from mailflow.evidence.naming import is_job, is_other, parts_of
from mailflow.evidence.notices import notice_of
from mailflow.evidence.one_job import whole_page
from mailflow.evidence.panes import Pane, pane_of
from mailflow.evidence.runs import SPOKEN
from mailflow.evidence.scope import Scope, unsure
from mailflow.evidence.sheets import sheet_of
from mailflow.evidence.statuses import Says, is_button, is_navigation, sense
from mailflow.evidence.times import Local, moment_in
from mailflow.evidence.verdict import Check, Question
from mailflow.evidence.words import mentions, same_name

_FEWEST_IN_ROW = 3
_STRAY = 3.0  # line heights from a row in which a stray line may belong to it
_TELLING = frozenset({"status", "state", "items", "errors", "finished", UNKNOWN})
_PAGES = re.compile(r"[1-9]\d{0,2}\s?/\s?[1-9]\d{0,2}")  # below a list: "1 / 4"
_HEAD = 1.2  # line heights between the head of a page and the first job on it


def scope_of(page: Page, question: Question, local: Local) -> Scope:
    mine = [cell for cell in page.cells if is_job(cell.text, question)]
    if not mine:
        return Scope(_not_shown(page, question))
    seen = Check.passes("job", mine[0].text, mine[0].words.box)
    if all(_disputed(cell) for cell in mine):
        return unsure(f"it may be {mine[0].words.first} or {mine[0].text}")
    sheet = sheet_of(page, question, seen, local)
    if sheet and sheet.cells:
        return sheet
    pane = pane_of(page, mine, question)
    if pane:
        return _in_pane(pane, question, seen, local)
    if sheet:
        return sheet
    found = _by_headings(page, mine, question, seen, local)
    if _is_told(found.cells):
        return found
    entry = entry_of(page, mine, question, local)
    if not entry:
        return found
    told, outside = entry
    head = _head(page, min(cell.middle for cell in told), question)
    alone = not any(is_other(cell.text, question) for cell in page.cells)
    return Scope(seen, told, card=True, above=head, elsewhere=outside if alone else ())


def _is_told(cells: Row) -> bool:
    """Tell whether something says how the run went, and when; or that it went wrong."""
    said = {sense(c.text) for c in cells if c.kind in ("status", "state", None)}
    timed = any(c.kind in TIMES for c in cells)
    return Says.TROUBLE in said or (timed and not said.isdisjoint(SPOKEN))


def _by_headings(
    page: Page, mine: list[Cell], question: Question, seen: Check, local: Local
) -> Scope:
    """Give what headings and labels explain, in a row, a notice, a card, or on the whole page."""
    rows = [
        (table, row)
        for table in page.tables
        for row in table.rows
        if len(row) >= _FEWEST_IN_ROW and any(cell in mine for cell in row)
    ]
    others = [cell.text for cell in page.cells if is_other(cell.text, question)]
    notice = None if others else notice_of(page, mine, question, seen, local)
    if notice:
        return notice
    if rows and (others or not _is_tiled(page)):
        return _with_facts(_in_rows(page, rows, question, seen, local), page, question)
    if others:
        card = card_of(page, mine, question, local)
        if card:
            head = _over(min(mine, key=lambda c: c.middle), page, question)
            return Scope(seen, card, card=True, above=head)
        return unsure(f"no row of the job itself can be read; {others[0]} is shown too")
    if not rows and any(_is_bare(page, row, mine, question, local) for row in page.loose):
        return unsure("the job stands in a row without readable headings")
    return whole_page(page, question, seen, local)


def _is_tiled(page: Page) -> bool:
    """Tell whether every heading has one row below it: labels above values, line by line."""
    return len(page.tables) > 1 and all(len(table.rows) <= 1 for table in page.tables)


def _is_bare(page: Page, row: Row, mine: list[Cell], question: Question, local: Local) -> bool:
    """Tell whether the job's row holds what no heading or label explains."""
    row = tuple(c for c in row if not (is_navigation(c.text) or is_button(c.text)))
    if len(row) < _FEWEST_IN_ROW or not any(cell in mine for cell in row):
        return False
    values, rest = labelled((row,))
    if values and not _are_labels(page, row):
        return True
    own = (question.retailer, question.retailer_name, question.marketplace)
    return any(
        moment_in(cell.text, local)
        or not (
            cell in mine
            or sense(cell.text) in SPOKEN
            or any(same_name(part, own) for part in parts_of(cell.text)[-2:])
            or runs.told(cell, local).kind in ("run", "duration")
        )
        for cell in rest
    )


def _are_labels(page: Page, row: Row) -> bool:
    """Tell labels and values from filters above a list: by colons, or by more lines like it."""
    if sum(cell.text.endswith(":") for cell in row) > 1:
        return True
    lefts = [cell.box.left for cell in row[::2]]
    return any(
        line is not row
        and len(line) == len(row)
        and all(kind_of(cell.text) for cell in line[::2])
        and all(abs(c.box.left - x) < c.height for c, x in zip(line[::2], lefts, strict=True))
        for line in page.loose
    )


def _in_pane(pane: Pane, question: Question, seen: Check, local: Local) -> Scope:
    """Judge what stands in a pane of the job's own; its row in the list beside must not object."""
    for row in rows_of(tuple(map(Cell, pane.outside))):
        troubled = [c for c in row if sense(c.text) is Says.TROUBLE]
        if troubled and any(is_job(c.text, question) for c in row):
            return unsure(f'the list beside it says "{troubled[0].text}" of the job')
    return whole_page(page_of(pane.inside), question, seen, local)


def _head(page: Page, bottom: float, question: Question) -> Row:
    """Give what stands at the top of a page of many jobs: whose page it is."""
    first = min(
        [cell.middle for cell in page.cells if is_other(cell.text, question)]
        + [table.heading[0].middle for table in page.tables]
        + [bottom]
    )
    return tuple(
        cell for row in page.loose for cell in row if cell.middle < first - _HEAD * cell.height
    )


def _over(title: Cell, page: Page, question: Question) -> Row:
    """Give what heads a card: of several texts on one line, which may head columns, its own one."""
    found: list[Cell] = []
    for row in rows_of(_head(page, title.middle, question)):
        several = len({cell.words.box for cell in row}) > 1
        found += (
            cell
            for cell in row
            if not several or abs(cell.box.left - title.box.left) < title.height
        )
    return tuple(found)


def _group(page: Page, table: Table, row: Row) -> Row:
    """Give the line between the rows that heads the job's group, and those it is indented below."""
    left = table.heading[0].box.left
    lines = [
        line[0]
        for line in page.loose
        if len(line) == 1
        and abs(line[0].box.left - left) < 2 * line[0].height
        and table.heading[0].middle < line[0].middle < row[0].middle
    ]
    heads = lines[-1:]
    for line in reversed(lines):
        if line.box.left < heads[-1].box.left - line.height / 2:
            heads.append(line)
    return tuple(heads)


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
    own = (question.job, question.job_name)
    named = any(mentions(cell.text, name) for cell in page.cells for name in own)
    if others and not named:
        return Check.fails(
            "job", f"it shows {others[0].text}, not {question.job}", others[0].words.box
        )
    return Check.unsure("job", f"the job {question.job} cannot be read on it")


def _in_rows(
    page: Page, rows: list[tuple[Table, Row]], question: Question, seen: Check, local: Local
) -> Scope:
    if any(is_other(cell.text, question) for _, row in rows for cell in row):
        return unsure("the job's row holds another job as well")
    if len({id(table) for table, _ in rows}) > 1:
        return unsure("the job is listed in several tables")
    table = rows[0][0]
    near = [
        c
        for c in table.strays
        for _, row in rows
        if abs(c.middle - row[0].middle) < _STRAY * c.height and _matters(c)
    ]
    if near:
        return unsure(f'"{near[0].text}" beside the job\'s row is not understood')
    if _nameless_trouble(table, question):
        return unsure("a row of trouble names no job that can be read")
    newest = runs.newest([row for _, row in rows], local)
    if newest is None:
        return unsure("the job is listed several times, and the newest row is not clear")
    above = _group(page, table, newest) or _head(page, newest[0].middle, question)
    return Scope(seen, newest, runs=True, above=above)


def _matters(stray: Cell) -> bool:
    if stray.kind == UNKNOWN and _PAGES.fullmatch(stray.text):
        return False
    return stray.kind in _TELLING or sense(stray.text) is Says.TROUBLE


def _nameless_trouble(table: Table, question: Question) -> bool:
    """Tell whether a row shows trouble and no job: it may be the job's newest one, unread."""
    naming = [kind for kind in ("job", "name") if table.has(kind)]
    return bool(naming) and any(
        not any(cell.kind in naming or is_other(cell.text, question) for cell in row)
        and any(cell.kind == "status" and sense(cell.text) is Says.TROUBLE for cell in row)
        for row in table.rows
    )
