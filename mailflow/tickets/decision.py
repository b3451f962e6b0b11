"""What a decision is, and the small moves that every course is made of."""

from dataclasses import dataclass, replace
from datetime import datetime

from mailflow.tickets.effects import Audience, Effect, Purpose, SendMail
from mailflow.tickets.policy import Policy
from mailflow.tickets.ticket import AccountStatus, Standing, State, Ticket


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from an event: the ticket after it, what must be done, and the reason."""

    ticket: Ticket
    effects: tuple[Effect, ...]
    because: str

    def also(self, *effects: Effect) -> "Decision":
        return Decision(self.ticket, (*self.effects, *effects), self.because)


def enter(ticket: Ticket, state: State, at: datetime, policy: Policy) -> Ticket:
    """Move to `state` and set the deadline that will leave it; a closed ticket has none."""
    return replace(ticket, state=state, deadline=policy.deadline(state, at))


def with_status(ticket: Ticket, standing: Standing, because: str, at: datetime) -> Ticket:
    """Set the account's status; the time stays when the status stays."""
    if ticket.status.standing is standing:
        return ticket
    status = AccountStatus(standing=standing, because=because, since=at)
    return replace(ticket, status=status)


def to_retailer(purpose: Purpose, *, reason: str = "", message: str = "") -> SendMail:
    """Make the order for one mail to the retailer."""
    return SendMail(purpose=purpose, audience=Audience.RETAILER, reason=reason, message=message)


def to_staff(
    purpose: Purpose,
    *,
    reason: str = "",
    reasons: tuple[str, ...] = (),
    attachment: str = "",
    message: str = "",
) -> SendMail:
    """Make the order for one mail to staff."""
    return SendMail(
        purpose=purpose,
        audience=Audience.STAFF,
        reason=reason,
        reasons=reasons,
        attachment=attachment,
        message=message,
    )


def hand_over(
    ticket: Ticket,
    because: str,
    at: datetime,
    policy: Policy,
    *,
    message: str = "",
    told: str = "",
) -> Decision:
    """Give the ticket to a person, who is told why; `told` says it where the mail quotes more."""
    mail = to_staff(Purpose.HAND_OVER, reason=told or because, message=message)
    return Decision(enter(ticket, State.WITH_STAFF, at, policy), (mail,), because)
