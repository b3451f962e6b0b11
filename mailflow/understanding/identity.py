"""The Message-ID of a raw mail, cheaply, before anything is parsed."""

import re

_HEADERS_END = re.compile(rb"\r?\n\r?\n")
_MESSAGE_ID = re.compile(rb"(?im)^message-id:[ \t]*(?:\r?\n[ \t]+)?(<[^<>\s]{1,500}>)")
_MOST = 262_144  # bytes of header that are looked at


def message_id_of(raw: bytes) -> str:
    """Give the Message-ID with its angle brackets, "" where there is none to be found."""
    head = raw[:_MOST]
    end = _HEADERS_END.search(head)
    found = _MESSAGE_ID.search(head, 0, end.start() + 1 if end else len(head))
    return found[1].decode("ascii", "replace") if found else ""
