"""Fixtures that several rooms share: a fresh database of either kind."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.postgres import NoServer, Server, running_server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running_server())
        except NoServer as error:
            if os.environ.get("MAILFLOW_FULL_SUITE") == "1":
                pytest.fail(f"the full suite needs PostgreSQL: {error}")
            pytest.skip(str(error))
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty database, once for each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'mailflow.db'}"
    server: Server = request.getfixturevalue("postgres_server")
    return server.new_database()
