"""From the forms in which alerts are written to rows of named values."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from mailflow.understanding.alerts.pack import RulePack, key_of
from mailflow.understanding.alerts.tables import Cells, html_tables, text_tables

MAX_LINE_CHARS = 2_000
MAX_LINES = 5_000
MAX_JSON_STARTS = 20  # each is read to its end
_KEY_VALUE = re.compile(r"^\s*(?:[-*\u2022]\s+)?([^\W\d][\w .\-/]{0,40}?)\s*[:=](?!//)\s*(.*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One failure as written: their names (in the form of `key_of`) and their values."""

    values: Mapping[str, str]
    written: str  # shown to a person if the row cannot be read


@dataclass(frozen=True, slots=True)
class Rows:
    """What a text holds: rows, and lines that should have been rows."""

    rows: tuple[Row, ...] = field(default=())
    unread: tuple[str, ...] = field(default=())


def lines_of(text: str) -> tuple[list[str], tuple[str, ...]]:
    """Give the lines that rules may look at, and a word about each part that is too much."""
    lines = text.splitlines()
    notes = []
    if len(lines) > MAX_LINES:
        notes.append(f"{len(lines) - MAX_LINES} more lines were not looked at")
    if any(len(line) > MAX_LINE_CHARS for line in lines):
        notes.append(f"lines were cut after {MAX_LINE_CHARS} characters")
    return [line[:MAX_LINE_CHARS] for line in lines[:MAX_LINES]], tuple(notes)


def from_key_values(text: str, pack: RulePack) -> Rows:
    """Read "Name: value" lines; a name that comes a second time begins the next failure.

    An indented line goes on with the value above it.
    """
    lines, notes = lines_of(text)
    known = {name for names in pack.fields.values() for name in names}
    records: list[dict[str, str]] = []
    last = ""
    for line in lines:
        found = _KEY_VALUE.match(line)
        key = key_of(found[1]) if found else ""
        if found and key in known:
            if not records or key in records[-1]:
                records.append({})
            records[-1][key] = found[2].strip()
            last = key
        elif last and line[:1].isspace() and line.strip():
            records[-1][last] = f"{records[-1][last]}\n{line.strip()}".strip()
        else:
            last = ""
    return Rows(tuple(_row(record) for record in records), notes)


def from_lines(text: str, pack: RulePack) -> Rows:
    """Read each line that the pack's pattern finds; its groups are the values."""
    assert pack.pattern is not None
    lines, notes = lines_of(text)
    found = [(line, pack.pattern.search(line)) for line in lines]
    rows = [
        Row(
            values={
                key_of(name): value.strip() for name, value in hit.groupdict().items() if value
            },
            written=line.strip(),
        )
        for line, hit in found
        if hit
    ]
    return Rows(tuple(rows), notes)


def from_table(text: str, html: str, pack: RulePack) -> Rows:
    """Read the tables of the HTML, or else those of the plain text."""
    lines, notes = lines_of(text)
    for tables in (html_tables(html), text_tables(lines)):
        rows, unread = _below_headers(tables, pack)
        if rows or unread:
            return Rows(tuple(rows[:MAX_LINES]), (*unread, *_too_many(rows), *notes))
    return Rows()


def from_csv(text: str, pack: RulePack) -> Rows:
    """Read comma, semicolon or tab separated lines below the line that names the fields."""
    lines, notes = lines_of(text)
    for separator in (",", ";", "\t"):
        try:
            table = [tuple(cells) for cells in csv.reader(lines, delimiter=separator, strict=True)]
        except csv.Error:
            continue
        rows, unread = _below_headers([table], pack)
        if rows or unread:
            return Rows(tuple(rows), (*unread, *notes))
    return Rows()


def from_json(text: str, pack: RulePack) -> Rows:
    """Read the list of failures (or the single one) that the pack's path leads to."""
    found = _first_json(text)
    for step in pack.records:
        found = _normal(found).get(step) if isinstance(found, dict) else None
    items = found if isinstance(found, list) else [found]
    rows: list[Row] = []
    unread: list[str] = []
    for item in items[:MAX_LINES]:
        if isinstance(item, dict):
            values = dict(_flat(item))
            rows.append(Row(values=values, written=json.dumps(item, ensure_ascii=False)[:500]))
        elif item is not None:
            unread.append(str(item)[:500])
    return Rows(tuple(rows), (*unread, *_too_many(items)))


def _row(record: Mapping[str, str]) -> Row:
    written = ", ".join(f"{key}: {value}" for key, value in record.items())
    return Row(values=record, written=written)


def _too_many(items: list[Row] | list[object]) -> tuple[str, ...]:
    more = len(items) - MAX_LINES
    return (f"{more} more rows were not looked at",) if more > 0 else ()


def _below_headers(tables: Iterable[list[Cells]], pack: RulePack) -> tuple[list[Row], list[str]]:
    rows: list[Row] = []
    unread: list[str] = []
    for table in tables:
        header: tuple[str, ...] = ()
        for cells in table:
            keys = tuple(key_of(cell) for cell in cells)
            written = " | ".join(cell.strip() for cell in cells)[:500]
            if _is_header(keys, pack):
                header = keys
            elif not header or not any(cell.strip() for cell in cells):
                continue
            elif len(cells) != len(header):
                unread.append(written)
            else:
                values = {k: c.strip() for k, c in zip(header, cells, strict=True) if k}
                rows.append(Row(values=values, written=written))
    return rows, unread


def _is_header(keys: tuple[str, ...], pack: RulePack) -> bool:
    """A header names a column for the job and no name twice."""
    named = [key for key in keys if key]
    return bool(set(pack.fields["job"]) & set(named)) and len(set(named)) == len(named)


def _first_json(text: str) -> object:
    """Give the first whole JSON value that begins a line; a "[note]" before it is no value."""
    decoder = json.JSONDecoder(object_pairs_hook=_once)
    for start in islice(re.finditer(r"^\ufeff?[ \t]*[\[{]", text, re.MULTILINE), MAX_JSON_STARTS):
        try:
            return decoder.raw_decode(text, start.end() - 1)[0]
        except (ValueError, RecursionError):
            continue
    return None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _normal(found: dict[str, object]) -> dict[str, object]:
    return {key_of(name): value for name, value in found.items()}


def _flat(item: dict[str, object], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in item.items():
        key = f"{above}{key_of(name)}"
        if isinstance(value, dict) and not above:
            yield from _flat(value, f"{key}.")
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            yield key, str(value).strip()
