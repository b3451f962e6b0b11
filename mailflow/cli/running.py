"""Commands that run mailflow: for real, or on a stage of its own."""

import signal
import tempfile
import threading
from pathlib import Path

import typer

from mailflow.cli.app import DEFAULT_CONFIG, RUN, ConfigOption, app, err, fail, out, settings_of
from mailflow.demo.scenario import play
from mailflow.demo.stage import Stage
from mailflow.edges.notify import ALIVE, READY, STOPPING, sd_notify
from mailflow.logs import configure
from mailflow.settings.root import Settings
from mailflow.tickets.errors import MailflowError
from mailflow.understanding.alerts import RulePackError
from mailflow.wiring import Office, daemon_and_inbox, lock_database, open_office


@app.command(rich_help_panel=RUN)
def run(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Watch the mailbox and work its mails until stopped.

    Exit status: 0 stopped when asked, 1 could not start, 2 bad configuration.
    """
    settings = settings_of(config)
    configure(settings.log.level, settings.log.json_lines)
    try:
        lock = lock_database(settings)
        office = open_office(settings)
    except (MailflowError, RulePackError) as trouble:
        fail(str(trouble))
    work_until_stopped(settings, office)
    office.close()
    if lock is not None:
        lock.close()


def work_until_stopped(settings: Settings, office: Office) -> None:
    """Run the daemon over an open office until SIGTERM or SIGINT."""
    daemon, inbox = daemon_and_inbox(settings, office)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    daemon.start()
    inbox.start()
    sd_notify(READY)
    while not stop.wait(5):
        if daemon.alive():
            sd_notify(ALIVE)
    sd_notify(STOPPING)
    inbox.stop(5)
    daemon.stop(15)


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
