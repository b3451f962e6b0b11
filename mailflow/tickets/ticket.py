"""What a ticket is: one failing job, from the first alert to the last proof."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Where a ticket stands in its course."""

    CONTAINING = "containing"  # the stop is ordered, its outcome is not recorded yet
    AWAITING_RETAILER = "awaiting_retailer"
    CLARIFYING = "clarifying"  # the one clarifying mail is out
    ON_TRIAL = "on_trial"  # switched on again, no confirmed run yet
    AWAITING_EVIDENCE = "awaiting_evidence"  # all is proven but for the picture or a person's word
    REMOVAL_SCHEDULED = "removal_scheduled"  # the retailer may still stop it
    REMOVING = "removing"
    STAYING_PAUSED = "staying_paused"  # by a person's decision, until the review date
    WITH_STAFF = "with_staff"
    CLOSED = "closed"


class Kind(StrEnum):
    """What sort of integration failed; it decides what can be stopped."""

    FEED = "feed"
    SYNC = "sync"
    CONNECTION = "connection"
    WEBSITE = "website"
    TOKEN = "token"  # noqa: S105 - a kind of integration, not a secret


class Cause(StrEnum):
    """Why it failed, as far as the alert says; each has a first mail of its own."""

    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - same
    OFFBOARDED = "offboarded"
    WEBSITE_CHANGED = "website_changed"
    FEED_FAILED = "feed_failed"
    SYNC_FAILED = "sync_failed"
    CONNECTION_FAILED = "connection_failed"
    UNKNOWN = "unknown"


class Standing(StrEnum):
    """The account's status, as the retailer is told it."""

    RUNNING = "running"  # failing, and not stopped yet
    PAUSED = "paused"
    ON_TRIAL = "reactivated_on_trial"
    REACTIVATED = "reactivated"
    STAYS_PAUSED = "stays_paused"
    REMOVED = "removed"
    NOT_STOPPED = "could_not_be_stopped"


class Outcome(StrEnum):
    """How containment ended."""

    PAUSED = "paused"
    CANNOT = "cannot_be_stopped"  # not stoppable on our side, for a recorded reason
    FAILED = "pause_failed"  # should have worked and did not; staff know


class ProofKind(StrEnum):
    """The five things that can be proven."""

    TECHNICALLY_VERIFIED = "technically_verified"
    WRITTEN_CONFIRMATION = "written_confirmation"
    CHANGE_VALIDATED = "change_validated"
    SCREENSHOT_ACCEPTED = "screenshot_accepted"
    RUN_CONFIRMED = "run_confirmed"


class Subject(StrEnum):
    """What a proof is about."""

    REPAIR = "repair"
    REMOVAL = "removal"


class Witness(StrEnum):
    """Who or what vouches for a proof."""

    PROBE = "probe"  # the platform's own answer
    STAFF = "staff"
    RETAILER = "retailer"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job on a platform. `retailer` + `marketplace` + `id` is the key that tickets go by."""

    id: str
    name: str
    retailer: str  # account id in the contact directory, not an address
    marketplace: str
    kind: Kind
    platform: str  # name of a platform in the settings; "" when no platform knows the job

    @property
    def key(self) -> str:
        return f"{self.retailer}/{self.marketplace}/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStatus:
    """What the account's status is, why, and since when."""

    standing: Standing
    because: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Containment:
    """The recorded outcome of stopping the job."""

    outcome: Outcome
    at: datetime
    because: str = ""  # how it was stopped, or why it could not be


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One accepted proof. `covers` is the moment it speaks for, not the moment it was accepted."""

    id: str  # unique; the same proof arriving twice has the same id
    kind: ProofKind
    subject: Subject
    witness: Witness
    by: str  # "probe simulated", a contact's or a member of staff's address
    at: datetime  # accepted
    covers: datetime  # the run's end, or the arrival of the statement
    source: str  # message id, run id or sha256 of the picture
    detail: str = ""  # the sentence cited, the checks passed


class Path(StrEnum):
    """The ways in which a ticket may close; there is no other."""

    VERIFIED = "verified"  # (a) technically verified, screenshot, confirmed run
    CONFIRMED = "confirmed"  # (b) written confirmation, validated, screenshot, confirmed run
    REMOVED = "removed"  # confirmed removal, validated, screenshot of the removed job


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """What a ticket was closed on: the path and every proof it rests on."""

    path: Path
    at: datetime
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One failing job. Never changed, only replaced. All times are aware UTC."""

    id: str
    job: Job
    cause: Cause
    error_text: str
    opened_at: datetime
    last_failure_at: datetime
    state: State
    status: AccountStatus
    containment: Containment | None = None  # None means the outcome is not recorded yet
    notified: bool = False  # the first notice is ordered
    proofs: tuple[Proof, ...] = ()
    reactivated_at: datetime | None = None  # None while the job is not switched on by us
    trial: int = 0  # raised by each trial and each stop: a late answer to an old one has another
    trial_failures: int = 0
    clean_runs: int = 0  # confirmed in the current trial
    runs_unknowable: bool = False  # the platform cannot tell how a run ended
    recurrences: int = 0
    reminders: int = 0
    clarified: bool = False
    acknowledged: bool = False  # a contact was told once that a person reads an answer
    keep_paused_because: str = ""  # a person's decision that waits for containment
    removed_at: datetime | None = None
    deadline: datetime | None = None  # when the current state is left by itself
    closure: Closure | None = None
    follows: str = ""  # id of the earlier ticket of the same job
    version: int = 0  # counts saves; the store refuses a save made from an older one

    @property
    def is_open(self) -> bool:
        return self.state is not State.CLOSED
