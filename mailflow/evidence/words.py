"""Text as engines give it: folded for comparison, and known names found in it."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

_LETTERS = str.maketrans(
    {"ł": "l", "ß": "ss", "æ": "ae", "ø": "o", "\u0131": "i", "\u2019": "'", "\u2013": "-"}
)
_CYRILLIC = str.maketrans("аеосрхуікмтнвАЕОСРХУІКМТНВ", "aeocpxyikmthbAEOCPXYIKMTHB")
_NEARLY = 0.9  # of two names: "Kaufwelt DE" and "Kaufwelt FR" are less alike
_TOKEN = re.compile(r"[a-z0-9]+")


@lru_cache(maxsize=8192)
def normal(text: str) -> str:
    """Give lower case without accents, single spaces, Latin letters for their look-alikes."""
    plain = unicodedata.normalize("NFKC", text).translate(_CYRILLIC).casefold()
    apart = unicodedata.normalize("NFKD", plain.translate(_LETTERS))
    return " ".join("".join(c for c in apart if not unicodedata.combining(c)).split())


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Give letters and digits only: engines lose spaces and dots."""
    return "".join(_TOKEN.findall(normal(text)))


@lru_cache(maxsize=8192)
def skeleton(text: str) -> str:
    """Make letters equal that look alike. Digits stay: they tell neighbours apart."""
    shape = fold(text).replace("rn", "m").replace("vv", "w")
    return shape.translate(str.maketrans("lj", "ii"))


def same_name(shown: str, wanted: Iterable[str]) -> bool:
    return fold(shown) in _folded(tuple(wanted))


@lru_cache(maxsize=64)
def _folded(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold(name) for name in names if fold(name))


def looks_like(shown: str, wanted: Iterable[str]) -> bool:
    return skeleton(shown) in _shapes(tuple(wanted))


@lru_cache(maxsize=64)
def _shapes(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(skeleton(name) for name in names if len(fold(name)) > 6)  # noqa: PLR2004 - short names are too easily alike


def nearly_same(shown: str, name: str) -> bool:
    """Tell whether an engine may have lost a letter of the name: no proof, and no other name."""
    return SequenceMatcher(None, fold(shown), fold(name)).ratio() > _NEARLY


def tokens(text: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(normal(text)))


def mentions(text: str, name: str) -> bool:
    """Tell whether the name stands in the text, not as a part of a longer word or id."""
    parts = tokens(name)
    if not parts:
        return False
    body = r"[^a-z0-9]{0,3}".join(re.escape(part) for part in parts)
    pattern = r"(?<![a-z0-9])(?<![a-z0-9][_.\-/])" + body + r"(?![a-z0-9]|[_.\-/][a-z0-9])"
    return re.search(pattern, normal(text)) is not None


def longest_mentioned(text: str, names: Iterable[str]) -> str | None:
    found = [name for name in names if mentions(text, name)]
    return max(found, key=lambda name: len(fold(name)), default=None)


def embeds(job: str, name: str) -> bool:
    """Tell whether a job's id carries the name as whole tokens, as feed-nordhaus-de does."""
    inner, outer = tokens(name), tokens(job)
    size = len(inner)
    return size > 0 and any(outer[i : i + size] == inner for i in range(len(outer) - size + 1))
