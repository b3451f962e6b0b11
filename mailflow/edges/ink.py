"""What the pixels of a line say beside its letters: height, colour, and spots that are no text."""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mailflow.edges.images import Pixels
from mailflow.evidence.reading import Box, Spot

_DARK = 110  # of 255: the ground of a line is dark below this
_VIVID = 70  # of 255, from the strongest to the weakest of the three: there is a colour
_INKED = 0.45  # of the strongest contrast in the line
_FOLLOWS = 1.5  # line heights: what stands farther away belongs to something else
_OWN_COLUMN = 0.9  # line heights: what is left out of a line stands nearer
_BUTTON = 0.8  # line heights
_FAINTEST = 40  # of 255: fainter is the noise of a photo
_FEWEST_COLUMNS = 3
_ROW_SHARE = 0.12  # of the fullest row: descenders do not make a line taller
_SPOT_LEAST, _SPOT_MOST = 6, 72  # sides of icons, in pixels
_SPOT_FILL = 0.15
_MOST_SPOTS = 400  # more of them is the grain of a photo, not icons


@dataclass(frozen=True, slots=True)
class Ink:
    """The height of the letters in pixels, and the colour of letters or ground: "" for none."""

    height: float
    colour: str


def is_dark(crop: Pixels) -> bool:
    return float(np.median(crop)) < _DARK


def inverted(crop: Pixels) -> Pixels:
    return np.asarray(255 - crop, dtype=np.uint8)


def shape_of(crop: Pixels) -> bytes:
    """Give the letters of a line without the ground around them, equal only for equal pixels."""
    different = (crop != crop[0, 0]).any(axis=2)
    rows, columns = np.flatnonzero(different.any(axis=1)), np.flatnonzero(different.any(axis=0))
    if not rows.size:
        return crop.tobytes()
    letters = crop[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return bytes(crop[0, 0]) + repr(letters.shape).encode() + letters.tobytes()


def ink_of(crop: Pixels) -> Ink:
    """Measure a line cut out level, blue first."""
    ground = np.median(crop.reshape(-1, 3), axis=0)
    contrast = np.abs(crop.astype(np.int16) - ground.astype(np.int16)).max(axis=2)
    strongest = int(contrast.max())
    if strongest < 12:  # noqa: PLR2004 - nothing but noise
        return Ink(0.0, "")
    mask = contrast > _INKED * strongest
    per_row = mask.sum(axis=1)
    rows = np.flatnonzero(per_row > _ROW_SHARE * per_row.max())
    height = float(rows[-1] - rows[0] + 1) if rows.size else 0.0
    letters = np.median(crop[contrast > 0.8 * strongest], axis=0)
    return Ink(height, colour_of(letters) or colour_of(ground))


def colour_of(blue_green_red: npt.NDArray[np.float64]) -> str:
    """Name a colour as people read signals: red, amber, green, blue; "" for grey."""
    blue, green, red = (float(c) for c in blue_green_red)
    if max(blue, green, red) - min(blue, green, red) < _VIVID:
        return ""
    pixel = np.array([[[blue, green, red]]], dtype=np.uint8)
    hue = int(cv2.cvtColor(pixel, cv2.COLOR_BGR2HSV)[0, 0, 0]) * 2
    for end, name in ((20, "red"), (58, "amber"), (170, "green"), (290, "blue"), (361, "red")):
        if hue < end:
            return name
    return ""


def spots_of(pixels: Pixels, lines: Iterable[Box]) -> tuple[Spot, ...]:
    """Find small vivid shapes outside the lines: icons, dots, triangles."""
    image = pixels[:, :, ::-1]
    spread = image.max(axis=2).astype(np.int16) - image.min(axis=2)
    vivid = (spread > _VIVID).astype(np.uint8)
    for box in lines:
        vivid[_slice(box)] = 0
    count, _, stats, _ = cv2.connectedComponentsWithStats(vivid, connectivity=8)
    if count > _MOST_SPOTS:
        return ()
    spots: list[Spot] = []
    for left, top, width, height, area in stats[1:].tolist():
        sides = (width, height)
        if (
            min(sides) < _SPOT_LEAST
            or max(sides) > _SPOT_MOST
            or area < _SPOT_FILL * width * height
        ):
            continue
        part = image[top : top + height, left : left + width]
        chosen = part[vivid[top : top + height, left : left + width] > 0]
        box = Box(left=left, top=top, right=left + width, bottom=top + height)
        spots.append(Spot(box=box, colour=colour_of(np.median(chosen, axis=0))))
    return tuple(spots)


def ink_follows(pixels: Pixels, line: Box, others: Iterable[Box]) -> bool:
    """Tell whether something like letters stands right of a line and was not read.

    The end of a coloured badge and the rules of a table are no letters: letters begin after a gap
    and fill only a part of the line's height.
    """
    height = line.bottom - line.top
    left, right = line.right + 1, min(pixels.shape[1], line.right + _FOLLOWS * height)
    for other in others:
        level = min(other.bottom, line.bottom) - max(other.top, line.top) > height / 4
        if level and left - height < other.left < right and other.left > line.left:
            right = min(right, other.left - 2)
    strip = pixels[max(0, int(line.top)) : int(line.bottom) + 1, int(left) : max(0, int(right))]
    if strip.shape[0] < _SPOT_LEAST or strip.shape[1] < _SPOT_LEAST:
        return False
    grey = strip.mean(axis=2)
    ink = np.abs(grey - np.median(grey)) > _FAINTEST
    share = ink.mean(axis=0)
    empty = np.flatnonzero(share < 0.04)  # noqa: PLR2004 - a speck of noise
    if not empty.size:
        return False
    letters = (share[empty[0] :] > 0.1) & (share[empty[0] :] < 0.85)  # noqa: PLR2004
    columns = np.flatnonzero(letters) + empty[0]
    return columns.size >= _FEWEST_COLUMNS and not _is_button(columns, strip.shape[1], height)


def _is_button(columns: npt.NDArray[np.int64], width: int, height: float) -> bool:
    """Tell a small shape in a column of its own, such as an arrow that opens the row."""
    first, last = int(columns[0]), int(columns[-1])
    alone = last < width - 2 or last - first < height / 2
    return first > _OWN_COLUMN * height and last - first < _BUTTON * height and alone


def _slice(box: Box) -> tuple[slice, slice]:
    return (
        slice(max(0, int(box.top)), max(0, int(box.bottom) + 1)),
        slice(max(0, int(box.left)), max(0, int(box.right) + 1)),
    )
