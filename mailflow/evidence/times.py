"""Times as pages show them. A time is the set of moments that it can mean."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from mailflow.evidence.lexicon import Pattern, ago, alternatives, any_of, months, words
from mailflow.evidence.words import normal


@dataclass(frozen=True, slots=True)
class Span:
    """From the first to the last moment that one reading allows, aware UTC."""

    earliest: datetime
    latest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A time found in a text. No readings: it is there, and cannot be told."""

    text: str
    readings: tuple[Span, ...]  # the likeliest first
    relative: bool = False  # "5 minutes ago", "today": it hangs on when the picture was taken
    back: timedelta | None = None  # how long before the picture at least, where it says so
    most: timedelta | None = None  # and at most


@dataclass(frozen=True, slots=True)
class Local:
    """What fills the gaps of a time on a page."""

    zone: str  # IANA
    day_first: bool
    certain: bool = False  # other dates of the page show that no other order is possible


def local_of(texts: Iterable[str], zone: str, *, day_first: bool) -> Local:
    """Take the order of day and month from a page where one of its dates allows only one."""
    firsts, seconds = False, False
    for text in texts:
        for match in _NUMERIC.finditer(normal(text)):
            firsts |= int(match["a"]) > _LAST_MONTH
            seconds |= int(match["b"]) > _LAST_MONTH
    if firsts == seconds:
        return Local(zone, day_first)
    return Local(zone, firsts, certain=True)


_UNITS = {
    "minute": timedelta(),  # seconds are among them
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_LONGEST = _UNITS | {"minute": timedelta(minutes=1)}
_BEFORE_ITS_MAIL = timedelta(minutes=30)  # at most, that a picture is taken
_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 60, "cet": 60, "mez": 60, "cest": 120,
    "mesz": 120, "eet": 120, "eest": 180,
}  # fmt: skip
_CLOCK = (
    r"(?P<h>\d{1,2})\s?[:.h]\s?(?P<mi>\d{2})(?:\s?[:.]\s?(?P<s>\d{2})(?:[.,]\d{1,9})?)?(?!\d)"
    r"(?:\s*(?P<ap>[ap])\.?\s?m\b\.?)?(?:\s*(?:uhr|uur)\b)?"
    r"(?:\s*\(?(?P<tz>" + "|".join(sorted(_ZONES, key=len, reverse=True)) + r")\b\)?)?"
    r"(?:\s*\(?(?:utc|gmt)?(?P<off>[+-]\s?\d{1,2}(?::?\d{2})?)\)?(?![\d:]))?"
)
_MORE = r"(?P<more>\s*\(?(?!uhr\b|uur\b)[a-z]{2,5}\b|\s?[+-]\s?\d|\d)?"
_DATES = (
    r"(?<!\d)(?P<y>20\d{2})\s?[-/.]\s?(?P<mo>\d{2})\s?[-/.]\s?(?P<d>\d{2})",
    r"(?<![\d.])(?P<a>\d{1,2})\s?(?P<mark>[./-])\s?(?P<b>\d{1,2})\s?(?P=mark)\s?(?P<y>20\d{2})",
    (
        r"(?<!\d)(?P<d>\d{1,2})(?:\.|º|th|st|nd|rd)?\s*[-/]?(?:de\s+)?(?P<name>[a-z]{3,12})\.?,?"
        r"\s*[-/]?(?:de\s+)?(?P<y>20\d{2})"
    ),
    r"(?<![a-z])(?P<name>[a-z]{3,12})\.?\s*(?P<d>\d{1,2})(?:th|st|nd|rd)?\s?,?\s?(?P<y>20\d{2})",
)
_ONLY_CLOCK = re.compile(r"^\s*\d{1,2}:\d{2}(?::\d{2})?(?:\s*(?:[ap]m|utc|z|uhr))?\s*$")
_DATE_LIKE = re.compile(r"\d{4}-\d{2}-\d{2}|\d/\d+/\d|\d\.\d+\.\d\d")
_NUMERIC = re.compile(r"(?<![\d./-])(?P<a>\d{1,2})\s?([/-])\s?(?P<b>\d{1,2})\s?\2\s?20\d{2}")
_NOON = 12
_LAST_MONTH = 12
_LAST_HOUR = 23
_FARTHEST_OFFSET = 14 * 60


@lru_cache(maxsize=4096)
def moment_in(text: str, local: Local) -> Moment | None:
    """Find the one time in a cell; None when there is none, no readings when it is unclear."""
    plain = normal(text)
    relative = _relative(text, plain)
    if relative:
        return relative
    found = _matches(plain)
    if len(found) == 1 and not found[0]["more"]:
        return Moment(text=text, readings=_readings(found[0], local))
    if found or _ONLY_CLOCK.match(plain) or _DATE_LIKE.search(plain):
        return Moment(text=text, readings=())
    return None


@lru_cache(maxsize=4096)
def times_in(text: str) -> tuple[tuple[int, int], ...]:
    """Give where times with a date stand in a text, from left to right."""
    plain = normal(text)
    if len(plain) != len(text):
        return ()
    found: list[tuple[int, int]] = []
    here = 0
    while match := _next_time(plain, here):
        end = match.end()
        if match["more"]:
            # What follows may be another time, and not a zone.
            end = match.start("more")
            after = _next_time(plain, end)
            if after is None or plain[end : after.start()].strip():
                here = match.end()
                continue
        found.append((match.start(), end))
        here = end
    return tuple(found)


def _next_time(plain: str, here: int) -> re.Match[str] | None:
    matches = [m for pattern in _patterns() if (m := pattern.search(plain, here))]
    return min(matches, key=lambda m: (m.start(), -m.end()), default=None)


def tells_time(text: str) -> bool:
    """Tell whether it is a time of some kind, or the dash that stands for none."""
    plain = normal(text)
    return (
        bool(_matches(plain))
        or _relative(text, plain) is not None
        or _ONLY_CLOCK.match(plain) is not None
        or not any(c.isalnum() for c in plain)
    )


def _relative(text: str, plain: str) -> Moment | None:
    for pattern, unit in ago():
        match = pattern.search(plain)
        if match:
            many = int(match[1]) if match[1].isdigit() else 1
            back, most = many * _UNITS[unit], (many + 1) * _LONGEST[unit]
            return Moment(text=text, readings=(), relative=True, back=back, most=most)
    if any_of("yesterday").search(plain) or any_of("day_words").search(plain):
        return Moment(text=text, readings=(), relative=True, back=timedelta())
    return None


def meant_by(moment: Moment, sent: datetime, local: Local) -> Span | None:
    """Tell when it was that ended "5 minutes ago" or "today 09:14", if the picture is a fresh one.

    None where that cannot be narrowed down.
    """
    if moment.back is not None and moment.most is not None:
        return Span(sent - moment.most - _BEFORE_ITS_MAIL, sent - moment.back)
    plain = normal(moment.text)
    clock = re.search(r"(?<![\d:])(\d{1,2}):(\d{2})(?![\d:])", plain)
    if (
        not moment.relative
        or clock is None
        or int(clock[1]) > _LAST_HOUR
        or "m" in plain[clock.end() :]
    ):
        return None
    day = sent.astimezone(ZoneInfo(local.zone))
    if any_of("yesterday").search(plain):
        day -= timedelta(days=1)
    start = day.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
    return Span(start.astimezone(UTC), start.astimezone(UTC) + timedelta(seconds=59))


@cache
def _patterns() -> tuple[Pattern, ...]:
    at = alternatives(words("at"))
    between = rf"(?P<sep>\s*,?\s*(?:-\s+)?(?:(?:{at})\s*)?|t)"
    date_first = [re.compile(date + between + _CLOCK + _MORE) for date in _DATES]
    clock_first = [
        re.compile(r"(?<![\d:])" + _CLOCK + r"(?P<sep>\s*,?\s+)" + date + r"(?P<more>\d)?")
        for date in _DATES
    ]
    return (*date_first, *clock_first)


def _matches(plain: str) -> list[re.Match[str]]:
    """Find the times; where two patterns meet in one place, the longer one has understood it."""
    found = [match for pattern in _patterns() for match in pattern.finditer(plain)]
    kept: list[re.Match[str]] = []
    for match in sorted(found, key=lambda m: m.start() - m.end()):
        if all(match.end() <= other.start() or other.end() <= match.start() for other in kept):
            kept.append(match)
    return kept


def _readings(match: re.Match[str], local: Local) -> tuple[Span, ...]:
    spans: list[Span] = []
    for date in _dates(match, local):
        for span in _spans(match, date, local):
            if span not in spans:
                spans.append(span)
    return tuple(spans)


def _dates(match: re.Match[str], local: Local) -> list[tuple[int, int, int]]:
    parts = match.groupdict()
    year = int(parts["y"])
    if "name" in parts:
        named = months().get(parts["name"], frozenset())
        return [(year, month, int(parts["d"])) for month in sorted(named)]
    if "mo" in parts:
        return [(year, int(parts["mo"]), int(parts["d"]))]
    first, second = int(parts["a"]), int(parts["b"])
    both = [(year, second, first), (year, first, second)]
    if parts["mark"] == ".":
        return both[:1]
    ordered = both if local.day_first else both[::-1]
    return ordered[:1] if local.certain else ordered


def _spans(match: re.Match[str], date: tuple[int, int, int], local: Local) -> list[Span]:
    hour = _hour(int(match["h"]), match["ap"])
    try:
        naive = datetime(*date, hour, int(match["mi"]), int(match["s"] or 0))  # noqa: DTZ001 - the zone follows
    except ValueError:
        return []
    length = timedelta(seconds=0) if match["s"] else timedelta(seconds=59)
    starts = [
        naive.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        for zone in _zones(match, local)
        for fold in (0, 1)  # the hour that comes twice in autumn
    ]
    return [Span(start, start + length) for start in starts]


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 1 <= hour <= _NOON:
        return 99  # no such hour: datetime refuses it
    return hour % _NOON + (_NOON if half == "p" else 0)


def _zones(match: re.Match[str], local: Local) -> list[tzinfo]:
    offset, name = match["off"], match["tz"]
    if offset:
        hours, minutes = _offset_parts(offset)
        away = hours * 60 + minutes
        cut_off = name is None and len(re.sub(r"\D", "", offset)) == 1
        if away > _FARTHEST_OFFSET or cut_off:
            return []
        return [timezone(timedelta(minutes=-away if "-" in offset else away))]
    if name:
        return [timezone(timedelta(minutes=_ZONES[name]))]
    own: tzinfo = ZoneInfo(local.zone)
    # A machine's format whose zone may have been cut off or overlooked.
    return [own, UTC] if match["sep"] == "t" else [own]


def _offset_parts(offset: str) -> tuple[int, int]:
    digits = re.sub(r"\D", "", offset)
    if len(digits) <= 2:  # noqa: PLR2004 - hours alone
        return int(digits), 0
    return int(digits[:-2]), int(digits[-2:])
