"""Single values of a mail's headers, made harmless: one line, decoded, no tricks."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header

from mailflow.understanding.message import Address

# A border server writes what a stranger said into these. Decoding an encoded word there could
# turn it into a result that the server never gave.
_NEVER_DECODED = frozenset(
    {
        "authentication-results",
        "authentication-results-original",
        "arc-authentication-results",
        "arc-message-signature",
        "arc-seal",
        "auto-submitted",
        "content-type",
        "dkim-signature",
        "in-reply-to",
        "message-id",
        "received",
        "received-spf",
        "references",
        "return-path",
    }
)
_MAX_VALUE = 100_000
_MAX_FILENAME = 200
_BIDI = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_BREAKS = re.compile(r"[\r\n\t\f\v\u0085\u2028\u2029]+ *")
_MESSAGE_ID = re.compile(
    r"<([A-Za-z0-9!#$%&'*+/=?^_`{|}~.@:-]{1,250}(?:\[[0-9A-Fa-f.:]{1,60}\])?)>"
)
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]\\@]{1,64}@[^\s<>,;:\"()\[\]\\@]{1,253}")


def decoded(name: str, value: object) -> str:
    """Decode a raw header value: stray 8-bit bytes and, where it is safe, encoded words."""
    text = _repaired(str(value)[:_MAX_VALUE])
    if "=?" not in text or name.lower() in _NEVER_DECODED:
        return text
    try:
        pieces = decode_header(text)
    except (HeaderParseError, ValueError):
        return text
    return "".join(_piece(piece, charset) for piece, charset in pieces)


def _piece(piece: object, charset: str | None) -> str:
    if not isinstance(piece, bytes):
        return str(piece)
    try:
        return piece.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        return piece.decode("latin-1")


def _repaired(text: str) -> str:
    if text.isascii():
        return text
    raw = text.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def clean_line(text: str) -> str:
    """Make it one line without control, direction or unpaired surrogate characters."""
    line = _BREAKS.sub(" ", text).translate(_BIDI)
    if not line.isascii() or not line.isprintable():
        line = "".join(char for char in line if unicodedata.category(char) not in {"Cc", "Cs"})
    return line.strip()


def clean_text(text: str, max_chars: int) -> str:
    """Keep line breaks and tabs, lose what no text holds: NUL, controls, unpaired surrogates."""
    lines = text[:max_chars].replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    if lines.isascii() and lines.replace("\n", "").replace("\t", "").isprintable():
        return lines
    lines = lines.translate(_BIDI)
    return "".join(
        char for char in lines if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs"}
    )


def message_ids(value: str, most: int) -> tuple[str, ...]:
    """Give the readable Message-IDs in angle brackets, each once, the last `most` of them."""
    found = dict.fromkeys(f"<{match}>" for match in _MESSAGE_ID.findall(value))
    return tuple(found)[-most:]


def addresses_of(pairs: Iterable[tuple[str, str]]) -> tuple[Address, ...]:
    """Turn (name, address) pairs into addresses; what is no plain mailbox becomes ""."""
    return tuple(
        Address(name=clean_line(name or ""), address=_mailbox(address or ""))
        for name, address in pairs
    )


def _mailbox(address: str) -> str:
    lower = clean_line(address).lower()
    return lower if _ADDRESS.fullmatch(lower) else ""


def bare_filename(name: str) -> str:
    """Give the last part of a claimed file name, never a path; "" where nothing is left."""
    last = re.split(r"[/\\]", clean_line(decoded("filename", name)))[-1].strip()
    return "" if last.strip(".") == "" else last[-_MAX_FILENAME:]


def utc_date(value: object) -> datetime | None:
    """Give a parsed date as aware UTC, None for anything else."""
    if not isinstance(value, datetime):
        return None
    try:
        return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
