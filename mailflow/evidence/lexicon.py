"""The words of pages in eight languages, kept as data: lexicons/<language>.toml.

All languages are searched at once. Which one a page is in need not be known, and a word of trouble
counts in whichever language it is one.
"""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any

Pattern = re.Pattern[str]


@cache
def words(name: str) -> tuple[str, ...]:
    """Give the patterns of one list, of every language, the longest first."""
    found = {word for lexicon in _lexicons() for word in lexicon[name]}
    return tuple(sorted(found, key=lambda word: (-len(word), word)))


@cache
def any_of(name: str) -> Pattern:
    """Give a pattern for any of the words, each as whole words."""
    return re.compile(r"(?<!\w)(?:" + alternatives(words(name)) + r")(?!\w)")


def alternatives(patterns: Iterable[str]) -> str:
    return "|".join(f"(?:{pattern})" for pattern in patterns)


@cache
def headings() -> dict[str, str]:
    """Tell for every heading or label, folded, what kind of value it announces."""
    kinds: dict[str, str] = {}
    for lexicon in _lexicons():
        for kind, names in lexicon["headings"].items():
            kinds.update(dict.fromkeys(names, kind))
    return kinds


@cache
def months() -> dict[str, frozenset[int]]:
    """Tell which months a name can mean: "mar" is March, "mai" May, in every language."""
    found: dict[str, set[int]] = {}
    for lexicon in _lexicons():
        for number, names in enumerate(lexicon["months"], 1):
            for name in names.split():
                found.setdefault(name, set()).add(number)
    return {name: frozenset(numbers) for name, numbers in found.items()}


@cache
def ago() -> tuple[tuple[Pattern, str], ...]:
    """Give patterns of "5 minutes ago", each with its unit: minute, hour, day or week."""
    return tuple(
        (re.compile(r"(?<!\w)" + form.replace("units", alternatives(units)) + r"(?!\w)"), unit)
        for lexicon in _lexicons()
        for form in lexicon["ago"]
        for unit, units in lexicon["units"].items()
    )


@cache
def durations() -> Pattern:
    units = {u for lexicon in _lexicons() for many in lexicon["units"].values() for u in many}
    return re.compile(
        r"(?<!\w)\d+(?:[.,]\d+)?\s*(?:ms|s|m|h|d|" + alternatives(sorted(units)) + r")(?!\w)"
    )


@cache
def _lexicons() -> tuple[dict[str, Any], ...]:
    files = (resources.files(__package__) / "lexicons").iterdir()
    texts = {f.name: f.read_text("utf-8") for f in files if f.name.endswith(".toml")}
    return tuple(tomllib.loads(texts[name]) for name in sorted(texts))
