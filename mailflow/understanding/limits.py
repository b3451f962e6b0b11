"""Bounds on what a mail may make the parser do, and the cheap look before it is parsed at all."""

import re
from dataclasses import dataclass

from mailflow.tickets.errors import MailflowError
from mailflow.understanding.long_bodies import places_of


class Unreadable(MailflowError):  # noqa: N818 - named by what the mail is
    """The mail breaks a limit or cannot be read; `reason` says which, in words for a person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __reduce__(self) -> tuple[type["Unreadable"], tuple[str]]:
        return type(self), (self.reason,)  # crosses the border of a process


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of each thing one mail may hold, attached mails included."""

    max_bytes: int = 50_000_000
    header_bytes: int = 256_000
    header_lines: int = 1000
    boundary_chars: int = 200
    parts: int = 500
    lines: int = 600_000  # beside long bodies; each costs the parser several objects
    depth: int = 8
    html_chars: int = 512_000  # what lies beyond is not turned into text
    text_chars: int = 1_000_000  # what lies beyond is cut off
    addresses: int = 1000  # in one header
    attachment_bytes: int = 50_000_000  # decoded, all together


LIMITS = Limits()

_HEADER_END = re.compile(rb"\r\n\r\n|\n\n|\r\r|\n\r\n")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_DECLARED = re.compile(
    rb"boundary[ \t]{0,9}=[ \t]{0,9}(?:\"([^\"\r\n]{1,2000})|([^\s\";]{1,2000}))", re.IGNORECASE
)
_BEFORE_A_DELIMITER = (b"\n--", b"\r--")
_LINE = re.compile(rb"[^\r\n]{1,300}")
_MOST_ALIKE = 500_000  # lines that begin as a delimiter does


def gate(raw: bytes, limits: Limits) -> None:
    """Refuse what would cost too much to parse. Takes time linear in the size.

    Raises:
        Unreadable: a limit is broken.
    """
    if len(raw) > limits.max_bytes:
        raise Unreadable(f"larger than {limits.max_bytes} bytes")
    if not raw.strip(b"\0 \t\r\n"):
        raise Unreadable("empty")
    _gate_header(raw, limits)
    _gate_parts(raw, limits)


def gate_lines(slim: bytes, limits: Limits) -> None:
    """Refuse what is left of a mail without its long bodies where it holds too many lines.

    Raises:
        Unreadable: it does.
    """
    if max(slim.count(b"\n"), slim.count(b"\r")) > limits.lines:
        raise Unreadable(f"more than {limits.lines} lines")


def _gate_header(raw: bytes, limits: Limits) -> None:
    end = _HEADER_END.search(raw, 0, limits.header_bytes + 4)
    if end is None and len(raw) > limits.header_bytes:
        raise Unreadable(f"header block larger than {limits.header_bytes} bytes")
    block = raw[: end.start() if end else len(raw)]
    if end is not None and len(_LINE_END.findall(block)) > limits.header_lines:
        raise Unreadable(f"header block longer than {limits.header_lines} lines")


def _gate_parts(raw: bytes, limits: Limits) -> None:
    declared = {quoted or bare for quoted, bare in _DECLARED.findall(raw)}
    if any(len(boundary) > limits.boundary_chars for boundary in declared):
        raise Unreadable(f"boundary longer than {limits.boundary_chars} characters")
    if not declared:
        return
    parts = alike = 0
    for mark in _BEFORE_A_DELIMITER:
        for start in places_of(mark, raw):
            alike += 1
            line = _LINE.match(raw, start + len(mark))
            parts += line is not None and line[0].rstrip(b" \t") in declared
            if parts > limits.parts or alike > _MOST_ALIKE:
                raise Unreadable(f"more than {limits.parts} parts")
