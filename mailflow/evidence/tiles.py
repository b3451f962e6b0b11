"""Finds the newest of a job's runs that stand side by side, each in a tile, the newest first."""

from mailflow.evidence import runs
from mailflow.evidence.labels import labelled
from mailflow.evidence.layout import TIMES, Cell, Row, kind_of, on_one_line, rows_of
from mailflow.evidence.times import Local, moment_in
from mailflow.evidence.words import normal

_GAP = 1.9  # line heights: a wider gap ends a tile
_EDGE = 0.5  # line heights by which the lines of a tile may be out of line
_SAME = 0.5  # line heights by which the lines of two tiles may differ in height


def side_by_side(cells: Row, local: Local) -> tuple[Row, Row] | None:
    """Give what the newest run's tile says, and the cells of all tiles; None for no such tiles.

    All tiles are built alike: a word and a time, line for line.
    """
    spoken = sorted((c for c in cells if runs.is_word(c)), key=lambda c: c.box.left)
    words = [c for c in spoken if not _is_label(c, spoken)]
    if len(words) < 2 or not all(on_one_line(c, words[0]) for c in words):  # noqa: PLR2004 - one is no row
        return None
    tiles = _built_alike([_tile(word, cells) for word in words])
    if tiles is None:
        return None
    dates = [tuple(c for c in tile if moment_in(c.text, local)) for tile in tiles]
    if any(len(d) != 1 for d in dates) or runs.newest(dates, local) is None:
        return None
    [word] = [c for c in tiles[0] if any(c is one for one in words)]
    values, rest = labelled(
        tuple(rows_of(tuple(c for c in tiles[0] if c is not word))), freely=True
    )
    told = (Cell(word.words, "status"), *values, *(runs.told(c, local) for c in rest))
    return told, tuple(c for tile in tiles for c in tile)


def _is_label(word: Cell, words: list[Cell]) -> bool:
    """Tell "Completed" above the time of every tile, where another line has the words."""
    same = [c for c in words if normal(c.text) == normal(word.text) and on_one_line(c, word)]
    others = [c for c in words if not on_one_line(c, word)]
    return kind_of(word.text) in TIMES and len(same) == len(others) > 1


def _tile(word: Cell, cells: Row) -> Row:
    """Give the lines on the word's edge, up and down to a gap."""
    edge = [c for c in cells if abs(c.box.left - word.box.left) < _EDGE * word.height]
    tile = [word]
    for cell in sorted(edge, key=lambda c: abs(c.middle - word.middle)):
        gap = min(max(c.box.top - cell.box.bottom, cell.box.top - c.box.bottom) for c in tile)
        if cell is not word and gap < _GAP * word.height:
            tile.append(cell)
    return tuple(sorted(tile, key=lambda c: c.middle))


def _built_alike(tiles: list[Row]) -> list[Row] | None:
    """Give the lines that all tiles have; one of them may have the page's title above."""
    alike: list[Row] = []
    for tile in tiles:
        kept = tuple(c for c in tile if all(_has_line(other, c) for other in tiles))
        if any(c not in kept and c.middle > kept[0].middle for c in tile):
            return None
        alike.append(kept)
    return alike


def _has_line(tile: Row, cell: Cell) -> bool:
    return any(abs(cell.middle - c.middle) < _SAME * cell.height for c in tile)
