"""Finds states and runs in a platform's JSON. What is not plainly there is never made up."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import jsonpath

from mailflow.settings.platforms import RunsSettings, StateSettings
from mailflow.tickets.errors import GiveUp
from mailflow.workflow.ports import JobState, Run, RunStatus

_DETAIL_CHARS = 500
_DATE_CHARS = len("2026-01-31")
_NEWEST = datetime.max.replace(tzinfo=UTC)


def word_of_state(data: Any, settings: StateSettings, *, of: str) -> str:
    """Give the platform's own word for the state.

    Raises:
        GiveUp: it is not there, not single, or no plain value.
    """
    return _as_word(_single(data, settings.value, of), settings.value, of)


def state_from(word: str, settings: StateSettings) -> JobState | None:
    """Translate the word; None where the settings have no translation."""
    for theirs, ours in settings.values.items():
        if theirs.casefold() == word.casefold():
            return JobState(ours)
    return None


def runs_from(data: Any, settings: RunsSettings, zone: ZoneInfo, *, of: str) -> tuple[Run, ...]:
    """Read all runs, newest first. A run that has not begun counts as the newest.

    Raises:
        GiveUp: the list, an id or a time cannot be read; the reason names the place.
    """
    runs = [
        _run(item, settings, zone, of=f"{of}, run {number}")
        for number, item in enumerate(_items(data, settings.items, of))
    ]
    return tuple(sorted(runs, key=_age, reverse=True))


def _age(run: Run) -> datetime:
    return run.started_at or run.finished_at or _NEWEST


def _items(data: Any, query: str, of: str) -> list[Any]:
    found = _found(data, query, of)
    if len(found) == 1 and isinstance(found[0], list):
        return found[0]
    if not found and not query.endswith("[*]"):
        raise GiveUp(f"{of}: the answer has nothing at {query}")
    if any(not isinstance(item, dict) for item in found):
        raise GiveUp(f"{of}: {query} gives no list of runs")
    return found


def _run(item: Any, settings: RunsSettings, zone: ZoneInfo, *, of: str) -> Run:
    finished = _time(item, settings.finished, zone, of)
    status = _status(item, settings, of)
    if status is RunStatus.SUCCEEDED and finished is None:
        status = RunStatus.UNCLEAR  # a success that never ended proves nothing
    return Run(
        id=_as_word(_single(item, settings.id, of), settings.id, of),
        status=status,
        started_at=_time(item, settings.started, zone, of),
        finished_at=finished,
        detail=_detail(item, settings.detail, of),
    )


def _status(item: Any, settings: RunsSettings, of: str) -> RunStatus:
    found = _found(item, settings.status, of)
    if len(found) != 1 or not isinstance(found[0], str | bool | int):
        return RunStatus.UNCLEAR
    word = _as_word(found[0], settings.status, of).casefold()
    for theirs, ours in settings.values.items():
        if theirs.casefold() == word:
            return RunStatus(ours)
    return RunStatus.UNCLEAR


def _detail(item: Any, query: str | None, of: str) -> str:
    if query is None:
        return ""
    texts = [str(found) for found in _found(item, query, of) if found is not None]
    return "; ".join(texts)[:_DETAIL_CHARS]


def _time(item: Any, query: str, zone: ZoneInfo, of: str) -> datetime | None:
    """Read one time; without a zone it is the platform's, and the earlier one of a doubled hour."""
    found = [value for value in _found(item, query, of) if value is not None and value != ""]
    if not found:
        return None
    text = found[0]
    if len(found) > 1 or not isinstance(text, str) or len(text) <= _DATE_CHARS:
        raise GiveUp(f"{of}: {text!r} at {query} is no date with a time (ISO 8601)")
    try:
        when = datetime.fromisoformat(text.strip())
        return (when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise GiveUp(f"{of}: {text!r} at {query} is no date with a time (ISO 8601)") from error


def _single(data: Any, query: str, of: str) -> Any:
    found = _found(data, query, of)
    if len(found) != 1:
        raise GiveUp(f"{of}: the answer has {len(found) or 'nothing'} at {query}, one is wanted")
    return found[0]


def _found(data: Any, query: str, of: str) -> list[Any]:
    try:
        return list(jsonpath.findall(query, data))
    except (jsonpath.JSONPathError, RecursionError) as error:
        raise GiveUp(f"{of}: {query} cannot be followed in the answer") from error


def _as_word(value: Any, query: str, of: str) -> str:
    """Make a text of a plain value; JSON's true and false are written as such."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int) and str(value).strip():
        return str(value).strip()
    raise GiveUp(f"{of}: {value!r} at {query} is no text")
