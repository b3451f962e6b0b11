"""The mail that somebody passed on. A wrong answer is worse than none."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mailflow.understanding.meaning import Forwarded
from mailflow.understanding.message import Message
from mailflow.understanding.quoting import Field, header_block, intro_lines, is_forward_separator

_MAX_LINES = 4000
_NEAR = 8  # lines between the separator and the header block
_PREFIX = re.compile(r"\s*(?:fwd?|wg|tr|rv|rif|enc|doorst|pd|vs|vb|i)\s?:", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,253}")
_MAX_HEADER = 3000
_BLANKS = {0xA0: " ", 0xFEFF: None, 0x2007: " ", 0x202F: " "}
_ONE_LINE = re.compile(
    r"\s{0,9}-{3,9} ?(?:Forwarded Message|Weitergeleitete Nachricht|Message transmis"
    r"|Message transféré|Mensaje reenviado|Messaggio inoltrato|Doorgestuurd bericht"
    r"|Wiadomość przekazana|Mensagem encaminhada) ?-{3,9}\s{0,9}"
    r"(?:From|Von|De|Da|Van|Od) ?:(?P<sender>.{3,400}?)(?:To|An|À|Para|A|Aan|Do) ?:.{3,2000}"
    r"(?:Sent|Gesendet|Envoyé|Enviado|Inviato|Verzonden|Wysłano) ?:(?P<date>.{3,90}?)"
    r"(?:Subject|Betreff|Objet|Asunto|Oggetto|Onderwerp|Temat|Assunto) ?:(?P<subject>.{0,900})$",
    re.IGNORECASE,
)
_INTRODUCED = re.compile(
    r"(?:On|Am|Le|El|Il|Op|Em) \d{1,2}[/.-]\d{1,2}[/.-]\d{2,4},? .{3,160}?<"
    r"(?P<sender>[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,253})>"
    r".{0,20}:\s{0,5}$"
)


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
    lines = message.text.translate(_BLANKS).split("\n")[:_MAX_LINES]
    if found := _on_one_line(message, lines):
        return found
    start = next((i for i, line in enumerate(lines) if is_forward_separator(line)), None)
    above = range(len(lines) if start is None else start)
    says_so = _PREFIX.match(message.subject) is not None
    if says_so and (found := _below_the_subject(message, lines, above)):
        return found
    if start is None or (not says_so and _quotes_in(lines, above)):
        return None  # a separator below a quote is part of the history that was answered
    for place in range(start + 1, min(start + 1 + _NEAR, len(lines))):
        if block := header_block(lines, place):
            return _headed(message, lines, block)
    return None


def _below_the_subject(
    message: Message, lines: Sequence[str], places: Sequence[int]
) -> Forwarded | None:
    """Read the first header of a mail whose subject says "Fwd:", which needs no separator."""
    for place in places:
        if found := _introduced(message, lines, place):
            return found
        if block := header_block(lines, place):
            return _headed(message, lines, block)
    return None


def _quotes_in(lines: Sequence[str], places: Sequence[int]) -> bool:
    return any(header_block(lines, place) or intro_lines(lines, place) for place in places)


def _headed(
    message: Message, lines: Sequence[str], block: tuple[int, dict[Field, str]]
) -> Forwarded:
    end, fields = block
    return Forwarded(
        sender=_sender(fields),
        date=_date(fields.get(Field.DATE, "")),
        subject=fields.get(Field.SUBJECT, ""),
        text=_body(lines[end:]),
        attachments=message.attachments,
    )


def _on_one_line(message: Message, lines: Sequence[str]) -> Forwarded | None:
    """Read the header of a program that puts all its fields on one line below no line break."""
    for place, line in enumerate(lines):
        if match := _ONE_LINE.match(line[:_MAX_HEADER]):
            found = {one.lower() for one in _ADDRESS.findall(match["sender"])}
            return Forwarded(
                sender=found.pop() if len(found) == 1 else "",
                date=_date(match["date"].strip()),
                subject=match["subject"].strip(),
                text=_body(lines[place + 1 :]),
                attachments=message.attachments,
            )
    return None


def _introduced(message: Message, lines: Sequence[str], place: int) -> Forwarded | None:
    """Read "On ... wrote:" above an indented or plain mail, in a mail whose subject says "Fwd:".

    A quote marked with ">" may be history that the forwarder answered: that is left unknown.
    """
    match = _INTRODUCED.match(lines[place][:_MAX_HEADER])
    below = [line for line in lines[place + 1 :] if line.strip()]
    if match is None or not below or not all(line.startswith("    ") for line in below[:50]):
        return None
    return Forwarded(
        sender=match["sender"].lower(),
        date=None,
        subject=_PREFIX.sub("", message.subject, count=1).strip(),
        text=_body([line.removeprefix("    ") for line in lines[place + 1 :]]),
        attachments=message.attachments,
    )


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
