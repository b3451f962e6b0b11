"""Finds what a page says that is about one job alone: labelled values, a headline, its runs."""

from mailflow.evidence import runs
from mailflow.evidence.labels import labelled
from mailflow.evidence.layout import (
    UNKNOWN,
    Cell,
    Page,
    Row,
    Table,
    on_one_line,
    right_below,
)
from mailflow.evidence.naming import is_job, resembles
from mailflow.evidence.scope import Scope, unsure
from mailflow.evidence.tiles import side_by_side
from mailflow.evidence.times import Local, moment_in
from mailflow.evidence.verdict import Check, Question
from mailflow.evidence.words import fold, same_name
from mailflow.tickets.ticket import Subject

_NEXT = 1.6  # line heights between a name and the word above or below it
_TIMES = frozenset({"finished", "started"})
_NOT_TOLD = "the newest run of the table of runs cannot be told"


def whole_page(page: Page, question: Question, seen: Check, local: Local) -> Scope:
    flat, tables = _flattened(page.tables)
    loose, tile = _without_tiles(page.loose, local)
    values, rest = labelled(loose)
    one_run = any(t.has("status") and len(t.rows) == 1 and t not in tables for t in page.tables)
    named = tuple(c for c in flat if c.kind not in (None, UNKNOWN))
    unnamed = tuple(c for c in flat if c.kind in (None, UNKNOWN))
    rest += unnamed
    values += named
    doubt = _not_its_own(values, rest, tables, question)
    if doubt:
        return unsure(doubt)
    if question.subject is Subject.REMOVAL:
        # Where the page says how the job stands, its only run is past and tells nothing of it.
        if one_run and any(c.kind in ("status", "state") for c in values if c not in flat):
            values = tuple(c for c in values if c not in flat)
        return Scope(seen, values, elsewhere=rest)
    if tile:
        scope = Scope(seen, (*values, *tile), runs=True, elsewhere=rest)
        return unsure(_NOT_TOLD) if tables else scope
    if tables:
        return _with_runs(Scope(seen, values, elsewhere=rest), tables, question, local)
    listed = runs.listed(rest, local)
    if listed:
        newest = tuple(runs.told(c, local) for c in listed[0])
        others = tuple(c for c in rest if all(c is not one for one in listed[1]))
        return Scope(seen, (*values, *newest), runs=True, elsewhere=others)
    headline = _headline(values, rest, question, local)
    if not headline:
        more, rest = labelled(page.loose, freely=True)
        values = (*more, *named)
        rest += unnamed
        headline = _headline(values, rest, question, local)
    found = (*headline, *runs.past(rest, (*values, *headline), local))
    others = tuple(c for c in rest if all(c.words is not one.words for one in found))
    return Scope(seen, (*values, *headline), runs=one_run, elsewhere=others)


def _not_its_own(values: Row, rest: Row, tables: tuple[Table, ...], question: Question) -> str:
    """Say why the page may not be about this job alone; "" for nothing."""
    if any(not table.has("status") for table in tables):
        return "a table on the page is not understood"
    wrong = [c for c in values if c.kind in ("job", "name") and not is_job(c.text, question)]
    shared = same_name(question.job_name, question.other_jobs)
    if any(not (shared and fold(c.text) == fold(question.job_name)) for c in wrong):
        return f"the page names another job as well: {wrong[0].text}"
    alike = next((c for c in rest if resembles(c.text, question)), None)
    return f"{alike.text} may be another job, which the page is about" if alike else ""


def _without_tiles(loose: tuple[Row, ...], local: Local) -> tuple[tuple[Row, ...], Row]:
    """Set runs apart that stand side by side in tiles; give what the newest one says."""
    found = side_by_side(tuple(cell for row in loose for cell in row), local)
    if found is None:
        return loose, ()
    newest, tiles = found
    rest = (tuple(c for c in row if all(c is not one for one in tiles)) for row in loose)
    return tuple(row for row in rest if row), newest


def _flattened(tables: tuple[Table, ...]) -> tuple[Row, tuple[Table, ...]]:
    """Take tables of one row as labels above their values; those of none are no tables."""
    flat: list[Cell] = []
    rest: list[Table] = []
    for table in tables:
        if len(table.rows) > 1 or (table.rows and not runs.are_whole(table)):
            rest.append(table)
        elif table.rows:
            flat += table.rows[0]
        else:
            flat += (Cell(head.words) for head in table.heading)
    return tuple(flat), tuple(rest)


def _with_runs(scope: Scope, tables: tuple[Table, ...], question: Question, local: Local) -> Scope:
    if len(tables) > 1 or not runs.are_whole(tables[0]):
        return unsure(_NOT_TOLD)
    newest = runs.newest(list(tables[0].rows), local) or runs.failed_first(tables[0])
    if newest is None:
        return unsure(_NOT_TOLD)
    newest = runs.self_told(newest, local)
    if any(
        c.kind in (None, UNKNOWN, "job", "name") and not is_job(c.text, question) for c in newest
    ):
        return unsure("the newest run's row has a cell that is not understood")
    return Scope(scope.job, (*scope.cells, *newest), runs=True, elsewhere=scope.elsewhere)


def _same_line(said: list[Cell], rest: Row, local: Local) -> Row:
    """Give what one line says beside a labelled word: "Last result: Succeeded - 10 March"."""
    boxes = [c.words.box for c in said]
    return tuple(runs.told(c, local) for c in rest if c.words.box in boxes)


def _headline(values: Row, rest: Row, question: Question, local: Local) -> Row:
    """Give the one word of the page that stands at the job's name or at a time, and its line."""
    said = [c for c in values if c.kind == "status"]
    if said:
        return _same_line(said, rest, local)
    spoken = [c for c in rest if runs.is_word(c)]
    titles = [c for c in rest if is_job(c.text, question)]
    if not spoken or not all(on_one_line(c, spoken[0]) for c in spoken):
        return ()
    word = spoken[0]
    line = tuple(c for c in rest if on_one_line(c, word) and c not in titles)
    labelled_line = (c for c in values if c.kind in _TIMES and on_one_line(c, word))
    dated = any(moment_in(c.text, local) for c in (*line, *labelled_line))
    below = (
        () if dated else tuple(c for c in rest if right_below(c, word) and moment_in(c.text, local))
    )
    if dated or below or any(_is_beside(word, title) for title in titles):
        return tuple(runs.told(c, local) for c in (*line, *below))
    return ()


def _is_beside(word: Cell, title: Cell) -> bool:
    """Tell whether a word stands in the line of the job's name, or right above or below it."""
    height = max(word.height, title.height)
    if on_one_line(word, title):
        return True
    gap = max(title.box.top - word.box.bottom, word.box.top - title.box.bottom)
    return (
        gap < _NEXT * min(word.height, title.height)
        and abs(word.box.left - title.box.left) < height
    )
