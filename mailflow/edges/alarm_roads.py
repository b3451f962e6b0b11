"""The roads on which alarms reach people: the ordinary outbox, a second relay, a webhook."""

import hashlib
import smtplib
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import httpx

from mailflow.edges.imap_session import tls_context
from mailflow.edges.secrets import read_secret
from mailflow.settings.mail import Security
from mailflow.settings.operating import RelaySettings
from mailflow.tickets.errors import TryAgainLater
from mailflow.workflow.alarms import Message
from mailflow.workflow.ports import Outbox, OutcomeUnknown, WrittenMail

_WEBHOOK_SECONDS = 10.0


def _mail(message: Message, sender: str, to: Sequence[str]) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, ", ".join(to), message.subject
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = _message_id(message, sender)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Mailflow"] = "1"
    mail.set_content(message.text, charset="utf-8", cte="quoted-printable")
    return mail


def _message_id(message: Message, sender: str) -> str:
    """Give the same alarm the same name on every road and at every try."""
    seed = "\n".join(f"{a.key} {a.since.isoformat()}" for a in (*message.raised, *message.cleared))
    digest = hashlib.sha256(f"{seed}\n{message.subject}".encode()).hexdigest()[:32]
    return f"<alarm.{digest}@{sender.rpartition('@')[2]}>"


class OrdinaryRoad:
    """The way all other mails go, without waiting in their line."""

    name = "outbox"
    is_ordinary = True

    def __init__(self, outbox: Outbox, sender: str, to: Sequence[str]) -> None:
        self._outbox = outbox
        self._sender = sender
        self._to = tuple(to)

    def tell(self, message: Message) -> None:
        mail = _mail(message, self._sender, self._to)
        written = WrittenMail(
            message_id=str(mail["Message-ID"]),
            sender=self._sender,
            to=self._to,
            subject=message.subject,
            text=message.text,
            raw=mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
        )
        try:
            self._outbox.send(written)
        except OutcomeUnknown as unknown:  # told twice is better than not told
            raise TryAgainLater(str(unknown)) from unknown


class RelayRoad:
    """A second mail server that shares nothing with the first."""

    name = "relay"
    is_ordinary = False

    def __init__(self, settings: RelaySettings, sender: str, to: Sequence[str]) -> None:
        self._settings = settings
        self._sender = sender
        self._to = tuple(to)

    def tell(self, message: Message) -> None:
        mail = _mail(message, self._sender, self._to)
        try:
            with self._connected() as smtp:
                smtp.send_message(mail, self._sender, list(self._to))
        except (OSError, smtplib.SMTPException) as broken:
            where = f"{self._settings.host}:{self._settings.port}"
            raise TryAgainLater(f"{where}: {type(broken).__name__}: {broken}") from broken

    def _connected(self) -> smtplib.SMTP:
        each = self._settings
        context = None if each.security is Security.PLAIN else tls_context(each)
        if each.security is Security.TLS:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                each.host, each.port, timeout=each.connect_seconds, context=context
            )
        else:
            smtp = smtplib.SMTP(each.host, each.port, timeout=each.connect_seconds)
        try:
            if each.security is Security.STARTTLS:
                smtp.starttls(context=context)
            if each.user:
                smtp.login(each.user, read_secret(each.password_file))
        except BaseException:
            smtp.close()
            raise
        return smtp


class WebhookRoad:
    """A chat or a pager: one POST of JSON, with `text` as most chats want it."""

    name = "webhook"
    is_ordinary = False

    def __init__(self, url: str, secret_file: Path | None) -> None:
        self._url = url
        self._secret_file = secret_file

    def tell(self, message: Message) -> None:
        headers = {}
        if self._secret_file is not None:
            headers["Authorization"] = f"Bearer {read_secret(self._secret_file)}"
        body = {
            "text": f"{message.subject}\n{message.text}",
            "raised": [
                {"kind": a.kind, "about": a.about, "detail": a.detail} for a in message.raised
            ],
            "cleared": [{"kind": a.kind, "about": a.about} for a in message.cleared],
        }
        try:
            answer = httpx.post(self._url, json=body, headers=headers, timeout=_WEBHOOK_SECONDS)
            answer.raise_for_status()
        except (httpx.HTTPError, httpx.InvalidURL) as broken:
            raise TryAgainLater(f"webhook: {type(broken).__name__}: {broken}") from broken
