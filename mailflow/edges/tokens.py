"""Access tokens for logins by XOAUTH2: asked for, kept while they are good, renewed in time."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from mailflow.edges.token_grants import Granted, ask
from mailflow.edges.token_store import RefreshTokens
from mailflow.settings.oauth2 import OAuth2Settings
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.workflow.alarms import TokenState

log = structlog.get_logger()

_AHEAD_SECONDS = 300.0  # renewed so long before it runs out, or in the last fifth of its life
_RETRY_SECONDS = 30.0  # between two tries while the old token still works


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a server lets in for a while. Times in seconds since 1970."""

    value: str = field(repr=False)
    expires_at: float
    renew_at: float  # from then on a newer one is asked for


class TokenSource:
    """One source for all logins of a mailbox: a refresh token may be good for one use only.

    Safe for many threads.
    """

    def __init__(
        self,
        settings: OAuth2Settings,
        mailbox: str,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._mailbox = mailbox
        self._now = now
        self._lock = threading.Lock()
        self._token: AccessToken | None = None
        self._refresh = RefreshTokens(settings.refresh_token_file, settings.renewed_token_file)
        self._refused = ""

    def token(self) -> AccessToken:
        """Give a token that is good now; a server that is away is forgiven while the old one is.

        Raises:
            GiveUp: the token server refuses; a person has to look.
            TryAgainLater: it cannot be asked now.
        """
        with self._lock:
            now, old = self._now(), self._token
            if old is not None and now < old.renew_at:
                return old
            try:
                self._token = self._renewed(now)
            except (GiveUp, TryAgainLater) as problem:
                self._note_failure(problem.reason)
                if old is None or now >= old.expires_at:
                    self._token = None
                    raise
                later = min(now + _RETRY_SECONDS, old.expires_at)
                self._token = AccessToken(old.value, old.expires_at, later)
            return self._token

    def drop(self, refused: AccessToken) -> None:
        """Forget a token that a mail server did not take, unless there is a newer one already."""
        with self._lock:
            if self._token is not None and self._token.value == refused.value:
                self._token = None

    @property
    def state(self) -> TokenState:
        """Say for the alarms whether the last renewal failed, and by when a person must act."""
        day = self._settings.renew_by
        ends = None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)
        return TokenState(name=self._mailbox, expires_at=ends, refused=self._refused)

    def _renewed(self, now: float) -> AccessToken:
        granted = ask(self._settings, self._mailbox, self._refresh)
        self._refused = self._keep_refresh_token(granted)
        lifetime = max(granted.lifetime_seconds, 1.0)
        ahead = min(_AHEAD_SECONDS, lifetime / 5)
        log.info("login.renewed", mailbox=self._mailbox, lifetime_seconds=round(lifetime))
        return AccessToken(granted.value, now + lifetime, now + lifetime - ahead)

    def _keep_refresh_token(self, granted: Granted) -> str:
        if not granted.refresh_token:
            return ""
        try:
            self._refresh.keep(granted.refresh_token)
        except OSError as problem:
            why = (
                f"the renewed refresh token could not be stored ({problem}); make "
                "oauth2.renewed_token_file writable, or a restart needs a new login by hand"
            )
            log.error("login.not_stored", because=why)  # noqa: TRY400 - no more to be seen in it
            return why
        return ""

    def _note_failure(self, reason: str) -> None:
        self._refused = reason
        log.error("login.not_renewed", mailbox=self._mailbox, because=reason)
