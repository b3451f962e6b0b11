"""What the picture worker does: unfold documents, decode, read, look again, draw.

Only the worker imports this file: decoders and engine stay out of the daemon's memory.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from mailflow.edges.documents import pictures_in
from mailflow.edges.images import Pixels, decode
from mailflow.edges.marking import marked
from mailflow.edges.ocr_rapidocr import Quad, RapidOcr
from mailflow.evidence.reading import Words
from mailflow.workflow.ports import Mark

_WORTH_KEEPING = 10_000_000  # pixels; a larger picture is decoded again for a second look


class PictureDesk:
    """Keeps the engine, and the last picture for a second look at it."""

    def __init__(self) -> None:
        self._engine: RapidOcr | None = None
        self._last: tuple[str, Pixels, dict[Words, Quad]] | None = None

    def unfold(self, content: bytes) -> tuple[dict[str, Any], list[bytes]]:
        found = pictures_in(content)
        rows = [(picture.place, picture.findings) for picture in found]
        return {"pictures": rows}, [picture.content for picture in found]

    def draw(self, content: bytes, marks: Iterable[Mark]) -> bytes:
        return marked(decode(content), marks)

    def read(self, content: bytes) -> dict[str, Any]:
        """Read every line, quickly."""
        self._last = None
        decoded = decode(content)
        found = self._reader().read(decoded.pixels)
        if decoded.width * decoded.height <= _WORTH_KEEPING:
            quads = dict(zip(found.words, found.quads, strict=True))
            self._last = (decoded.sha256, decoded.pixels, quads)
        return {
            "sha256": decoded.sha256,
            "pixels_sha256": decoded.pixels_sha256,
            "fingerprint": decoded.fingerprint,
            "width": decoded.width,
            "height": decoded.height,
            "findings": decoded.findings,
            "metadata": decoded.metadata,
            "words": [asdict(words) for words in found.words],
            "spots": [asdict(spot) for spot in found.spots],
        }

    def read_again(self, content: bytes, lines: Sequence[Words]) -> dict[str, Any]:
        """Read some lines with the better model."""
        pixels, quads = self._kept(content)
        pairs = [(words, quads.get(words, _upright(words))) for words in lines]
        known = [words.box for words in quads]
        again = self._reader().read_again(pixels, pairs, known)
        return {"words": [asdict(words) for words in again]}

    def _kept(self, content: bytes) -> tuple[Pixels, dict[Words, Quad]]:
        if self._last and self._last[0] == hashlib.sha256(content).hexdigest():
            return self._last[1:]
        return decode(content).pixels, {}

    def _reader(self) -> RapidOcr:
        if self._engine is None:
            self._engine = RapidOcr()
        return self._engine


def _upright(words: Words) -> Quad:
    box = words.box
    corners = [
        (box.left, box.top),
        (box.right, box.top),
        (box.right, box.bottom),
        (box.left, box.bottom),
    ]
    return np.array(corners, dtype=np.float32)
