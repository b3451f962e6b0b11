"""What `mailflow doctor` asks of foreign systems: looks, and one mail to ourselves."""

import ssl
import time
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parsedate_to_datetime

import httpx
from imapclient import IMAPClient

from mailflow.edges.imap_session import TROUBLE, LoginRefused, find_sent, session
from mailflow.edges.tokens import TokenSource
from mailflow.settings.mail import InboxSettings
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.workflow.ports import WrittenMail

_PAUSE_SECONDS = 0.5
_WEB_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxLook:
    """What a mailbox can do."""

    idle: bool
    moves: bool
    sent_folder: str  # "" where there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class CameBack:
    """The mail to ourselves, as it arrived."""

    raw: bytes
    seconds: float
    arrived_at: datetime  # by the mail server's clock


def look_at_mailbox(settings: InboxSettings, tokens: TokenSource | None = None) -> MailboxLook:
    """Log in and look; nothing is changed.

    Raises:
        GiveUp: a setting is wrong; the reason says which.
        TryAgainLater: the server cannot be reached now.
    """
    try:
        with session(settings, tokens) as client:
            if not client.folder_exists(settings.folder):
                raise GiveUp(f"there is no folder {settings.folder!r}")
            client.select_folder(settings.folder, readonly=True)
            return MailboxLook(
                idle=client.has_capability("IDLE"),
                moves=client.has_capability("MOVE") or client.has_capability("UIDPLUS"),
                sent_folder=find_sent(client, settings) or "",
            )
    except LoginRefused as refusal:
        raise GiveUp(f"the login of {refusal} was refused") from refusal
    except ssl.SSLCertVerificationError as problem:
        raise GiveUp(f"its certificate is not trusted: {problem}") from problem
    except TROUBLE as problem:
        raise TryAgainLater(f"{type(problem).__name__}: {problem}") from problem


def mail_to_ourselves(address: str, now: datetime) -> WrittenMail:
    """Write the test mail. It is marked as ours, so that a running daemon leaves it alone."""
    mail = EmailMessage()
    mail["From"] = mail["To"] = address
    mail["Subject"] = "mailflow doctor: a test mail to ourselves"
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = make_msgid("doctor", domain=address.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Mailflow"] = "1"
    mail.set_content("This mail shows that mails leave and arrive. It may be deleted.")
    return WrittenMail(
        message_id=str(mail["Message-ID"]),
        sender=address,
        to=(address,),
        subject=str(mail["Subject"]),
        text="",
        raw=mail.as_bytes().replace(b"\n", b"\r\n"),
    )


def wait_for(
    settings: InboxSettings, message_id: str, seconds: float, tokens: TokenSource | None = None
) -> CameBack | None:
    """Wait for the test mail, wherever a running daemon may have put it, and remove it.

    Raises:
        TryAgainLater: the mailbox cannot be asked.
    """
    began = time.monotonic()
    try:
        with session(settings, tokens) as client:
            folders = [settings.folder, settings.processed_folder]
            known = [folder for folder in folders if client.folder_exists(folder)]
            while time.monotonic() - began < seconds:
                for folder in known:
                    found = _take(client, folder, message_id)
                    if found is not None:
                        took = time.monotonic() - began
                        return CameBack(raw=found[0], seconds=took, arrived_at=found[1])
                time.sleep(_PAUSE_SECONDS)
            return None
    except (*TROUBLE, LoginRefused, GiveUp) as problem:
        raise TryAgainLater(f"{type(problem).__name__}: {problem}") from problem


def _take(client: IMAPClient, folder: str, message_id: str) -> tuple[bytes, datetime] | None:
    client.select_folder(folder)
    uids = client.search(["HEADER", "Message-ID", message_id])
    if not uids:
        return None
    answer = client.fetch(uids[:1], ["BODY.PEEK[]", "INTERNALDATE"])
    mail = answer.get(uids[0])
    if mail is None:
        return None  # a daemon moved it meanwhile
    if client.has_capability("UIDPLUS"):
        client.delete_messages(uids)
        client.uid_expunge(uids)
    return bytes(mail[b"BODY[]"]), mail[b"INTERNALDATE"]


def web_clock(url: str) -> datetime | None:
    """Ask a web server for its time; None where it tells none.

    Raises:
        TryAgainLater: it cannot be reached.
    """
    try:
        answer = httpx.head(url, timeout=_WEB_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as broken:
        raise TryAgainLater(f"{type(broken).__name__}: {broken}") from broken
    date = answer.headers.get("date")
    try:
        return parsedate_to_datetime(date) if date else None
    except ValueError:
        return None
