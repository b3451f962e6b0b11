"""Turns the lines of a tilted photo level, so that what stands in one row is seen in one row."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mailflow.evidence.reading import Box, Words

_FEWEST = 6  # wide lines
_WIDE = 3.0  # times its height
_LEVEL = 0.003  # slopes below this are not worth turning
_STEEP = 0.2

Quad = npt.NDArray[np.float32]


def levelled(words: tuple[Words, ...], quads: tuple[Quad, ...]) -> tuple[Words, ...]:
    """Give each line its place on the page as if photographed level; unchanged when it was.

    The slope of a line is taken as a + b*x + c*y, fitted over the wide lines: a camera held at an
    angle makes lines converge.
    """
    field = _slopes(quads)
    if field is None:
        return words
    a, b, c = field
    return tuple(
        replace(line, level=_turned(quad, (a, b, c)))
        for line, quad in zip(words, quads, strict=True)
    )


def _slopes(quads: tuple[Quad, ...]) -> tuple[float, float, float] | None:
    rows: list[tuple[float, float, float, float]] = []
    for quad in quads:
        (x0, y0), (x1, y1) = quad[[0, 3]].mean(axis=0), quad[[1, 2]].mean(axis=0)
        height = float(np.linalg.norm(quad[3] - quad[0]))
        if x1 - x0 > _WIDE * height and abs(y1 - y0) < _STEEP * (x1 - x0):
            rows.append(((y1 - y0) / (x1 - x0), (x0 + x1) / 2, (y0 + y1) / 2, x1 - x0))
    if len(rows) < _FEWEST:
        return None
    slope, x, y, width = np.array(rows, dtype=float).T
    if abs(float(np.median(slope))) < _LEVEL and float(np.percentile(np.abs(slope), 75)) < _LEVEL:
        return None
    keep = np.ones(len(rows), dtype=bool)
    terms = np.column_stack([np.ones_like(x), x, y])
    fitted = np.zeros(3)
    for _ in range(3):
        weight = np.sqrt(width[keep])[:, None]
        fitted = np.linalg.lstsq(terms[keep] * weight, slope[keep] * weight[:, 0], rcond=None)[0]
        rest = np.abs(terms @ fitted - slope)
        keep = rest <= max(3 * float(np.median(rest)), 0.004)
        if keep.sum() < _FEWEST:
            break
    return float(fitted[0]), float(fitted[1]), float(fitted[2])


def _turned(quad: Quad, field: tuple[float, float, float]) -> Box:
    a, b, c = field
    x, y = (float(v) for v in quad.mean(axis=0))
    height = float((np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2)
    width = float((np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2)
    # Follow the row back to the left edge: the slope is integrated along x.
    row = y - (a * x + b * x * x / 2 + c * y * x)
    column = x + (a + c * y) * y
    return Box(
        left=column - width / 2,
        right=column + width / 2,
        top=row - height / 2,
        bottom=row + height / 2,
    )
