"""The commands that a person types, one file a purpose."""

from mailflow.cli import (
    browsing,
    doctor,
    explaining,
    explaining_pages,
    explaining_pictures,
    explaining_replies,
    keeping,
    outbox,
    preparing,
    reconciling,
    running,
)
from mailflow.cli.app import LOOK, PREPARE, RUN, app

__all__ = [
    "browsing",
    "doctor",
    "explaining",
    "explaining_pages",
    "explaining_pictures",
    "explaining_replies",
    "keeping",
    "main",
    "outbox",
    "preparing",
    "reconciling",
    "running",
]

_PANELS = (RUN, LOOK, PREPARE)  # as the help shows them


def main() -> None:
    """Run the command line."""
    app.registered_commands.sort(key=lambda command: _PANELS.index(str(command.rich_help_panel)))
    app()
