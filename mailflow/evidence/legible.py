"""Whether a line is large and sharp enough to rest a verdict on it."""

from mailflow.evidence.layout import Cell

SUREST = 0.85  # below this the engine's own word for a deciding cell is not enough
LOWEST_PIXELS = 13.0  # of its box; half-size pictures are misread silently
LOWEST_INK = 7.0  # of its letters, where they were measured


def too_faint(cell: Cell) -> bool:
    """Tell whether a deciding line is too small or too blurred to be relied on."""
    words = cell.words
    small = words.ink_height < LOWEST_INK if words.ink_height else cell.height < LOWEST_PIXELS
    return small or words.confidence < SUREST
