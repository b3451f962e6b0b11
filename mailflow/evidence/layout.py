"""How a page is laid out: rows of cells, headings above them, labels before values."""

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise

from mailflow.evidence.lexicon import headings
from mailflow.evidence.reading import Box, Words
from mailflow.evidence.statuses import Says, is_mark, sense
from mailflow.evidence.times import times_in
from mailflow.evidence.words import normal

UNKNOWN = "unknown"  # below a heading that is not understood
TIMES = frozenset({"finished", "started", "when"})
SAME_EDGE = 0.9  # line heights by which a value above or below its label may be indented
NEARER = 0.7  # of the way down to the next text, where a label belongs to what is above it
_SAME_ROW = 0.4  # of the lower cell's height
_MOST_HEADINGS = 0.6  # of a heading row's cells must be known
_SECOND_LINE = 1.3  # line heights from the middle of a row to its first or second line
_FARTHEST_LINE = 6.0  # line heights below the last row: more is no longer the table
_HALFWAY = 1.8
_ROW_NUMBER = re.compile(r"\d{1,4}")
_ID = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+){2,}")  # of a job: no heading
_FEWEST_NUMBERS = 3  # lines that are counted
_HEADS = 2.0  # line heights from the heading of a column down to it
_LONG_ENOUGH = 5  # letters of a heading that may be read with one of them wrong
_ONE_LINE = 0.6  # line heights between the middles of two texts of one line
_NEXT_LINE = 2.1  # line heights from a text to the one below it
_INDENT = 0.6  # line heights by which the rows of a group stand to the right of its head
WORDS = frozenset({Says.SUCCESS, Says.WEAK_SUCCESS, Says.TROUBLE, Says.REMOVED})


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of text, and what its heading or label says it is."""

    words: Words
    kind: str | None = None

    @property
    def text(self) -> str:
        return self.words.text

    @property
    def box(self) -> Box:
        return self.words.place

    @property
    def middle(self) -> float:
        return (self.box.top + self.box.bottom) / 2

    @property
    def height(self) -> float:
        return self.box.bottom - self.box.top


Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A heading row and the rows below it, their cells named by the headings."""

    heading: Row
    rows: tuple[Row, ...]
    strays: Row = ()  # text among the rows that could not be given to one of them

    def has(self, kind: str) -> bool:
        return any(cell.kind == kind for cell in self.heading)


@dataclass(frozen=True, slots=True)
class Page:
    """Every row of a picture: those below a heading in tables, the others loose."""

    tables: tuple[Table, ...]
    loose: tuple[Row, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        inside = [cell for t in self.tables for row in (t.heading, *t.rows) for cell in row]
        return (*inside, *(cell for row in self.loose for cell in row))


@lru_cache(maxsize=4096)
def kind_of(text: str) -> str | None:
    """Tell what a heading or label announces; None when it is not a known one."""
    plain = normal(text)
    return headings().get(_bare(plain)) or headings().get(plain) or _numbered(_bare(plain))


def _numbered(text: str) -> str | None:
    """Tell the number of a run by its word: "Ausfuhrung ID", "Run no."."""
    word = re.sub(r"[\s-]+(?:id|nr|no)$", "", text)
    return "run" if word != text and headings().get(word) == "run" else None


def _bare(text: str) -> str:
    """Leave out what headings carry around their words: arrows, even read as letters; boxes."""
    return re.sub(r"^[\s\u25a1\u2610]+|[\s:.↑↓▲▼↕⇅▴▾]+$|(?<=\w) [til]$", "", text)


def nearly(text: str) -> str | None:
    """Tell what a heading announces that was read with one wrong letter."""
    plain = _bare(normal(text))
    if len(plain) < _LONG_ENOUGH:
        return None
    kinds = {kind for name, kind in headings().items() if _one_letter_apart(plain, name)}
    return kinds.pop() if len(kinds) == 1 else None


def _one_letter_apart(one: str, other: str) -> bool:
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1


def page_of(words: tuple[Words, ...]) -> Page:
    loose: list[Row] = []
    tables: list[_Growing] = []
    rows = rows_of(_unnumbered(tuple(map(Cell, words))))
    for row, over, under in zip(rows, [(), *rows], [*rows[1:], ()], strict=False):
        heading = _as_heading(row)
        if heading is not None and _stand_below(row, over, under):
            loose.append(row)
            continue
        if heading is not None:
            tables.append(_Growing(heading))
            continue
        inside, beside = _split_off(row, tables[-1].heading) if tables else ((), row)
        if tables and _belongs(inside, tables[-1].heading):
            tables[-1].rows.append(_named(inside, tables[-1].heading))
        elif tables and inside and _is_near(inside, tables[-1]):
            tables[-1].between.append(inside)
        else:
            beside = row
        if beside:
            loose.append(beside)
    for table in tables:
        loose += _settle(table)
    done = tuple(Table(t.heading, tuple(t.rows), tuple(t.strays)) for t in tables)
    return Page(done, tuple(loose))


def _stand_below(labels: Row, over: Row, under: Row) -> bool:
    """Tell labels that stand small below their values: each is much nearer to what is above it."""

    def away(label: Cell, row: Row) -> float:
        near = [c for c in row if abs(c.box.left - label.box.left) < SAME_EDGE * label.height]
        return min((abs(c.middle - label.middle) for c in near), default=9 * label.height)

    return all(away(label, over) < NEARER * away(label, under) for label in labels) and not any(
        is_label(c) for c in over
    )


def _unnumbered(cells: Row) -> Row:
    """Leave out the numbers of lines: they stand left of all else and count up."""
    firsts = [row[0] for row in rows_of(cells) if len(row) > 1]
    column = [c for c in firsts if _ROW_NUMBER.fullmatch(c.text)]
    if any(abs(c.box.right - column[0].box.right) > c.height for c in column):
        return cells
    if any(_heads_numbers(c, column[0]) for c in cells if column):
        return cells
    counted = [int(c.text) for c in column]
    if len(counted) < _FEWEST_NUMBERS or any(b <= a for a, b in pairwise(counted)):
        return cells
    pitch = [
        (b.middle - a.middle) / (n - m) / a.height
        for (a, m), (b, n) in pairwise(zip(column, counted, strict=True))
    ]
    even = max(pitch) - min(pitch) < _SAME_ROW
    return tuple(c for c in cells if all(c is not one for one in column)) if even else cells


def _heads_numbers(cell: Cell, first: Cell) -> bool:
    """Tell whether a text is the heading of a column of numbers, which mean something then."""
    above = cell.middle < first.middle and cell.box.left < first.box.right
    near = first.box.top - cell.box.bottom < _HEADS * first.height
    return above and cell.box.right > first.box.left and (near or kind_of(cell.text) is not None)


@dataclass(slots=True)
class _Growing:
    """A table while its rows are found."""

    heading: Row
    rows: list[Row] = field(default_factory=list)
    between: list[Row] = field(default_factory=list)
    strays: list[Cell] = field(default_factory=list)


def _split_off(row: Row, heading: Row) -> tuple[Row, Row]:
    """Split off what stands left of the table: a menu far away, the number of a row."""
    first = heading[0].box.left

    def is_outside(cell: Cell) -> bool:
        numbered = _ROW_NUMBER.fullmatch(cell.text) is not None and cell.box.right < first
        return numbered or cell.box.right < first - 2 * heading[0].height

    return (
        tuple(cell for cell in row if not is_outside(cell)),
        tuple(cell for cell in row if is_outside(cell)),
    )


def _is_near(row: Row, table: _Growing) -> bool:
    """Tell whether a line can be the first or second one of a row of the table."""
    above = table.rows[-1] if table.rows else table.heading
    return row[0].middle - _middle(above) < _FARTHEST_LINE * row[0].height


def _settle(table: _Growing) -> list[Row]:
    """Give each line between the rows to its row: rows of two lines have their facts centred."""
    left: list[Row] = []
    for line in table.between:
        if len(line) == 1 and _heads_group(line[0], table):
            left.append(line)
            continue
        place = _placed(line, table)
        if place:
            left.append((place,))
            continue
        for cell in line:
            away = [(abs(_middle(row) - cell.middle), i) for i, row in enumerate(table.rows)]
            nearest = min(away, default=(cell.height * 9, -1))[0]
            if nearest > _SECOND_LINE * cell.height:
                table.strays += _named((cell,), table.heading)
                left.append((cell,))
                continue
            # A line halfway between two rows may belong to either, so it counts for both.
            for distance, index in away:
                if distance <= max(_HALFWAY * nearest, 1):
                    table.rows[index] = _with(table.rows[index], cell, table.heading)
    return left


def _placed(line: Row, table: _Growing) -> Cell | None:
    """Give the value of a line such as "Marketplace: Kaufwelt DE" that heads rows, at its edge."""
    said = [c for c in line if not is_mark(c.text)]
    if len(said) != 2 or kind_of(said[0].text) not in ("retailer", "marketplace"):  # noqa: PLR2004 - label and value
        return None
    label, value = said
    nearest = min((abs(_middle(row) - value.middle) for row in table.rows), default=0.0)
    if nearest <= _SECOND_LINE * value.height:
        return None
    edge = replace(value.box, left=label.box.left)
    return Cell(replace(value.words, level=edge))


def _heads_group(cell: Cell, table: _Growing) -> bool:
    """Tell a line of a tree that stands left of every row: its rows are indented below it."""
    edge = min((row[0].box.left for row in table.rows), default=0.0)
    return cell.box.left < edge - _INDENT * cell.height and sense(cell.text) not in WORDS


def _with(row: Row, cell: Cell, heading: Row) -> Row:
    return tuple(sorted((*row, *_named((cell,), heading)), key=lambda c: c.box.left))


def _middle(row: Row) -> float:
    middles = sorted(cell.middle for cell in row)
    return middles[len(middles) // 2]


def is_label(cell: Cell) -> bool:
    """Tell a label from a value; "Completed" heads a column of times, or it is the word itself."""
    told = sense(cell.text) in WORDS and len(cell.text.split()) == 1
    return kind_of(cell.text) is not None and not told


def on_one_line(one: Cell, other: Cell) -> bool:
    return abs(one.middle - other.middle) < _ONE_LINE * max(one.height, other.height)


def right_below(cell: Cell, word: Cell) -> bool:
    close = 0 < cell.middle - word.middle < _NEXT_LINE * word.height
    return close and abs(cell.box.left - word.box.left) < 1.5 * word.height


def rows_of(cells: Row) -> list[Row]:
    """Group cells that stand on one line, each line from left to right, top down."""
    rows: list[list[Cell]] = []
    for cell in sorted(cells, key=lambda c: c.middle):
        for row in reversed(rows[-3:]):
            last = row[-1]
            if abs(last.middle - cell.middle) <= _SAME_ROW * min(last.height, cell.height):
                row.append(cell)
                break
        else:
            rows.append([cell])
    return [tuple(sorted(row, key=lambda c: c.box.left)) for row in rows]


def _as_heading(row: Row) -> Row | None:
    named = tuple(Cell(cell.words, kind_of(cell.text)) for cell in row)
    known = [cell for cell in named if cell.kind is not None]
    if known and all(cell.kind or nearly(cell.text) for cell in named):
        known = list(named)
    if any(cell.text.endswith(":") for cell in known):
        return None  # labels, not headings
    if len(known) < 2 or len(known) < _MOST_HEADINGS * len(row):  # noqa: PLR2004 - one label is no heading
        return None
    if any(_ID.fullmatch(normal(cell.text)) or times_in(cell.text) for cell in row):
        return None
    # "Completed  Failed" are the words of runs side by side.
    if all(sense(cell.text) in WORDS for cell in known):
        return None
    # "Status  Completed" is a label and its value, though a column may be called so too.
    if len(known) == 2 and not all(is_label(cell) for cell in known[1:]):  # noqa: PLR2004
        return None
    # "Status: ...  Status: ..." are the labels of cards side by side.
    if len({normal(cell.text) for cell in known}) < len(known):
        return None
    return tuple(Cell(cell.words, cell.kind or nearly(cell.text)) for cell in named)


def _belongs(row: Row, heading: Row) -> bool:
    """Tell whether a row can be one of the table: it is as wide, not a line of text below it."""
    columns = {id(_column(cell, heading)) for cell in row if _column(cell, heading) is not None}
    return len(row) > 1 and len(columns) > 1


def _named(row: Row, heading: Row) -> Row:
    columns = [_column(cell, heading) for cell in row]
    return tuple(
        Cell(cell.words, (column.kind or UNKNOWN) if column else None)
        for cell, column in zip(row, columns, strict=True)
    )


def _column(cell: Cell, heading: Row) -> Cell | None:
    def shared(head: Cell) -> float:
        return min(head.box.right, cell.box.right) - max(head.box.left, cell.box.left)

    best = max(heading, key=shared)
    return best if shared(best) > 0 else None
