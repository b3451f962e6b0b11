"""Writes docs/configuration.md, and the tables of the pages for staff and retailers, from the code.

With --check, fails when one is out of date.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mailflow.settings.example import bounds_of, written
from mailflow.settings.loading import section_in
from mailflow.settings.root import Settings
from mailflow.tickets.effects import Purpose
from mailflow.tickets.ticket import Cause
from mailflow.understanding.staff_commands import COMMANDS

DOCS = Path(__file__).parents[1]
_HEAD = """\
# Configuration

This page is written from the models (`make format`); `mailflow init-config FILE` writes the same as
a file to fill in, `mailflow check-config` names every fault of yours at once.

The file is TOML. Unknown keys are refused. Relative files start at the file's folder, secrets at
`$CREDENTIALS_DIRECTORY` where it is set (systemd). **needed** means that there is no default.
`systemctl reload mailflow` reads `[policy]`, `[paths]`, `[staff]` and `[alarms]` and the files they
name again, whole or not at all; everything else wants a restart, and a reload says so.
"""
_TO_RETAILERS = {
    Purpose.REMINDER: "no answer came; at most as often as `policy.reminders` says",
    Purpose.CLARIFICATION: "an answer was unclear; closed options are offered, once",
    Purpose.ON_TRIAL: "the job was switched on again, on trial",
    Purpose.FAILED_AGAIN: "it failed again and was stopped again",
    Purpose.STAYS_PAUSED: "a person decided that the job stays paused",
    Purpose.REMOVAL_SCHEDULED: "a removal was confirmed; it can still be stopped",
    Purpose.EVIDENCE_REFUSED: "a picture did not show what it should, with what is missing",
    Purpose.BEING_READ: "an answer goes to a person; at most once a ticket",
    Purpose.CLOSED: "the ticket was closed, with the proofs it rests on",
}


def configuration() -> str:
    """Write the page about every key."""
    return "\n".join([_HEAD, *_sections(Settings, "")])


def _sections(model: type[BaseModel], where: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        section = section_in(field.annotation)
        if section is None:
            continue
        here = f"{where}.{name}".lstrip(".")
        here += ".NAME" if get_origin(field.annotation) is dict else ""
        yield f"## `[{here}]`\n"
        yield f"{field.description or (section.__doc__ or '').partition(chr(10))[0]}\n"
        yield "| Key | Default | Meaning |\n|---|---|---|"
        keys = ((n, f) for n, f in section.model_fields.items() if not section_in(f.annotation))
        yield "\n".join(_key(n, f) for n, f in keys) + "\n"
        yield from _sections(section, here)


def _key(name: str, field: FieldInfo) -> str:
    default = "**needed**"
    if not field.is_required():
        value = field.get_default(call_default_factory=True)
        default = "none" if value is None else f"`{written(value)}`"
    meaning = " ".join(filter(None, [field.description, bounds_of(name, field)]))
    return f"| `{name}` | {default} | {_cell(meaning)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def staff_table() -> str:
    """Write the commands that staff write in mails."""
    rows = [f"| `{command.word}` | {_cell(command.meaning)} |" for command in COMMANDS]
    return "\n".join(["| Line | What it does |", "|---|---|", *rows])


def retailer_table() -> str:
    """Write which mails a retailer may get, and when."""
    causes = ", ".join(cause.value.replace("_", " ") for cause in Cause)
    first = (
        f"| first notice | the job failed and the stop is recorded; one text a cause: {causes} |"
    )
    rows = [f"| {p.value.replace('_', ' ')} | {when} |" for p, when in _TO_RETAILERS.items()]
    return "\n".join(["| Mail | When |", "|---|---|", first, *rows])


def _with_table(page: Path, table: str) -> str:
    marked = re.compile(r"(<!-- drawn -->\n).*?(<!-- /drawn -->)", re.DOTALL)
    return marked.sub(lambda m: f"{m[1]}\n{table}\n\n{m[2]}", page.read_text(encoding="utf-8"))


def main() -> int:
    """Write the pages, or name those that are out of date."""
    pages = {
        DOCS / "configuration.md": configuration(),
        DOCS / "staff.md": _with_table(DOCS / "staff.md", staff_table()),
        DOCS / "retailers.md": _with_table(DOCS / "retailers.md", retailer_table()),
    }
    stale = [p for p, text in pages.items() if not p.is_file() or p.read_text("utf-8") != text]
    if "--check" not in sys.argv[1:]:
        for page in stale:
            page.write_text(pages[page], encoding="utf-8")
        return 0
    for page in stale:
        sys.stderr.write(f"{page.name} is out of date; write it with: make format\n")
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())
