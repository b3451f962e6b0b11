"""Writes config/mailflow.toml from the models; with --check, fails when it is out of date."""

import sys
from pathlib import Path

from mailflow.settings.example import example_toml

EXAMPLE = Path(__file__).parents[2] / "config" / "mailflow.toml"


def main() -> int:
    """Write the example, or say that it is out of date."""
    if "--check" not in sys.argv[1:]:
        EXAMPLE.write_text(example_toml(), encoding="utf-8")
        return 0
    if EXAMPLE.is_file() and EXAMPLE.read_text(encoding="utf-8") == example_toml():
        return 0
    sys.stderr.write(f"{EXAMPLE.name} is out of date; write it with: make format\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
