"""`mailflow reconcile`: does the mailbox agree with what mailflow has kept?"""

import json
from datetime import timedelta
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
from mailflow.edges.clock import SystemClock
from mailflow.edges.reconciling import Difference, Lack, differences
from mailflow.tickets.errors import MailflowError
from mailflow.wiring import token_source

_CANNOT_TELL = 3
_MEANS = {
    Lack.NOT_KEPT: "mailflow has never seen it. A running mailflow takes in what lies in the "
    "watched folder; move it there.",
    Lack.UNHANDLED: "it is kept, but nothing was made of it yet. A running mailflow does that.",
    Lack.NOT_PUT_AWAY: "it is handled, but lies where new mails lie. A running mailflow puts it "
    "away.",
}


@app.command(rich_help_panel=LOOK)
def reconcile(
    config: ConfigOption = DEFAULT_CONFIG,
    days: Annotated[
        int, typer.Option(min=1, help="Look at processed mails that came in the last days.")
    ] = 30,
    as_json: JsonOption = False,  # noqa: FBT002 - a switch of the command line
) -> None:
    """Compare the mailbox with what mailflow has kept; nothing is changed.

    While mailflow runs, a mail may be on its way: run it again before you worry.
    Exit status: 0 they agree, 1 they differ, 2 the settings cannot be used, 3 it cannot be told.
    """
    settings = settings_of(config)
    memory = memory_of(settings)
    since = (SystemClock().now() - timedelta(days=days)).date()
    try:
        found = differences(settings.inbox, memory, since=since, tokens=token_source(settings))
    except MailflowError as trouble:
        fail(str(trouble), _CANNOT_TELL)
    finally:
        memory.close()
    for difference in found:
        _tell(difference, as_json=as_json)
    if not found and not as_json:
        out.print("Mailbox and memory agree.")
    raise typer.Exit(1 if found else 0)


def _tell(difference: Difference, *, as_json: bool) -> None:
    where = {"folder": difference.folder, "uid": difference.uid, "mail": difference.mail}
    if as_json:
        typer.echo(json.dumps({"lack": difference.lack.value, **where}))
        return
    place = f"{difference.folder} UID {difference.uid}" if difference.folder else ""
    name = place or f"mail {difference.mail}"
    out.print(f"{name}  {difference.lack}: {_MEANS[difference.lack]}", markup=False)
