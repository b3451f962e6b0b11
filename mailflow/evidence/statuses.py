"""What the words of a status cell say. Every word of it must be explained before it counts."""

import re
from enum import StrEnum
from functools import cache, lru_cache

from mailflow.evidence.lexicon import Pattern, alternatives, any_of, durations, words
from mailflow.evidence.words import normal


class Says(StrEnum):
    """The sense of one cell."""

    SUCCESS = "success"
    WEAK_SUCCESS = "weak_success"  # "OK": counts below a heading such as Status only
    TROUBLE = "trouble"  # failed, partial, running, queued, nothing processed
    REMOVED = "removed"
    IDLE = "idle"  # the job is switched off
    NOTHING = "nothing"  # numbers, durations, empty marks
    UNCLEAR = "unclear"


_CLOCK_SPAN = re.compile(r"(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)")
_MARKS = frozenset(
    "\u25a1\u2610\u2606\u2605\u22ee\u203a\u00bb\u25b8\u25be\u25b6\u25bc\u25b2\u00b7|\u2192\u21e5> "
)
_CAPITAL = re.compile(r"(?<=[^\W\dA-Z_])I(?=[^\W\dA-Z_])")  # engines read it for a small l
_NOUGHT = r"(?:0|[o\u00d8\u03b8](?!\w))"  # engines read a nought as a letter
# A count that is not plainly a number is never taken for one that is all right.
_DAMAGED = re.compile(
    r"[:=/]\s*[oθødq](?!\w)|(?<![\w.,])[oθødqli|]\s*(?:/|of\b|von\b|sur\b|de\b|di\b|van\b|z\b)"
)


@lru_cache(maxsize=4096)
def sense(text: str) -> Says:
    """Tell what a cell says; the worst reading wins."""
    plain = normal(_CAPITAL.sub("l", text)).replace("_", " ")
    rest = _none_wrong().sub(" ", plain)
    rest = any_of("clean").sub(" ", rest)
    if _falls_short(rest) or any_of("trouble").search(rest):
        return Says.TROUBLE
    rest = _ratio().sub(" ", rest)
    for pattern in (_counted(), _CLOCK_SPAN, durations()):
        rest = pattern.sub(" ", rest)
    return _meaning(rest)


def is_active(text: str) -> bool:
    """Tell whether it says only that a job is switched on."""
    return any_of("active").fullmatch(normal(text)) is not None


def is_button(text: str) -> bool:
    """Tell whether it is what a button says: an order to the page, nothing about a run."""
    return any_of("buttons").fullmatch(normal(text)) is not None


def is_navigation(text: str) -> bool:
    """Tell whether it is the name of another page, as menus and paths show it: "Jobs", "Home"."""
    return any_of("navigation").fullmatch(normal(text)) is not None


def is_mark(text: str) -> bool:
    """Tell whether it is a sign of the page itself, such as an arrow, a box or a star."""
    return bool(text.strip()) and set(text.strip()) <= _MARKS


def number(text: str) -> int | None:
    """Read a bare count such as 4,120; None when it is anything else."""
    plain = normal(text).replace(" ", "")
    if re.fullmatch(r"\d{1,3}(?:[.,']\d{3})+|\d+", plain):
        return int(re.sub(r"\D", "", plain))
    return None


def _meaning(rest: str) -> Says:
    for name, meaning in (
        ("removed", Says.REMOVED),
        ("idle", Says.IDLE),
        ("success", Says.SUCCESS),
        ("weak", Says.WEAK_SUCCESS),
    ):
        if any_of(name).search(rest):
            left = any_of("weak").sub(" ", any_of(name).sub(" ", rest))
            if meaning is Says.REMOVED:
                left = any_of("success").sub(" ", left)
            return meaning if _explained(left) else Says.UNCLEAR
    return Says.NOTHING if _explained(rest) else Says.UNCLEAR


@cache
def _none_wrong() -> Pattern:
    nouns = alternatives(words("error_nouns"))
    return re.compile(
        rf"(?<!\w)(?:{nouns})\s*[:=]\s*0(?![.,:]?\d)|(?<![\d.,])(?<!\w)0\s+(?:{nouns})(?!\w)"
    )


@cache
def _ratio() -> Pattern:
    of = alternatives(words("of"))
    return re.compile(
        rf"(?<![\d.,:/-])(\d[\d.,]*)\s*(?:/|(?<=\s)(?:{of})(?=\s))\s*(\d[\d.,]*)(?![\d:/-])"
    )


@cache
def _counted() -> Pattern:
    return re.compile(rf"(?<![\d.,])(\d[\d.,]*)\s*(?:{alternatives(words('counted'))})(?!\w)")


@cache
def _nothing_done() -> Pattern:
    done = alternatives((*words("success"), *words("weak"), *words("counted")))
    things = alternatives((*words("counted"), *words("found")))
    return re.compile(
        rf"(?<!\w)(?:{done})\s*[:=]\s*{_NOUGHT}(?![.,:]?\d)|(?<![\w.,]){_NOUGHT}\s+(?:{things})(?!\w)"
    )


def _falls_short(text: str) -> bool:
    for part, whole in _ratio().findall(text):
        done, due = number(part.strip(".,")), number(whole.strip(".,"))
        if done is None or due is None or done == 0 or done < due:
            return True
    if any(number(count.strip(".,")) == 0 for count in _counted().findall(text)):
        return True
    return _nothing_done().search(text) is not None or _DAMAGED.search(text) is not None


@cache
def _fill() -> Pattern:
    return re.compile(alternatives(words("fill")))


def _explained(text: str) -> bool:
    left = re.findall(r"[^\s.,;:()\[\]|>•●·✓✔✅√☑+\-\u2013\u2014]+", text)
    return all(_fill().fullmatch(word) or re.fullmatch(r"[1-9]\d*", word) for word in left)
