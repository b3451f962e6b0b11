"""A learned reader that may only object: character n-grams, weighed by a logistic regression.

`bench/train_veto.py` makes `veto.bin` from labelled replies; the same replies give the same file.
It knows whole phrasings that no list of words holds, and nothing that happened after its making.
"""

import math
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import pairwise
from zlib import crc32

from mailflow.tickets.ticket import Subject
from mailflow.understanding.confirmation.asked import Topic

BUCKETS = 1 << 15
SIZES = (2, 3, 4, 5)  # characters
_FILE = "veto.bin"
_HEAD = 8  # bytes: scale and bias as signed 32-bit integers, in millionths


def features(text: str, subject: Subject, topic: Topic | None) -> set[int]:
    """Give the buckets of every n-gram within a word, and of what was asked."""
    asked = f"{subject}:{topic or 'any'}"
    return {crc32(gram.encode()) % BUCKETS for gram in (*_grams(text), asked, asked + text[:1])}


def _grams(text: str) -> Iterator[str]:
    words = [f" {word} " for word in text.split()]
    for word in words:
        for size in SIZES:
            for at in range(max(1, len(word) - size + 1)):
                yield word[at : at + size]
    for first, second in pairwise(words):
        yield first + second  # two words in a row say more than either


def score(text: str, subject: Subject, topic: Topic | None) -> float:
    """Say how much it reads like a clear confirmation, from 0 to 1."""
    scale, bias, weights = _model()
    found = features(text, subject, topic)
    total = sum(weights[bucket] for bucket in found) * scale / math.sqrt(len(found))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total + bias))))


def is_vetoed(text: str, subject: Subject, topic: Topic | None, *, plain: bool) -> bool:
    """Does it read unlike the clear confirmations that the reader learned from?

    A `plain` text, which says the thing and nothing else, is short of what the reader goes by.
    """
    return score(text, subject, topic) < (PLAIN_THRESHOLD if plain else THRESHOLD)


PLAIN_THRESHOLD = 0.2
THRESHOLD = 0.4  # where two false accepts in 716 were left on sets that it had not seen


@cache
def _model() -> tuple[float, float, memoryview]:
    data = (resources.files(__package__) / _FILE).read_bytes()
    scale, bias = (int.from_bytes(data[at : at + 4], "big", signed=True) / 1e6 for at in (0, 4))
    return scale, bias, memoryview(data[_HEAD:]).cast("b")
