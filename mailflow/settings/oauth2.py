"""How mailflow gets the tokens that log it in where passwords are not taken (OAuth 2.0)."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from mailflow.settings.section import Section

_MICROSOFT_URL = "https://login.microsoftonline.com/{}/oauth2/v2.0/token"
_MICROSOFT_SCOPE = "https://outlook.office365.com/.default"
_GOOGLE_URL = "https://oauth2.googleapis.com/token"
_GOOGLE_SCOPE = "https://mail.google.com/"


class Grant(StrEnum):
    """By what right a token is asked for."""

    NONE = "none"
    CLIENT_CREDENTIALS = "client_credentials"  # RFC 6749, section 4.4
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - RFC 6749, section 6
    SERVICE_ACCOUNT = "service_account"  # RFC 7523, as Google does it
    COMMAND = "command"  # a program that prints one


class OAuth2Settings(Section):
    """Where the tokens come from for each server with login = "oauth2"."""

    grant: Grant = Field(
        default=Grant.NONE,
        description="none, client_credentials, refresh_token, service_account (Google), or command "
        "(a program that prints a token).",
    )
    tenant: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9.-]*$",
        description="Microsoft 365 tenant, by id or domain; sets token_url and scope.",
    )
    token_url: str = Field(
        default="",
        pattern=r"^(https://.+|http://(127\.0\.0\.1|localhost)(:\d+)?(/.*)?)?$",
        description="Address of the token server; not needed with tenant or service_account.",
    )
    scope: str = Field(default="", description="Scope to ask for, where the server wants one.")
    client_id: str = Field(default="", description="Id of the registered application.")
    client_secret_file: Path | None = Field(
        default=None, description="File that holds the application's secret."
    )
    refresh_token_file: Path | None = Field(
        default=None, description="File that holds the first refresh token; it is only read."
    )
    renewed_token_file: Path | None = Field(
        default=None,
        description="File that mailflow writes a renewed refresh token to (mode 0600).",
    )
    account_file: Path | None = Field(
        default=None, description="Key file of a Google service account (JSON)."
    )
    command: tuple[str, ...] = Field(
        default=(),
        description="Program and arguments; it prints the token, or JSON with access_token and "
        "expires_in. No shell is involved.",
    )
    seconds: float = Field(default=20, gt=0, le=120, description="Longest wait for a token.")
    renew_by: date | None = Field(
        default=None,
        description="Day on which the client secret, certificate or consent ends, such as "
        "2027-03-31; an alarm is raised alarms.token_days before it.",
    )

    @property
    def address(self) -> str:
        """Give the address of the token server, from a preset where none is set."""
        if self.token_url:
            return self.token_url
        if self.tenant:
            return _MICROSOFT_URL.format(self.tenant)
        return _GOOGLE_URL if self.grant is Grant.SERVICE_ACCOUNT else ""

    @property
    def wanted_scope(self) -> str:
        if self.scope:
            return self.scope
        if self.grant is Grant.SERVICE_ACCOUNT:
            return _GOOGLE_SCOPE
        return _MICROSOFT_SCOPE if self.tenant else ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        needed: dict[Grant, tuple[str, ...]] = {
            Grant.CLIENT_CREDENTIALS: ("address", "client_id", "client_secret_file"),
            Grant.REFRESH_TOKEN: (
                "address",
                "client_id",
                "refresh_token_file",
                "renewed_token_file",
            ),
            Grant.SERVICE_ACCOUNT: ("account_file",),
            Grant.COMMAND: ("command",),
        }
        names = {"address": "token_url (or tenant)"}
        lacking = [names.get(n, n) for n in needed.get(self.grant, ()) if not getattr(self, n)]
        if lacking:
            raise ValueError(f"grant = '{self.grant}' needs {', '.join(lacking)}; set it")
        return self
