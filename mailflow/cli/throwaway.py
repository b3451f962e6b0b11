"""A configuration for looking at mails where there is none: shipped rule packs, nobody known."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mailflow.cli.app import DEFAULT_CONFIG, err, settings_of
from mailflow.settings.root import Settings

_TEXT = """\
[inbox]
host = "127.0.0.1"
security = "plain"
user = "mailflow@mailflow.invalid"
password_file = "key"
address = "mailflow@mailflow.invalid"
[outbox]
host = "127.0.0.1"
security = "plain"
[database]
url = "sqlite:///{folder}/mailflow.db"
[staff]
members = ["staff@mailflow.invalid"]
notify = ["staff@mailflow.invalid"]
[replies]
token_key_file = "key"
"""


@contextmanager
def settings_or_none(config: Path) -> Iterator[Settings]:
    """Give the settings of `config`; without a file in the usual place, some that know nobody.

    Nothing is connected to, and whatever is written is gone in the end.
    """
    if config != DEFAULT_CONFIG or config.exists():
        yield settings_of(config)
        return
    err.print(f"There is no {config}: the shipped rule packs are used, and nobody is known.")
    with tempfile.TemporaryDirectory(prefix="mailflow-explain-") as folder:
        (Path(folder) / "key").write_text("0" * 64, encoding="ascii")
        file = Path(folder) / "mailflow.toml"
        file.write_text(_TEXT.format(folder=folder), encoding="utf-8")
        yield settings_of(file)
