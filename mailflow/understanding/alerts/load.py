"""From the text of rule packs to rules, or to a list of all that is wrong with them."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Annotated, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from mailflow.tickets.ticket import Cause, Kind
from mailflow.understanding.alerts.pack import (
    FIELDS,
    NEEDED,
    Form,
    PackFault,
    RulePack,
    RulePackError,
    RulePacks,
    Where,
    key_of,
)
from mailflow.understanding.alerts.patterns import compile_safely


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is no IANA time zone; write one such as Europe/Berlin")
    return name


def _pattern(pattern: str) -> str:
    compile_safely(pattern)
    return pattern


def _names(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _address(value: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
        raise ValueError(f"{value!r} is no address; write one such as jobs@alerts.example")
    return value.lower()


def _domain(value: str) -> str:
    if not re.fullmatch(r"[^@\s.]+(\.[^@\s.]+)+", value):
        raise ValueError(f"{value!r} is no domain; write one such as alerts.example, without '@'")
    return value.lower()


Pattern = Annotated[str, AfterValidator(_pattern)]
Names = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(_names)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Senders(_Table):
    addresses: tuple[Annotated[str, AfterValidator(_address)], ...] = ()
    domains: tuple[Annotated[str, AfterValidator(_domain)], ...] = ()

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not self.addresses and not self.domains:
            raise ValueError("nobody may send this alert; list addresses or domains")
        return self


class _Match(_Table):
    subject: Pattern | None = None
    body: Pattern | None = None


class _Extract(_Table):
    form: Form
    where: Where = Where.BODY
    pattern: Pattern | None = None
    records: str = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.form is Form.REGEX) != (self.pattern is not None):
            raise ValueError('give a pattern with form = "regex", and only with it')
        if self.records and self.form is not Form.JSON:
            raise ValueError('records belong to form = "json"; remove them')
        if self.where is not Where.BODY and self.form not in (Form.JSON, Form.CSV):
            raise ValueError('only "json" and "csv" are read from attachments; remove where')
        return self


class _Fields(_Table):
    job: Names = ()
    job_name: Names = ()
    retailer: Names = ()
    marketplace: Names = ()
    kind: Names = ()
    error_text: Names = ()
    failed_at: Names = ()


class _Defaults(_Table):
    job_name: str | None = None
    retailer: str | None = None
    marketplace: str | None = None
    kind: Kind | None = None
    error_text: str | None = None


class _Time(_Table):
    format: str = ""
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"


class _Cause(_Table):
    match: Pattern
    cause: Cause


class _Pack(_Table):
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")
    senders: _Senders
    match: _Match = _Match()
    extract: _Extract
    fields: _Fields = _Fields()
    defaults: _Defaults = _Defaults()
    kinds: dict[str, Kind] = Field(default_factory=dict)
    time: _Time = _Time()
    causes: tuple[_Cause, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        sources = {name for name, theirs in self.fields if theirs}
        sources |= {name for name, value in self.defaults if value}
        if self.extract.pattern is not None:
            groups = set(re.compile(self.extract.pattern).groupindex)
            if unknown := groups - set(FIELDS):
                raise ValueError(f"unknown groups {sorted(unknown)}; name them {', '.join(FIELDS)}")
            sources |= groups
        if missing := [name for name in (*NEEDED, "kind") if name not in sources]:
            raise ValueError(f"nothing gives {', '.join(missing)}; add a field or a default")
        return self


def load_packs(texts: Mapping[str, str]) -> RulePacks:
    """Read rule packs: file name -> TOML text.

    Raises RulePackError with every fault of every file: the file, the table, the remedy.
    """
    packs: list[RulePack] = []
    faults: list[PackFault] = []
    for file in sorted(texts):
        try:
            packs.append(_rules(_Pack.model_validate(tomllib.loads(texts[file]))))
        except tomllib.TOMLDecodeError as fault:
            faults.append(
                PackFault(file=file, table="", remedy=f"is no TOML ({fault}); correct it")
            )
        except ValidationError as fault:
            faults.extend(_faults(file, fault))
        else:
            if packs[-1].name in {pack.name for pack in packs[:-1]}:
                faults.append(PackFault(file=file, table="name", remedy="is taken; choose another"))
    if faults:
        raise RulePackError(tuple(faults))
    return RulePacks(tuple(packs))


def _faults(file: str, error: ValidationError) -> Iterator[PackFault]:
    for fault in error.errors(include_url=False, include_context=False):
        table = ".".join(str(step) for step in fault["loc"])
        yield PackFault(file=file, table=table, remedy=_remedy(fault["type"], fault["msg"]))


def _remedy(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "is unknown; remove it or correct its spelling"
    if kind == "missing":
        return "is missing; add it"
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    return f"{message}; correct it"


def _rules(pack: _Pack) -> RulePack:
    fields = {name: tuple(dict.fromkeys(map(key_of, theirs))) for name, theirs in pack.fields}
    defaults = {name: str(value) for name, value in pack.defaults if value}
    if pack.extract.form is Form.REGEX:  # groups carry our own names
        fields = {name: (key_of(name),) for name in FIELDS}
    return RulePack(
        name=pack.name,
        addresses=frozenset(pack.senders.addresses),
        domains=frozenset(pack.senders.domains),
        subject=_compiled(pack.match.subject),
        body=_compiled(pack.match.body),
        form=pack.extract.form,
        where=pack.extract.where,
        pattern=_compiled(pack.extract.pattern),
        records=tuple(map(key_of, filter(None, pack.extract.records.split(".")))),
        fields=fields,
        defaults=defaults,
        kinds={str(kind): kind for kind in Kind} | {key_of(w): k for w, k in pack.kinds.items()},
        time_format=pack.time.format,
        zone=ZoneInfo(pack.time.zone),
        causes=tuple((compile_safely(rule.match), rule.cause) for rule in pack.causes),
    )


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    return None if pattern is None else compile_safely(pattern)
