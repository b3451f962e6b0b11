"""One IMAP connection: reach the server, log in, and survive what servers do."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError
from imapclient.imapclient import SENT

from mailflow.edges.secrets import read_secret
from mailflow.edges.tokens import AccessToken, TokenSource
from mailflow.settings.mail import InboxSettings, Login, Security, ServerSettings
from mailflow.tickets.errors import GiveUp

TROUBLE = (IMAPClientError, OSError, EOFError)  # abort, NO, BAD, timeout, reset, TLS
_PASSING = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "[CONTACTADMIN]")
_KEEPALIVE = (
    ("TCP_KEEPIDLE", 60),
    ("TCP_KEEPINTVL", 15),
    ("TCP_KEEPCNT", 4),
    ("TCP_USER_TIMEOUT", 60_000),
)


class LoginRefused(Exception):  # noqa: N818 - named by what happened
    """The server does not accept user and password; trying often gets an account locked."""


def tls_context(settings: ServerSettings) -> ssl.SSLContext:
    """Verify certificate and name, against `ca_file` where one is set.

    Raises:
        GiveUp: the file cannot be read.
    """
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except OSError as problem:
        raise GiveUp(f"ca_file {settings.ca_file} cannot be used: {problem}") from problem


def connect(settings: ServerSettings, tokens: TokenSource | None = None) -> IMAPClient:
    """Connect and log in, with a token where the settings say so.

    Raises:
        LoginRefused: see there.
        GiveUp: the password, the token or the certificates cannot be had.
        TryAgainLater: the token server is away.
        IMAPClientError, OSError, EOFError: anything that may pass.
    """
    if settings.user and settings.login is Login.OAUTH2:
        return _connect_by_token(settings, tokens)
    password = read_secret(settings.password_file) if settings.user else ""
    client = _reach(settings)
    with _closed_on_failure(client):
        _log_in(client, settings.user, password)
    return client


def _connect_by_token(settings: ServerSettings, tokens: TokenSource | None) -> IMAPClient:
    """Log in; once more with a fresh token, as a server may drop one before its time."""
    if tokens is None:
        raise GiveUp("login = 'oauth2' needs tokens; set oauth2.grant")
    token = tokens.token()
    try:
        return _logged_in_by(settings, token)
    except LoginRefused:
        tokens.drop(token)
    return _logged_in_by(settings, tokens.token())


def _logged_in_by(settings: ServerSettings, token: AccessToken) -> IMAPClient:
    client = _reach(settings)
    with _closed_on_failure(client):
        talk = _Xoauth2(settings.user, token.value)
        try:
            client.sasl_login("XOAUTH2", talk)
        except LoginError as refusal:
            _raise_refusal(settings.user, refusal, talk.complaint)
    return client


class _Xoauth2:
    """Speaks XOAUTH2: first the token; a challenge after it is the server's complaint."""

    def __init__(self, user: str, token: str) -> None:
        self._first: str | None = f"user={user}\1auth=Bearer {token}\1\1"
        self.complaint = ""

    def __call__(self, challenge: bytes) -> str:
        first, self._first = self._first, None
        if first is not None:
            return first
        self.complaint = challenge.decode("utf-8", "replace")[:300]
        return ""


def _reach(settings: ServerSettings) -> IMAPClient:
    """Open a protected connection, not logged in yet."""
    context = None if settings.security is Security.PLAIN else tls_context(settings)
    client = IMAPClient(
        settings.host,
        settings.port,
        ssl=settings.security is Security.TLS,
        ssl_context=context if settings.security is Security.TLS else None,
        timeout=SocketTimeout(settings.connect_seconds, settings.read_seconds),
    )
    with _closed_on_failure(client):
        _tune(client.socket())
        client.normalise_times = False  # aware times
        if settings.security is Security.STARTTLS:
            client.starttls(context)
    return client


@contextmanager
def _closed_on_failure(client: IMAPClient) -> Iterator[None]:
    try:
        yield
    except BaseException:
        close(client)
        raise


def _tune(sock: socket.socket) -> None:
    # imaplib sends a command in pieces: without this each waits 40 ms for an acknowledgement.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE:
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _log_in(client: IMAPClient, user: str, password: str) -> None:
    if not user:
        return  # a server that knows us by other means (PREAUTH)
    try:
        client.login(user, password)
    except LoginError as refusal:
        _raise_refusal(user, refusal)


def _raise_refusal(user: str, refusal: LoginError, complaint: str = "") -> NoReturn:
    if any(code in str(refusal).upper() for code in _PASSING):
        raise refusal
    raise LoginRefused(" ".join(filter(None, [f"{user}: {refusal}", complaint]))) from refusal


def close(client: IMAPClient) -> None:
    """Drop the connection. No LOGOUT: its answer may never come."""
    with suppress(*TROUBLE, AttributeError):
        client.shutdown()


@contextmanager
def session(settings: ServerSettings, tokens: TokenSource | None = None) -> Iterator[IMAPClient]:
    """Connect, and close whatever happens; errors as for `connect`."""
    client = connect(settings, tokens)
    try:
        yield client
    finally:
        close(client)


def ensure_folder(client: IMAPClient, folder: str) -> None:
    """Create a folder that is not there yet."""
    if not client.folder_exists(folder):
        client.create_folder(folder)
        with suppress(IMAPClientError):
            client.subscribe_folder(folder)


def find_sent(client: IMAPClient, settings: InboxSettings) -> str | None:
    """Find the folder of sent mails: by the settings, by SPECIAL-USE, or by its usual names."""
    if settings.sent_folder:
        return settings.sent_folder if client.folder_exists(settings.sent_folder) else None
    found: str | None = client.find_special_folder(SENT)
    return found


def pending_exists(client: IMAPClient) -> bool:
    """Tell whether new mail was announced while another command ran; IDLE will not repeat it."""
    announced = client._imap.response("EXISTS")[1]  # noqa: SLF001 - imapclient offers no other way
    return bool(announced != [None])


def buffered(client: IMAPClient) -> bool:
    """Tell whether an announcement was read together with the answer to IDLE.

    The socket is silent then, and poll() would sleep through it.
    """
    imap: Any = client._imap  # noqa: SLF001 - imapclient offers no other way
    if getattr(imap, "_readbuf", None):  # Python 3.14
        return True
    sock = client.socket()
    if getattr(sock, "pending", lambda: 0)():
        return True
    file = getattr(imap, "_file", None) or imap.file
    waiting = sock.gettimeout()
    sock.settimeout(0)
    try:
        return bool(file.peek(1))
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    finally:
        sock.settimeout(waiting)
