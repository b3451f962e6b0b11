"""Tells the entries of a page's menu from the badges that say which system it is."""

from mailflow.evidence.lexicon import any_of
from mailflow.evidence.reading import Words
from mailflow.evidence.statuses import is_button, is_navigation
from mailflow.evidence.words import normal

_LINE = 0.5  # heights by which entries of one line may stand apart
_SIZE = 1.3  # times the height of its neighbours
_APART = 6.0  # heights between two entries of a menu
_FEWEST = 2  # other entries of the menu that are known


def is_menu_item(word: Words, words: tuple[Words, ...]) -> bool:
    """Tell whether "Preview" is one entry of a menu among others, drawn and written as they are.

    A badge with the name of the system stands at the end of a line, alone, or in letters or
    colours of its own.
    """
    if any_of("preview").fullmatch(normal(word.text)) is None:
        return False
    height = word.place.bottom - word.place.top
    line = sorted(
        (w for w in words if abs(_middle(w) - _middle(word)) < _LINE * height),
        key=lambda w: w.place.left,
    )
    at = line.index(word)
    if not 0 < at < len(line) - 1:
        return False
    beside = (line[at - 1], line[at + 1])
    known = sum(is_navigation(w.text) or is_button(w.text) for w in line if w is not word)
    return known >= _FEWEST and all(_is_alike(word, w) for w in beside)


def _middle(word: Words) -> float:
    return (word.place.top + word.place.bottom) / 2


def _is_alike(word: Words, other: Words) -> bool:
    one, two = (w.place.bottom - w.place.top for w in (word, other))
    gap = max(other.place.left - word.place.right, word.place.left - other.place.right)
    return (
        max(one, two) < _SIZE * min(one, two)
        and gap < _APART * one
        and word.colour == other.colour
        and word.text.isupper() == other.text.isupper()
        and not any(c.isdigit() for c in other.text)
    )
