"""Times as pages show them. A time is the set of moments that it can mean."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

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
    relative: bool = False


@dataclass(frozen=True, slots=True)
class Local:
    """What fills the gaps of a time on a page."""

    zone: str  # IANA
    day_first: bool


_MONTHS = {
    name: index
    for index, names in enumerate(
        (
            "jan january januar", "feb february februar", "mar march marz mrz maerz",
            "apr april", "may mai", "jun june juni", "jul july juli", "aug august",
            "sep sept september", "oct october okt oktober", "nov november",
            "dec december dez dezember",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_ZONES = {"z": 0, "utc": 0, "gmt": 0, "cet": 60, "mez": 60, "cest": 120, "mesz": 120}
_TIME = (
    r"(?P<h>\d{1,2})\s?:\s?(?P<mi>\d{2})(?:\s?:\s?(?P<s>\d{2})(?:[.,]\d{1,9})?)?"
    r"(?:\s*(?P<ap>[ap])\.?m\b\.?)?(?:\s*uhr\b)?"
    r"(?:\s*\(?(?P<tz>z|utc|gmt|cest|cet|mesz|mez)\b\)?)?(?:\s*(?P<off>[+-]\s?\d{2}:?\d{2}))?"
    r"(?P<more>\s*\(?(?!uhr\b)[a-z]{2,5}\b|\d)?"
)
_BETWEEN = r"(?P<sep>\s*,?\s*(?:(?:at|um)\s*)?|t)"
_PATTERNS = (
    re.compile(r"(?<!\d)(?P<y>20\d{2})\s?-\s?(?P<mo>\d{2})\s?-\s?(?P<d>\d{2})" + _BETWEEN + _TIME),
    re.compile(
        r"(?<![\d.])(?P<a>\d{1,2})\s?(?P<mark>[./-])\s?(?P<b>\d{1,2})\s?(?P=mark)\s?(?P<y>20\d{2})"
        + _BETWEEN
        + _TIME
    ),
    re.compile(
        r"(?<!\d)(?P<d>\d{1,2})\.?\s*(?P<name>[a-z]{3,9})\.?,?\s*(?P<y>20\d{2})" + _BETWEEN + _TIME
    ),
    re.compile(
        r"\b(?P<name>[a-z]{3,9})\.?\s*(?P<d>\d{1,2})\s?,?\s?(?P<y>20\d{2})" + _BETWEEN + _TIME
    ),
)
_RELATIVE = re.compile(
    r"\b(?:\d+|an?|few)\s*(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?)\s*ago\b"
    r"|\bvor\s+(?:\d+|einer?)\s+(?:sekunden?|minuten?|stunden?|tag(?:en)?)\b"
    r"|\b(?:just now|today|yesterday|heute|gestern|gerade eben)\b"
)
_ONLY_CLOCK = re.compile(r"^\s*\d{1,2}:\d{2}(?::\d{2})?(?:\s*(?:[ap]m|utc|z|uhr))?\s*$")
_SOMETHING = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|\d{1,2}:\d{2}")
_NOON = 12


def moment_in(text: str, local: Local) -> Moment | None:
    """Find the one time in a cell; None when there is none, no readings when it is unclear."""
    plain = normal(text)
    found = [match for pattern in _PATTERNS for match in pattern.finditer(plain)]
    if _RELATIVE.search(plain):
        return Moment(text=text, readings=(), relative=True)
    if len(found) == 1 and not found[0]["more"]:
        return Moment(text=text, readings=_readings(found[0], local))
    if found or _ONLY_CLOCK.match(plain) or re.search(r"\d{4}-\d{2}-\d{2}|\d/\d+/\d", plain):
        return Moment(text=text, readings=())
    return None


def is_time_only(text: str) -> bool:
    """Tell whether a cell holds a time and nothing else."""
    plain = normal(text)
    found = [match for pattern in _PATTERNS for match in [pattern.search(plain)] if match]
    if _RELATIVE.fullmatch(plain):
        return True
    rest = plain.replace(found[0].group(0), "", 1) if found else plain
    return not rest.strip(" ()") or (not found and bool(_SOMETHING.fullmatch(rest)))


def _readings(match: re.Match[str], local: Local) -> tuple[Span, ...]:
    spans: list[Span] = []
    for year, month, day in _dates(match, local):
        for span in _spans(match, (year, month, day), local):
            if span not in spans:
                spans.append(span)
    return tuple(spans)


def _dates(match: re.Match[str], local: Local) -> list[tuple[int, int, int]]:
    parts = match.groupdict()
    year = int(parts["y"])
    if "name" in parts:
        month = _MONTHS.get(parts["name"])
        return [] if month is None else [(year, month, int(parts["d"]))]
    if "mo" in parts:
        return [(year, int(parts["mo"]), int(parts["d"]))]
    first, second = int(parts["a"]), int(parts["b"])
    both = [(year, second, first), (year, first, second)]
    if parts["mark"] == ".":
        return both[:1]
    return both if local.day_first else both[::-1]


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
        digits = re.sub(r"\D", "", offset)
        minutes = int(digits[:2]) * 60 + int(digits[2:])
        if minutes > 14 * 60:
            return []
        return [timezone(timedelta(minutes=minutes if offset[0] == "+" else -minutes))]
    if name:
        return [timezone(timedelta(minutes=_ZONES[name]))]
    own: tzinfo = ZoneInfo(local.zone)
    # A machine's format whose zone may have been cut off or overlooked.
    return [own, UTC] if match["sep"] == "t" else [own]
