"""Outgoing mail by SMTP, with a copy in the Sent folder for people to read.

With `witness = "copy"` the server is given our own mailbox as one more recipient in the same
transaction: it takes the mail for everyone or for no one, so the copy that comes back tells that
the mail left (RFC 5321, section 4.1.1.4: one answer to DATA stands for all recipients).
"""

import asyncio
import ssl
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, NoReturn, TypeVar

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectResponseError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
)

from mailflow.edges.imap_session import tls_context
from mailflow.edges.secrets import read_secret
from mailflow.edges.sent_folder import SentFolder
from mailflow.edges.tokens import AccessToken, TokenSource
from mailflow.settings.mail import InboxSettings, Login, OutboxSettings, Security, Witness
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.workflow.ports import OutcomeUnknown, Refused, WrittenMail

_Answer = TypeVar("_Answer")

_IDLE_SECONDS = 30.0  # a connection unused for longer is not trusted
_WAIT_FOR_PEOPLE = 300.0  # a refused login or certificate is not cured by trying often
_FAREWELL_SECONDS = 5.0
_LONGEST_TURN = 120.0  # seconds that a mail waits for those before it


class SmtpOutbox:
    """Sends one mail at a time over one connection that is reused. Safe for many threads."""

    def __init__(
        self, settings: OutboxSettings, inbox: InboxSettings, tokens: TokenSource | None = None
    ) -> None:
        self._settings = settings
        self._tokens = tokens
        self._sent = SentFolder(inbox, tokens)
        self._loop = asyncio.new_event_loop()
        self._turn = asyncio.Lock()
        self._client: SMTP | None = None
        self._used_at = 0.0
        self._thread = threading.Thread(target=self._loop.run_forever, name="outbox", daemon=True)
        self._thread.start()

    def send(self, mail: WrittenMail) -> tuple[Refused, ...]:
        """Send to every recipient, then keep a copy.

        A copy that cannot be kept is logged: the mail has left, and must not leave again.

        Raises:
            TryAgainLater, GiveUp, OutcomeUnknown: as the port says.
        """
        refused = self._wait_for(self._send(mail))
        if self._settings.keep_copy:
            self._sent.keep(mail)
        return refused

    def was_sent(self, message_id: str) -> bool | None:
        """Ask the Sent folder; None where there is none.

        Raises:
            TryAgainLater: the folder cannot be asked now.
        """
        return self._sent.holds(message_id)

    def check(self) -> None:
        """Connect and log in, as `mailflow doctor` does; errors as for `send`."""
        self._wait_for(self._check())

    def responds(self, seconds: float = 5) -> bool:
        """Does the event loop turn? A server that is away does not stop it."""
        turn = asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self._loop)
        try:
            turn.result(seconds)
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        """Drop the connections and end the thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._hang_up)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_FAREWELL_SECONDS)
        if not self._thread.is_alive() and not self._loop.is_closed():
            self._loop.run_until_complete(asyncio.sleep(0))  # lets the transport close
            self._loop.close()
        self._sent.close()

    def _wait_for(self, work: Coroutine[Any, Any, _Answer]) -> _Answer:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        """Have the connection alone; whoever waits too long tries again later."""
        try:
            async with asyncio.timeout(_LONGEST_TURN):
                await self._turn.acquire()
        except TimeoutError as busy:
            raise TryAgainLater("the connection is busy with other mails") from busy
        try:
            yield
        finally:
            self._turn.release()

    async def _check(self) -> None:
        async with self._in_turn():
            await self._ready()

    async def _send(self, mail: WrittenMail) -> tuple[Refused, ...]:
        async with self._in_turn():
            attempt = _Attempt(mail, copy=self._settings.witness is Witness.COPY)
            try:
                client = await self._ready()
                # Each answer has its own limit; this one is for a server that dribbles.
                answers = len(mail.to) + 3
                async with asyncio.timeout(self._settings.read_seconds * answers):
                    refused = await attempt.make(client)
            except BaseException as problem:
                self._hang_up()  # after an error the conversation may be out of step
                if isinstance(problem, (SMTPException, OSError, ValueError)):
                    attempt.explain(problem)
                raise
            self._used_at = time.monotonic()
            return refused

    async def _ready(self) -> SMTP:
        """Give a connection that works just now."""
        if self._client is not None and time.monotonic() - self._used_at < _IDLE_SECONDS:
            try:
                await self._client.noop()
            except (SMTPException, OSError):
                self._hang_up()
            else:
                return self._client
        self._hang_up()
        self._client = await self._connect()
        self._used_at = time.monotonic()
        return self._client

    async def _connect(self) -> SMTP:
        if self._settings.user and self._settings.login is Login.OAUTH2:
            return await self._connect_by_token()
        try:
            password = read_secret(self._settings.password_file) if self._settings.user else ""
        except GiveUp as problem:  # nothing is wrong with the mail: it waits for the setting
            raise TryAgainLater(problem.reason, after_seconds=_WAIT_FOR_PEOPLE) from problem

        async def log_in(client: SMTP) -> None:
            if self._settings.user:
                await client.login(self._settings.user, password)

        return await self._reach(log_in)

    async def _connect_by_token(self) -> SMTP:
        """Log in; once more with a fresh token, as a server may drop one before its time."""
        for last in (False, True):
            token = await self._token()

            async def log_in(client: SMTP, value: str = token.value) -> None:
                await client.auth_xoauth2(self._settings.user, value)

            try:
                return await self._reach(log_in)
            except TryAgainLater as problem:
                if last or not isinstance(problem.__cause__, SMTPAuthenticationError):
                    raise
                self._source().drop(token)
        raise AssertionError("unreachable")

    async def _token(self) -> AccessToken:
        try:
            return await asyncio.to_thread(self._source().token)
        except GiveUp as problem:
            raise TryAgainLater(problem.reason, after_seconds=_WAIT_FOR_PEOPLE) from problem

    def _source(self) -> TokenSource:
        if self._tokens is None:
            raise GiveUp("outbox.login = 'oauth2' needs tokens; set oauth2.grant")
        return self._tokens

    async def _reach(self, log_in: Callable[[SMTP], Awaitable[None]]) -> SMTP:
        where = f"{self._settings.host}:{self._settings.port}"
        try:
            client = self._new_client()
        except GiveUp as problem:  # the certificates, as above
            raise TryAgainLater(problem.reason, after_seconds=_WAIT_FOR_PEOPLE) from problem
        try:
            async with asyncio.timeout(self._settings.connect_seconds * 3):
                await client.connect(timeout=self._settings.connect_seconds)
                await log_in(client)
        except (SMTPException, OSError, ValueError) as problem:
            client.close()
            _not_connected(where, problem)
        except BaseException:
            client.close()
            raise
        client.timeout = self._settings.read_seconds
        return client

    def _new_client(self) -> SMTP:
        plain = self._settings.security is Security.PLAIN
        return SMTP(
            hostname=self._settings.host,
            port=self._settings.port,
            timeout=self._settings.connect_seconds,
            use_tls=self._settings.security is Security.TLS,
            # Never None: that would send in the clear when STARTTLS was filtered away.
            start_tls=self._settings.security is Security.STARTTLS,
            tls_context=None if plain else tls_context(self._settings),
        )

    def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()  # QUIT may wait for an answer that never comes


class _Attempt:
    """One try to hand a mail over, and how far it came."""

    def __init__(self, mail: WrittenMail, *, copy: bool) -> None:
        self._mail = mail
        self._copy = copy and mail.sender not in mail.to
        self._data_begun = False

    async def make(self, client: SMTP) -> tuple[Refused, ...]:
        options, encoding = self._options(client)
        await client.mail(self._mail.sender, options=options, encoding=encoding)
        refusals: list[SMTPRecipientRefused] = []
        for recipient in self._mail.to:
            try:
                await client.rcpt(recipient, encoding=encoding)
            except SMTPRecipientRefused as refusal:
                refusals.append(refusal)
        self._weigh(refusals)
        if self._copy:
            await self._add_witness(client, encoding)
        self._data_begun = True
        await client.data(self._mail.raw)
        return tuple(Refused(r.recipient, r.code, r.message) for r in refusals)

    async def _add_witness(self, client: SMTP, encoding: str) -> None:
        """Without its witness no mail may leave: its outcome could stay unknown for ever."""
        try:
            await client.rcpt(self._mail.sender, encoding=encoding)
        except SMTPRecipientRefused as refusal:
            raise TryAgainLater(
                f"the server takes no blind copy to {self._mail.sender} ({refusal.code} "
                f"{refusal.message}); make it, or set outbox.witness to another one",
                after_seconds=_WAIT_FOR_PEOPLE,
            ) from refusal

    def _options(self, client: SMTP) -> tuple[list[str], str]:
        """What MAIL FROM must announce, and how addresses are written."""
        options = []
        size = len(self._mail.raw)
        limit = client.esmtp_extensions.get("size", "").strip()
        if limit.isdigit() and 0 < int(limit) < size:
            raise GiveUp(f"the mail has {size} bytes, the server takes {int(limit)} at most")
        if client.supports_extension("size"):
            options.append(f"size={size}")
        if not self._mail.raw.isascii() and client.supports_extension("8bitmime"):
            options.append("BODY=8BITMIME")
        if "".join((self._mail.sender, *self._mail.to)).isascii():
            return options, "ascii"
        if not client.supports_extension("smtputf8"):
            raise GiveUp("an address is not ASCII, and the server does not take such addresses")
        return [*options, "SMTPUTF8"], "utf-8"

    def _weigh(self, refusals: list[SMTPRecipientRefused]) -> None:
        if len(refusals) < len(self._mail.to):
            return
        text = "; ".join(f"{r.recipient}: {r.code} {r.message}" for r in refusals)
        if not refusals or all(_for_good(refusal.code) for refusal in refusals):
            raise GiveUp(f"every recipient was refused: {text or 'there is none'}")
        raise TryAgainLater(f"no recipient was accepted now: {text}")

    def explain(self, problem: Exception) -> NoReturn:
        """Say what a failure means, by how far the attempt had come."""
        text = f"{type(problem).__name__}: {problem}"
        if isinstance(problem, SMTPResponseException) and problem.code > 0:
            answer = f"the server said {problem.code} {problem.message}"
            if _for_good(problem.code):
                raise GiveUp(answer) from problem
            if 400 <= problem.code < 500:  # noqa: PLR2004 - RFC 5321, section 4.2.1
                raise TryAgainLater(answer) from problem
        if self._data_begun:
            raise OutcomeUnknown(f"no clear answer after DATA was begun: {text}") from problem
        if isinstance(problem, ValueError):
            raise GiveUp(f"the mail cannot be put in SMTP: {text}") from problem
        raise TryAgainLater(f"before DATA: {text}") from problem


def _for_good(code: int) -> bool:
    return 500 <= code < 600 and code != 521  # noqa: PLR2004 - 521: this host takes no mail


def _not_connected(where: str, problem: Exception) -> NoReturn:
    """No mail was involved yet: whatever it was, the mail waits."""
    text = f"{where}: {type(problem).__name__}: {problem}"
    code = problem.code if isinstance(problem, SMTPResponseException) else 0
    if isinstance(problem, ssl.SSLCertVerificationError) or _for_good(code):
        raise TryAgainLater(text, after_seconds=_WAIT_FOR_PEOPLE) from problem
    if isinstance(problem, SMTPConnectResponseError):
        text = f"{where} greeted with {problem.code} {problem.message}"
    raise TryAgainLater(text) from problem
