"""Tables, drawn in HTML or with characters, as lists of cells."""

import re
from html.parser import HTMLParser

Cells = tuple[str, ...]
_RULE = re.compile(r"^[\s|+:=\-\u2500-\u257f]+$")  # drawn lines between rows
_CELL_ENDS = ("td", "th")


class _Tables(HTMLParser):
    """Collects every table on its own; one inside another adds nothing to the outer one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._open: list[list[list[str]]] = []
        self._in_cell: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag == "table":
            self.tables.append([])
            self._open.append(self.tables[-1])
            self._in_cell.append(False)
        elif self._open and tag == "tr":
            self._open[-1].append([])
            self._in_cell[-1] = False
        elif self._open and tag in _CELL_ENDS:
            if not self._open[-1]:
                self._open[-1].append([])
            self._open[-1][-1].append("")
            self._in_cell[-1] = True
        elif tag == "br":
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if self._open and tag == "table":
            self._open.pop()
            self._in_cell.pop()
        elif self._open and tag in (*_CELL_ENDS, "tr"):
            self._in_cell[-1] = False

    def handle_data(self, data: str) -> None:
        if self._open and self._in_cell[-1]:
            self._open[-1][-1][-1] += data


def html_tables(html: str) -> list[list[Cells]]:
    """Give each table's rows; white space within a cell counts as one blank."""
    if "<t" not in html.lower():
        return []
    reader = _Tables()
    reader.feed(html)
    reader.close()
    return [[tuple(" ".join(cell.split()) for cell in row) for row in t] for t in reader.tables]


def text_tables(lines: list[str]) -> list[list[Cells]]:
    """Give the rows of tables whose columns stand between bars, tabs or two blanks or more.

    A blank line ends a table.
    """
    tables: list[list[Cells]] = [[]]
    for line in lines:
        if not line.strip():
            tables.append([])
        elif not _RULE.match(line):
            tables[-1].append(_cells(line))
    return [table for table in tables if table]


def _cells(line: str) -> Cells:
    line = line.strip(" ")
    if "|" in line:
        return tuple(cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|"))
    if "\t" in line:
        return tuple(cell.strip() for cell in line.split("\t"))
    return tuple(re.split(r"\s{2,}", line.strip()))
