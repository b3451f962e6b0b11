"""Commands that run mailflow: for real, or on a stage of its own."""

import signal
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from mailflow.cli.app import DEFAULT_CONFIG, RUN, ConfigOption, app, err, fail, out, settings_of
from mailflow.cli.service import leave_at_once, work_until_stopped
from mailflow.demo.keeping import invitation
from mailflow.demo.outcome import faults, pace_of, table_of
from mailflow.demo.scenario import ROLES, play
from mailflow.demo.stage import Stage
from mailflow.logs import configure
from mailflow.tickets.errors import MailflowError
from mailflow.wiring import lock_database, open_office

KeepOption = Annotated[bool, typer.Option("--keep", help="Leave all running, to look inside.")]


@app.command(rich_help_panel=RUN)
def run(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Watch the mailbox and work its mails until stopped.

    SIGTERM ends it within 20 seconds. SIGHUP reads the policy, the staff, rule packs, templates
    and the retailers' file again, and keeps the old ones if anything in them is wrong.

    Exit status: 0 stopped when asked, 1 could not start, 2 bad configuration.
    """
    settings = settings_of(config)
    configure(settings.log.level, settings.log.json_lines)
    try:
        lock = lock_database(settings)
        office = open_office(settings, lock)
    except MailflowError as trouble:
        fail(str(trouble))
    if not work_until_stopped(config, settings, office):
        leave_at_once()
    office.close()
    lock.close()


@app.command(rich_help_panel=RUN)
def demo(
    keep: KeepOption = False,  # noqa: FBT002 - a switch of the command line
) -> None:
    """Play eleven failing jobs on servers of its own, on this machine, from alert to closure.

    Exit status: 0 each ended where it should, 1 one did not.
    """
    for end in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # all leave nothing behind
        signal.signal(end, signal.default_int_handler)
    with (
        tempfile.TemporaryDirectory(prefix="mailflow-demo-") as folder,
        Stage(Path(folder)) as stage,
    ):
        try:
            stories = play(stage, _tell)
        except (TimeoutError, OSError, MailflowError) as trouble:
            log = (Path(folder) / "mailflow.log").read_text("utf-8", "replace")
            err.print(log[-4000:], markup=False, highlight=False)
            fail(str(trouble))
        out.print(table_of(stage, ROLES), soft_wrap=False)
        out.print(pace_of(stories))
        wrong = faults(stage, ROLES)
        if keep:
            out.print(invitation(stage), markup=False, highlight=False)
            _until_interrupted()
    if wrong:
        fail("\n".join(wrong))


def _tell(line: str) -> None:
    out.print(line, markup=False, highlight=False)


def _until_interrupted() -> None:
    with suppress(KeyboardInterrupt):
        threading.Event().wait()
