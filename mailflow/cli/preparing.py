"""Commands to prepare a mailflow: its configuration, its database, its contacts."""

import json
from pathlib import Path

import typer

from mailflow.cli.app import (
    DEFAULT_CONFIG,
    PREPARE,
    ConfigOption,
    JsonOption,
    app,
    db_app,
    fail,
    memory_of,
    out,
    retailers_app,
    settings_of,
)
from mailflow.cli.browsing import unreached
from mailflow.edges.contacts_file import BadContacts, read_contacts
from mailflow.edges.mail_templates import shipped_folder
from mailflow.edges.template_check import check_templates
from mailflow.settings.example import example_toml
from mailflow.settings.loading import missing_files
from mailflow.store.migrate import upgrade
from mailflow.tickets.errors import MailflowError
from mailflow.understanding.alerts import RulePackError
from mailflow.understanding.confirmation import LexiconError
from mailflow.wiring import database_url, read_lexicons, rule_packs


@app.command("check-config", rich_help_panel=PREPARE)
def check_config(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Check the configuration, the rule packs and the templates; all faults at once.

    Exit status: 0 all is well, 2 something is not.
    """
    settings = settings_of(config)
    faults = [str(fault) for fault in missing_files(settings)]
    try:
        rule_packs(settings)
    except RulePackError as bad:
        faults += [str(bad)]
    try:
        read_lexicons(settings.paths.lexicons)
    except (LexiconError, OSError, UnicodeDecodeError) as bad:
        faults += [str(bad)]
    faults += check_templates(settings.paths.templates or shipped_folder())
    if faults:
        fail("\n".join(faults), 2)
    out.print(f"{config} is fine.", markup=False)


@app.command("init-config", rich_help_panel=PREPARE)
def init_config(path: Path) -> None:
    """Write an example configuration to PATH; never over an existing file.

    Exit status: 0 written, 1 there is such a file already.
    """
    if path.exists():
        fail(f"{path} exists; give another name, or move it away first")
    path.write_text(example_toml(), encoding="utf-8")
    out.print(f"Wrote {path}. Fill in the mailbox, then: mailflow check-config --config {path}")


@db_app.command("upgrade")
def db_upgrade(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Bring the database's schema up to date. Exit status: 0 done, 1 it failed."""
    try:
        upgrade(database_url(settings_of(config)))
    except MailflowError as trouble:
        fail(str(trouble))
    out.print("The database is up to date.")


@retailers_app.command("list")
def list_retailers(
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,  # noqa: FBT002 - a switch of the command line
) -> None:
    """List every account's contacts, and whether mail reaches them. Exit status: 0."""
    with memory_of(settings_of(config)).read() as uow:
        retailers = uow.directory.all()
    for retailer in retailers:
        gone = list(unreached(retailer))
        contacts = [contact.address for contact in retailer.contacts]
        if as_json:
            row = {"retailer": retailer.id, "name": retailer.name, "contacts": contacts}
            typer.echo(json.dumps(row | {"unreachable": gone}))
            continue
        out.print(f"{retailer.id}  {retailer.name}: {', '.join(contacts)}", markup=False)
        for line in gone:
            out.print(f"  not written to: {line}", markup=False)
    if not retailers and not as_json:
        out.print("There is none; import some with: mailflow retailers import")


@retailers_app.command("import")
def import_retailers(file: Path, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Add or replace retailers and their contacts from a CSV file.

    Columns: retailer, name, language, zone, contact, contact_name, may_confirm_change,
    may_confirm_removal; a line a contact. A contact that was unreachable is written to again.

    Exit status: 0 imported, 2 the file has faults.
    """
    try:
        retailers = read_contacts(file)
    except BadContacts as bad:
        fail("\n".join(bad.faults), 2)
    with memory_of(settings_of(config)).write() as uow:
        uow.directory.replace(retailers)
    out.print(f"{len(retailers)} retailer(s) imported.")
