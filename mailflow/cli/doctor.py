"""`mailflow doctor`: is everything there that mailflow stands on?"""

import json
from typing import Annotated

import typer

from mailflow.cli.app import (
    DEFAULT_CONFIG,
    PREPARE,
    ConfigOption,
    JsonOption,
    app,
    out,
    settings_of,
)
from mailflow.cli.examining import Finding, Grade, examine

_COLOURS = {Grade.OK: "green", Grade.WARNING: "yellow", Grade.FAULT: "red"}
_STATUS = {Grade.OK: 0, Grade.WARNING: 0, Grade.FAULT: 1}


@app.command(rich_help_panel=PREPARE)
def doctor(
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,  # noqa: FBT002 - typer makes an option of it
    mail: Annotated[bool, typer.Option(help="Send a mail to ourselves and wait for it.")] = True,  # noqa: FBT002 - same
) -> None:
    """Look at everything mailflow stands on; nothing is stopped or changed.

    Settings, rule packs, templates, database, disk, mailbox, OCR, platforms (a read, never an
    act), clocks, and a mail to ourselves with its authentication verdict.

    Exit status: 0 nothing is wrong (there may be warnings), 1 something is, 2 bad configuration.
    """
    worst = 0
    for finding in examine(settings_of(config), send_mail=mail):
        worst = max(worst, _STATUS[finding.grade])
        if as_json:
            typer.echo(json.dumps(finding.as_json()))
        else:
            _show(finding)
    raise typer.Exit(worst)


def _show(finding: Finding) -> None:
    out.print(finding.grade.value.ljust(8), style=_COLOURS[finding.grade], end="")
    out.print(f"{finding.check}: {finding.what}", markup=False, highlight=False)
    for line in filter(None, (finding.why, finding.todo)):
        out.print(f"        {line}", markup=False, highlight=False)
