"""How those who operate mailflow see it, and how it reaches them."""

from pathlib import Path

from pydantic import Field

from mailflow.settings.mail import Security, ServerSettings
from mailflow.settings.section import Section


class RelaySettings(ServerSettings):
    """A second mail server, for alarms about the first one."""

    host: str = Field(default="", description="Name or address; empty: there is no second server.")
    port: int = Field(default=587, ge=1, le=65535, description="TCP port.")
    security: Security = Field(
        default=Security.STARTTLS, description="tls, starttls, or plain (only to this machine)."
    )
    sender: str = Field(default="", description="Address that alarms come from; empty: the inbox.")


class AlarmSettings(Section):
    """When to raise an alarm, and whom to tell."""

    to: tuple[str, ...] = Field(
        default=(), description="Addresses that alarms go to; empty: the same as staff.notify."
    )
    webhook_url: str = Field(
        default="",
        pattern=r"^(https://.+|http://(127\.0\.0\.1|localhost)(:\d+)?(/.*)?)?$",
        description="Address that alarms are posted to as JSON; empty: none.",
    )
    secret_file: Path | None = Field(
        default=None, description="File that holds a bearer token for the webhook."
    )
    mailbox_seconds: float = Field(
        default=120, ge=10, description="A mailbox not read for this long raises an alarm."
    )
    containment_seconds: float = Field(
        default=120, ge=10, description="A stop not done for this long raises an alarm."
    )
    token_days: float = Field(
        default=7, ge=0, le=90, description="Days before its expiry that a token raises an alarm."
    )
    shelf_items: int = Field(
        default=10, ge=1, description="So many entries waiting on the shelf raise an alarm."
    )
    disk_free_mb: int = Field(
        default=500, ge=10, description="Less room than this beside the database raises an alarm."
    )
    hold_seconds: float = Field(
        default=300, ge=0, le=3600, description="Quiet before an all-clear; longer when it flaps."
    )
    relay: RelaySettings = RelaySettings()


class MetricsSettings(Section):
    """Prometheus metrics, /healthz and /readyz."""

    address: str = Field(default="127.0.0.1", description="Address to listen on; keep it local.")
    port: int = Field(default=9108, ge=0, le=65535, description="TCP port; 0: not at all.")


class RetentionSettings(Section):
    """How long mails and files of what is over are kept."""

    days: int = Field(
        default=0,
        ge=0,
        le=36_500,
        description="Days after which mails and files that belong to no open ticket and no shelf "
        "item are emptied; 0: never. Decisions, proofs and the record always stay.",
    )
