"""Finds the card of a job on a page of cards: its title, and the lines below it up to a gap."""

from mailflow.evidence.layout import Cell, Page, Row, kind_of, labelled, rows_of
from mailflow.evidence.naming import is_job, is_other
from mailflow.evidence.statuses import Says, sense
from mailflow.evidence.verdict import Question

_GAP = 1.9  # line heights: a wider gap ends a card
_NEAR = 3.2  # line heights around a card in which trouble leaves it undecided
_SPOKEN = frozenset({Says.SUCCESS, Says.WEAK_SUCCESS, Says.TROUBLE, Says.IDLE})


def card_of(page: Page, mine: list[Cell], question: Question) -> tuple[Cell, ...] | None:
    """Give the cells of the job's card with what their labels say; None when it is not clear."""
    cells = tuple(cell for row in page.loose for cell in row)
    titles = [cell for cell in mine if cell in cells]
    if not titles or len(titles) < len(mine):
        return None
    title = min(titles, key=lambda cell: cell.box.top)
    beside, bound = _title_row(title, cells)
    left = _left_of(title, cells)
    column = [
        c
        for c in cells
        if left - 1.6 * title.height <= c.box.left < bound and c not in (title, *beside)
    ]
    block = _downwards(title, column, question)
    if any(other not in (title, *block) for other in titles):
        return None
    if _trouble_near((title, *block), column):
        return None
    values, rest = labelled(tuple(rows_of((*beside, *block))))
    return (*values, *(cell for cell in rest if not is_job(cell.text, question)))


def _left_of(title: Cell, cells: Row) -> float:
    """Give the left edge of the card: where its labels stand, when the title has one too."""
    labels = [
        c.box.left
        for c in cells
        if abs(c.middle - title.middle) < 0.6 * title.height
        and c.box.right <= title.box.left
        and kind_of(c.text) in ("job", "name")
    ]
    return max(labels, default=title.box.left)


def _title_row(title: Cell, cells: Row) -> tuple[Row, float]:
    """Give the badges right of the title, and where the next card begins."""
    beside: list[Cell] = []
    line = [c for c in cells if abs(c.middle - title.middle) < 0.6 * title.height]
    for cell in sorted(line, key=lambda c: c.box.left):
        if cell.box.left < title.box.right:
            continue
        if sense(cell.text) not in _SPOKEN:
            return tuple(beside), cell.box.left - title.height
        beside.append(cell)
    return tuple(beside), title.box.left + 30 * title.height


def _downwards(title: Cell, column: list[Cell], question: Question) -> Row:
    block: list[Cell] = []
    bottom = title.box.bottom
    below = [c for c in column if c.middle > title.middle + 0.4 * title.height]
    for cell in sorted(below, key=lambda c: c.box.top):
        if cell.box.top - bottom > _GAP * title.height or is_other(cell.text, question):
            break
        block.append(cell)
        bottom = max(bottom, cell.box.bottom)
    return tuple(block)


def _trouble_near(block: Row, column: list[Cell]) -> bool:
    height = block[0].height
    top, bottom = min(c.box.top for c in block), max(c.box.bottom for c in block)
    return any(
        top - _NEAR * height < cell.middle < bottom + _NEAR * height
        and sense(cell.text) is Says.TROUBLE
        for cell in column
        if cell not in block
    )
