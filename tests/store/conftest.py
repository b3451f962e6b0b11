from collections.abc import Iterator

import pytest

from mailflow.store.unit_of_work import SqlMemory, open_memory


@pytest.fixture
def memory(database_url: str) -> Iterator[SqlMemory]:
    opened = open_memory(database_url)
    yield opened
    opened.close()
