"""Trains the learned reader of replies, and says how the judge does on hands it never saw.

    python -m bench.train_reader HAND...          leaves each hand out once and tests on it
    python -m bench.train_reader --write HAND...  trains on all of them and writes reader.bin

A hand is what one person wrote: a file of `bench/replies.py`, or several with commas between them.
Nothing is drawn by chance.
"""

import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.replies import rows_of
from mailflow.cli.explaining_replies import question_of
from mailflow.tickets.ticket import Subject
from mailflow.understanding.confirmation import reader
from mailflow.understanding.confirmation.judge import Case, Reading, case_of, needed, read
from mailflow.understanding.reply_text import split_text

Numbers = NDArray[np.float64]
_PENALTY = 0.05
_NEWTON, _INNER = 8, 60  # steps
_COLUMNS = 8192  # at a time
_LEAST_USES, _LEAST_SHARE = 2, 0.25  # of a word in clear replies
_SHIFTS = (-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0)
_OUT = Path(reader.__file__).with_name("reader.bin")


@dataclass(frozen=True)
class Reply:
    """A labelled reply as the judge reads it."""

    row: dict[str, Any]
    case: Case | None
    traits: dict[str, set[int]]
    words: set[str]


def prepared(row: dict[str, Any]) -> Reply:
    sent = [row["sent"]] if row.get("sent") else []
    own = split_text(row["body"], sent, row.get("phrase", "")).own
    reading = read(own, question_of(row))
    if not isinstance(reading, Reading):
        return Reply(row, None, {}, set())
    found = reader.traits(reading.found, reading.lexicon, reading.asked)
    return Reply(row, case_of(reading), found, reader.words_of(reading.found, reading.lexicon))


def values(reply: Reply) -> dict[int, float]:
    """Give what each bucket counts in this reply."""
    found: dict[int, float] = {}
    for kind, buckets in reply.traits.items():
        for bucket in buckets:
            share = reader.WEIGHTS[kind] / len(buckets) ** 0.5
            found[bucket] = found.get(bucket, 0.0) + share
    return found


def likeness(rows: list[dict[int, float]]) -> Numbers:
    """Multiply every reply with every other; what one alone has counts on the diagonal."""
    times: dict[int, int] = {}
    for row in rows:
        for bucket in row:
            times[bucket] = times.get(bucket, 0) + 1
    shared = sorted(bucket for bucket, count in times.items() if count > 1)
    column = {bucket: number for number, bucket in enumerate(shared)}
    kernel = np.diag([sum(v * v for b, v in r.items() if b not in column) for r in rows])
    for low in range(0, len(shared), _COLUMNS):
        part = np.zeros((len(rows), min(_COLUMNS, len(shared) - low)), np.float32)
        for number, row in enumerate(rows):
            for bucket, value in row.items():
                if low <= (at := column.get(bucket, -1)) < low + _COLUMNS:
                    part[number, at - low] = value
        kernel += part @ part.T
    return kernel


def fit(kernel: Numbers, clear: Numbers) -> Numbers:
    """Give each reply's share in a logistic regression, both kinds weighing the same.

    Newton's method on the replies' shares, each step solved by conjugate gradients.
    """
    kernel = kernel + 1  # the bias
    weight = np.where(clear > 0, 0.5 / clear.sum(), 0.5 / (1 - clear).sum()) * len(clear)
    shares = np.zeros(len(clear))
    for _ in range(_NEWTON):
        scores = kernel @ shares
        likely = 1 / (1 + np.exp(-np.clip(scores, -30, 30)))
        curve = np.maximum(likely * (1 - likely), 1e-3) * weight
        aim = scores + (clear - likely) * weight / curve
        shares = _solved(kernel, _PENALTY / curve, aim, shares)
    return shares


def _solved(kernel: Numbers, ridge: Numbers, aim: Numbers, start: Numbers) -> Numbers:
    found, scale = start, 1 / (ridge + np.diag(kernel))
    rest = aim - (kernel @ found + ridge * found)
    step = way = scale * rest
    size = rest @ step
    for _ in range(_INNER):
        ahead = kernel @ way + ridge * way
        length = size / (way @ ahead)
        found, rest = found + length * way, rest - length * ahead
        step = scale * rest
        size, before = rest @ step, size
        if size < 1e-9:  # noqa: PLR2004 - near enough
            break
        way = step + size / before * way
    return found


def known_words(replies: list[Reply]) -> set[str]:
    """Give the words that some clear replies hold, and not mostly others."""
    clear: Counter[str] = Counter()
    other: Counter[str] = Counter()
    for reply in replies:
        (clear if reply.row["clear"] else other).update(reply.words)
    return {w for w, n in clear.items() if n >= _LEAST_USES and n / (n + other[w]) >= _LEAST_SHARE}


def packed(rows: list[dict[int, float]], shares: Numbers, known: set[str]) -> bytes:
    weights = np.zeros(reader.BUCKETS)
    for row, share in zip(rows, shares, strict=True):
        for bucket, value in row.items():
            weights[bucket] += share * value
    scale = float(np.abs(weights).max()) / 127
    head = b"".join(round(v * 1e6).to_bytes(4, "big", signed=True) for v in (scale, shares.sum()))
    bits = np.zeros(reader.BUCKETS, bool)
    bits[[reader.word_bit(word) for word in known]] = True
    words = np.packbits(bits, bitorder="little").tobytes()
    return head + np.round(weights / scale).astype(np.int8).tobytes() + words


def main(words: list[str]) -> None:
    """Train and tell."""
    hands = [word for word in words if word != "--write"]
    of = [(hand, reply) for hand in hands for reply in _replies(hand)]
    rows = [values(reply) for _, reply in of]
    clear = np.array([reply.row["clear"] for _, reply in of], float)
    kernel = likeness(rows)
    if "--write" in words:
        known = known_words([reply for _, reply in of])
        _OUT.write_bytes(packed(rows, fit(kernel, clear), known))
        print(f"wrote {_OUT.name}: {_OUT.stat().st_size} bytes from {len(of)} replies")
        return
    ahead = np.zeros(len(of))
    for hand in hands:
        left = np.array([h == hand for h, _ in of])
        shares = fit(kernel[np.ix_(~left, ~left)], clear[~left])
        known = known_words([reply for h, reply in of if h != hand])
        least = [_needed(reply, known) for h, reply in of if h == hand]
        ahead[left] = kernel[np.ix_(left, ~left)] @ shares + shares.sum() - least
    for hand in (*hands, "all"):
        _tell(hand, [(r, s) for (h, r), s in zip(of, ahead, strict=True) if hand in (h, "all")])


def _needed(reply: Reply, known: set[str]) -> float:
    return needed(reply.case, len(reply.words - known)) if reply.case else 0.0


def _replies(hand: str) -> list[Reply]:
    return [prepared(row) for name in hand.split(",") for row in rows_of(name)]


def _tell(hand: str, scored: list[tuple[Reply, float]]) -> None:
    """Print what is accepted where the reader has to be so much surer than it has to be now."""
    print("+".join(Path(name).stem for name in hand.split(",")), len(scored))
    for shift in _SHIFTS:
        said = [
            (reply, reply.case.subject)
            for reply, likely in scored
            if reply.case and not reply.case.undone_by and likely >= shift
        ]
        false = [subject for reply, subject in said if not reply.row["clear"]]
        right = len(said) - len(false)
        clear = sum(reply.row["clear"] for reply, _ in scored)
        removals = sum(subject is Subject.REMOVAL for subject in false)
        print(
            f"  {shift:+.1f}: false {len(false) - removals} change {removals} removal of "
            f"{len(scored) - clear}, recall {right / max(1, clear):.3f}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
