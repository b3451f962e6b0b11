"""The files inside Outlook's winmail.dat (TNEF, MS-OXTNEF), in one pass."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

SIGNATURE = b"\x78\x9f\x3e\x22"
_HEAD = struct.Struct("<BII")  # level, attribute, length
_CHECKSUM = struct.Struct("<H")
_START = 6  # signature and key
_NEXT_FILE = 0x00069002  # attAttachRendData: a file begins
_TITLE = 0x00018010
_DATA = 0x0006800F
_MOST_FILES = 50
_MOST_ATTRIBUTES = 5_000
_LONGEST_TITLE = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    """A file that lay in the container."""

    filename: str  # as written, "" for none
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What was found, and whether it is all there is: a mail within the mail is not taken out."""

    files: tuple[Inner, ...]
    whole: bool


def open_tnef(content: bytes) -> Opened:
    """Take the files out; of a damaged container those up to the damage."""
    files: list[Inner] = []
    waiting, title = False, ""  # a file that has begun, whose content did not come yet
    whole = True
    try:
        for attribute, value in _attributes(content):
            if attribute == _NEXT_FILE:
                whole, waiting, title = whole and not waiting, True, ""
            elif attribute == _TITLE:
                title = bytes(value[:_LONGEST_TITLE]).split(b"\0")[0].decode("cp1252", "replace")
                if files and not waiting:  # some programs name a file after its content
                    files[-1] = replace(files[-1], filename=title)
            elif attribute == _DATA and waiting:
                waiting = False
                if len(files) >= _MOST_FILES:
                    return Opened(files=tuple(files), whole=False)
                files.append(Inner(filename=title, content=bytes(value)))
    except (ValueError, struct.error):
        return Opened(files=tuple(files), whole=False)
    return Opened(files=tuple(files), whole=whole and not waiting)


def _attributes(content: bytes) -> Iterator[tuple[int, memoryview]]:
    """Give every attribute with its value.

    Raises:
        ValueError, struct.error: it is damaged here, or no such container at all.
    """
    if not content.startswith(SIGNATURE):
        raise ValueError("no signature")
    view, place = memoryview(content), _START
    for _ in range(_MOST_ATTRIBUTES):
        if place >= len(content):
            return
        level, attribute, length = _HEAD.unpack_from(content, place)
        place += _HEAD.size
        value = view[place : place + length]
        (told,) = _CHECKSUM.unpack_from(content, place + length)
        if level not in (1, 2) or len(value) != length or sum(value) & 0xFFFF != told:
            raise ValueError("damaged")
        yield attribute, value
        place += length + _CHECKSUM.size
    raise ValueError("too many attributes")
