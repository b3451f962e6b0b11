"""Short ways to build what many tests need. Times count in minutes from START."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from mailflow.tickets import events as e
from mailflow.tickets.containing import open_ticket
from mailflow.tickets.decide import decide
from mailflow.tickets.decision import Decision
from mailflow.tickets.effects import Effect, SendMail
from mailflow.tickets.policy import Policy
from mailflow.tickets.ticket import (
    Cause,
    Job,
    Kind,
    Proof,
    ProofKind,
    State,
    Subject,
    Ticket,
    Witness,
)

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
POLICY = Policy()
RETAILER = "retailer@example.com"
STAFF = "staff@example.com"

_USUAL_WITNESS = {
    ProofKind.TECHNICALLY_VERIFIED: Witness.PROBE,
    ProofKind.WRITTEN_CONFIRMATION: Witness.RETAILER,
    ProofKind.CHANGE_VALIDATED: Witness.STAFF,
    ProofKind.SCREENSHOT_ACCEPTED: Witness.PICTURE,
    ProofKind.RUN_CONFIRMED: Witness.PROBE,
}


def minute(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def a_job(**changes: Any) -> Job:
    usual = Job(
        id="feed-7",
        name="Product feed",
        retailer="acme",
        marketplace="bazaar",
        kind=Kind.FEED,
        platform="simulated",
    )
    return replace(usual, **changes)


def an_alert(at: float = 0, failed_at: float | None = None, **changes: Any) -> e.AlertReceived:
    usual = e.AlertReceived(
        at=minute(at),
        failed_at=minute(at if failed_at is None else failed_at),
        error_text="the feed could not be read",
        cause=Cause.FEED_FAILED,
        message="<alert@example.com>",
    )
    return replace(usual, **changes)


def a_proof(kind: ProofKind, covers: float, **changes: Any) -> Proof:
    witness: Witness = changes.get("witness", _USUAL_WITNESS[kind])
    usual = Proof(
        id=f"{kind}-{covers}",
        kind=kind,
        subject=Subject.REPAIR,
        witness=witness,
        by=RETAILER if witness is Witness.RETAILER else STAFF,
        at=minute(covers),
        covers=minute(covers),
        source=f"source-{covers}",
    )
    return replace(usual, **changes)


def proven(kind: ProofKind, covers: float, **changes: Any) -> e.ProofAccepted:
    """Build the event of a proof that is accepted the moment it speaks for."""
    return e.ProofAccepted(at=minute(covers), proof=a_proof(kind, covers, **changes))


def opened(cause: Cause = Cause.FEED_FAILED, **job: Any) -> Decision:
    return open_ticket("T-1", a_job(**job), an_alert(cause=cause), POLICY)


class Course:
    """A ticket that is told one event after the other, and all that was ordered on the way."""

    def __init__(self, start: Decision | None = None, policy: Policy = POLICY) -> None:
        start = start or opened()
        self.policy = policy
        self.ticket: Ticket = start.ticket
        self.effects: list[Effect] = list(start.effects)
        self.last = start

    def tell(self, *events: e.Event) -> "Course":
        for event in events:
            self.last = decide(self.ticket, event, self.policy)
            self.ticket = self.last.ticket
            self.effects += self.last.effects
        return self

    def let_time_pass(self) -> "Course":
        """Let the present deadline pass."""
        assert self.ticket.deadline is not None
        return self.tell(e.DeadlinePassed(at=self.ticket.deadline, due=self.ticket.deadline))

    @property
    def state(self) -> State:
        return self.ticket.state

    @property
    def mails(self) -> list[str]:
        """Purposes of the mails of the last step."""
        return [effect.purpose for effect in self.last.effects if isinstance(effect, SendMail)]


def paused(at: float = 1) -> e.JobPaused:
    return e.JobPaused(at=minute(at), because="the feed is disabled")


def reactivated(at: float, trial: int = 1) -> e.JobReactivated:
    return e.JobReactivated(at=minute(at), trial=trial)


def on_trial() -> Course:
    """Give a ticket that was stopped at 1, confirmed at 10 and switched on again at 11."""
    confirmed = proven(ProofKind.WRITTEN_CONFIRMATION, 10)
    return Course().tell(paused(1), confirmed, reactivated(11))
