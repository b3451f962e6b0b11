"""Commands that run mailflow: for real, or on a stage of its own."""

import tempfile
from pathlib import Path

import typer

from mailflow.cli.app import DEFAULT_CONFIG, RUN, ConfigOption, app, err, fail, out, settings_of
from mailflow.cli.service import leave_at_once, work_until_stopped
from mailflow.demo.scenario import play
from mailflow.demo.stage import Stage
from mailflow.logs import configure
from mailflow.tickets.errors import MailflowError
from mailflow.wiring import lock_database, open_office


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
        office = open_office(settings)
    except MailflowError as trouble:
        fail(str(trouble))
    if not work_until_stopped(config, settings, office):
        leave_at_once()
    office.close()
    if lock is not None:
        lock.close()


@app.command(rich_help_panel=RUN)
def demo() -> None:
    """Play one job from alert to proven closure, on servers of its own, on this machine.

    Exit status: 0 it ended as it should, 1 it did not.
    """
    with (
        tempfile.TemporaryDirectory(prefix="mailflow-demo-") as folder,
        Stage(Path(folder)) as stage,
    ):
        try:
            ended_well = play(stage, lambda line: out.print(line, markup=False, highlight=False))
        except TimeoutError as late:
            log = (Path(folder) / "mailflow.log").read_text("utf-8", "replace")
            err.print(log[-4000:], markup=False, highlight=False)
            fail(str(late))
    raise typer.Exit(0 if ended_well else 1)
