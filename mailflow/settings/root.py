"""The whole configuration file."""

from datetime import date, time, timedelta
from pathlib import Path
from typing import Literal, Self, get_args
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, field_validator, model_validator

from mailflow.settings.evidence import EvidenceSettings
from mailflow.settings.mail import (
    AuthenticationSettings,
    InboxSettings,
    Login,
    OutboxSettings,
    ServerSettings,
)
from mailflow.settings.oauth2 import Grant, OAuth2Settings
from mailflow.settings.operating import AlarmSettings, MetricsSettings, RetentionSettings
from mailflow.settings.platforms import PlatformSettings
from mailflow.settings.second_reader import SecondReaderSettings
from mailflow.settings.section import Section
from mailflow.tickets.policy import Policy
from mailflow.tickets.ticket import State
from mailflow.tickets.working_time import Week

Seconds = float
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class DatabaseSettings(Section):
    """Where tickets, mails and orders are kept."""

    url: str = Field(
        default="sqlite:////var/lib/mailflow/mailflow.db",
        description="SQLAlchemy address: sqlite:////path or postgresql+psycopg://user@host/name.",
    )
    password_file: Path | None = Field(
        default=None, description="File that holds the database password (PostgreSQL)."
    )


class StaffSettings(Section):
    """Who may attest, and who is told."""

    members: tuple[str, ...] = Field(
        min_length=1, description="Addresses that may order and attest by mail."
    )
    notify: tuple[str, ...] = Field(
        min_length=1, description="Addresses that hand-overs and digests go to."
    )
    escalate_to: tuple[str, ...] = Field(
        default=(), description="Addresses that escalations go to; empty: the same as notify."
    )
    language: str = Field(default="en", pattern="^[a-z]{2}$", description="ISO 639-1.")
    zone: str = Field(default="UTC", description="IANA time zone of the staff.")
    digest_at: time = Field(default=time(7, 30), description="When the daily digest is sent.")

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value!r} is no IANA time zone; write one such as Europe/Berlin")
        ZoneInfo(value)
        return value

    @field_validator("members", "notify", "escalate_to")
    @classmethod
    def _lower(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(address.strip().lower() for address in value)


class ReplySettings(Section):
    """How an answer finds its ticket."""

    token_key_file: Path = Field(
        description="File that holds the key of the reply tokens, 32 bytes or more."
    )


class PathSettings(Section):
    """Files that operators may change. Empty means: those that come with mailflow."""

    alerts: Path | None = Field(
        default=None, description="Folder of the alert rule packs (*.toml)."
    )
    templates: Path | None = Field(default=None, description="Folder of the mail templates.")
    lexicons: Path | None = Field(
        default=None,
        description="Folder of lexicons of replies (LANGUAGE.toml); each takes the place of the "
        "one that comes with mailflow, and a further language is added.",
    )
    retailers: Path | None = Field(
        default=None,
        description="CSV file of retailers and contacts, read at each start and reload; "
        "left out: only what was imported.",
    )


class PolicySettings(Section):
    """The numbers that the rules need. Times in seconds."""

    containing_seconds: Seconds = Field(
        default=600, gt=0, description="A stop not confirmed for this long is handed to staff."
    )
    reminder_seconds: Seconds = Field(
        default=172_800, gt=0, description="Silence before the retailer is reminded."
    )
    reminders: int = Field(default=2, ge=0, le=10, description="Reminders before staff take over.")
    trial_seconds: Seconds = Field(
        default=86_400,
        gt=0,
        description="A trial in which no run is seen for this long goes to staff.",
    )
    evidence_seconds: Seconds = Field(
        default=86_400, gt=0, description="Time before missing evidence is asked for again."
    )
    removal_grace_seconds: Seconds = Field(
        default=172_800, gt=0, description="Time in which a confirmed removal can be stopped."
    )
    removing_seconds: Seconds = Field(
        default=3_600, gt=0, description="A removal not done for this long goes to staff."
    )
    review_seconds: Seconds = Field(
        default=2_592_000, gt=0, description="When a job that stays paused is looked at again."
    )
    staff_seconds: Seconds = Field(
        default=86_400, gt=0, description="Time before a ticket with staff is escalated, and again."
    )
    mails_a_day: int = Field(
        default=3,
        ge=1,
        le=50,
        description="Most mails to one address about one ticket in any 24 hours; the rest waits.",
    )
    clean_runs: int = Field(default=1, ge=1, le=100, description="Successful runs before closing.")
    clean_runs_when_flapping: int = Field(
        default=3, ge=1, le=100, description="The same, for a job whose trials keep failing."
    )
    flapping_after_failures: int = Field(
        default=2, ge=1, le=100, description="Failed trials that make a job a flapping one."
    )
    working_days: tuple[Weekday, ...] = Field(
        default=("mon", "tue", "wed", "thu", "fri"),
        min_length=1,
        description="Days on which people answer. Waits for people (reminder, evidence, removal "
        "grace, staff) count these days only, from midnight to midnight in the staff's zone.",
    )
    holidays: tuple[date, ...] = Field(
        default=(), description="Days such as 2026-12-25 on which nobody is waited for."
    )
    clock_skew_seconds: Seconds = Field(
        default=300, ge=0, le=3600, description="How far ahead another machine's clock may be."
    )
    grouping_seconds: Seconds = Field(
        default=60,
        ge=0,
        le=3600,
        description="Failures of one retailer with one cause within this time make one first mail.",
    )
    probe_seconds: Seconds = Field(
        default=30, gt=0, description="Time between two looks at how a trial run ended."
    )
    reconcile_seconds: Seconds = Field(
        default=300, gt=0, description="Time between two checks that stopped jobs are stopped."
    )

    def to_policy(self, zone: str) -> Policy:
        """Give the rules their numbers; `zone` is the one that working days are counted in."""
        waits = {
            State.CONTAINING: self.containing_seconds,
            State.AWAITING_RETAILER: self.reminder_seconds,
            State.CLARIFYING: self.reminder_seconds,
            State.ON_TRIAL: self.trial_seconds,
            State.AWAITING_EVIDENCE: self.evidence_seconds,
            State.REMOVAL_SCHEDULED: self.removal_grace_seconds,
            State.REMOVING: self.removing_seconds,
            State.STAYING_PAUSED: self.review_seconds,
            State.WITH_STAFF: self.staff_seconds,
        }
        return Policy(
            waits={state: timedelta(seconds=seconds) for state, seconds in waits.items()},
            reminders=self.reminders,
            clean_runs=self.clean_runs,
            clean_runs_when_flapping=self.clean_runs_when_flapping,
            flapping_after_failures=self.flapping_after_failures,
            clock_skew=timedelta(seconds=self.clock_skew_seconds),
            week=Week(
                working_days=frozenset(get_args(Weekday).index(d) for d in self.working_days),
                holidays=frozenset(self.holidays),
                zone=ZoneInfo(zone),
            ),
        )


class LimitSettings(Section):
    """Bounds on what a stranger can make mailflow do."""

    parse_seconds: float = Field(default=10, gt=0, le=120, description="Longest parse of a mail.")
    parse_memory_mb: int = Field(default=512, ge=128, description="Memory of the parsing worker.")
    picture_seconds: float = Field(
        default=60, gt=0, le=600, description="Longest read of a picture."
    )
    mail_pictures_seconds: float = Field(
        default=300, gt=0, le=3600, description="Longest read of all pictures of a mail."
    )
    picture_memory_mb: int = Field(
        default=2048, ge=512, description="Memory of the reading worker."
    )
    attempts: int = Field(
        default=12, ge=1, le=100, description="Tries of an order that may work later."
    )
    crashes: int = Field(
        default=5,
        ge=1,
        le=20,
        description="Deaths of mailflow over this order alone after which it is parked.",
    )
    workers: int = Field(default=4, ge=2, le=32, description="Orders carried out at the same time.")


class LogSettings(Section):
    """What is written to the log."""

    level: str = Field(
        default="info", pattern="^(debug|info|warning|error)$", description="debug to error."
    )
    json_lines: bool | None = Field(
        default=None, description="true, false, or left out: JSON unless a terminal is watching."
    )


class Settings(Section):
    """mailflow's configuration."""

    inbox: InboxSettings
    outbox: OutboxSettings
    oauth2: OAuth2Settings = OAuth2Settings()
    authentication: AuthenticationSettings = AuthenticationSettings()
    database: DatabaseSettings = DatabaseSettings()
    staff: StaffSettings
    replies: ReplySettings
    paths: PathSettings = PathSettings()
    policy: PolicySettings = PolicySettings()
    limits: LimitSettings = LimitSettings()
    evidence: EvidenceSettings = EvidenceSettings()
    second_reader: SecondReaderSettings = SecondReaderSettings()
    log: LogSettings = LogSettings()
    alarms: AlarmSettings = AlarmSettings()
    metrics: MetricsSettings = MetricsSettings()
    retention: RetentionSettings = RetentionSettings()
    platforms: dict[str, PlatformSettings] = Field(
        default_factory=dict, description="Job platforms by name, as [platforms.NAME]."
    )

    @model_validator(mode="after")
    def _tokens_come_from_somewhere(self) -> Self:
        servers: dict[str, ServerSettings] = {"inbox": self.inbox, "outbox": self.outbox}
        for name, server in servers.items():
            if server.login is Login.OAUTH2 and self.oauth2.grant is Grant.NONE:
                raise ValueError(f"{name}.login = 'oauth2' needs tokens; set oauth2.grant")
            if server.login is Login.OAUTH2 and not server.user:
                raise ValueError(f"{name}.login = 'oauth2' needs {name}.user, the mailbox")
        if self.alarms.relay.login is Login.OAUTH2:
            raise ValueError("alarms.relay takes a password only; it must not share a way to fail")
        return self
