"""What pixels say beside letters: colours, marks, and ink that nobody read."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mailflow.edges.images import Pixels
from mailflow.edges.ink import ink_follows, ink_of, spots_of
from mailflow.evidence.reading import Box

LINE = Box(left=20, top=20, right=118, bottom=46)


def drawn(paint) -> Pixels:
    image = Image.new("RGB", (420, 70), "white")
    pen = ImageDraw.Draw(image)
    pen.text((24, 22), "Succeeded", fill="black", font_size=20)
    paint(pen)
    return np.asarray(image)


def test_unread_letters_behind_a_status_are_noticed():
    pixels = drawn(lambda pen: pen.text((128, 22), ": 0", fill="black", font_size=20))
    assert ink_follows(pixels, LINE, [])


def test_letters_that_were_read_are_no_unread_ink():
    pixels = drawn(lambda pen: pen.text((128, 22), ": 0", fill="black", font_size=20))
    assert not ink_follows(pixels, LINE, [Box(left=124, top=20, right=160, bottom=46)])


@pytest.mark.parametrize(
    "paint",
    [
        lambda _: None,
        lambda pen: pen.line((134, 0, 134, 70), fill="black", width=1),
        lambda pen: pen.rectangle((10, 14, 126, 52), outline="green", width=2),
        lambda pen: pen.text((190, 22), "Owner", fill="black", font_size=20),
        lambda pen: pen.polygon([(146, 26), (158, 32), (146, 38)], fill="blue"),
    ],
    ids=["nothing", "the rule of a table", "a frame", "the next column", "an arrow of the row"],
)
def test_what_is_no_letter_close_by_is_not_taken_for_one(paint):
    assert not ink_follows(drawn(paint), LINE, [])


@pytest.mark.parametrize(
    ("ink", "ground", "colour"),
    [
        ("#c5221f", "white", "red"),
        ("white", "#c5221f", "red"),
        ("#e8930c", "white", "amber"),
        ("#137333", "white", "green"),
        ("#1d2733", "white", ""),
        ("white", "#15181d", ""),
    ],
)
def test_the_colour_of_letters_or_their_ground_is_named(ink, ground, colour):
    image = Image.new("RGB", (140, 30), ground)
    ImageDraw.Draw(image).text((6, 2), "Succeeded", fill=ink, font_size=20)
    found = ink_of(np.asarray(image)[:, :, ::-1].copy())
    assert found.colour == colour
    assert 12 <= found.height <= 18


def test_a_coloured_mark_is_found_and_named():
    pixels = drawn(lambda pen: pen.polygon([(200, 46), (212, 22), (224, 46)], fill="#d93025"))
    (spot,) = spots_of(pixels, [LINE])
    assert spot.colour == "red"
    assert spot.box.left == pytest.approx(200, abs=2)
