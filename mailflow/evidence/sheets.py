"""Finds the sheet of a job's facts: labels and values that stand together, the job among them.

A page about one job shows such a sheet beside or above lists of other jobs and of older runs. What
it says counts where nothing else stands within it, and where the rest of the page tells of other
jobs, or of runs that ended before this one began.
"""

from dataclasses import dataclass
from itertools import pairwise

from mailflow.evidence.apart import is_run
from mailflow.evidence.labels import fits
from mailflow.evidence.layout import (
    SAME_EDGE,
    Cell,
    Page,
    Row,
    is_label,
    kind_of,
    nearly,
    on_one_line,
)
from mailflow.evidence.naming import is_job, is_other, resembles
from mailflow.evidence.reading import Box
from mailflow.evidence.runs_outside import against
from mailflow.evidence.scope import Scope, unsure
from mailflow.evidence.statuses import Says, is_button, is_mark, is_navigation, sense
from mailflow.evidence.times import Local, moment_in
from mailflow.evidence.verdict import Check, Question
from mailflow.evidence.words import normal, same_name
from mailflow.tickets.ticket import Subject

_BELOW = 1.3  # line heights between a label and the value below it
_STEP = 3.2  # line heights from a label to the one below it
_UNEVEN = 1.9  # times the least step: more parts two sheets
_ABOVE = 2.5  # line heights above a column in which its heading stands
_TITLE = 1.5  # line heights between a title and the first label below it
_LARGER = 1.6  # times the height of a label: the title of a page, no field or filter
_ONCE = frozenset({"job", "status", "finished", "retailer", "marketplace"})
_NAMES = frozenset({"job", "name"})


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and its value."""

    label: Cell
    value: Cell
    under: bool  # the value stands below its label, not beside it

    @property
    def kind(self) -> str | None:
        return kind_of(self.label.text) or nearly(self.label.text)

    @property
    def box(self) -> Box:
        one, two = self.label.box, self.value.box
        return Box(
            left=min(one.left, two.left),
            top=min(one.top, two.top),
            right=max(one.right, two.right),
            bottom=max(one.bottom, two.bottom),
        )


def sheet_of(page: Page, question: Question, seen: Check, local: Local) -> Scope | None:
    """Give what the job's own sheet says; None where no sheet is its own for certain."""
    if question.subject is Subject.REMOVAL:
        return None
    cells = tuple({id(c.words): Cell(c.words) for c in page.cells}.values())
    for under in (False, True):
        sheet = _sheet(_pairs(cells, under=under), cells, question, local)
        if sheet:
            return _told(sheet, cells, question, seen, local)
    return None


def _told(sheet: list[Pair], cells: Row, question: Question, seen: Check, local: Local) -> Scope:
    inside = {id(c.words) for pair in sheet for c in (pair.label, pair.value)}
    rest = tuple(c for c in cells if id(c.words) not in inside)
    values = tuple(Cell(p.value.words, _kind(p)) for p in sheet if p.kind)
    unnamed = tuple(p.value for p in sheet if not p.kind)
    said = against(values, rest, question, local)
    if said:
        return unsure(f'the page says "{said[0].text}" beside the facts of the job')
    return Scope(seen, values, elsewhere=(*unnamed, *_headed(rest, question)))


def _kind(pair: Pair) -> str | None:
    """Name a value; "Last run" heads a time or the number of the run."""
    return "run" if pair.kind == "started" and is_run(pair.value.text) else pair.kind


def _headed(rest: Row, question: Question) -> Row:
    """Give what stands in one line with the job's name, as a path or a title has it."""
    titles = [c for c in rest if is_job(c.text, question)]
    return tuple(
        c
        for c in rest
        if any(on_one_line(c, title) for title in titles)
        and not is_other(c.text, question)
        and sense(c.text) is not Says.TROUBLE
    )


def _pairs(cells: Row, *, under: bool) -> list[Pair]:
    """Give every label with the text right of it, or right below it."""
    found: list[Pair] = []
    used: set[int] = set()
    for label in sorted(cells, key=lambda c: (c.middle, c.box.left)):
        if kind_of(label.text) is None or id(label.words) in used:
            continue
        value = _below(label, cells) if under else _right(label, cells)
        if value is None or is_label(value) or not fits(label, value):
            continue
        if id(value.words) not in used:
            used |= {id(label.words), id(value.words)}
            found.append(Pair(label, value, under))
    return found if under else [*found, *_unknown(found, cells, used)]


def _right(label: Cell, cells: Row) -> Cell | None:
    line = [
        c for c in cells if c is not label and on_one_line(c, label) and c.box.left > label.box.left
    ]
    said = [c for c in line if not is_mark(c.text)]
    return min(said, key=lambda c: c.box.left, default=None)


def _below(label: Cell, cells: Row) -> Cell | None:
    column = [
        c
        for c in cells
        if c is not label
        and _aligned(c, label)
        and 0.6 * label.height < c.middle - label.middle
        and c.box.top - label.box.bottom < _BELOW * label.height
    ]
    return min(column, key=lambda c: c.middle, default=None)


def _aligned(one: Cell, other: Cell) -> bool:
    return abs(one.box.left - other.box.left) < SAME_EDGE * other.height


def _unknown(known: list[Pair], cells: Row, used: set[int]) -> list[Pair]:
    """Give labels that are not known, in line with two known ones, as are their values."""
    found: list[Pair] = []
    for label in cells:
        value = _right(label, cells)
        if value is None or not used.isdisjoint((id(label.words), id(value.words))):
            continue
        like = [p for p in known if _aligned(label, p.label) and _aligned(value, p.value)]
        plain = not any(c.isdigit() for c in label.text) and not is_button(value.text)
        if len(like) > 1 and plain and sense(label.text) in (Says.NOTHING, Says.UNCLEAR):
            found.append(Pair(label, value, under=False))
    return found


def _sheet(pairs: list[Pair], cells: Row, question: Question, local: Local) -> list[Pair] | None:
    """Give the pairs of all sheets that name the job; None where they do not tell of one run."""
    sheet: list[Pair] = []
    for pair in pairs:
        title = _title(pair, cells, question)
        own = pair.kind in _NAMES and is_job(pair.value.text, question)
        if pair in sheet or not (own or title):
            continue
        grown = _grown(pair, pairs, cells)
        if not _is_clear(grown, title, cells, question, local):
            return None
        sheet += (one for one in grown if one not in sheet)
    sheet = sheet or _below_title(pairs, cells, question, local)
    kinds = [pair.kind for pair in sheet]
    once = all(kinds.count(kind) < 2 for kind in _ONCE)  # noqa: PLR2004 - twice: two runs
    named = all(_is_named(p.value, question) for p in sheet if p.kind in _NAMES)
    whole = "status" in kinds and "finished" in kinds
    return sheet if once and named and whole else None


def _below_title(pairs: list[Pair], cells: Row, question: Question, local: Local) -> list[Pair]:
    """Give the page's one sheet that names no job, below the page's title that does.

    The title is written larger than the labels, and no other name stands above the sheet's end.
    """
    first = next((p for p in pairs if p.kind == "status"), None)
    if first is None or sum(p.kind == "status" for p in pairs) > 1:
        return []
    sheet = _grown(first, pairs, cells)
    names = [
        c
        for c in cells
        if is_job(c.text, question) or is_other(c.text, question) or resembles(c.text, question)
    ]
    top, bottom = min(p.box.top for p in sheet), max(p.box.bottom for p in sheet)
    above = [c for c in names if c.middle < bottom]
    titles = [c for c in above if c.box.bottom < top and c.height > _LARGER * first.label.height]
    own = bool(titles) and all(is_job(c.text, question) for c in above)
    return sheet if own and _is_clear(sheet, None, cells, question, local) else []


def _is_named(value: Cell, question: Question) -> bool:
    return is_job(value.text, question) or same_name(value.text, (question.job_name,))


def _title(pair: Pair, cells: Row, question: Question) -> Cell | None:
    """Give the job's name right above the first label of a sheet."""
    above = [c for c in cells if _edge(c, pair) and c.middle < pair.label.middle - c.height / 2]
    line = max((c.middle for c in above), default=0.0)
    for cell in above:
        near = pair.label.box.top - cell.box.bottom < _TITLE * cell.height
        if cell.middle == line and near and is_job(cell.text, question):
            return cell
    return None


def _edge(cell: Cell, pair: Pair) -> bool:
    """Tell whether a line begins where a label stands; its number may come before the name."""
    height = max(cell.height, pair.label.height)
    return abs(cell.words.box.left - pair.label.words.box.left) < SAME_EDGE * height


def _grown(first: Pair, pairs: list[Pair], cells: Row) -> list[Pair]:
    """Give all pairs that hang together with it: on its lines, and in the lines below and above."""
    sheet = [first]
    for one in sheet:  # grows on the way
        sheet += (
            pair
            for pair in pairs
            if pair not in sheet and (_beside(one, pair, cells) or _next(one, pair, cells))
        )
    return sheet


def _beside(one: Pair, other: Pair, cells: Row) -> bool:
    """Tell whether two labels stand on one line, with nothing but values between them."""
    if not on_one_line(one.label, other.label):
        return False
    left, right = sorted((one, other), key=lambda p: p.label.box.left)
    own = (left.label, left.value, right.label, right.value)
    return not any(
        on_one_line(c, left.label) and left.box.left < c.box.left < right.box.left
        for c in cells
        if not is_mark(c.text) and all(c is not part for part in own)
    )


def _next(one: Pair, other: Pair, cells: Row) -> bool:
    """Tell whether a label stands in the line below another's, on its edge, with none between."""
    upper, lower = sorted((one, other), key=lambda p: p.label.middle)
    height = upper.label.height
    if not _aligned(upper.label, lower.label):
        return False
    if lower.label.box.top - upper.box.bottom > (_STEP - 1) * height:
        return False
    own = (upper.label, upper.value, lower.label, lower.value)
    return not any(
        upper.label.middle < c.middle < lower.label.middle and _aligned(c, upper.label)
        for c in cells
        if not is_mark(c.text) and all(c is not part for part in own)
    )


def _is_clear(
    sheet: list[Pair], title: Cell | None, cells: Row, question: Question, local: Local
) -> bool:
    """Tell whether the sheet is one: its lines even, and nothing foreign within or above it."""
    own = {id(c) for pair in sheet for c in (pair.label, pair.value)}
    boxes = [pair.box for pair in sheet] + ([title.box] if title else [])
    top, bottom = min(b.top for b in boxes), max(b.bottom for b in boxes)
    left, right = min(b.left for b in boxes), max(b.right for b in boxes)
    strays = [
        c
        for c in cells
        if id(c) not in own
        and top < c.middle < bottom
        and left - c.height < c.box.left < right
        and not is_job(c.text, question)
    ]
    if any(_tells(c, question, local) for c in strays) or _is_table(sheet, cells):
        return False
    return all(_is_even(c) and _is_headed(c, sheet, cells, question) for c in _columns(sheet))


def _is_table(sheet: list[Pair], cells: Row) -> bool:
    """Tell headings above rows from labels above values: one line of them, or more rows below."""
    hanging = [p for p in sheet if p.under]
    if not hanging:
        return False
    tops = [p.label.middle for p in hanging]
    rows = [
        c
        for p in hanging
        if (c := _below(p.value, cells)) and not any(c is one.label for one in sheet)
    ]
    return max(tops) - min(tops) < hanging[0].label.height or len(rows) > 1


def _tells(cell: Cell, question: Question, local: Local) -> bool:
    """Tell whether a text within a sheet may be of another job or another run."""
    named = is_other(cell.text, question) or resembles(cell.text, question)
    spoken = sense(cell.text) not in (Says.NOTHING, Says.UNCLEAR)
    return named or moment_in(cell.text, local) is not None or (spoken and len(cell.text) > 1)


def _columns(sheet: list[Pair]) -> list[list[Pair]]:
    columns: list[list[Pair]] = []
    for pair in sorted(sheet, key=lambda p: p.label.middle):
        column = next((c for c in columns if _aligned(pair.label, c[0].label)), None)
        if column is None:
            columns.append([pair])
        else:
            column.append(pair)
    return columns


def _is_even(column: list[Pair]) -> bool:
    steps = [b.label.middle - a.label.middle for a, b in pairwise(column)]
    return not steps or max(steps) < _UNEVEN * min(steps)


def _is_headed(column: list[Pair], sheet: list[Pair], cells: Row, question: Question) -> bool:
    """Tell whether no title of another job may stand above a column that does not name its job."""
    first = column[0].label
    if any(p.kind in _NAMES for p in column) or _title(column[0], cells, question):
        return True
    above = [
        c
        for c in cells
        if 0 < first.box.top - c.box.bottom + c.height / 2 < _ABOVE * first.height
        and abs(c.box.left - first.box.left) < 2 * first.height
        and all(c is not part for p in sheet for part in (p.label, p.value))
    ]
    return all(
        is_job(c.text, question) or kind_of(c.text) or is_navigation(c.text) or is_button(c.text)
        for c in above
        if not is_mark(c.text) and len(normal(c.text)) > 1
    )
