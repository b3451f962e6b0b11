"""Which files of a mail may be evidence, and which are logos, icons and tracking pixels."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mailflow.understanding import file_kinds as kinds
from mailflow.understanding.file_kinds import DOCUMENTS, OFFICE, PICTURES, kind_of, size_of
from mailflow.understanding.message import Attachment, Message

MOST_PICTURES = 20  # of one mail
MOST_MAILS = 12  # within one mail that are looked through
SIGNATURE_HEIGHT = 300  # pixels; a picture in a signature that is taller may be pasted there
KNOWN_MAILS = 3  # that brought the same small picture before: part of somebody's stationery
_LEAST_WIDTH, _LEAST_HEIGHT, _LEAST_AREA = 200, 24, 14_000  # pixels
SMALL_AREA = 240_000  # pixels; a screenshot is larger, as a rule
_PICTURE_NAME = re.compile(
    r"\.(?:png|jpe?g|gif|webp|bmp|tiff?|hei[cf]|avif|svg|pdf|docx|xlsx|pptx)$", re.IGNORECASE
)
_CLOSED_NAME = re.compile(r"\.(?:msg|doc|ppt)$|^winmail\.dat$", re.IGNORECASE)
_CLOSED_TYPES = frozenset(
    {"application/ms-tnef", "application/vnd.ms-tnef", "application/vnd.ms-outlook"}
)
# Archives of most kinds name what is in them in the clear.
_PICTURE_ENTRY = re.compile(rb"\.(?:png|jpe?g|gif|webp|heic|pdf|docx)", re.IGNORECASE)
_SIGNATURE = re.compile(
    r"gmail_signature|moz-signature|id=\"?(?:x_)?Signature|_MailAutoSig|ms-outlook-mobile-signature"
    r"|class=\"?[^\">]*signature|>\s*--\s*(?:<|&nbsp;)",
    re.IGNORECASE,
)
_QUOTE = re.compile(
    r"gmail_quote|<blockquote|divRplyFwdMsg|appendonsend|moz-cite-prefix|yahoo_quoted",
    re.IGNORECASE,
)
# Where office files keep pictures; the names of an archive's entries stand in it as they are.
_MEDIA = (b"word/media/", b"xl/media/", b"ppt/media/", b"Pictures/")
TimesSeen = Callable[[str], int]  # how many mails brought the file with this sha256 before


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A file that is not read as evidence, and why."""

    attachment: Attachment
    because: str


def evidence_in(
    message: Message, times_seen: TimesSeen
) -> tuple[tuple[Attachment, ...], tuple[SetAside, ...]]:
    """Sort the pictures and documents of a mail and of those within it; others are no matter."""
    evidence: dict[str, Attachment] = {}
    aside: dict[str, SetAside] = {}
    for mail in _mails(message):
        for attachment in mail.attachments:
            if not _may_show_something(attachment) or attachment.sha256 in evidence:
                continue
            why = _no_evidence(attachment, mail.html, times_seen)
            if not why and len(evidence) >= MOST_PICTURES:
                why = f"the mail has more than {MOST_PICTURES} pictures"
            if why:
                aside[attachment.sha256] = SetAside(attachment=attachment, because=why)
            else:
                evidence[attachment.sha256] = attachment
    return tuple(evidence.values()), tuple(
        one for sha256, one in aside.items() if sha256 not in evidence
    )


def _mails(message: Message) -> Iterator[Message]:
    """Walk through the mail and those within it, however deep, up to a number."""
    waiting = [message]
    for _ in range(MOST_MAILS):
        if not waiting:
            return
        mail = waiting.pop(0)
        yield mail
        waiting += mail.nested


def _may_show_something(attachment: Attachment) -> bool:
    """Take what is a picture or claims to be one: a false claim is answered, not passed over.

    So is a file that may hold pictures and that we do not open: its sender is told to send them.
    """
    if kind_of(attachment.content) in PICTURES | DOCUMENTS:
        return True
    claims = attachment.is_picture or bool(_PICTURE_NAME.search(attachment.filename))
    return claims or may_hide_pictures(attachment)


def may_hide_pictures(attachment: Attachment) -> bool:
    """Tell whether a file that we do not open may hold pictures, by its content, else its name."""
    content = attachment.content
    match kind_of(content):
        case "":
            named = attachment.content_type in _CLOSED_TYPES
            return named or bool(_CLOSED_NAME.search(attachment.filename))
        case kinds.ARCHIVE:
            return bool(_PICTURE_ENTRY.search(content))
        case kinds.OLD_SHEET:
            return b"\x89PNG\r\n" in content or b"\xff\xd8\xff\xe0" in content
        case kind:
            return kind in kinds.UNOPENED


def _no_evidence(attachment: Attachment, html: str, times_seen: TimesSeen) -> str:
    size = size_of(attachment.content)
    shown = f"{size[0]} x {size[1]} pixels" if size else "of unknown size"
    if size and (min(size) < _LEAST_HEIGHT or size[0] < _LEAST_WIDTH or _area(size) < _LEAST_AREA):
        return f"it is too small to show anything ({shown})"
    kind = kind_of(attachment.content)
    if kind == OFFICE and not any(folder in attachment.content for folder in _MEDIA):
        return "it is a document without a picture in it"
    if attachment.inline and kind not in PICTURES and not may_hide_pictures(attachment):
        return "it is shown within the text, but it is no photo or screenshot"
    if _stands_in_signature(attachment, html) and (size is None or size[1] < SIGNATURE_HEIGHT):
        return f"it stands in a signature ({shown})"
    small = size is not None and _area(size) < SMALL_AREA
    if small and attachment.inline and times_seen(attachment.sha256) >= KNOWN_MAILS:
        return f"the same small picture came with many mails ({shown})"
    return ""


def _area(size: tuple[int, int]) -> int:
    return size[0] * size[1]


def _stands_in_signature(attachment: Attachment, html: str) -> bool:
    """Is the picture shown between the start of a signature and the next quoted mail?"""
    if not attachment.content_id:
        return False
    place = html.find(f"cid:{attachment.content_id}")
    if place < 0:
        return False
    starts = [match.start() for match in _SIGNATURE.finditer(html, 0, place)]
    return bool(starts) and _QUOTE.search(html, starts[-1], place) is None
