"""A desk with everything real behind it; its mail servers are away until they are asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailflow.settings.loading import load_settings
from mailflow.settings.root import Settings
from mailflow.wiring import Office, open_office

_CONFIG = """\
[inbox]
host = "127.0.0.1"
port = 1
security = "plain"
user = "box@mailflow.test"
password_file = "secret"
address = "box@mailflow.test"
[outbox]
host = "127.0.0.1"
port = 1
security = "plain"
[database]
url = "{url}"
[staff]
members = ["desk@staff.test"]
notify = ["desk@staff.test"]
[replies]
token_key_file = "secret"
"""


def settings_in(folder: Path, database_url: str) -> Settings:
    (folder / "secret").write_text("0" * 64)
    config = folder / "mailflow.toml"
    config.write_text(_CONFIG.format(url=database_url))
    return load_settings(config)


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Iterator[Office]:
    made = open_office(settings_in(tmp_path, database_url))
    yield made
    made.close()
