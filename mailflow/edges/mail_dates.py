"""Times and lengths of time as the reader of a mail knows them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, get_timezone_name

# How a day and its time are written, in the letters of Unicode's date patterns. They differ from
# what is usual where the mails need it: in Polish and Portuguese a weekday in front would have to
# bend with the word before it. A language that is not here writes its dates in full.
_PATTERNS = {
    "en": "ccc d MMMM y, HH:mm",
    "de": "ccc, d. MMMM y, HH:mm 'Uhr'",
    "pl": "d MMMM y (ccc), HH:mm",
    "pt": "d 'de' MMMM 'de' y (ccc), HH:mm",
}
_LOCALES = {"pt": "pt_PT"}  # the bare language would mean Brazil
_DAY_WORDS = {"en": ("day", "days"), "de": ("Tag", "Tagen")}  # they stand behind "seit", "binnen"
_A_MONDAY = date(2024, 1, 1)


def zone_named(name: str) -> ZoneInfo:
    """Take UTC for a zone nobody knows: the time shown names its zone, so it stays true."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def moment(when: datetime | str, zone: ZoneInfo, language: str) -> str:
    """Show a time as its reader knows it; facts kept as JSON hold times as ISO 8601."""
    aware = datetime.fromisoformat(when) if isinstance(when, str) else when
    if aware.tzinfo is None:
        raise ValueError(f"{when} names no zone")
    local = aware.astimezone(zone)
    locale = _locale(language)
    if locale is None:
        return f"{local:%Y-%m-%d %H:%M} {_zone_name(local)}"
    if language in _PATTERNS:
        shown = format_datetime(local, _PATTERNS[language], locale=locale)
    else:
        shown = f"{format_date(local, 'full', locale=locale)}, {local:%H:%M}"
    return f"{shown} {_zone_name(local, language)}"


def _locale(language: str) -> Locale | None:
    try:
        return Locale.parse(_LOCALES.get(language, language))
    except (ValueError, UnknownLocaleError):
        return None


def _zone_name(local: datetime, language: str = "") -> str:
    """Name the zone by its usual letters; only German readers have their own."""
    if language == "de":
        name = get_timezone_name(local, "short", locale="de")
        if name[:1].isalpha():
            return name
    name = local.tzname() or ""
    return f"UTC{name}" if name.startswith(("+", "-")) else name


def weekday(number: int, language: str) -> str:
    """Name a day of the week in short, 0 for Monday."""
    locale = _locale(language) or Locale.parse("en")
    return format_date(_A_MONDAY + timedelta(days=number), "ccc", locale=locale)


def lasting(seconds: float, language: str) -> str:
    """Write a length of time in its two largest units."""
    left = max(0, round(seconds))
    day, days = _DAY_WORDS.get(language, _DAY_WORDS["en"])
    parts: list[str] = []
    for size, one, many in (
        (86_400, day, days),
        (3_600, "h", "h"),
        (60, "min", "min"),
        (1, "s", "s"),
    ):
        number, left = divmod(left, size)
        if number or (size == 1 and not parts):
            parts.append(f"{number} {one if number == 1 else many}")
        elif parts:
            break
    return " ".join(parts[:2])
