"""The commands that a person types, one file a purpose."""

from mailflow.cli import browsing, explaining, preparing, running
from mailflow.cli.app import app

__all__ = ["browsing", "explaining", "main", "preparing", "running"]


def main() -> None:
    """Run the command line."""
    app()
