"""`mailflow explain`: what mailflow understands, without touching anything."""

import json
import sys
from collections.abc import Iterator
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
)
from mailflow.cli.throwaway import settings_or_none
from mailflow.settings.root import Settings
from mailflow.tickets.errors import GiveUp, MailflowError, TryAgainLater
from mailflow.understanding.forwarded import forwarded
from mailflow.understanding.returned import dead_addresses, original_ids
from mailflow.wiring import open_office
from mailflow.workflow.desk import Desk
from mailflow.workflow.interpreting import understand

_NOT_UNDERSTOOD = frozenset({"unreadable", "defect"})


def explain_mail(desk: Desk, raw: bytes) -> dict[str, Any]:
    """Say what a mail means; looks only.

    Raises:
        GiveUp: it cannot be parsed within the limits.
    """
    message = desk.parser.parse(raw)
    with desk.memory.read() as uow:
        meaning = understand(uow, desk, message)
        known = uow.mails.with_message_id(message.message_id) if message.message_id else ()
    passed_on = forwarded(message)
    failures = meaning.alert.failures if meaning.alert else ()
    return {
        "kind": meaning.kind.value,
        "because": meaning.because,
        "sender": meaning.sender.address,
        "message_id_used_by": [mail.id for mail in known if mail.raw != raw],
        "authenticated": meaning.sender.authenticity.value,
        "authenticated_because": meaning.sender.because,
        "ticket": meaning.attribution.ticket,
        "ticket_because": meaning.attribution.because,
        "failures": [
            {"job": f.job, "retailer": f.retailer, "marketplace": f.marketplace}
            | {"kind": f.kind.value, "cause": f.cause.value, "error": f.error_text}
            for f in failures
        ],
        "failed": message.failed,
        "waiting": message.waiting,
        "gone_for_good": dead_addresses(message),
        "about_mails": original_ids(message),
        "forwarded": passed_on
        and {"from": passed_on.sender, "date": passed_on.date, "subject": passed_on.subject},
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

    A folder stands for every file in it and below. Each file gives one line with --json. Without
    a configuration the shipped rule packs are used, and nobody is known.

    Exit status: 0 each was understood, 1 some could not be read.
    """
    with settings_or_none(config) as settings:
        unreadable = _explain_all(settings, files, as_json=as_json)
    raise typer.Exit(1 if unreadable else 0)


def _explain_all(settings: Settings, files: list[Path], *, as_json: bool) -> int:
    """Explain every file; gives how many could not be understood."""
    try:
        office = open_office(settings)
    except MailflowError as trouble:
        fail(str(trouble))
    unreadable = 0
    try:
        for file in _every_file(files):
            row = {"file": str(file), **_row(office.desk, file)}
            unreadable += row["kind"] in _NOT_UNDERSTOOD
            _show(row, as_json=as_json)
    finally:
        office.close()
    return unreadable


def _every_file(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file())
        else:
            yield path


def _row(desk: Desk, file: Path) -> dict[str, Any]:
    """Give exactly one row for a file, whatever is in it."""
    try:
        return explain_mail(desk, file.read_bytes())
    except (GiveUp, TryAgainLater, OSError) as refused:
        return {"kind": "unreadable", "because": str(refused)}
    except Exception as defect:  # noqa: BLE001 - one bad mail must not hide what the others mean
        return {"kind": "defect", "because": f"{type(defect).__name__}: {defect}"}


def _show(row: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(row, default=str) + "\n")
        sys.stdout.flush()
    else:
        for key, value in row.items():
            out.print(f"{key}: {value}", markup=False)
