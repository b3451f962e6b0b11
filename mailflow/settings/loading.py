"""Reads the configuration file. All faults are told at once, each with what to do about it."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mailflow.settings.root import Settings
from mailflow.tickets.errors import MailflowError

CREDENTIALS = "CREDENTIALS_DIRECTORY"  # where systemd puts what LoadCredential= names
SECRET_FILES = frozenset(
    {
        "account_file",
        "client_secret_file",
        "header_file",
        "password_file",
        "refresh_token_file",
        "secret_file",
        "state_file",
        "token_key_file",
    }
)

_S = TypeVar("_S", bound=BaseModel)
_LONGEST_SHOWN = 60
_TOLD_AS_IT_IS = frozenset({"value_error", "missing", "extra_forbidden"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with the configuration."""

    where: str  # dotted key such as "inbox.port", "line 3", or the file
    wrong: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.wrong}. {self.remedy}"


class BadSettings(MailflowError):  # noqa: N818 - named as the file is, bad
    """The configuration cannot be used; `faults` names everything that is wrong with it."""

    def __init__(self, path: Path, faults: tuple[Fault, ...]) -> None:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        lines = "\n".join(f"  {fault}" for fault in faults)
        super().__init__(f"{count} in {path}:\n{lines}")
        self.path = path
        self.faults = faults


def load_settings(path: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the file. Relative paths in it start at its folder, secrets at $CREDENTIALS_DIRECTORY.

    Raises:
        BadSettings: the file cannot be read, is no TOML, or holds faults; all of them are told.
    """
    environ = os.environ if environ is None else environ
    try:
        settings = Settings.model_validate(_read(path))
    except ValidationError as invalid:
        faults = tuple(_fault(error) for error in invalid.errors(include_url=False))
        raise BadSettings(path, faults) from invalid
    folder = path.resolve().parent
    return _resolved(settings, folder, Path(environ.get(CREDENTIALS) or folder))


def missing_files(settings: BaseModel, where: str = "") -> Iterator[Fault]:
    """Name every file or folder that the settings point to and that is not there."""
    for name, value in settings:
        here = f"{where}.{name}".lstrip(".")
        if isinstance(value, Path) and not value.exists():
            yield Fault(
                where=here, wrong=f"{value} is not there", remedy="Create it, or name another."
            )
        for key, section in _sections(value):
            yield from missing_files(section, f"{here}.{key}".rstrip("."))


def _sections(value: object) -> Iterator[tuple[str, BaseModel]]:
    if isinstance(value, BaseModel):
        yield "", value
    elif isinstance(value, dict):
        yield from ((key, inner) for key, inner in value.items() if isinstance(inner, BaseModel))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except tomllib.TOMLDecodeError as broken:
        raise BadSettings(path, (_syntax_fault(broken),)) from broken
    except UnicodeDecodeError as broken:
        line = broken.object[: broken.start].count(b"\n") + 1
        fault = Fault(where=f"line {line}", wrong="this is not UTF-8", remedy="Save it as UTF-8.")
        raise BadSettings(path, (fault,)) from broken
    except OSError as unreadable:
        wrong = f"it cannot be read ({unreadable.strerror})"
        fault = Fault(where=str(path), wrong=wrong, remedy="Name a file with --config.")
        raise BadSettings(path, (fault,)) from unreadable


def _syntax_fault(broken: tomllib.TOMLDecodeError) -> Fault:
    text = str(broken)
    place = re.search(r" \(at (line \d+), column \d+\)$", text)
    where, wrong = (place[1], text[: place.start()]) if place else ("last line", text)
    return Fault(where=where, wrong=wrong, remedy="Write it as TOML: key = value, texts in quotes.")


def _fault(error: ErrorDetails) -> Fault:
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return Fault(where=where, wrong="this key is unknown", remedy=_known_keys(error["loc"]))
    wrong = error["msg"].removeprefix("Value error, ")
    if error["type"] == "missing":
        wrong = "this is needed and not set"
    elif error["type"] not in _TOLD_AS_IT_IS and isinstance(error["input"], str | int | float):
        wrong = f"{wrong}, not {str(error['input'])[:_LONGEST_SHOWN]!r}"
    wrong = wrong[:1].lower() + wrong[1:]
    return Fault(where=where or "the file", wrong=wrong, remedy=_meaning(error["loc"]))


def _known_keys(loc: tuple[int | str, ...]) -> str:
    model = _model_at(loc[:-1])
    known = sorted(model.model_fields) if model else []
    near = get_close_matches(str(loc[-1]), known, n=1)
    return f"Did you mean {near[0]}?" if near else f"Known keys: {', '.join(known)}."


def _meaning(loc: tuple[int | str, ...]) -> str:
    """Say what the faulty key is for, which is what a person needs to set it right."""
    while loc and isinstance(loc[-1], int):
        loc = loc[:-1]
    model = _model_at(loc[:-1]) if loc else None
    field = model.model_fields.get(str(loc[-1])) if model else None
    if field is not None and field.description:
        return field.description
    section = _model_at(loc)
    return (section.__doc__ or "").partition("\n")[0] if section else "See the example file."


def _model_at(loc: tuple[int | str, ...]) -> type[BaseModel] | None:
    """Find the section that stands at `loc`, or None where there is none."""
    model: type[BaseModel] | None = Settings
    in_table = False
    for part in loc:
        if in_table:  # the part is a name that the operator chose
            in_table = False
            continue
        field = model.model_fields.get(str(part)) if model else None
        if field is None:
            return None
        in_table = get_origin(field.annotation) is dict
        model = section_in(field.annotation)
    return model


def section_in(annotation: object) -> type[BaseModel] | None:
    """Find the section that an annotation holds: itself, one or none of it, or by name."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, UnionType, dict):
        return next(filter(None, map(section_in, get_args(annotation))), None)
    return None


def _resolved(section: _S, folder: Path, secrets: Path) -> _S:
    """Make every relative path absolute, in this section and those below it."""
    changes: dict[str, object] = {}
    for name, value in section:
        if isinstance(value, Path):
            changes[name] = (secrets if name in SECRET_FILES else folder) / value
        elif isinstance(value, BaseModel):
            changes[name] = _resolved(value, folder, secrets)
        elif isinstance(value, dict):
            changes[name] = {
                key: _resolved(inner, folder, secrets) if isinstance(inner, BaseModel) else inner
                for key, inner in value.items()
            }
    return section.model_copy(update=changes)
