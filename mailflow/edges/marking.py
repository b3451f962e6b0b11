"""Draws on a picture what was seen where, for people to check at a glance."""

import io
from collections.abc import Iterable

from PIL import Image, ImageDraw, ImageFont

from mailflow.edges.images import Decoded
from mailflow.workflow.ports import Mark

LONGEST_SIDE = 2400  # pixels of the picture that is handed out
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_COLOURS = {True: (20, 120, 45), False: (190, 20, 20)}
_LEAST_FONT, _FONT_SHARE = 14, 70  # pixels; the share of the picture's width
_LONGEST_LABEL = 60


def marked(decoded: Decoded, marks: Iterable[Mark]) -> bytes:
    """Give the picture as a PNG, with every mark drawn on it."""
    image = Image.fromarray(decoded.pixels)
    scale = min(1.0, LONGEST_SIDE / max(image.size))
    if scale < 1:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.LANCZOS)
    font = ImageFont.load_default(max(_LEAST_FONT, image.width // _FONT_SHARE))
    pen = ImageDraw.Draw(image)
    for mark in marks:
        _draw(pen, mark, scale, font)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=False)
    return out.getvalue()


def _draw(pen: ImageDraw.ImageDraw, mark: Mark, scale: float, font: Font) -> None:
    colour, pad = _COLOURS[mark.good], 3
    left, top = mark.box.x * scale - pad, mark.box.y * scale - pad
    right = left + mark.box.width * scale + 2 * pad
    bottom = top + mark.box.height * scale + 2 * pad
    pen.rectangle((left, top, right, bottom), outline=colour, width=3)
    words = "".join(c for c in mark.label if c.isprintable())[:_LONGEST_LABEL]
    area = pen.textbbox((0, 0), words, font=font)
    height = area[3] - area[1] + 2 * pad
    place = top - height if top >= height else bottom
    pen.rectangle((left, place, left + area[2] - area[0] + 2 * pad, place + height), fill=colour)
    pen.text((left + pad, place + pad - area[1]), words, font=font, fill="white")
