"""The Sent folder: the witness of what has left."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from imapclient import IMAPClient

from mailflow.edges.imap_session import (
    TROUBLE,
    LoginRefused,
    close,
    connect,
    ensure_folder,
    find_sent,
)
from mailflow.edges.tokens import TokenSource
from mailflow.settings.mail import InboxSettings
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.workflow.ports import WrittenMail

log = structlog.get_logger()

_IDLE_SECONDS = 60.0  # a connection unused for longer is not trusted
_USUAL_NAME = "Sent"
_SEEN = b"\\Seen"

_Answer = TypeVar("_Answer")


class SentFolder:
    """Keeps copies of sent mails, and looks for them. Safe for many threads."""

    def __init__(self, settings: InboxSettings, tokens: TokenSource | None = None) -> None:
        self._settings = settings
        self._tokens = tokens
        self._lock = threading.Lock()
        self._client: IMAPClient | None = None
        self._used_at = 0.0

    def keep(self, mail: WrittenMail) -> None:
        """Append a copy; tried twice, then only logged: a missing copy is no reason to resend."""
        try:
            self._with_client(lambda client: self._append(client, mail))
        except (*TROUBLE, LoginRefused, GiveUp, TryAgainLater) as problem:
            log.exception(
                "outbox.copy_not_kept", message_id=mail.message_id, problem=type(problem).__name__
            )

    def holds(self, message_id: str) -> bool | None:
        """Look for a Message-ID; None where there is no Sent folder.

        Raises:
            TryAgainLater: the server cannot be asked now.
        """
        try:
            return self._with_client(lambda client: self._search(client, message_id))
        except (*TROUBLE, LoginRefused, GiveUp) as problem:
            raise TryAgainLater(f"Sent folder: {type(problem).__name__}: {problem}") from problem

    def close(self) -> None:
        """Drop the connection."""
        with self._lock:
            self._hang_up()

    def _with_client(self, work: Callable[[IMAPClient], _Answer]) -> _Answer:
        """Do the work; once more on a fresh connection if the first one fails."""
        with self._lock:
            if time.monotonic() - self._used_at > _IDLE_SECONDS:
                self._hang_up()
            try:
                return self._attempt(work)
            except TROUBLE:
                return self._attempt(work)

    def _attempt(self, work: Callable[[IMAPClient], _Answer]) -> _Answer:
        try:
            if self._client is None:
                self._client = connect(self._settings, self._tokens)
            answer = work(self._client)
        except BaseException:
            self._hang_up()
            raise
        self._used_at = time.monotonic()
        return answer

    def _append(self, client: IMAPClient, mail: WrittenMail) -> None:
        folder = find_sent(client, self._settings)
        if folder is None:
            folder = self._settings.sent_folder or _USUAL_NAME
            ensure_folder(client, folder)
        elif self._search(client, mail.message_id):
            return  # the provider, or a first attempt whose answer was lost
        client.append(folder, mail.raw, [_SEEN])

    def _search(self, client: IMAPClient, message_id: str) -> bool | None:
        folder = find_sent(client, self._settings)
        if folder is None:
            return None
        client.select_folder(folder, readonly=True)
        return bool(client.search(["HEADER", "Message-ID", message_id]))

    def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            close(client)
