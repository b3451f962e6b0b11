"""Where mail comes in and goes out, and whom to believe."""

from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from mailflow.settings.section import Section

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
IDLE_LIMIT_SECONDS = 1740  # a server may drop a client that idles for 30 min (RFC 2177, section 3)


class Security(StrEnum):
    """How a connection is protected."""

    TLS = "tls"
    STARTTLS = "starttls"
    PLAIN = "plain"  # to this machine only


class Login(StrEnum):
    """How mailflow shows a server who it is."""

    PASSWORD = "password"  # noqa: S105 - the name of a way
    OAUTH2 = "oauth2"  # by XOAUTH2, with a token as the section oauth2 says


class AfterHandling(StrEnum):
    """What becomes of a mail on the server once it is safely kept."""

    MOVE = "move"
    FLAG = "flag"


class ServerSettings(Section):
    """How to reach one mail server."""

    host: str = Field(min_length=1, description="Name or address of the server.")
    port: int = Field(ge=1, le=65535, description="TCP port.")
    security: Security = Field(
        default=Security.TLS,
        description="tls, starttls, or plain (only to this machine).",
    )
    user: str = Field(default="", description="Login name; empty for a server that asks for none.")
    login: Login = Field(default=Login.PASSWORD, description="password or oauth2.")
    password_file: Path | None = Field(
        default=None,
        description="File that holds the password; relative: below $CREDENTIALS_DIRECTORY.",
    )
    ca_file: Path | None = Field(
        default=None, description="Certificates to trust instead of the system's."
    )
    connect_seconds: float = Field(default=15, gt=0, le=300, description="Longest wait to connect.")
    read_seconds: float = Field(default=60, gt=0, le=600, description="Longest wait for an answer.")

    @model_validator(mode="after")
    def _plain_stays_here(self) -> Self:
        if self.security is Security.PLAIN and self.host not in _LOOPBACK:
            raise ValueError(
                f"security = 'plain' would send the password readable to {self.host}; "
                "use 'tls' or 'starttls'"
            )
        return self


class InboxSettings(ServerSettings):
    """The shared mailbox that alerts and answers come to."""

    port: int = Field(default=993, ge=1, le=65535, description="TCP port.")
    address: str = Field(
        pattern=r"^[^@\s]+@[^@\s]+$",
        description="The mailbox's own address; mails are sent from it.",
    )
    folder: str = Field(default="INBOX", description="Folder that is watched.")
    after_handling: AfterHandling = Field(
        default=AfterHandling.MOVE, description="move to processed_folder, or flag in place."
    )
    processed_folder: str = Field(default="Processed", description="Where kept mails are moved.")
    sent_folder: str = Field(
        default="", description="Where copies of sent mails are kept; empty: found by itself."
    )
    use_idle: bool = Field(
        default=True,
        description="Let the server announce new mail (IDLE) where it can; false: only poll.",
    )
    idle_seconds: int = Field(
        default=300, ge=1, le=IDLE_LIMIT_SECONDS, description="Longest IDLE before a safety look."
    )
    poll_seconds: int = Field(
        default=60, ge=1, le=3600, description="Time between looks where IDLE is not used."
    )
    max_bytes: int = Field(
        default=50_000_000, ge=100_000, description="Larger mails go to the shelf unread."
    )


class Witness(StrEnum):
    """Who can tell whether a mail left, when mailflow itself lost sight of it."""

    COPY = "copy"  # a blind copy that comes back to the watched mailbox
    PROVIDER = "provider"  # the Sent folder, which the provider fills by itself
    NONE = "none"


class OutboxSettings(ServerSettings):
    """The server that sends."""

    port: int = Field(default=587, ge=1, le=65535, description="TCP port.")
    security: Security = Field(
        default=Security.STARTTLS, description="tls, starttls, or plain (only to this machine)."
    )
    from_name: str = Field(default="Integration Team", description="Name shown as the sender.")
    keep_copy: bool = Field(
        default=True,
        description="Append a copy to the Sent folder; false where the provider does it by itself.",
    )
    mails_an_hour: int = Field(
        default=300,
        ge=1,
        description="Most mails to everybody in any hour; then all wait, and an alarm is raised.",
    )
    witness: Witness = Field(
        default=Witness.COPY,
        description="Who tells whether a mail left when the connection or mailflow broke off: "
        "copy (a blind copy to the inbox's own address), provider (the Sent folder, with "
        "keep_copy = false), or none (a person decides about mails to retailers).",
    )
    unsure_grace_seconds: float = Field(
        default=300,
        ge=0,
        description="How long the witness may lag before its silence counts as 'not sent'.",
    )

    @model_validator(mode="after")
    def _an_own_copy_is_no_witness(self) -> Self:
        if self.witness is Witness.PROVIDER and self.keep_copy:
            raise ValueError(
                "witness = 'provider' needs keep_copy = false: a copy that mailflow appends "
                "itself says nothing about whether the mail left"
            )
        return self


class Profile(StrEnum):
    """How the border mail server writes its Authentication-Results."""

    POSTFIX = "postfix"  # above its own Received line, under its name: opendkim, opendmarc
    RSPAMD = "rspamd"  # at Postfix too: one stamp, under its name, below its own Received line
    M365 = "m365"  # one stamp, without a name
    GMAIL = "gmail"  # one stamp, as mx.google.com, below its own Received line


class Trust(StrEnum):
    """Whose word is taken without a person's eye."""

    PASS = "pass"  # noqa: S105 - the border vouches for the sender
    UNSTAMPED = "unstamped"  # or nobody says anything at all; never a failed or a foreign stamp
    PERSON = "person"  # nobody's: every mail waits on the shelf


class AuthenticationSettings(Section):
    """Whose word counts about who really sent a mail, and for what."""

    profile: Profile = Field(default=Profile.POSTFIX, description="postfix, rspamd, m365 or gmail.")
    authserv_id: str = Field(
        default="",
        description="Name under which the border server stamps; empty believes no stamp of "
        "postfix or rspamd, and means mx.google.com for gmail.",
    )
    internal_hops: int | None = Field(
        default=None,
        ge=0,
        le=10,
        description="Received lines above the border's stamp; left out: 1 for postfix (delivery "
        "by LMTP), 2 for rspamd and gmail, 3 for m365.",
    )
    own_dkim: bool = Field(
        default=False,
        description="Check DKIM signatures ourselves where the border says nothing; asks DNS, "
        "needs mailflow[dkim].",
    )
    alerts: Trust = Field(
        default=Trust.PASS,
        description="Who may alert: pass, unstamped (for a monitoring host whose mail never "
        "crosses the border), or person.",
    )
    confirmations: Trust = Field(
        default=Trust.PASS, description="Who may confirm for an account: pass or person."
    )
    attestations: Trust = Field(
        default=Trust.PASS, description="Who may order and attest as staff: pass or person."
    )

    @model_validator(mode="after")
    def _no_proof_without_a_sender(self) -> Self:
        for name in ("confirmations", "attestations"):
            if getattr(self, name) is Trust.UNSTAMPED:
                raise ValueError(f"{name} = 'unstamped' would believe anybody; use 'pass'")
        return self
