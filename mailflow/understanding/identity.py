"""Single headers of a raw mail, cheaply, before anything is parsed."""

import re

_HEADERS_END = re.compile(rb"\r?\n\r?\n")
_MESSAGE_ID = re.compile(rb"(?im)^message-id:[ \t]*(?:\r?\n[ \t]+)?(<[^<>\s]{1,500}>)")
_REPLY_TO = re.compile(rb"(?im)^reply-to:((?:[^\r\n]|\r?\n[ \t])+)")
_MOST = 262_144  # bytes of header that are looked at


def header_block_of(raw: bytes) -> bytes:
    """Give the header block, or what is looked at of a longer one."""
    head = raw[:_MOST]
    end = _HEADERS_END.search(head)
    return head[: end.start() + 1] if end else head


def is_copy_of(raw: bytes, original: bytes) -> bool:
    """Say whether a mail that came in is one of ours, by its Message-ID and its Reply-To.

    Whoever could guess the Message-ID cannot know the signed reply address.
    """
    wanted = (_MESSAGE_ID, _REPLY_TO)
    ours, theirs = header_block_of(original), header_block_of(raw)
    found = [(mine.search(ours), mine.search(theirs)) for mine in wanted]
    return all(a is not None and b is not None and _flat(a[1]) == _flat(b[1]) for a, b in found)


def _flat(value: bytes) -> bytes:
    return b"".join(value.split())


def reply_to_of(raw: bytes) -> str:
    """Give what stands in Reply-To without white space, "" where there is none."""
    found = _REPLY_TO.search(header_block_of(raw))
    return _flat(found[1]).decode("ascii", "replace") if found else ""


def message_id_of(raw: bytes) -> str:
    """Give the Message-ID with its angle brackets, "" where there is none to be found."""
    found = _MESSAGE_ID.search(header_block_of(raw))
    return found[1].decode("ascii", "replace") if found else ""
