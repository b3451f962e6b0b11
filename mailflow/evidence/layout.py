"""How a page is laid out: rows of cells, headings above them, labels before values."""

import re
from dataclasses import dataclass

from mailflow.evidence.reading import Box, Words
from mailflow.evidence.words import normal

_KINDS = {
    name: kind
    for kind, names in {
        "job": "job|job id|auftrag|id|auftrags-id",
        "name": "name|job name|bezeichnung|auftragsname",
        "retailer": "retailer|account|client|customer|handler|kunde|konto",
        "marketplace": "marketplace|channel|marktplatz|kanal",
        "status": "status|result|outcome|ergebnis|status of last run|last run status|last result"
        "|last status|letzter status|letztes ergebnis|run status",
        "state": "state|zustand|job state",
        "finished": "finished|finished at|ended|ended at|end|end time|completed at|finish time"
        "|beendet|beendet um|beendet am|ende|removed at|entfernt am",
        "started": "started|started at|start|start time|gestartet|gestartet um|beginn",
        "next": "next run|next|nachster lauf|scheduled for|next run at",
        "last_success": "last success|last successful run|letzter erfolg",
        "items": "items|records|rows|orders|products|processed|artikel|datensatze",
        "errors": "errors|failed|failures|warnings|rejected|fehler|warnungen",
        "run": "run|run id|lauf|build|#|no.|nr.",
        "duration": "duration|dauer|took",
        "trigger": "trigger|triggered by|ausloser",
    }.items()
    for name in names.split("|")
}
UNKNOWN = "unknown"  # below a heading that is not understood
_SAME_ROW = 0.4  # of the lower cell's height
_MOST_HEADINGS = 0.6  # of a heading row's cells must be known


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
        return self.words.box

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


def kind_of(text: str) -> str | None:
    """Tell what a heading or label announces; None when it is not a known one."""
    return _KINDS.get(re.sub(r"[\s:.↑↓▲▼]+$", "", normal(text)))


def page_of(words: tuple[Words, ...]) -> Page:
    loose: list[Row] = []
    tables: list[tuple[Row, list[Row]]] = []
    for row in _rows(words):
        heading = _as_heading(row)
        if heading is not None:
            tables.append((heading, []))
        elif tables and _belongs(row, tables[-1][0]):
            tables[-1][1].append(_named(row, tables[-1][0]))
        else:
            loose.append(row)
    return Page(tuple(Table(heading, tuple(rows)) for heading, rows in tables), tuple(loose))


def labelled(rows: tuple[Row, ...]) -> tuple[tuple[Cell, ...], tuple[Cell, ...]]:
    """Split loose rows into values named by their labels, and all the rest."""
    values: list[Cell] = []
    rest: list[Cell] = []
    for row in rows:
        kinds = [kind_of(cell.text) for cell in row[::2]]
        if len(row) % 2 == 0 and all(kinds):
            values += [Cell(c.words, k) for c, k in zip(row[1::2], kinds, strict=True)]
            continue
        for cell in row:
            label, colon, value = cell.text.partition(":")
            kind = kind_of(label) if colon and value.strip() else None
            inner = Words(text=value.strip(), box=cell.box, confidence=cell.words.confidence)
            (values if kind else rest).append(Cell(inner, kind) if kind else cell)
    return tuple(values), tuple(rest)


def _rows(words: tuple[Words, ...]) -> list[Row]:
    rows: list[list[Cell]] = []
    for cell in sorted(map(Cell, words), key=lambda c: c.middle):
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
    known = sum(cell.kind is not None for cell in named)
    if known < 2 or known < _MOST_HEADINGS * len(row):  # noqa: PLR2004 - one label is no heading
        return None
    return named


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
