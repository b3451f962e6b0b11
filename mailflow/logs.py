"""Logs: one line an event, its name from a fixed list, its facts as keys.

What stands in a log may be read by many: no secret, no text of a mail, no full address.
"""

import logging
import os
import re
import sys

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# A name is the room's word, a dot, and what happened. A test finds every name in the code here.
EVENTS = frozenset(
    {
        "alarm.cleared",
        "alarm.not_kept",
        "alarm.raised",
        "alarm.road_broken",
        "contact.reachable",
        "contact.unreachable",
        "database.lock_lost",
        "database.lock_retaken",
        "deadline.passed",
        "defect",
        "inbox.defect",
        "inbox.listener_failed",
        "inbox.not_kept",
        "inbox.state",
        "login.not_renewed",
        "login.not_stored",
        "login.renewed",
        "mail.defect",
        "mail.id_reused",
        "mail.kept",
        "mail.signature_refused",
        "mail.understood",
        "metrics.not_served",
        "order.done",
        "order.given_up",
        "order.postponed",
        "order.shelved",
        "order.started",
        "order.unwanted",
        "outbox.copy_not_kept",
        "outbox.recipient_refused",
        "platform.not_stoppable",
        "reply.no_second_opinion",
        "routine.postponed",
        "picture.set_aside",
        "service.started",
        "service.stopped",
        "service.stopping",
        "service.superseded",
        "settings.need_restart",
        "settings.refused",
        "settings.reloaded",
        "ticket.closed",
        "ticket.decided",
        "ticket.moved",
        "ticket.opened",
        "worker.killed",
    }
)

_AS_JSON = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
_PRIORITIES = {"critical": 2, "error": 3, "exception": 3, "warning": 4, "info": 6, "debug": 7}
_SECRET_WORDS = ("password", "secret", "token", "authorization", "cookie", "credential")
_TEXT_KEYS = frozenset({"body", "text", "html", "raw", "subject", "gist", "error_text"})
_ADDRESS_KEYS = frozenset({"to", "sender", "by", "address", "addresses", "recipient", "user"})
_ADDRESS = re.compile(r"[^\s@<>,;:()\"']{1,64}@[^\s@<>,;:()\"']{1,253}")
_HIDDEN = "(hidden)"


def shown(address: str) -> str:
    """Write an address so that its owner can be guessed at, not written to: r***@example.com."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}" if at else f"{address[:1]}***"


def configure(level: str = "info", json_lines: bool | None = None) -> None:  # noqa: FBT001 - as in the settings
    """Set logging up for the whole process. `json_lines` None: JSON unless a terminal watches."""
    pretty = sys.stderr.isatty() if json_lines is None else not json_lines
    render: list[Processor] = (
        [structlog.dev.ConsoleRenderer()]
        if pretty
        else [
            structlog.processors.dict_tracebacks,
            journal_line if "JOURNAL_STREAM" in os.environ else _AS_JSON,
        ]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            name_checked,
            discreet,
            *render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Libraries may put whole messages into their own logs, so only their warnings come through.
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, force=True)


def name_checked(_logger: WrappedLogger, _method: str, entry: EventDict) -> EventDict:
    """Mark an event whose name is not in the list, rather than lose it."""
    if entry.get("event") not in EVENTS:
        entry["unlisted"] = True
    return entry


def journal_line(logger: WrappedLogger, method: str, entry: EventDict) -> str:
    """Let the journal know how grave a line is, as sd-daemon(3) says: `journalctl -p err` works."""
    return f"<{_PRIORITIES.get(method, 6)}>{_AS_JSON(logger, method, entry)!s}"


def discreet(_logger: WrappedLogger, _method: str, entry: EventDict) -> EventDict:
    """Hide what must not be read: secrets and texts whole, addresses in part."""
    return {key: _discreet_value(key, value) for key, value in entry.items()}


def _discreet_value(key: str, value: object) -> object:
    name = key.lower()
    if name in _TEXT_KEYS or any(word in name for word in _SECRET_WORDS):
        return _HIDDEN
    if isinstance(value, bytes):
        return f"({len(value)} bytes)"
    if name == "because":  # a sentence, which may name somebody
        return (
            _ADDRESS.sub(lambda found: shown(found[0]), value) if isinstance(value, str) else value
        )
    if name in _ADDRESS_KEYS:
        if isinstance(value, str):
            return shown(value)
        if isinstance(value, list | tuple | set | frozenset):
            return [shown(str(address)) for address in value]
    return value
