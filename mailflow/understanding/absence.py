"""When somebody who is away is back, as far as their automatic answer has one reading."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources

from mailflow.understanding.confirmation.text import fold, sentences_of

LONGEST = timedelta(days=120)  # whoever is away for longer is not waited for
_MAX_CHARS = 4_000
_DATE = r"\x01(\d{1,2})\x02"
# Words between a phrase and its date: a weekday, an article. No other date, no end of the thought.
_GAP = r"[^\x01\x02.;:?!]{0,32}?"
_ISO = r"(?P<iso>\d{4}-\d{2}-\d{2})"
_DOTTED = r"(?P<dd>\d{1,2})\. ?(?P<dm>\d{1,2})\.(?: ?(?P<dy>\d{4}|\d{2}))?"
_SLASHED = r"(?P<sa>\d{1,2})(?P<sep>[/-])(?P<sb>\d{1,2})(?P=sep)(?P<sy>\d{4})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """The first day on which they are back, with the sentence that says it."""

    back: date
    sentence: str


@dataclass(frozen=True, slots=True)
class _Words:
    """The phrases of all languages."""

    month: dict[str, int]
    found: re.Pattern[str]  # a date
    away: re.Pattern[str]
    until: tuple[re.Pattern[str], ...]
    back: tuple[re.Pattern[str], ...]


@cache
def _words() -> _Words:
    data = tomllib.loads(resources.files(__package__).joinpath("absence.toml").read_text("utf-8"))
    names = {
        name: number
        for months in data["months"].values()
        for number, spellings in enumerate(months, 1)
        for name in spellings.split("|")
    }
    month = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    day_first = (
        rf"(?P<md>\d{{1,2}})(?:\.|st|nd|rd|th|er|o|º)?(?: of| de| d')? ?(?P<mm>{month})\b\.?"
    )
    month_first = rf"(?P<fm>{month})\.? (?P<fd>\d{{1,2}})(?:st|nd|rd|th)?\b(?![./:]\d)"
    year = r"(?:,? (?:de |del )?(?P<{}>\d{{4}}))?"
    found = "|".join(
        [_ISO, _DOTTED, _SLASHED, day_first + year.format("my"), month_first + year.format("fy")]
    )
    return _Words(
        names,
        re.compile(rf"(?<![\w./-])(?:{found})(?![\w/-]|\.\d)"),
        re.compile("|".join(phrase for one in data["away"].values() for phrase in one)),
        *(
            tuple(
                re.compile(phrase.replace("<date>", _DATE).replace("<gap>", _GAP))
                for one in data[kind].values()
                for phrase in one
            )
            for kind in ("until", "back")
        ),
    )


def read_absence(subject: str, text: str, *, written: date) -> Absence | None:
    """Find the one day on which the writer is back; None where there is none, or more than one.

    `written` is when it came: a date without a year is the next such day after it.
    """
    told = [subject, *(one.written for one in sentences_of(text[:_MAX_CHARS]))]
    returns: dict[date, str] = {}
    ends: dict[date, str] = {}
    for sentence in told:
        for day, is_back in _days_in(fold(sentence), written):
            if day is None:  # too far off, past, or with two readings
                return None
            (returns if is_back else ends).setdefault(day, sentence.strip())
    chosen = returns or ends
    if len(chosen) != 1 or len(ends) > 1 or (returns and ends and min(returns) < min(ends)):
        return None
    ((back, sentence),) = chosen.items()
    return Absence(back=back, sentence=sentence)


def _days_in(folded: str, written: date) -> Iterator[tuple[date | None, bool]]:
    """Give the first day back that the sentence names, and whether it was named as that."""
    words = _words()
    dates: list[date | None] = []

    def numbered(found: re.Match[str]) -> str:
        dates.append(_day(found, words.month, written))
        return f"\x01{len(dates) - 1}\x02"

    if folded.count("\x01") or len(folded) > _MAX_CHARS:
        return
    marked = words.found.sub(numbered, folded)
    if len(dates) > 20:  # noqa: PLR2004 - a calendar, not a sentence
        return
    for pattern in words.back:
        for match in pattern.finditer(marked):
            yield _within(dates[int(match[match.lastindex or 1])], written), True
    if not words.away.search(marked):
        return
    for pattern in words.until:
        for match in pattern.finditer(marked):
            last = dates[int(match[match.lastindex or 1])]
            yield _within(last + timedelta(days=1) if last else None, written), False


def _within(day: date | None, written: date) -> date | None:
    return day if day is not None and written < day <= written + LONGEST else None


def _day(found: re.Match[str], months: dict[str, int], written: date) -> date | None:
    """Read one date; None where it has two readings or is none."""
    parts = found.groupdict()
    try:
        if parts["iso"]:
            return date.fromisoformat(parts["iso"])
        if parts["dd"]:
            return _next(parts["dy"], int(parts["dm"]), int(parts["dd"]), written)
        if parts["sa"]:
            return _slashed(int(parts["sa"]), int(parts["sb"]), int(parts["sy"]))
        if parts["mm"]:
            return _next(parts["my"], months[parts["mm"]], int(parts["md"]), written)
        return _next(parts["fy"], months[parts["fm"]], int(parts["fd"]), written)
    except ValueError:
        return None


def _slashed(first: int, second: int, year: int) -> date | None:
    """Read 25/12/2026 and 12/25/2026; of 4/12/2026 nobody knows which is the day."""
    most = 12
    if first <= most and second <= most and first != second:
        return None
    return date(year, second, first) if second <= most else date(year, first, second)


def _next(year: str | None, month: int, day: int, written: date) -> date | None:
    if year:
        return date(int(year) + (2000 if len(year) == 2 else 0), month, day)  # noqa: PLR2004
    this_year = date(written.year, month, day)
    return this_year if this_year >= written else date(written.year + 1, month, day)
