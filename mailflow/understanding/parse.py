"""Bytes to Message. Hostile bytes are the rule; nothing but Unreadable ever comes out."""

import binascii
import copy
import email
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email.errors import StartBoundaryNotFoundDefect
from email.message import Message as Part

from mailparser import MailParser

from mailflow.understanding.header_text import (
    addresses_of,
    bare_filename,
    clean_line,
    clean_text,
    decoded,
    message_ids,
    utc_date,
)
from mailflow.understanding.html_text import html_to_text
from mailflow.understanding.limits import LIMITS, Limits, Unreadable, gate, gate_lines
from mailflow.understanding.long_bodies import LongBodies, without_long_bodies
from mailflow.understanding.message import Address, Attachment, Message
from mailflow.understanding.returned import failed_and_waiting
from mailflow.understanding.tnef import SIGNATURE, open_tnef

_MAILS = frozenset({"message/rfc822", "message/global"})
_TEXTS = frozenset({"text/plain", "text/html"})
_ADDRESS_HEADERS = ("From", "To", "Cc", "Bcc", "Reply-To", "Sender", "Delivered-To")
_ATTRIBUTES = {"From": "from_", "Reply-To": "reply_to", "To": "to", "Cc": "cc"}
_ENCODED = frozenset({"base64", "quoted-printable"})
_NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "raw_unicode_escape", "unicode_escape"})
_CHARSET = re.compile(r"[A-Za-z0-9._:-]{1,40}")
_MAX_IDS = 100
_ENCODED_CHARS = 4  # of an encoded text for one character, about
_MAX_SAME_HEADERS = 10  # address headers of one name that are read


def parse(raw: bytes, limits: Limits = LIMITS) -> Message:
    """Read one mail with all mails attached to it.

    Raises:
        Unreadable: it breaks a limit or no parser can make sense of it.
    """
    gate(raw, limits)
    try:
        slim, long_bodies = without_long_bodies(raw)
        del raw  # half of what a large mail costs
        gate_lines(slim, limits)
        root = email.message_from_bytes(slim)
        failed, waiting, defect = failed_and_waiting(root)
        message = _read(root, _Budget(limits, long_bodies), 0)
        defects = (*message.defects, defect) if defect else message.defects
        return replace(message, failed=failed, waiting=waiting, defects=defects)
    except Unreadable:
        raise
    except RecursionError:
        raise Unreadable("nested too deeply") from None
    except Exception as error:  # hostile bytes reach every corner of two foreign parsers
        raise Unreadable(f"the parser failed with {type(error).__name__}") from error


@dataclass(slots=True)
class _Budget:
    """What is left to spend on one mail and all mails within it."""

    limits: Limits
    long_bodies: LongBodies
    parts: int = 0
    attachment_bytes: int = 0

    def take_part(self, depth: int) -> None:
        self.parts += 1
        if self.parts > self.limits.parts:
            raise Unreadable(f"more than {self.limits.parts} parts")
        if depth > self.limits.depth:
            raise Unreadable(f"nested deeper than {self.limits.depth} levels")

    def take_bytes(self, count: int) -> None:
        self.attachment_bytes += count
        if self.attachment_bytes > self.limits.attachment_bytes:
            raise Unreadable(f"attachments larger than {self.limits.attachment_bytes} bytes")


@dataclass(slots=True)
class _Found:
    """What a walk through one mail came across."""

    attachments: list[Attachment] = field(default_factory=list)
    nested: list[Message] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)


def _read(root: Part, budget: _Budget, depth: int) -> Message:
    _check_headers(root, budget.limits)
    found = _Found()
    slim = _walk(root, "1", depth, budget, found)
    found.defects += _boundary_defects(slim)
    _drop_nul_headers(slim)
    view = MailParser(slim)
    cap = budget.limits.text_chars
    html = clean_text("\n".join(_texts(view.text_html)), cap)
    text = clean_text("\n".join(_texts(view.text_plain)), cap)
    if not text.strip() and html:
        text = clean_text(html_to_text(html, budget.limits.html_chars), cap)
    if not text.strip() and not html and not found.attachments and not found.nested:
        text = clean_text("\n".join(_texts(view.text_not_managed)), cap)
    return _message(root, view, found, text, html)


def _drop_nul_headers(slim: Part) -> None:
    """Take NULs out of headers: a charset with one makes mail-parser fail on the whole mail."""
    for part in slim.walk():
        items = list(part.raw_items())
        if not any("\0" in f"{name}{value}" for name, value in items):
            continue
        for name in {name for name, _ in items}:
            del part[name]
        for name, value in items:
            part.set_raw(name.replace("\0", ""), str(value).replace("\0", ""))


def _boundary_defects(slim: Part) -> list[str]:
    """Take a missing boundary out of mail-parser's sight, which hunts for an epilogue and fails.

    It fails on a report whose returned mail has no boundary of its own, and on a mail without an
    epilogue. The text behind a lost boundary is read as any other, so nothing is lost by it.
    """
    taken: list[str] = []
    for part in slim.walk():
        lost = [d for d in part.defects if isinstance(d, StartBoundaryNotFoundDefect)]
        part.defects = [d for d in part.defects if d not in lost]
        taken += [type(defect).__name__ for defect in lost]
    return taken


def _texts(pieces: object) -> list[str]:
    return [piece for piece in pieces if isinstance(piece, str)] if isinstance(pieces, list) else []


def _message(root: Part, view: MailParser, found: _Found, text: str, html: str) -> Message:
    headers = tuple(
        (clean_line(name), clean_line(decoded(name, value))) for name, value in root.raw_items()
    )
    first = dict(reversed([(name.lower(), value) for name, value in headers]))
    return Message(
        message_id=next(iter(message_ids(first.get("message-id", ""), 1)), ""),
        in_reply_to=message_ids(first.get("in-reply-to", ""), _MAX_IDS),
        references=message_ids(first.get("references", ""), _MAX_IDS),
        subject=first.get("subject", ""),
        from_=_every_address(root, "From", view),
        reply_to=_every_address(root, "Reply-To", view),
        to=_every_address(root, "To", view),
        cc=_every_address(root, "Cc", view),
        date=utc_date(view.date),
        text=text,
        html=html,
        headers=headers,
        attachments=tuple(found.attachments),
        nested=tuple(found.nested),
        defects=(*_defects(root, view), *found.defects),
    )


def _every_address(root: Part, name: str, view: MailParser) -> tuple[Address, ...]:
    """Read every header of that name: mail-parser reads the first one only."""
    values = root.get_all(name) or []
    found = addresses_of(getattr(view, _ATTRIBUTES[name]))
    for value in values[1:_MAX_SAME_HEADERS]:
        alone = Part()
        alone[name] = value
        more = MailParser(alone)
        found += addresses_of(getattr(more, _ATTRIBUTES[name]))
    return found


def _defects(root: Part, view: MailParser) -> tuple[str, ...]:
    found = [
        clean_line(str(line))
        for group in view.defects
        for lines in group.values()
        for line in lines
    ]
    found += [
        f"DuplicateHeader: {name}" for name in _ATTRIBUTES if len(root.get_all(name) or []) > 1
    ]
    return tuple(dict.fromkeys(found))


def _check_headers(root: Part, limits: Limits) -> None:
    if len(root) > limits.header_lines:
        raise Unreadable(f"more than {limits.header_lines} headers")
    for name in _ADDRESS_HEADERS:
        if sum(str(value).count(",") for value in root.get_all(name) or []) >= limits.addresses:
            raise Unreadable(f"more than {limits.addresses} addresses in {name}")


def _walk(part: Part, path: str, depth: int, budget: _Budget, found: _Found) -> Part:
    """Collect attachments and attached mails; give the tree with only its texts left."""
    budget.take_part(depth)
    content_type = part.get_content_type()
    if content_type in _MAILS:
        found.nested.append(_read(_attached_mail(part, budget), budget, depth + 1))
        return _emptied(part, path)
    if part.is_multipart() and part.get_content_maintype() == "multipart":
        slim = copy.copy(part)
        slim.set_payload(
            [
                _walk(child, f"{path}.{place}", depth + 1, budget, found)
                for place, child in enumerate(_children(part), 1)
            ]
        )
        return slim
    if _is_body(part, content_type) or (path == "1" and content_type.startswith("multipart/")):
        return _shortened(_decodable(part), budget)
    attachment = _attachment(part, path, content_type, budget)
    found.attachments += _opened(attachment, budget)
    return _emptied(part, path)


def _as_written(part: Part) -> object:
    """Give the payload undecoded; asked politely, the library decodes it by a hostile charset."""
    return vars(part).get("_payload")


def _shortened(part: Part, budget: _Budget) -> Part:
    """Cut a text that nobody reads to its end before it is decoded in several copies."""
    payload = _as_written(part)
    most = budget.limits.text_chars * _ENCODED_CHARS
    if body := budget.long_bodies.behind(payload):
        payload = body[:most].decode("ascii", "surrogateescape")
    elif not isinstance(payload, str) or len(payload) <= most:
        return part
    short = copy.copy(part)
    short.set_payload(payload[:most])
    return short


def _decodable(part: Part) -> Part:
    """Drop a charset that Python knows but that is none for texts; unknown ones are repaired."""
    charset = part.get_content_charset() or "utf-8"
    if _CHARSET.fullmatch(charset) and charset.replace("-", "_") not in _NO_CHARSETS:
        return part
    plain = copy.copy(part)
    del plain["Content-Type"]
    plain["Content-Type"] = part.get_content_type()
    return plain


def _is_body(part: Part, content_type: str) -> bool:
    return (
        content_type in _TEXTS
        and part.get_content_disposition() != "attachment"
        and not part.get_filename()
    )


def _emptied(part: Part, path: str) -> Part:
    """Leave a stub in place; the top part keeps its headers, as the mail's addresses are there."""
    stub = copy.copy(part) if path == "1" else Part()
    for name in ("Content-Type", "Content-Disposition", "Content-ID", "Content-Transfer-Encoding"):
        del stub[name]
    stub["Content-Type"] = "application/octet-stream"
    stub["Content-Disposition"] = "attachment; filename=omitted"
    stub.set_payload("")
    return stub


def _attached_mail(part: Part, budget: _Budget) -> Part:
    """Give the mail within; some programs encode it although the standard forbids that."""
    inner = next(iter(_children(part)), None)
    if inner is None:
        return email.message_from_bytes(_leaf_bytes(part, budget))
    encoding = _encoding(part)
    if encoding in _ENCODED and not len(inner):
        inner["Content-Transfer-Encoding"] = encoding
        raw = _leaf_bytes(inner, budget)
        gate(raw, budget.limits)
        return email.message_from_bytes(raw)
    return inner


def _attachment(part: Part, path: str, content_type: str, budget: _Budget) -> Attachment:
    content = _leaf_bytes(part, budget)
    budget.take_bytes(len(content))
    disposition = part.get_content_disposition()
    content_id = clean_line(decoded("content-id", part.get("Content-ID", ""))).strip("<>")
    return Attachment(
        path=path,
        filename=bare_filename(part.get_filename() or ""),
        content_type=clean_line(content_type),
        inline=disposition == "inline" or (bool(content_id) and disposition != "attachment"),
        content_id=content_id,
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
    )


def _opened(container: Attachment, budget: _Budget) -> Iterator[Attachment]:
    """Give the files in Outlook's container instead of it, or beside it where more is in it."""
    if not container.content.startswith(SIGNATURE):
        yield container
        return
    opened = open_tnef(container.content)
    if not opened.whole:
        yield container
    for place, inner in enumerate(opened.files, 1):
        budget.take_part(0)
        budget.take_bytes(len(inner.content))
        yield Attachment(
            path=f"{container.path}.{place}",
            filename=bare_filename(inner.filename),
            content_type="application/octet-stream",
            inline=False,
            content_id="",
            sha256=hashlib.sha256(inner.content).hexdigest(),
            content=inner.content,
        )


def _children(part: Part) -> list[Part]:
    payload = part.get_payload() if part.is_multipart() else []
    return [child for child in payload if isinstance(child, Part)]


def _leaf_bytes(part: Part, budget: _Budget) -> bytes:
    if part.is_multipart():  # message/delivery-status and its kin: header blocks
        return b"\n".join(map(_flat, _children(part)))
    if body := budget.long_bodies.behind(_as_written(part)):
        if _encoding(part) == "base64":
            try:  # the standard library holds four copies of a file while it decodes it
                return binascii.a2b_base64(body)
            except ValueError:
                pass  # broken: the library repairs what it can
        part.set_payload(body.decode("ascii", "surrogateescape"))
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _flat(part: Part) -> bytes:
    """Write a mail out as it came; the library's own writer fails on many a damaged one."""
    payload = _as_written(part)
    between = f"--{part.get_boundary('')}\n".encode("utf-8", "surrogateescape")
    head = "".join(f"{name}: {value}\n" for name, value in part.raw_items())
    if isinstance(payload, list):
        body = between + between.join(map(_flat, _children(part)))
    else:
        body = str(payload or "").encode("utf-8", "surrogateescape")
    return head.encode("utf-8", "surrogateescape") + b"\n" + body


def _encoding(part: Part) -> str:
    return str(part.get("Content-Transfer-Encoding", "")).strip().lower()
