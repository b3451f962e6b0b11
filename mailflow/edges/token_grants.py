"""How each grant gets its token: from a token server, or from a program."""

import json
import math
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from mailflow.edges.secrets import read_secret
from mailflow.edges.token_store import RefreshTokens
from mailflow.settings.oauth2 import Grant, OAuth2Settings
from mailflow.tickets.errors import GiveUp, TryAgainLater

_MOST_BYTES = 65_536  # of an answer; tokens have a few thousand
_USUAL_SECONDS = 300.0  # of life, where nobody says how long: asked for again soon
_ASSERTION_SECONDS = 600
_PASSING = frozenset({408, 425, 429})  # beside all of 5xx
_SHOWN = 300
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"  # RFC 7523, section 2.1


@dataclass(frozen=True, slots=True)
class Granted:
    """What the token server gave."""

    value: str = field(repr=False)
    lifetime_seconds: float
    refresh_token: str = field(default="", repr=False)  # "" where it goes on with the old one


class _Refused(GiveUp):
    """The token server's own no; `error` is its word for it (RFC 6749, section 5.2)."""

    def __init__(self, reason: str, error: str) -> None:
        super().__init__(reason)
        self.error = error


def ask(settings: OAuth2Settings, mailbox: str, refresh: RefreshTokens) -> Granted:
    """Ask for a new access token.

    Raises:
        GiveUp: it is refused, or something on our side is missing.
        TryAgainLater: the server is away or busy.
    """
    match settings.grant:
        case Grant.CLIENT_CREDENTIALS:
            return _post(settings, {"grant_type": "client_credentials"})
        case Grant.REFRESH_TOKEN:
            return _by_refresh_token(settings, refresh)
        case Grant.SERVICE_ACCOUNT:
            return _by_service_account(settings, mailbox)
        case Grant.COMMAND:
            return _by_command(settings)
        case Grant.NONE:
            raise GiveUp("login = 'oauth2' needs a grant; set oauth2.grant")


def _by_refresh_token(settings: OAuth2Settings, refresh: RefreshTokens) -> Granted:
    tokens = refresh.candidates()
    for token in tokens[:-1]:
        try:
            return _post(settings, {"grant_type": "refresh_token", "refresh_token": token})
        except _Refused as refusal:
            if refusal.error != "invalid_grant":
                raise
    return _post(settings, {"grant_type": "refresh_token", "refresh_token": tokens[-1]})


def _by_service_account(settings: OAuth2Settings, mailbox: str) -> Granted:
    try:
        import jwt  # noqa: PLC0415 - an optional extra
    except ImportError as missing:
        raise GiveUp(
            "grant = 'service_account' needs one more package: pip install 'mailflow[google]'"
        ) from missing
    now = int(time.time())
    try:
        account = json.loads(read_secret(settings.account_file))
        claims = {
            "iss": account["client_email"],
            "sub": mailbox,  # the mailbox, by domain-wide delegation
            "scope": settings.wanted_scope,
            "aud": settings.address,
            "iat": now,
            "exp": now + _ASSERTION_SECONDS,
        }
        key_id = {"kid": account["private_key_id"]}
        assertion = jwt.encode(claims, account["private_key"], algorithm="RS256", headers=key_id)
    except (ValueError, KeyError, TypeError, jwt.PyJWTError) as broken:
        # `from None`: the original error may show the key.
        raise GiveUp(
            f"{settings.account_file} is no key file of a service account "
            f"({type(broken).__name__}); download it again as JSON"
        ) from None
    return _post(settings, {"grant_type": _JWT_BEARER, "assertion": assertion}, bare=True)


def _post(settings: OAuth2Settings, fields: dict[str, str], *, bare: bool = False) -> Granted:
    if not bare:
        fields |= {"client_id": settings.client_id}
        if settings.client_secret_file is not None:
            fields |= {"client_secret": read_secret(settings.client_secret_file)}
        if settings.wanted_scope:
            fields |= {"scope": settings.wanted_scope}
    where = settings.address
    try:
        with (
            httpx.Client(timeout=settings.seconds, trust_env=False) as client,
            client.stream("POST", where, data=fields) as answer,
        ):
            content = b""
            for piece in answer.iter_bytes(_MOST_BYTES):
                content += piece
                if len(content) > _MOST_BYTES:
                    raise TryAgainLater(f"{where} answers with more than {_MOST_BYTES} bytes")
            status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        text = f"token server {where} cannot be asked: {type(problem).__name__}: {problem}"
        raise TryAgainLater(text) from problem
    return _read(where, status, content)


def _read(where: str, status: int, content: bytes) -> Granted:
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    known: Mapping[str, Any] = answer if isinstance(answer, dict) else {}
    if status == httpx.codes.OK and known.get("access_token"):
        return _granted(known)
    error = str(known.get("error", ""))
    said = f"{error} {known.get('error_description', '')}".strip()[:_SHOWN]
    text = f"token server {where} answers {status}: {said or 'nothing that can be read'}"
    if status in _PASSING or status >= httpx.codes.INTERNAL_SERVER_ERROR or not error:
        raise TryAgainLater(text)
    raise _Refused(text, error)


def _granted(answer: Mapping[str, Any]) -> Granted:
    try:
        lifetime = float(answer.get("expires_in", _USUAL_SECONDS))
    except (TypeError, ValueError):
        lifetime = _USUAL_SECONDS
    if not math.isfinite(lifetime) or lifetime <= 0:
        lifetime = _USUAL_SECONDS
    value, refresh = answer["access_token"], answer.get("refresh_token", "")
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        raise GiveUp("the token server gave something that is no token; look at its settings")
    return Granted(value, lifetime, refresh if isinstance(refresh, str) else "")


def _by_command(settings: OAuth2Settings) -> Granted:
    program = settings.command[0]
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own words, no shell
            settings.command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=settings.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise TryAgainLater(f"{program} gave no token in {settings.seconds:g} s") from late
    except OSError as problem:
        raise GiveUp(
            f"{program} cannot be run: {problem.strerror}; see oauth2.command"
        ) from problem
    if done.returncode:
        said = done.stderr[-_SHOWN:].decode("utf-8", "replace").strip()
        raise TryAgainLater(f"{program} ended with {done.returncode}: {said}")
    text = done.stdout[:_MOST_BYTES].decode("utf-8", "replace").strip()
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if isinstance(answer, dict) and answer.get("access_token"):
        return _granted(answer)
    if not text or len(text.split()) != 1:
        raise GiveUp(f"{program} printed no token; see oauth2.command")
    return _granted({"access_token": text})
