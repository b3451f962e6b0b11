"""The commands that a person types."""

from mailflow.cli.commands import app


def main() -> None:
    """Run the command line."""
    app()
