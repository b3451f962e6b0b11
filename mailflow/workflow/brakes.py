"""What keeps mails from becoming a flood: a bound for each address, and one for everything.

Only mails are held back, never a stop: containing a failure has no bound.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from mailflow.tickets.effects import Purpose, SendMail
from mailflow.tickets.errors import TryAgainLater
from mailflow.tickets.ticket import Ticket
from mailflow.workflow.desk import Desk
from mailflow.workflow.memory import UnitOfWork
from mailflow.workflow.ports import WrittenMail
from mailflow.workflow.records import MailState, Order

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_LOOK_AGAIN_SECONDS = 60.0
_LEFT = frozenset({MailState.SENT, MailState.WRITTEN, MailState.UNSURE})  # or may have


def hold_back(desk: Desk, order: Order, mail: WrittenMail, tickets: Sequence[Ticket]) -> None:
    """Let a mail pass, unless somebody had enough of this ticket or everybody has.

    An answer to a member of staff's own command always passes: it is caused by their mail, one by
    one, and automatic mail is no command.

    Raises:
        TryAgainLater: it has to wait, and how long.
    """
    now = desk.clock.now()
    with desk.memory.read() as uow:
        full = brake_of(uow, desk, now)
        until = max((_free_again(uow, desk, t, mail, now) for t in tickets), default=now)
    if full:
        raise TryAgainLater(full, after_seconds=_LOOK_AGAIN_SECONDS)
    effect = order.effect
    answers = isinstance(effect, SendMail) and effect.purpose is Purpose.COMMAND_ANSWER
    if until > now and not answers:
        limit = desk.pace.mails_a_day
        raise TryAgainLater(
            f"a recipient had {limit} mails about this ticket within 24 hours",
            after_seconds=(until - now).total_seconds(),
        )


def _free_again(
    uow: UnitOfWork, desk: Desk, ticket: Ticket, mail: WrittenMail, now: datetime
) -> datetime:
    """Say when the next mail about the ticket may go to all of these recipients."""
    earlier = [
        known
        for known in uow.sent.of_ticket(ticket.id)
        if known.state in _LEFT and known.message_id != mail.message_id
    ]
    free = now
    for address in mail.to:
        times = sorted(m.attempted_at for m in earlier if address in m.to)[-desk.pace.mails_a_day :]
        if len(times) == desk.pace.mails_a_day:
            free = max(free, times[0] + _DAY)
    return free


def brake_now(desk: Desk) -> str:
    """Say why nothing may leave at all, "" while mails may, or while the memory cannot tell."""
    try:
        with desk.memory.read() as uow:
            return brake_of(uow, desk, desk.clock.now())
    except TryAgainLater:
        return ""


def brake_of(uow: UnitOfWork, desk: Desk, now: datetime) -> str:
    """Say why nothing may leave at all, "" while mails may."""
    left = uow.sent.count_since(now - _HOUR)
    if left < desk.pace.mails_an_hour:
        return ""
    return f"{left} mails left within an hour; the brake is set to {desk.pace.mails_an_hour}"
