"""Trains the learned reader of replies, and says how it does on replies that it never saw.

    python bench/train_veto.py FILE.jsonl...          leaves each file out once and tests on it
    python bench/train_veto.py --write FILE.jsonl...  trains on all of them and writes veto.bin

The files are those of `bench/replies.py`. Nothing is drawn by chance: the same files give the same
weights.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mailflow.cli.explaining_replies import judged_line, question_of
from mailflow.tickets.ticket import Subject
from mailflow.understanding.confirmation import Asked, veto
from mailflow.understanding.confirmation.names import names_replaced
from mailflow.understanding.confirmation.text import sentences_of, without_citations
from mailflow.understanding.reply_text import split_text

Row = dict[str, Any]
Matrix = NDArray[np.float32]
_PENALTY = 3e-2
_STEPS = 400
_RATE = 0.05
_OUT = Path(veto.__file__).with_name("veto.bin")


def prepared(row: Row) -> tuple[str, Asked]:
    """Give a reply as the judge hands it to the learned reader."""
    asked = question_of(row)
    own = split_text(row["body"], [row["sent"]], row["phrase"]).own
    sentences = sentences_of(without_citations(own))
    return " ".join(names_replaced(sentence, asked) for sentence in sentences), asked


def matrix(rows: list[Row]) -> Matrix:
    found = np.zeros((len(rows), veto.BUCKETS), np.float32)
    for number, row in enumerate(rows):
        text, asked = prepared(row)
        subject = Subject.REMOVAL if row["intent"] == "removal_confirmed" else asked.subject
        buckets = sorted(veto.features(text, subject, asked.topic))
        found[number, buckets] = 1 / np.sqrt(len(buckets))
    return found


def train(found: Matrix, clear: NDArray[np.float32]) -> tuple[Matrix, float]:
    """Fit a logistic regression, both kinds weighing the same, by Adam from zero."""
    weights, bias = np.zeros(found.shape[1], np.float32), np.float32(0)
    share = np.where(clear > 0, 0.5 / clear.sum(), 0.5 / (1 - clear).sum()).astype(np.float32)
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, _STEPS + 1):
        likely = 1 / (1 + np.exp(-(found @ weights + bias)))
        error = (likely - clear) * share
        slope = found.T @ error + _PENALTY * weights / len(clear) ** 0.5
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        ahead = first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        weights = (weights - _RATE * 10 * ahead).astype(np.float32)
        bias = np.float32(bias - _RATE * error.sum() * 10)
    return weights, float(bias)


def _packed(weights: Matrix, bias: float) -> bytes:
    scale = float(np.abs(weights).max()) / 127
    head = b"".join(round(v * 1e6).to_bytes(4, "big", signed=True) for v in (scale, bias))
    return head + np.round(weights / scale).astype(np.int8).tobytes()


def _labels(rows: list[Row]) -> NDArray[np.float32]:
    return np.array([row["clear"] for row in rows], np.float32)


def main(words: list[str]) -> None:
    """Train and tell."""
    names = [word for word in words if word != "--write"]
    sets = {
        n: [json.loads(line) for line in Path(n).read_text("utf-8").splitlines()] for n in names
    }
    found = {name: matrix(rows) for name, rows in sets.items()}
    if "--write" in words:
        everything = [row for rows in sets.values() for row in rows]
        _OUT.write_bytes(_packed(*train(np.vstack(list(found.values())), _labels(everything))))
        print(f"wrote {_OUT.name}: {_OUT.stat().st_size} bytes from {len(everything)} replies")
        return
    for name, rows in sets.items():
        others = [other for other in names if other != name]
        clear = _labels([row for other in others for row in sets[other]])
        weights, bias = train(np.vstack([found[other] for other in others]), clear)
        likely = 1 / (1 + np.exp(-(found[name] @ weights + bias)))
        _tell(name, rows, likely)


def _tell(name: str, rows: list[Row], likely: Matrix) -> None:
    """Print what the judge makes of a set with a veto that never saw it, and without any."""
    confirmed = [judged_line(json.dumps(row)) for row in rows]
    for threshold in (0.0, 0.3, 0.4, 0.5, 0.6, 0.7):
        said = [
            c["verdict"] == "confirmed" and p >= threshold
            for c, p in zip(confirmed, likely, strict=True)
        ]
        false = [r["id"] for r, s in zip(rows, said, strict=True) if s and not r["clear"]]
        right = sum(s and r["clear"] for r, s in zip(rows, said, strict=True))
        clear = sum(r["clear"] for r in rows)
        print(
            f"{Path(name).name} veto below {threshold}: false accepts {len(false)} of "
            f"{len(rows) - clear}, recall {right / clear:.3f} {false}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
