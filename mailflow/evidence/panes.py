"""Finds a pane beside a list: the job's name as its title, labels and values below it."""

from dataclasses import dataclass

from mailflow.evidence.layout import Cell, Page, kind_of
from mailflow.evidence.naming import is_other
from mailflow.evidence.reading import Words
from mailflow.evidence.statuses import Says, sense
from mailflow.evidence.verdict import Question
from mailflow.evidence.words import normal

_EDGE = 1.5  # line heights by which labels may stand out of line with the title
_FEWEST_LABELS = 2
_WORDS = frozenset({Says.SUCCESS, Says.WEAK_SUCCESS, Says.TROUBLE})


@dataclass(frozen=True, slots=True)
class Pane:
    """The lines of a pane, and those beside it."""

    inside: tuple[Words, ...]
    outside: tuple[Words, ...]


def pane_of(page: Page, mine: list[Cell], question: Question) -> Pane | None:
    """Give the pane whose title is the job and that is the job's alone; None for none."""
    cells = tuple({id(c.words): c for c in page.cells}.values())  # a line may count for two rows
    for title in mine:
        labels = [c for c in cells if _is_label_below(c, title)]
        texts = [normal(c.text) for c in labels]
        if len(labels) < _FEWEST_LABELS or len(set(texts)) < len(texts):
            continue
        edge = min(c.box.left for c in (title, *labels)) - title.height / 2
        top = title.box.top - title.height / 2
        inside = [c for c in cells if c.box.left >= edge and c.box.bottom > top]
        beside = [c for c in cells if c.box.left < edge]
        crossing = any(c.box.right > edge and c.box.bottom > top for c in beside)
        if crossing or not any(is_other(c.text, question) for c in beside):
            continue
        if any(is_other(c.text, question) for c in inside):
            continue
        chosen = {id(c.words) for c in inside}
        return Pane(
            tuple(c.words for c in inside),
            tuple(c.words for c in cells if id(c.words) not in chosen),
        )
    return None


def _is_label_below(cell: Cell, title: Cell) -> bool:
    return (
        cell.middle > title.middle
        and abs(cell.box.left - title.box.left) < _EDGE * title.height
        and kind_of(cell.text) is not None
        and sense(cell.text) not in _WORDS
    )
