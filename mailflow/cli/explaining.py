"""`mailflow explain`: what mailflow understands, without touching anything."""

import json
from pathlib import Path
from typing import Any

import typer

from mailflow.cli.app import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    explain_app,
    fail,
    out,
    settings_of,
)
from mailflow.tickets.errors import GiveUp, MailflowError
from mailflow.wiring import open_office
from mailflow.workflow.desk import Desk
from mailflow.workflow.interpreting import understand


def explain_mail(desk: Desk, raw: bytes) -> dict[str, Any]:
    """Say what a mail means; looks only.

    Raises:
        GiveUp: it cannot be parsed within the limits.
    """
    message = desk.parser.parse(raw)
    with desk.memory.read() as uow:
        meaning = understand(uow, desk, message)
    failures = meaning.alert.failures if meaning.alert else ()
    return {
        "kind": meaning.kind.value,
        "because": meaning.because,
        "sender": meaning.sender.address,
        "authenticated": meaning.sender.authenticity.value,
        "authenticated_because": meaning.sender.because,
        "ticket": meaning.attribution.ticket,
        "ticket_because": meaning.attribution.because,
        "failures": [
            {"job": f.job, "retailer": f.retailer, "marketplace": f.marketplace}
            | {"kind": f.kind.value, "cause": f.cause.value, "error": f.error_text}
            for f in failures
        ],
        "reply_text": meaning.text.own,
        "evidence": [picture.filename for picture in meaning.pictures],
        "not_evidence": [f"{one.attachment.filename}: {one.because}" for one in meaning.set_aside],
        "attachments": [
            {"name": a.filename, "type": a.content_type, "bytes": len(a.content)}
            for a in message.attachments
        ],
    }


@explain_app.command("mail")
def explain(
    files: list[Path],
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,  # noqa: FBT002 - same
) -> None:
    """Say what mailflow understands of mails, without touching anything.

    Exit status: 0 each was understood, 1 some could not be read.
    """
    settings = settings_of(config)
    try:
        office = open_office(settings)
    except MailflowError as trouble:
        fail(str(trouble))
    unreadable = 0
    for file in files:
        try:
            row = explain_mail(office.desk, file.read_bytes())
        except (GiveUp, OSError) as refused:
            unreadable += 1
            row = {"kind": "unreadable", "because": str(refused)}
        row = {"file": str(file), **row}
        if as_json:
            typer.echo(json.dumps(row, default=str))
        else:
            for key, value in row.items():
                out.print(f"{key}: {value}", markup=False)
    office.close()
    raise typer.Exit(1 if unreadable else 0)
