"""Commands that look inside, and help what waits for a person."""

import json
from collections.abc import Iterator
from datetime import UTC
from typing import Annotated

import typer
from rich.table import Table

from mailflow.cli.app import (
    DEFAULT_CONFIG,
    LOOK,
    ConfigOption,
    JsonOption,
    app,
    fail,
    memory_of,
    out,
    settings_of,
)
from mailflow.tickets.errors import MailflowError
from mailflow.tickets.proof import owed
from mailflow.tickets.ticket import State
from mailflow.wiring import open_office
from mailflow.workflow.records import Entry, Retailer
from mailflow.workflow.settling import send_through

_NOTES = {"StaffNoted": "text", "MailReturned": "because"}  # where an event keeps its words


def unreached(retailer: Retailer) -> Iterator[str]:
    """Say of each contact that nothing is sent to since when, and why."""
    for contact in retailer.contacts:
        if contact.unreachable_since is not None:
            since = contact.unreachable_since.astimezone(UTC).isoformat()[:19]
            yield f"{contact.address} since {since}: {contact.unreachable_because}"


@app.command(rich_help_panel=LOOK)
def tickets(
    config: ConfigOption = DEFAULT_CONFIG,
    state: Annotated[list[State] | None, typer.Option(help="Only these states.")] = None,
    retailer: Annotated[str, typer.Option(help="Only this account.")] = "",
    as_json: JsonOption = False,  # noqa: FBT002 - a switch of the command line
) -> None:
    """List tickets, newest first. Exit status: 0."""
    with memory_of(settings_of(config)).read() as uow:
        found = uow.tickets.listed(states=state or (), retailer=retailer)
    if as_json:
        for t in found:
            row = {"id": t.id, "job": t.job.id, "retailer": t.job.retailer}
            row |= {"state": t.state.value, "status": t.status.standing.value}
            row |= {"closed_on": t.closure.path.value if t.closure else ""}
            typer.echo(json.dumps(row))
        return
    table = Table("Ticket", "Job", "Retailer", "State", "Account", "Cause")
    for t in found:
        table.add_row(
            t.id, t.job.id, t.job.retailer, t.state.value, t.status.standing.value, t.cause.value
        )
    out.print(table, soft_wrap=False)


def _told(entry: Entry) -> str:
    """Give the reason, and what was noted even where the ticket was closed and heard nothing."""
    noted = str(entry.data.get(_NOTES.get(entry.event, ""), ""))
    if not noted or noted in entry.because:
        return entry.because
    by = f" by {entry.data['by']}" if "by" in entry.data else ""
    return f"{entry.because}; noted{by}: {noted}"


@app.command(rich_help_panel=LOOK)
def show(
    ticket: str,
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,  # noqa: FBT002 - same
) -> None:
    """Show one ticket: its state, what is owed, and its story with every reason.

    Exit status: 0 found, 1 no such ticket.
    """
    with memory_of(settings_of(config)).read() as uow:
        found = uow.tickets.get(ticket)
        story = uow.tickets.story(ticket)
        mails = uow.mails.of_ticket(ticket)
        reused = [
            f"mail {mail.id} has the Message-ID of mail {earlier}, with other content"
            for mail in mails
            if (earlier := uow.mails.reuse_of(mail.id)) is not None
        ]
        passed_on = [
            f"mail {mail.id}: {mail.passed_on}" for mail in mails if mail.passed_on is not None
        ]
        retailer = uow.directory.retailer(found.job.retailer) if found else None
    unreachable = list(unreached(retailer)) if retailer else []
    if found is None:
        fail(f"there is no ticket {ticket}; list them with: mailflow tickets")
    missing = {p.value: [k.value for k in kinds] for p, kinds in owed(found).items()}
    lines = [(e.at.astimezone(UTC).isoformat(), e.event, _told(e)) for e in story]
    if as_json:
        row: dict[str, object] = {
            "id": found.id,
            "state": found.state.value,
            "owed": missing,
            "story": lines,
        }
        row |= {"status": found.status.standing.value, "job": found.job.id}
        row |= {"odd": reused, "unreachable": unreachable, "passed_on": passed_on}
        typer.echo(json.dumps(row))
        return
    out.print(f"{found.id}  {found.job.name} for {found.job.retailer}: {found.state}", markup=False)
    out.print(f"account: {found.status.standing}, {found.status.because}", markup=False)
    if found.is_open:
        for path, kinds in missing.items():
            out.print(f"owed for '{path}': {', '.join(kinds) or 'nothing'}", markup=False)
    for line in unreachable:
        out.print(f"not written to: {line}", markup=False)
    for line in passed_on:
        out.print(line, markup=False)
    for odd in reused:
        out.print(f"odd: {odd}", markup=False)
    for at, event, because in lines:
        out.print(f"{at[:19]}  {event}: {because}", markup=False)


@app.command(rich_help_panel=LOOK)
def shelf(config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:  # noqa: FBT002 - same
    """List what waits for a person. Exit status: 0."""
    with memory_of(settings_of(config)).read() as uow:
        items = uow.shelf.items()
    for item in items:
        row: dict[str, object] = {"id": item.id, "kind": item.kind.value, "because": item.because}
        row |= {"mail": item.mail, "order": item.order, "ticket": item.ticket}
        typer.echo(json.dumps(row) if as_json else f"{item.id}  {item.kind}: {item.because}")
    if not items and not as_json:
        out.print("The shelf is empty.")


@app.command(rich_help_panel=LOOK)
def unshelve(
    item: int,
    config: ConfigOption = DEFAULT_CONFIG,
    vouch: Annotated[
        str, typer.Option(help="Your name: you looked at the mail and vouch for its sender.")
    ] = "",
) -> None:
    """Send something from the shelf through again.

    Exit status: 0 sent through, 1 no such item.
    """
    settings = settings_of(config)
    try:
        office = open_office(settings)
    except MailflowError as trouble:
        fail(str(trouble))
    try:
        told = send_through(office.desk, item, vouched_by=vouch)
    finally:
        office.close()
    if told is None:
        fail(f"nothing on the shelf has the number {item}; list it with: mailflow shelf")
    out.print(told, markup=False)
