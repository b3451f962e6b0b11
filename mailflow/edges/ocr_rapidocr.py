"""Reads the lines of text in a picture with RapidOCR; its models come inside the package."""

from typing import Any

import cv2
import numpy as np
from rapidocr import RapidOCR

from mailflow.edges.images import Pixels
from mailflow.evidence.reading import Box, Words

# A strip thinner than this is blown up by the detector until its short side reaches it:
# 1400 x 30 pixels then cost 4.5 GB and half a minute. Padding costs nothing.
LEAST_SIDE = 736
GREATEST_SIDE = 2800
_PARAMETERS = {
    "Global.log_level": "critical",
    "Global.use_cls": False,  # screens stand upright
    "Global.max_side_len": 4000,  # the size is bounded here, where boxes are scaled back
    "Global.width_height_ratio": -1,  # always look for lines, also in wide strips
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,  # two would only spin against each other
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


class RapidOcr:
    """The engine, loaded once. Not safe to share between threads."""

    def __init__(self) -> None:
        cv2.setNumThreads(1)
        self._engine: Any = RapidOCR(params=dict(_PARAMETERS))

    def read(self, pixels: Pixels) -> tuple[Words, ...]:
        """Give every line found, boxes in pixels of the picture given, red first."""
        height, width = pixels.shape[:2]
        scale = min(1.0, GREATEST_SIDE / max(height, width))
        result = self._engine(_prepared(pixels, scale))
        if result.boxes is None:
            return ()
        found = zip(result.boxes, result.txts, result.scores, strict=True)
        return tuple(
            Words(text=str(text), box=_box(corners, scale), confidence=min(1.0, float(score)))
            for corners, text, score in found
        )


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


def _box(corners: Any, scale: float) -> Box:
    points = np.asarray(corners, dtype=float) / scale
    left, top = points.min(axis=0)
    right, bottom = points.max(axis=0)
    return Box(left=float(left), top=float(top), right=float(right), bottom=float(bottom))
