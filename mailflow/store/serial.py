"""Values to canonical JSON and back. The type's name is kept beside the text, not in it."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar, cast, get_args

from pydantic import TypeAdapter

from mailflow.store.columns import as_text, cleaned
from mailflow.tickets.effects import Effect
from mailflow.tickets.events import Event

T = TypeVar("T")
_TIME = "$time"  # marks a time among facts, which have no type to read it by

EVENTS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Event)}
EFFECTS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Effect)}
_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}  # they are slow to build


def canonical(value: Any) -> str:
    """Write JSON so that equal values give equal texts."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return cleaned(text)


def pack(value: Any) -> str:
    """Write a frozen dataclass."""
    return canonical(_adapter(type(value)).dump_python(value, mode="json"))


def unpack(kind: type[T], text: str) -> T:
    """Read what `pack` wrote."""
    return cast("T", _adapter(kind).validate_json(text))


def unpack_event(name: str, text: str) -> Event:
    return cast("Event", unpack(EVENTS[name], text))


def unpack_effect(name: str, text: str) -> Effect:
    return cast("Effect", unpack(EFFECTS[name], text))


def pack_facts(facts: Mapping[str, Any]) -> str:
    """Write the facts of a mail; times stay times, tuples become lists."""
    return canonical(_marked(dict(facts)))


def unpack_facts(text: str) -> Mapping[str, Any]:
    facts: Mapping[str, Any] = json.loads(text, object_hook=_unmarked)
    return facts


def _marked(value: Any) -> Any:
    match value:
        case datetime():
            return {_TIME: as_text(value)}
        case dict():
            return {key: _marked(one) for key, one in value.items()}
        case list() | tuple():
            return [_marked(one) for one in value]
        case _:
            return value


def _unmarked(value: dict[str, Any]) -> Any:
    return datetime.fromisoformat(value[_TIME]) if set(value) == {_TIME} else value


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
