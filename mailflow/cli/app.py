"""The command line itself: its groups, its shared options, and how it fails."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from mailflow.settings.loading import BadSettings, load_settings
from mailflow.settings.root import Settings
from mailflow.store.unit_of_work import SqlMemory, open_memory
from mailflow.tickets.errors import MailflowError
from mailflow.wiring import database_url

# The help shows the commands under these headings.
RUN = "Run"
LOOK = "Look inside, and help what waits"
PREPARE = "Prepare"

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
app.add_typer(db_app, name="db", rich_help_panel=PREPARE)
app.add_typer(retailers_app, name="retailers", rich_help_panel=PREPARE)
app.add_typer(explain_app, name="explain", rich_help_panel=LOOK)

ConfigOption = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line, for scripts.")]
DEFAULT_CONFIG = Path("/etc/mailflow/mailflow.toml")
# A terminal breaks long lines itself; a path or a command that we broke cannot be copied.
out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)


def fail(message: str, status: int = 1) -> NoReturn:
    """Say what went wrong and end with `status`."""
    err.print(message, style="red", highlight=False, markup=False)
    raise typer.Exit(status)


def settings_of(config: Path) -> Settings:
    """Load the configuration, or end with status 2 and every fault."""
    try:
        return load_settings(config)
    except BadSettings as bad:
        fail("\n".join([f"{bad.path} cannot be used:", *(f"  {f}" for f in bad.faults)]), 2)


def memory_of(settings: Settings) -> SqlMemory:
    """Open the database, or end with status 1."""
    try:
        return open_memory(database_url(settings))
    except MailflowError as trouble:
        fail(str(trouble))
