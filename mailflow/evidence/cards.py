"""Finds the card of a job on a page of cards: its title, and the lines below it up to a gap."""

from mailflow.evidence.apart import is_run
from mailflow.evidence.labels import labelled
from mailflow.evidence.layout import (
    Cell,
    Page,
    Row,
    kind_of,
    on_one_line,
    right_below,
    rows_of,
)
from mailflow.evidence.naming import is_job, is_other
from mailflow.evidence.statuses import Says, sense
from mailflow.evidence.times import Local, moment_in
from mailflow.evidence.verdict import Question

_GAP = 1.9  # line heights: a wider gap ends a card
_NEAR = 3.2  # line heights around a card in which trouble leaves it undecided
_APART = 0.4  # line heights between a word and the title of the next card
_WORDS = frozenset({Says.SUCCESS, Says.TROUBLE, Says.REMOVED})
_SPOKEN = frozenset({Says.SUCCESS, Says.WEAK_SUCCESS, Says.TROUBLE, Says.IDLE})


def card_of(
    page: Page, mine: list[Cell], question: Question, local: Local
) -> tuple[Cell, ...] | None:
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
    if block is None or any(other not in (title, *block) for other in titles):
        return None
    if _trouble_near((title, *block), column, question):
        return None
    word = _word_above(title, column) if all(sense(c.text) not in _WORDS for c in block) else None
    if word:
        beside = (*beside, word)
    values, rest = labelled(tuple(rows_of((*beside, *block))), freely=_has_word(beside))
    when = _when(block, (*values, *rest), page, question, local)
    if when:
        values = (*(c for c in values if c.words is not when.words), Cell(when.words, "when"))
        rest = tuple(c for c in rest if c.words is not when.words)
    said = (c for c in rest if not (is_job(c.text, question) or _is_initial(c, rest)))
    return (*values, *(Cell(c.words, "run") if is_run(c.text) else c for c in said))


def _is_initial(cell: Cell, cells: Row) -> bool:
    """Tell whether it is the letter of a badge, before the name that begins with it."""
    letter = cell.text.replace("0", "O").casefold()  # engines read them alike
    return (
        len(letter) == 1
        and letter.isalpha()
        and any(
            c.text[:1].casefold() == letter
            and len(c.text) > 1
            and on_one_line(c, cell)
            and abs(c.box.left - cell.box.right) < cell.height
            for c in cells
        )
    )


def _when(block: Row, cells: Row, page: Page, question: Question, local: Local) -> Cell | None:
    """Give the one time of a card without labels that stands at the word, beside it or below it.

    A row has its word beside the name: its time needs a heading, which may be cut off.
    """
    timed = [c for c in cells if moment_in(c.text, local)]
    spoken = [c for c in cells if sense(c.text) in _WORDS]
    if len(timed) != 1 or len(spoken) != 1 or timed[0].kind or spoken[0] not in block:
        return None
    time, word = timed[0], spoken[0]
    if right_below(time, word):
        return time
    # Where another card begins between the two, the time may be that one's.
    begins = [
        c
        for c in page.cells
        if (is_other(c.text, question) or sense(c.text) in _WORDS)
        and word.box.right < c.box.left < time.box.right
    ]
    return time if on_one_line(time, word) and not begins else None


def _has_word(beside: Row) -> bool:
    return any(sense(cell.text) in _WORDS for cell in beside)


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


def _downwards(title: Cell, column: list[Cell], question: Question) -> Row | None:
    """Give the lines below the title; None when the last word may be the next card's."""
    block: list[Cell] = []
    bottom = title.box.bottom
    below = [c for c in column if c.middle > title.middle + 0.4 * title.height]
    for cell in sorted(below, key=lambda c: c.box.top):
        if is_other(cell.text, question):
            return _without_next(title, block, cell)
        if cell.box.top - bottom > _GAP * title.height:
            break
        block.append(cell)
        bottom = max(bottom, cell.box.bottom)
    return tuple(block)


def _without_next(title: Cell, block: list[Cell], following: Cell) -> Row | None:
    """Leave out a word that stands right above the next card's title."""
    if not block or sense(block[-1].text) not in _WORDS:
        return tuple(block)
    word, before = block[-1], block[-2] if len(block) > 1 else title
    up, down = word.box.top - before.box.bottom, following.box.top - word.box.bottom
    if down < up / 2:
        return tuple(block[:-1])
    return tuple(block) if up < down / 2 else None


def _word_above(title: Cell, column: list[Cell]) -> Cell | None:
    """Give a word that stands above the title, much nearer to it than to what is above that."""
    above = sorted((c for c in column if c.middle < title.middle), key=lambda c: -c.box.bottom)
    if not above or sense(above[0].text) not in _WORDS:
        return None
    word = above[0]
    down = title.box.top - word.box.bottom
    up = word.box.top - above[1].box.bottom if len(above) > 1 else 9 * title.height
    return word if down < min(up / 2, _GAP * title.height) else None


def _trouble_near(block: Row, column: list[Cell], question: Question) -> bool:
    height = block[0].height
    top, bottom = min(c.box.top for c in block), max(c.box.bottom for c in block)
    named = [c for c in column if is_other(c.text, question)]
    spoken = any(sense(c.text) in _WORDS for c in block)
    return any(
        top - _NEAR * height < cell.middle < bottom + _NEAR * height
        and sense(cell.text) is Says.TROUBLE
        and all(abs(cell.middle - other.middle) > 0.6 * height for other in named)
        for cell in column
        if cell not in block and not (spoken and _is_anothers(cell, block, column, named))
    )


def _is_anothers(word: Cell, block: Row, column: list[Cell], named: list[Cell]) -> bool:
    """Tell whether a word hangs on the card of another job above, or stands below its title."""
    title = block[0]
    if word.middle > title.middle:
        bottom = max(cell.box.bottom for cell in block)
        return any(bottom < other.middle < word.box.top for other in named)
    before = [c for c in column if c.box.bottom < word.middle and c is not word]
    if not any(other.middle < word.middle for other in named):
        return False
    up = word.box.top - max((c.box.bottom for c in before), default=0.0)
    down = title.box.top - word.box.bottom
    return down > max(_APART * title.height, 2 * up)
