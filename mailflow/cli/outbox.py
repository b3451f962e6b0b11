"""`mailflow outbox`: mails that have not left for certain, and a person's word about them."""

import json
from enum import StrEnum
from typing import Annotated

import typer

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
from mailflow.logs import shown
from mailflow.tickets.errors import MailflowError
from mailflow.wiring import open_office
from mailflow.workflow.records import MailState, SentMail
from mailflow.workflow.settling import settle_mail


class Fate(StrEnum):
    """What a person found out."""

    SENT = "sent"
    RESEND = "resend"


_MEANS = {
    MailState.WRITTEN: "about to leave, or mailflow ended meanwhile: its witness is asked",
    MailState.NOT_SENT: "it did not leave; it is tried again",
    MailState.UNSURE: "the server gave no clear answer: its witness is asked",
    MailState.REFUSED: "refused for good; the ticket was handed to staff",
}
outbox_app = typer.Typer(invoke_without_command=True, help="Mails that have not left for certain.")
app.add_typer(outbox_app, name="outbox", rich_help_panel=LOOK)


@outbox_app.callback()
def outbox(
    context: typer.Context,
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,  # noqa: FBT002 - a switch of the command line
) -> None:
    """List mails that are unsure, waiting or refused. Exit status: 0."""
    if context.invoked_subcommand is not None:
        return
    with memory_of(settings_of(config)).read() as uow:
        mails = uow.sent.unsettled()
    for mail in mails:
        row = _row(mail)
        if as_json:
            typer.echo(json.dumps(row))
        else:
            out.print(f"{row['message_id']}  {row['state']}: {row['means']}", markup=False)
            whom, what = ", ".join(map(shown, mail.to)), ", ".join(mail.tickets)
            out.print(f"  {mail.purpose} to {whom} about {what}", markup=False)
            out.print(f"  last tried {row['attempted_at']}", markup=False)
    if not mails and not as_json:
        out.print("Every mail has left.")


@outbox_app.command()
def settle(
    message_id: str,
    fate: Annotated[Fate, typer.Argument(help="sent: it arrived. resend: it did not.")],
    by: Annotated[str, typer.Option("--by", help="Your name, for the record.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Say what became of a mail whose outcome only a person can find out.

    Ask the recipient or the mail server's log first: "resend" may mail a retailer twice.
    Exit status: 0 settled, 1 there is no such mail, or nothing to settle about it.
    """
    try:
        office = open_office(settings_of(config))
    except MailflowError as trouble:
        fail(str(trouble))
    try:
        settled = settle_mail(office.desk, message_id, was_sent=fate is Fate.SENT, by=by)
    finally:
        office.close()
    if not settled:
        fail(f"{message_id} is not unsure; list such mails with: mailflow outbox")
    out.print(f"{message_id} is settled as {fate} by {by}.", markup=False)


def _row(mail: SentMail) -> dict[str, object]:
    return {
        "message_id": mail.message_id,
        "state": mail.state.value,
        "means": _MEANS[mail.state],
        "purpose": mail.purpose,
        "to": [shown(address) for address in mail.to],
        "tickets": list(mail.tickets),
        "attempted_at": mail.attempted_at.isoformat(),
    }
