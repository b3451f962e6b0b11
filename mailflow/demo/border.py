"""What a border mail server does to a mail: say who really sent it, believe no other stamp."""

import re
from email import message_from_bytes
from email.utils import formatdate, getaddresses

AUTHSERV_ID = "mail.mailflow.test"
_FIELD = re.compile(rb"[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*(?:\r?\n|\Z)")
_COMMENT = re.compile(r"\([^()]*\)")
_STAMP = b"authentication-results:"


def stamp(raw: bytes, *, login: str, peer: str) -> bytes:
    """Take away forged stamps of ours, then put our own on top, above our Received line.

    `login` is the user the SMTP session logged in as, "" for none.
    """
    domain, verdict = _judge(raw, login)
    head = (
        f"Authentication-Results: {AUTHSERV_ID}; dmarc={verdict} header.from={domain}\r\n"
        f"Received: from {peer} by {AUTHSERV_ID} with {'ESMTPA' if login else 'ESMTP'};\r\n"
        f"\t{formatdate()}\r\n"
    )
    return head.encode() + without_our_stamps(raw)


def _judge(raw: bytes, login: str) -> tuple[str, str]:
    headers = message_from_bytes(raw).get_all("From", [])
    senders = [address.lower() for _, address in getaddresses([str(h) for h in headers])]
    lone = senders[0] if len(senders) == 1 else ""
    domain = re.sub(r"[^a-z0-9.-]", "", lone.rpartition("@")[2]) or "unknown.invalid"
    if not login:
        return domain, "none"
    return domain, "pass" if lone == login.lower() else "fail"


def without_our_stamps(raw: bytes) -> bytes:
    """Drop every Authentication-Results header that claims to be ours."""
    kept, at = [], 0
    while at < len(raw) and not raw.startswith((b"\r\n", b"\n"), at):
        match = _FIELD.match(raw, at)
        if match is None or match.end() == at:
            break
        if not _is_ours(match.group()):
            kept.append(match.group())
        at = match.end()
    return b"".join(kept) + raw[at:]


def _is_ours(header: bytes) -> bool:
    if not header.lower().startswith(_STAMP):
        return False
    value = header[len(_STAMP) :].decode("latin-1")
    while (shorter := _COMMENT.sub(" ", value)) != value:
        value = shorter
    name = re.match(r'[\s"]*([^\s;"]*)', value)
    return name is not None and name.group(1).lower() == AUTHSERV_ID
