"""The mail that somebody passed on. A wrong answer is worse than none."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mailflow.understanding.meaning import Forwarded
from mailflow.understanding.message import Message
from mailflow.understanding.quoting import Field, header_block, is_forward_separator

_MAX_LINES = 4000
_NEAR = 8  # lines between the separator and the header block
_PREFIX = re.compile(r"\s*(?:fwd?|wg|tr|rv|rif|enc|doorst|pd|vs|vb|i)\s?:", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,253}")


def forwarded(message: Message) -> Forwarded | None:
    """Give the one mail that was passed on, attached or inline; None where it is not certain."""
    if len(message.nested) > 1:
        return None
    if message.nested:
        return _attached(message.nested[0])
    return _inline(message)


def _attached(inner: Message) -> Forwarded:
    return Forwarded(
        sender=inner.from_[0].address if len(inner.from_) == 1 else "",
        date=inner.date,
        subject=inner.subject,
        text=inner.text,
        attachments=inner.attachments,
    )


def _inline(message: Message) -> Forwarded | None:
    """Read the header block below a forward separator, or below a subject that says "Fwd:"."""
    lines = message.text.replace("\u00a0", " ").split("\n")[:_MAX_LINES]
    start = next((i for i, line in enumerate(lines) if is_forward_separator(line)), None)
    if start is not None:
        places = range(start + 1, min(start + 1 + _NEAR, len(lines)))
    elif _PREFIX.match(message.subject):
        places = range(len(lines))
    else:
        return None
    for place in places:
        if block := header_block(lines, place):
            end, fields = block
            return Forwarded(
                sender=_sender(fields),
                date=_date(fields.get(Field.DATE, "")),
                subject=fields.get(Field.SUBJECT, ""),
                text=_body(lines[end:]),
                attachments=message.attachments,
            )
    return None


def _sender(fields: dict[Field, str]) -> str:
    found = {match.lower() for match in _ADDRESS.findall(fields.get(Field.SENDER, ""))}
    return found.pop() if len(found) == 1 else ""


def _date(written: str) -> datetime | None:
    """Read a date that names its zone; a time of day without one could be any hour."""
    try:
        date = parsedate_to_datetime(written[:100])
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return None if date.tzinfo is None else date.astimezone(UTC)


def _body(lines: Sequence[str]) -> str:
    filled = [line for line in lines if line.strip()]
    if filled and all(line.startswith(">") for line in filled):
        lines = [line.removeprefix(">").removeprefix(" ") for line in lines]
    return "\n".join(lines).strip()
