"""From an alert mail to the failures it reports."""

from collections.abc import Iterator
from datetime import UTC, datetime

from mailflow.tickets.ticket import Cause
from mailflow.understanding.alerts.pack import NEEDED, Form, RulePack, RulePacks, Where
from mailflow.understanding.alerts.rows import (
    MAX_LINE_CHARS,
    Row,
    Rows,
    from_csv,
    from_json,
    from_key_values,
    from_lines,
    from_table,
    lines_of,
)
from mailflow.understanding.meaning import AlertReading, Failure
from mailflow.understanding.message import Attachment, Message

MAX_VALUE_CHARS = 200  # of an id or a name; longer ones are no ids
_ENDINGS = {Form.JSON: (".json",), Form.CSV: (".csv", ".tsv")}


def read_alert(message: Message, packs: RulePacks) -> AlertReading | None:
    """Read an alert by the first pack, in order of file names, that finds a failure in it.

    None: no pack of this sender reads a failure, and a person has to look.
    """
    if len(message.from_) != 1:
        return None
    for pack in packs.of(message.from_[0].address):
        if not _matches(message, pack):
            continue
        reading = _read(message, pack)
        if reading.failures:
            return reading
    return None


def _matches(message: Message, pack: RulePack) -> bool:
    if pack.subject and not pack.subject.search(message.subject[:MAX_LINE_CHARS]):
        return False
    return not pack.body or any(map(pack.body.search, lines_of(message.text)[0]))


def _read(message: Message, pack: RulePack) -> AlertReading:
    failures: dict[Failure, None] = {}  # the same failure written twice is one
    unread: list[str] = []
    for found in _parts(message, pack):
        unread += found.unread
        for row in found.rows:
            try:
                failures[_failure(row, pack)] = None
            except ValueError as fault:
                unread.append(f"{row.written[:500]} ({fault})")
    return AlertReading(
        pack=pack.name,
        failures=tuple(failures),
        because=f"rule pack {pack.name!r}: {len(failures)} read, {len(unread)} unread",
        unread=tuple(unread),
    )


def _parts(message: Message, pack: RulePack) -> Iterator[Rows]:
    if pack.where is not Where.ATTACHMENT:
        yield _rows(message.text, message.html, pack)
    if pack.where is not Where.BODY:
        for attachment in message.attachments:
            if _holds(attachment, pack.form):
                yield _rows(_text(attachment.content), "", pack)


def _rows(text: str, html: str, pack: RulePack) -> Rows:
    match pack.form:
        case Form.KEY_VALUE:
            return from_key_values(text, pack)
        case Form.REGEX:
            return from_lines(text, pack)
        case Form.TABLE:
            return from_table(text, html, pack)
        case Form.CSV:
            return from_csv(text, pack)
        case Form.JSON:
            return from_json(text, pack)


def _holds(attachment: Attachment, form: Form) -> bool:
    named = attachment.filename.lower().endswith(_ENDINGS[form])
    return named or attachment.content_type.endswith(f"/{form}")


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _failure(row: Row, pack: RulePack) -> Failure:
    """Make a failure of a row; ValueError says what is missing or doubtful."""
    values = {name: _value(row, name, pack) for name in pack.fields}
    for name in NEEDED:
        if not values[name]:
            raise ValueError(f"no {name}")
        if len(values[name]) > MAX_VALUE_CHARS or "\n" in values[name]:
            raise ValueError(f"the {name} is too long")
    kind = pack.kinds.get(values["kind"].strip().casefold())
    if kind is None:
        raise ValueError(f"unknown kind {values['kind'][:40]!r}")
    return Failure(
        job=values["job"],
        job_name=values["job_name"][:MAX_VALUE_CHARS],
        retailer=values["retailer"],
        marketplace=values["marketplace"],
        kind=kind,
        cause=_cause(values["error_text"], pack),
        error_text=values["error_text"],
        failed_at=_time(values["failed_at"], pack),
    )


def _value(row: Row, name: str, pack: RulePack) -> str:
    """Give what a row says about a field, by its first name; two ids at once are none."""
    said = [row.values[key] for key in pack.fields[name] if row.values.get(key)]
    if name in NEEDED and len(set(said)) > 1:
        raise ValueError(f"two answers for {name}")
    return said[0] if said else pack.defaults.get(name, "")


def _cause(error_text: str, pack: RulePack) -> Cause:
    text = error_text[:MAX_LINE_CHARS]
    return next((cause for rule, cause in pack.causes if rule.search(text)), Cause.UNKNOWN)


def _time(written: str, pack: RulePack) -> datetime | None:
    """A time that cannot be read must not hold the alert up: None, as if it gave none."""
    try:
        if pack.time_format:
            found = datetime.strptime(written, pack.time_format)  # noqa: DTZ007 - zone set below
        else:
            found = datetime.fromisoformat(written)
        return (found if found.tzinfo else found.replace(tzinfo=pack.zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
