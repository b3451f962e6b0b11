"""mailflow's commands: run it, look inside, and help what waits for a person."""

import json
import signal
import tempfile
import threading
from datetime import UTC
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from mailflow.cli.contacts import BadContacts, read_contacts
from mailflow.cli.explaining import explain_mail
from mailflow.demo.scenario import play
from mailflow.demo.stage import Stage
from mailflow.edges.clock import SystemClock
from mailflow.edges.mail_templates import check_templates, shipped_folder
from mailflow.edges.notify import ALIVE, READY, STOPPING, sd_notify
from mailflow.logs import configure
from mailflow.settings.example import example_toml
from mailflow.settings.loading import BadSettings, load_settings, missing_files
from mailflow.settings.root import Settings
from mailflow.store.migrate import upgrade
from mailflow.store.unit_of_work import SqlMemory, open_memory
from mailflow.tickets.errors import GiveUp, MailflowError
from mailflow.tickets.proof import owed
from mailflow.tickets.ticket import State
from mailflow.understanding.alerts import RulePackError
from mailflow.wiring import daemon_and_inbox, database_url, lock_database, open_office, rule_packs
from mailflow.workflow.take_in import handle

app = typer.Typer(
    name="mailflow",
    no_args_is_help=True,
    add_completion=False,
    help="Works the alert mails of failing marketplace integrations: stops the job first, "
    "tells the retailer, and closes a ticket only on proof.",
)
db_app = typer.Typer(no_args_is_help=True, help="Look after the database.")
retailers_app = typer.Typer(no_args_is_help=True, help="Look after the contact directory.")
explain_app = typer.Typer(no_args_is_help=True, help="Say what mailflow understands.")
app.add_typer(db_app, name="db")
app.add_typer(retailers_app, name="retailers")
app.add_typer(explain_app, name="explain")

_DEFAULT = Path("/etc/mailflow/mailflow.toml")
ConfigOption = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line, for scripts.")]
_out = Console()
_err = Console(stderr=True)


def _fail(message: str, status: int = 1) -> NoReturn:
    _err.print(message, style="red", highlight=False, markup=False)
    raise typer.Exit(status)


def _settings(config: Path) -> Settings:
    try:
        return load_settings(config)
    except BadSettings as bad:
        _fail("\n".join([f"{bad.path} cannot be used:", *(f"  {f}" for f in bad.faults)]), 2)


def _memory(settings: Settings) -> SqlMemory:
    try:
        return open_memory(database_url(settings))
    except MailflowError as trouble:
        _fail(str(trouble))


@app.command()
def run(config: ConfigOption = _DEFAULT) -> None:
    """Watch the mailbox and work its mails until stopped.

    Exit status: 0 stopped when asked, 1 could not start, 2 bad configuration.
    """
    settings = _settings(config)
    configure(settings.log.level, settings.log.json_lines)
    try:
        lock = lock_database(settings)
        office = open_office(settings)
    except (MailflowError, RulePackError) as trouble:
        _fail(str(trouble))
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
    office.close()
    if lock is not None:
        lock.close()


@app.command()
def demo() -> None:
    """Play one job from alert to proven closure, on servers of its own, on this machine.

    Exit status: 0 it ended as it should, 1 it did not.
    """
    with (
        tempfile.TemporaryDirectory(prefix="mailflow-demo-") as folder,
        Stage(Path(folder)) as stage,
    ):
        try:
            ended_well = play(stage, lambda line: _out.print(line, markup=False, highlight=False))
        except TimeoutError as late:
            log = (Path(folder) / "mailflow.log").read_text("utf-8", "replace")
            _err.print(log[-4000:], markup=False, highlight=False)
            _fail(str(late))
    raise typer.Exit(0 if ended_well else 1)


@app.command("check-config")
def check_config(config: ConfigOption = _DEFAULT) -> None:
    """Check the configuration, the rule packs and the templates; all faults at once.

    Exit status: 0 all is well, 2 something is not.
    """
    settings = _settings(config)
    faults = [str(fault) for fault in missing_files(settings)]
    try:
        rule_packs(settings)
    except RulePackError as bad:
        faults += [str(bad)]
    faults += check_templates(settings.paths.templates or shipped_folder())
    if faults:
        _fail("\n".join(faults), 2)
    _out.print(f"{config} is fine.")


@app.command("init-config")
def init_config(path: Path) -> None:
    """Write an example configuration to PATH; never over an existing file.

    Exit status: 0 written, 1 there is such a file already.
    """
    if path.exists():
        _fail(f"{path} exists; give another name, or move it away first")
    path.write_text(example_toml(), encoding="utf-8")
    _out.print(f"Wrote {path}. Fill in the mailbox, then: mailflow check-config --config {path}")


@db_app.command("upgrade")
def db_upgrade(config: ConfigOption = _DEFAULT) -> None:
    """Bring the database's schema up to date. Exit status: 0 done, 1 it failed."""
    try:
        upgrade(database_url(_settings(config)))
    except MailflowError as trouble:
        _fail(str(trouble))
    _out.print("The database is up to date.")


@app.command()
def tickets(
    config: ConfigOption = _DEFAULT,
    state: Annotated[list[State] | None, typer.Option(help="Only these states.")] = None,
    retailer: Annotated[str, typer.Option(help="Only this account.")] = "",
    as_json: JsonOption = False,  # noqa: FBT002 - a switch of the command line
) -> None:
    """List tickets, newest first. Exit status: 0."""
    with _memory(_settings(config)).read() as uow:
        found = uow.tickets.listed(states=state or (), retailer=retailer)
    if as_json:
        for t in found:
            row = {"id": t.id, "job": t.job.id, "retailer": t.job.retailer}
            row |= {"state": t.state.value, "status": t.status.standing.value}
            row |= {"closed_on": t.closure.path.value if t.closure else ""}
            typer.echo(json.dumps(row))
        return
    table = Table("Ticket", "Job", "Retailer", "State", "Account", "Cause")
    for t in found:
        table.add_row(
            t.id, t.job.id, t.job.retailer, t.state.value, t.status.standing.value, t.cause.value
        )
    _out.print(table)


@app.command()
def show(
    ticket: str,
    config: ConfigOption = _DEFAULT,
    as_json: JsonOption = False,  # noqa: FBT002 - same
) -> None:
    """Show one ticket: its state, what is owed, and its story with every reason.

    Exit status: 0 found, 1 no such ticket.
    """
    with _memory(_settings(config)).read() as uow:
        found = uow.tickets.get(ticket)
        story = uow.tickets.story(ticket)
    if found is None:
        _fail(f"there is no ticket {ticket}; list them with: mailflow tickets")
    missing = {p.value: [k.value for k in kinds] for p, kinds in owed(found).items()}
    lines = [(e.at.astimezone(UTC).isoformat(), e.event, e.because) for e in story]
    if as_json:
        row = {"id": found.id, "state": found.state.value, "owed": missing, "story": lines}
        row |= {"status": found.status.standing.value, "job": found.job.id}
        typer.echo(json.dumps(row))
        return
    _out.print(
        f"{found.id}  {found.job.name} for {found.job.retailer}: {found.state}", markup=False
    )
    _out.print(f"account: {found.status.standing}, {found.status.because}", markup=False)
    if found.is_open:
        for path, kinds in missing.items():
            _out.print(f"owed for '{path}': {', '.join(kinds) or 'nothing'}", markup=False)
    for at, event, because in lines:
        _out.print(f"{at[:19]}  {event}: {because}", markup=False)


@app.command()
def shelf(config: ConfigOption = _DEFAULT, as_json: JsonOption = False) -> None:  # noqa: FBT002 - same
    """List what waits for a person. Exit status: 0."""
    with _memory(_settings(config)).read() as uow:
        items = uow.shelf.items()
    for item in items:
        row: dict[str, object] = {"id": item.id, "kind": item.kind.value, "because": item.because}
        row |= {"mail": item.mail, "order": item.order, "ticket": item.ticket}
        typer.echo(json.dumps(row) if as_json else f"{item.id}  {item.kind}: {item.because}")
    if not items and not as_json:
        _out.print("The shelf is empty.")


@app.command()
def unshelve(
    item: int,
    config: ConfigOption = _DEFAULT,
    vouch: Annotated[
        str, typer.Option(help="Your name: you looked at the mail and vouch for its sender.")
    ] = "",
) -> None:
    """Send something from the shelf through again.

    Exit status: 0 sent through, 1 no such item.
    """
    settings = _settings(config)
    try:
        office = open_office(settings)
    except MailflowError as trouble:
        _fail(str(trouble))
    with office.memory.write() as uow:
        found = uow.shelf.get(item)
        if found is not None and found.resolved_at is None:
            uow.shelf.send_through_again(item, SystemClock().now())
    if found is None or found.resolved_at is not None:
        office.close()
        _fail(f"nothing on the shelf has the number {item}; list it with: mailflow shelf")
    if vouch and found.mail is not None:
        _out.print(handle(office.desk, found.mail, vouched_by=vouch), markup=False)
    office.close()


@retailers_app.command("import")
def import_retailers(file: Path, config: ConfigOption = _DEFAULT) -> None:
    """Add or replace retailers and their contacts from a CSV file.

    Columns: retailer, name, language, zone, contact, contact_name, may_confirm_change,
    may_confirm_removal; a line a contact. Exit status: 0 imported, 2 the file has faults.
    """
    try:
        retailers = read_contacts(file)
    except BadContacts as bad:
        _fail("\n".join(bad.faults), 2)
    with _memory(_settings(config)).write() as uow:
        uow.directory.replace(retailers)
    _out.print(f"{len(retailers)} retailer(s) imported.")


@explain_app.command("mail")
def explain(
    files: list[Path],
    config: ConfigOption = _DEFAULT,
    as_json: JsonOption = False,  # noqa: FBT002 - same
) -> None:
    """Say what mailflow understands of mails, without touching anything.

    Exit status: 0 each was understood, 1 some could not be read.
    """
    settings = _settings(config)
    try:
        office = open_office(settings)
    except MailflowError as trouble:
        _fail(str(trouble))
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
                _out.print(f"{key}: {value}", markup=False)
    office.close()
    raise typer.Exit(1 if unreadable else 0)
