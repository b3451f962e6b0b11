"""A learned reader of replies: a small language model that was taught with labelled ones.

`bench/train_reader.py` makes its files: the pieces of words that it knows (`pieces.model`), what
each of them stands for (`pieces.q4`), and the layers that read them in order (`layers.onnx`).
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import numpy as np
import onnxruntime
import sentencepiece
from numpy.typing import NDArray

from mailflow.tickets.ticket import Subject
from mailflow.understanding.confirmation.asked import Asked, Topic
from mailflow.understanding.confirmation.names import names_as_read

FOLDER = "reader"
PIECES, MEANINGS, LAYERS = "pieces.model", "pieces.q4", "layers.onnx"
MAX_PIECES = 256  # a longer answer is not read to its end, and so not at all
WIDTH = 384  # numbers that a piece stands for
BLOCK = 32  # numbers that share a scale
CONFIRMS = ("change_confirmed", "removal_confirmed")
INTENTS = (  # what a reply may be, in the order of the outputs behind the first
    *CONFIRMS, "promise", "question", "denial", "keep_paused", "partial", "trouble", "delegated",
    "hedged", "hearsay", "other_marketplace", "bare", "unclear", "automatic", "wants_reactivation",
    "retraction", "conditional", "other_act",
)  # fmt: skip
_BEGIN, _END = 0, 2  # the pieces that stand around a text
_QUESTIONS = {
    Topic.TOKEN: "renew token",
    Topic.FEED: "correct feed",
    Topic.WEBSITE: "fix website",
    Topic.CONNECTION: "restore connection",
    None: "change",
}


@dataclass(frozen=True, slots=True)
class Impression:
    """How a text reads to the model."""

    clear: float  # log odds of a clear confirmation: above zero means rather yes
    subject: Subject  # of what, if it is one
    intent: str  # the likeliest of INTENTS that confirms nothing; "" where it was not read
    share: float  # of that intent among all of them, from 0 to 1


UNREAD = Impression(float("-inf"), Subject.REPAIR, "", 0)


def impression(own: str, asked: Asked) -> Impression:
    """Read a text with the question in mind. One that is too long is UNREAD."""
    pieces = pieces_of(question_and(own, asked))
    if len(pieces) > MAX_PIECES:
        return UNREAD
    return impression_of(_layers().run(None, {"pieces": meanings(pieces)})[0][0])


def impression_of(said: NDArray[np.float32]) -> Impression:
    """Put the model's outputs in words: first whether it is clear, then every intent."""
    shares = np.exp(said[1:] - said[1:].max())
    shares /= shares.sum()
    change, removal = shares[: len(CONFIRMS)]
    likeliest = len(CONFIRMS) + int(shares[len(CONFIRMS) :].argmax())
    subject = Subject.REMOVAL if removal > change else Subject.REPAIR
    return Impression(float(said[0]), subject, INTENTS[likeliest], float(shares[likeliest]))


def question_and(own: str, asked: Asked) -> str:
    """Give the line that the reader reads: what was asked, and what was answered."""
    removal = asked.subject is Subject.REMOVAL
    question = "remove marketplace" if removal else _QUESTIONS[asked.topic]
    text = unicodedata.normalize("NFKC", own)
    text = names_as_read(text.capitalize() if text.isupper() else text, asked)
    return f"query: {question}: {text}"


def pieces_of(text: str) -> list[int]:
    return [_BEGIN, *_pieces().encode(text), _END]


def meanings(pieces: Sequence[int]) -> NDArray[np.float32]:
    """Give the numbers that pieces stand for."""
    return unpacked(_meanings()[list(pieces)]).reshape(1, len(pieces), WIDTH)


def unpacked(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Unpack blocks of half bytes, each with a scale."""
    scales = blocks[..., :2].copy().view("<f2").astype(np.float32)
    halves = np.concatenate([blocks[..., 2:] & 15, blocks[..., 2:] >> 4], axis=-1)
    return (halves.astype(np.float32) - 8) * scales


def load_reader() -> None:
    """Read its files, once; it takes half a second."""
    _pieces()
    _meanings()
    _layers()


@cache
def _pieces() -> Any:
    return sentencepiece.SentencePieceProcessor(model_proto=_file(PIECES))


@cache
def _meanings() -> NDArray[np.uint8]:
    rows = np.frombuffer(_file(MEANINGS), np.uint8)
    return rows.reshape(-1, WIDTH // BLOCK, 2 + BLOCK // 2)


@cache
def _layers() -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # other threads work as well
    with resources.as_file(_folder() / LAYERS) as file:  # bytes would be kept besides
        return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def _file(name: str) -> bytes:
    return (_folder() / name).read_bytes()


def _folder() -> Traversable:
    return resources.files(__package__) / FOLDER
