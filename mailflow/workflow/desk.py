"""What the workflow works with: ports, rules and a few facts about the team."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time

from mailflow.settings.mail import Witness
from mailflow.tickets.policy import Policy
from mailflow.understanding.alerts import RulePacks
from mailflow.understanding.confirmation.lexicon import Lexicon, shipped_lexicons
from mailflow.understanding.meaning import Failure
from mailflow.understanding.sender import Border
from mailflow.workflow.alarms import Watch
from mailflow.workflow.memory import Memory
from mailflow.workflow.ports import (
    Clock,
    Letters,
    MailParser,
    Outbox,
    PageCamera,
    PictureReader,
    Platform,
    SecondReader,
)
from mailflow.workflow.reading_turn import ReadingTurn


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Who we are, and who may attest."""

    name: str
    mailbox: str
    staff: frozenset[str]  # may order and attest
    notify: tuple[str, ...]
    escalate_to: tuple[str, ...]
    language: str
    zone: str
    digest_at: time = time(7, 30)  # in `zone`
    token_keys: Sequence[bytes]  # the first one signs, all of them are accepted


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long things take. Seconds."""

    grouping_seconds: float = 60
    probe_seconds: float = 30
    reconcile_seconds: float = 300
    lease_seconds: float = 300
    unsure_grace_seconds: float = 300
    mail_pictures_seconds: float = 300  # to read all pictures of one mail
    finish_tolerance_seconds: float = 120  # between a picture's run and the platform's
    mails_a_day: int = 3  # to one address about one ticket, in any 24 hours
    mails_an_hour: int = 300  # to everybody
    crashes: int = 5  # deaths of mailflow over one order after which it is parked
    retry_first_seconds: float = 1
    retry_most_seconds: float = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformPage:
    """How times on a platform's pages are to be read."""

    zone: str = "UTC"
    day_first: bool = True


class Lookout:
    """How fresh our view of the mailbox is; whoever watches it puts itself in."""

    def __init__(self) -> None:
        self.seconds_since_whole_look: Callable[[], float] = lambda: math.inf
        self.look_now: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything the workflow needs, handed in by the composition root."""

    memory: Memory
    clock: Clock
    policy: Policy
    pace: Pace
    team: Team
    packs: RulePacks
    border: Border
    parser: MailParser
    platforms: Mapping[str, Platform]
    pages: Mapping[str, PlatformPage]
    platform_of: Callable[[Failure], str]  # name of the platform that runs a job, "" for none
    letters: Letters
    outbox: Outbox
    pictures: PictureReader
    lexicons: Mapping[str, Lexicon] = field(default_factory=shipped_lexicons, repr=False)
    second_reader: SecondReader | None = None  # None where nobody else is asked
    witness: Witness = Witness.NONE
    lookout: Lookout = field(default_factory=Lookout)
    turn: ReadingTurn = field(default_factory=ReadingTurn)
    cameras: Mapping[str, PageCamera] = field(default_factory=dict)  # by platform
    watch: Watch = field(default_factory=Watch)
