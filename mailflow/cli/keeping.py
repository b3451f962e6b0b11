"""Commands that keep what happened: copies, stories, the chain, and what must be forgotten."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from mailflow.cli.app import (
    DEFAULT_CONFIG,
    LOOK,
    ConfigOption,
    app,
    fail,
    memory_of,
    out,
    settings_of,
)
from mailflow.edges.clock import SystemClock
from mailflow.edges.whole_story import export_ticket
from mailflow.store.backup import back_up
from mailflow.store.backup import restore as put_back
from mailflow.tickets.errors import MailflowError
from mailflow.wiring import database_url, lock_database

audit_app = typer.Typer(no_args_is_help=True, help="Check that the record is whole.")
app.add_typer(audit_app, name="audit", rich_help_panel=LOOK)


@app.command(rich_help_panel=LOOK)
def backup(target: Path, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Write a consistent copy of everything to TARGET, also while mailflow runs.

    Exit status: 0 written, 1 it failed, and there is no TARGET then.
    """
    try:
        size = back_up(database_url(settings_of(config)), target)
    except MailflowError as trouble:
        fail(str(trouble))
    out.print(f"{target}: {size / 1e6:.1f} MB, everything is in it", markup=False)


@app.command(rich_help_panel=LOOK)
def restore(source: Path, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Put a backup in the place of an empty database, while mailflow is stopped.

    Mails that waited then may have been sent since: they go to the shelf for a person.
    Exit status: 0 restored and the record is whole, 1 it failed.
    """
    settings, lock = settings_of(config), None
    try:
        lock = lock_database(settings)
        faults = put_back(database_url(settings), source, SystemClock().now())
    except MailflowError as trouble:
        fail(str(trouble))
    finally:
        if lock is not None:
            lock.close()
    for fault in faults:
        out.print(fault, markup=False, highlight=False)
    if faults:
        fail("it is restored, but the record is not whole; see above")
    out.print("Restored, and the record is whole. Before the start: look at `mailflow shelf`, and")
    out.print("move mails that arrived since the backup from the processed folder to the inbox.")


@app.command(rich_help_panel=LOOK)
def export(
    ticket: str,
    config: ConfigOption = DEFAULT_CONFIG,
    to: Annotated[Path | None, typer.Option(help="The file; default: TICKET.zip here.")] = None,
) -> None:
    """Write one zip with the whole story of a ticket: mails, pictures, decisions, proofs, hashes.

    Exit status: 0 written, 1 there is no such ticket or such a file already.
    """
    target = to or Path(f"{ticket}.zip")
    memory = memory_of(settings_of(config))
    try:
        with memory.read() as uow:
            count = export_ticket(uow, ticket, target)
    except MailflowError as trouble:
        fail(str(trouble))
    finally:
        memory.close()
    out.print(f"{target}: {count} files; open index.html in it", markup=False)


@audit_app.command("verify")
def verify(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Find every changed, missing or inserted line of the record.

    Exit status: 0 it is whole, 1 it is not.
    """
    memory = memory_of(settings_of(config))
    try:
        faults, erased, head = memory.faults(), memory.erased_lines(), memory.head()
    finally:
        memory.close()
    for fault in faults:
        out.print(fault, markup=False, highlight=False)
    if faults:
        fail(f"{len(faults)} fault(s): the record is not whole")
    out.print(f"The record is whole; {erased} line(s) were erased on request.")
    out.print(f"Its head: {head or 'empty'}. Note it elsewhere: it shows if the end is cut off.")


@app.command(rich_help_panel=LOOK)
def erase(
    address: str,
    by: Annotated[str, typer.Option(help="Your name; it is noted.")],
    because: Annotated[str, typer.Option(help="Why, such as 'request of 2 March'; it is noted.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Take a person's address and words out of everything that is kept.

    What happened, when and on which proofs stays, and stays verifiable. Backups are not touched.
    Exit status: 0 done, 1 it failed.
    """
    memory = memory_of(settings_of(config))
    try:
        gone = memory.erase(address, by=by, because=because, at=SystemClock().now())
    except MailflowError as trouble:
        fail(str(trouble))
    finally:
        memory.close()
    out.print(
        f"Erased from {gone.lines} line(s) of the record, {gone.mails} mail(s), {gone.files} "
        f"file(s), {gone.contacts} contact(s). Older backups still hold them."
    )


@app.command(rich_help_panel=LOOK)
def forget(days: int, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Empty mails and files older than DAYS that belong to no open ticket and no shelf item.

    With [retention] days set, mailflow does it by itself, once a day. Exit status: 0.
    """
    memory = memory_of(settings_of(config))
    gone = memory.forget(SystemClock().now() - timedelta(days=days))
    memory.close()
    out.print(f"Emptied {gone.mails} mail(s) and {gone.files} file(s).")
