"""Whether the demo ended as it should, judged by what lies in the mailboxes and the database."""

from collections import Counter
from statistics import median

from rich.box import SIMPLE
from rich.table import Table

from mailflow.demo.people import SHOPS
from mailflow.demo.scenario import Role
from mailflow.demo.stage import Stage
from mailflow.demo.stories import Story
from mailflow.tickets.ticket import Ticket

_SETTLED = frozenset({"JobPaused", "CannotBeStopped", "PauseFailed"})


def faults(stage: Stage, roles: tuple[Role, ...]) -> list[str]:
    """Name everything that is not as it should be; empty when all is well."""
    tickets = {ticket.job.id: ticket for ticket in stage.tickets()}
    found = [f"there are {len(tickets)} tickets, not {len(roles)}"] * (len(tickets) != len(roles))
    for role in roles:
        ticket = tickets.get(role.job.id)
        if ticket is None:
            found.append(f"{role.job.id} has no ticket")
            continue
        found += _wrong_end(ticket, role)
        found += _told_too_early(stage, ticket)
    found += [f"waits for a person: {because}" for because in stage.on_the_shelf()]
    return found + _told_twice(stage)


def _wrong_end(ticket: Ticket, role: Role) -> list[str]:
    path = ticket.closure.path if ticket.closure else None
    is_now = (ticket.state, ticket.status.standing, path, ticket.cause)
    should = (role.end.state, role.end.standing, role.end.path, role.end.cause)
    if is_now == should:
        return []
    return [f"{ticket.id} ({ticket.job.id}) ended as {is_now}, not as {should}"]


def _told_too_early(stage: Stage, ticket: Ticket) -> list[str]:
    """A retailer must not be written to before the stop's outcome is recorded."""
    settled = next((e.at for e in stage.story_of(ticket.id) if e.event in _SETTLED), None)
    shops = {shop.address for shop in SHOPS}
    return [
        f"{ticket.id}: the mail {mail.purpose} left before the stop was settled"
        for mail in stage.sent_about(ticket.id)
        if shops & set(mail.to) and (settled is None or mail.at < settled)
    ]


def _told_twice(stage: Stage) -> list[str]:
    return [
        f"{shop.address} got {message_id} {times} times"
        for shop in SHOPS
        for message_id, times in Counter(
            mail.message_id for mail in stage.mails_of(shop.address)
        ).items()
        if times > 1
    ]


def table_of(stage: Stage, roles: tuple[Role, ...]) -> Table:
    """Show each ticket, where it stands, and what proved its closure."""
    order = [role.job.id for role in roles]
    tickets = sorted(stage.tickets(), key=lambda ticket: order.index(ticket.job.id))
    table = Table("Ticket", "How it ended, and on what it closed", box=SIMPLE)
    for ticket in tickets:
        ended = f"{_spoken(ticket.state)}, {_spoken(ticket.status.standing)}"
        line = f"{ticket.job.id}, {_spoken(ticket.cause)}: {ended}"
        table.add_row(ticket.id, f"{line}\n{_grounds(ticket)}")
    return table


def _grounds(ticket: Ticket) -> str:
    if ticket.closure is None:
        return f"not closed: {ticket.status.because}"
    proofs = ", ".join(f"{_spoken(p.kind)} ({p.witness})" for p in ticket.closure.proofs)
    return f"path '{ticket.closure.path}': {proofs}"


def _spoken(key: str) -> str:
    return key.replace("_", " ")


def pace_of(stories: list[Story]) -> str:
    """Say how long it took from the sending of an alert until the job was stopped."""
    seconds = [story.stopped_after for story in stories if story.stopped_after is not None]
    return (
        f"{len(seconds)} jobs were stopped within {median(seconds):.1f} s (median) "
        f"and {max(seconds):.1f} s (longest) after their alerts were sent"
    )
