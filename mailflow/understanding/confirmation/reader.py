"""A learned reader of replies: it weighs letters, words and the marks that the lexicon finds.

It may only object. `bench/train_reader.py` makes `reader.bin` from labelled replies. What no list
of doubts holds, it may know from a reply like it.
"""

import math
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from itertools import combinations, pairwise
from zlib import crc32

from mailflow.understanding.confirmation.asked import Asked
from mailflow.understanding.confirmation.events import Findings
from mailflow.understanding.confirmation.lexicon import Lexicon
from mailflow.understanding.confirmation.marks import marks_of

BUCKETS = 1 << 18
WEIGHTS = {"letters": 0.7, "words": 0.7, "marks": 1.0}  # how much each kind of trait counts
_FILE = "reader.bin"
_HEAD = (
    8  # bytes: scale and bias as signed 32-bit integers, in millionths; then weights, then words
)
_LEAST = 3  # letters; what is shorter restricts nothing by itself
_SIZES = (2, 3, 4, 5)  # letters of a trait
_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+|[?!]")


def traits(found: Findings, lexicon: Lexicon, asked: Asked) -> dict[str, set[int]]:
    """Give the buckets of every trait of a text, by kind."""
    question = f"{asked.subject}:{asked.topic or 'any'}"
    kinds: dict[str, Iterable[str]] = {
        "letters": (*_letters(" ".join(found.texts)), question),
        "words": _words(found.texts),
        "marks": _marks(marks_of(found, lexicon, asked), question),
    }
    return {
        kind: {crc32(f"{kind}/{trait}".encode()) % BUCKETS for trait in found_traits}
        for kind, found_traits in kinds.items()
    }


def words_of(found: Findings, lexicon: Lexicon) -> set[str]:
    """Give the words that stand beside what was found: a restriction needs a word to stand in."""
    beside = list(found.texts)
    for event in found.clean:
        text = beside[event.sentence]
        gap = " " * (event.end - event.start)
        beside[event.sentence] = f"{text[: event.start]}{gap}{text[event.end :]}"
    words = {w for text in beside for w in _LETTERS.findall(text) if len(w) >= _LEAST}
    return words - lexicon.function_words


def word_bit(word: str) -> int:
    return crc32(f"word/{word}".encode()) % BUCKETS


def strange_words(found: Findings, lexicon: Lexicon) -> int:
    """Count the words that clear replies hardly ever held."""
    known = _known_words()
    bits = map(word_bit, words_of(found, lexicon))
    return sum(not known[bit >> 3] >> (bit & 7) & 1 for bit in bits)


def score(found: Findings, lexicon: Lexicon, asked: Asked) -> float:
    """Say how much it reads like a clear confirmation: above zero if rather so."""
    scale, bias, weights = _model()
    total = 0.0
    for kind, buckets in traits(found, lexicon, asked).items():
        total += sum(weights[b] for b in buckets) * WEIGHTS[kind] / math.sqrt(max(1, len(buckets)))
    return total * scale + bias


def _letters(text: str) -> Iterator[str]:
    words = [f" {word} " for word in text.split()]
    for word in words:
        for size in _SIZES:
            for at in range(max(1, len(word) - size + 1)):
                yield word[at : at + size]
    for first, second in pairwise(words):
        yield first + second


def _words(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        words = ["^", *("#" if w[0].isdigit() else w for w in _WORD.findall(text)), "$"]
        for size in (1, 2, 3):
            for at in range(len(words) - size + 1):
                yield " ".join(words[at : at + size])


def _marks(sentences: Iterable[list[str]], question: str) -> Iterator[str]:
    """Give every mark, every two of a sentence, and every one with the question asked."""
    anywhere: set[str] = set()
    for marks in sentences:
        here = sorted(set(marks))
        anywhere.update(here)
        yield from here
        yield from (f"{first}>{then}" for first, then in pairwise(("^", *marks, "$")))
        yield from (f"{one}&{other}" for one, other in combinations(here, 2))
    for mark in anywhere:
        yield f"{mark}|{question}"
        if mark.startswith("said."):  # an act, with whatever else the text holds
            yield from (f"{mark}+{other}" for other in anywhere)


@cache
def _model() -> tuple[float, float, memoryview]:
    data = _data()
    scale, bias = (int.from_bytes(data[at : at + 4], "big", signed=True) / 1e6 for at in (0, 4))
    return scale, bias, memoryview(data[_HEAD : _HEAD + BUCKETS]).cast("b")


@cache
def _known_words() -> bytes:
    return _data()[_HEAD + BUCKETS :]


@cache
def _data() -> bytes:
    return (resources.files(__package__) / _FILE).read_bytes()
