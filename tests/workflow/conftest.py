"""A desk with everything real behind it; its mail servers are away until they are asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailflow.settings.loading import load_settings
from mailflow.settings.root import Settings
from mailflow.store.unit_of_work import open_memory
from mailflow.wiring import Office, open_office
from tests.workflow.room import Room, room_in

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


@pytest.fixture(scope="module")
def furniture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Rule packs, templates, a parser's process: opened once, shared by every room."""
    folder = tmp_path_factory.mktemp("office")
    made = open_office(settings_in(folder, f"sqlite:///{folder / 'mailflow.db'}"))
    yield made
    made.close()


@pytest.fixture
def room(furniture: Office, tmp_path: Path) -> Iterator[Room]:
    memory = open_memory(f"sqlite:///{tmp_path / 'mailflow.db'}")
    yield room_in(furniture, memory)
    memory.close()


@pytest.fixture
def either_room(furniture: Office, database_url: str) -> Iterator[Room]:
    """Give a room on each kind of database, for what the database has a part in."""
    memory = open_memory(database_url)
    yield room_in(furniture, memory)
    memory.close()
