"""A database of the first release, with data in it, comes up to date, and can go back."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from mailflow.store import migrate
from mailflow.store.engine import migration_engine
from mailflow.store.unit_of_work import SqlMemory
from mailflow.tickets.effects import SendMail
from tests.builders import RETAILER, minute, paused
from tests.store.courses import tell

FIRST = "0002"  # the schema of release 0.1, and rows that it wrote
ROWS = json.loads((Path(__file__).parent / "first_release.json").read_text("utf-8"))


def at_first_release(url):
    migrate.upgrade(url, FIRST)
    engine = migration_engine(url)
    metadata = sa.MetaData()
    metadata.reflect(engine)
    with engine.begin() as connection:
        for name, rows in ROWS.items():
            table = metadata.tables[name]
            for row in rows:
                values = {key: value_for(table.c[key], value) for key, value in row.items()}
                closing = values if name == "tickets" and values["state"] == "closed" else None
                if closing:  # its proofs come after it
                    values = {**values, "state": "with_staff", "closing_path": None}
                connection.execute(sa.insert(table).values(values))
        close = "UPDATE tickets SET state = 'closed', closing_path = 'confirmed' WHERE id = 'T-1'"
        connection.execute(sa.text(close))
        if connection.dialect.name == "postgresql":  # as if it had counted them itself
            for name, key in (("events", "seq"), ("tickets", "seq"), ("mails", "id")):
                last = f"(SELECT max({key}) FROM {name})"
                counter = f"pg_get_serial_sequence('{name}', '{key}')"
                connection.execute(sa.text(f"SELECT setval({counter}, {last})"))
    engine.dispose()


def value_for(column, value):
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    return bool(value) if isinstance(column.type, sa.Boolean) else value


def counts(url):
    engine = migration_engine(url)
    with engine.connect() as connection:
        found = {
            name: connection.execute(sa.text(f'SELECT count(*) FROM "{name}"')).scalar()
            for name in ROWS
        }
    engine.dispose()
    return found


def test_everything_of_the_first_release_is_understood_by_this_one(database_url):
    at_first_release(database_url)
    migrate.upgrade(database_url)
    memory = SqlMemory(database_url)
    assert memory.faults() == []
    with memory.read() as uow:
        closed, still_open = uow.tickets.get("T-1"), uow.tickets.get("T-2")
        assert closed
        assert still_open
        assert closed.closure
        assert closed.closure.path == "confirmed"
        assert [entry.event for entry in uow.tickets.story("T-2")] == ["AlertReceived", "JobPaused"]
        assert uow.mails.unhandled(10) == [2]
        assert uow.files.get("ab" * 32).content == b"\x89PNG"
        assert [mail.state for mail in uow.sent.of_ticket("T-2")] == ["sent"]
        retailer, digest = uow.directory.retailer("acme"), uow.last_tick("digest")
        assert retailer
        assert retailer.contacts[0].address == RETAILER
        assert len(uow.shelf.items()) == 1
        assert digest
        assert digest.slot == "2026-03-02"
    with memory.write() as uow:
        (order,) = uow.orders.claim(minute(99), owner="t", lease_seconds=60)
        assert isinstance(order.effect, SendMail)
    tell(memory, still_open, paused(5))
    assert memory.faults() == [], "old lines and new ones are one chain"
    memory.close()


def test_it_can_go_back_with_all_its_data(database_url):
    at_first_release(database_url)
    before = counts(database_url)
    migrate.upgrade(database_url)
    migrate.downgrade(database_url, FIRST)
    assert counts(database_url) == before
    migrate.upgrade(database_url)
    memory = SqlMemory(database_url)
    assert memory.faults() == []
    memory.close()


def test_it_does_not_go_back_over_lines_that_the_first_release_cannot_verify(database_url):
    at_first_release(database_url)
    migrate.upgrade(database_url)
    memory = SqlMemory(database_url)
    with memory.read() as uow:
        ticket = uow.tickets.get("T-2")
    assert ticket is not None
    tell(memory, ticket, paused(5))
    with pytest.raises(RuntimeError, match="restore a backup"):
        migrate.downgrade(database_url, FIRST)
    assert memory.faults() == []
    memory.close()
    assert migrate.is_current(database_url), "all of it or nothing"


def test_a_person_of_the_first_release_can_be_erased_too(database_url):
    at_first_release(database_url)
    migrate.upgrade(database_url)
    memory = SqlMemory(database_url)
    gone = memory.erase(RETAILER, by="Kim", because="a request", at=minute(99))
    assert gone.lines > 0
    assert memory.faults() == []
    with memory.read() as uow:
        told = json.dumps([dict(e.data) for e in uow.tickets.story("T-1")], default=str)
    assert RETAILER not in told
    memory.close()


def test_the_law_holds_after_the_migration(database_url):
    at_first_release(database_url)
    migrate.upgrade(database_url)
    engine = migration_engine(database_url)
    reopen = sa.text("UPDATE tickets SET state = 'with_staff' WHERE id = 'T-1'")
    with pytest.raises(sa.exc.DBAPIError, match="stays closed"), engine.begin() as connection:
        connection.execute(reopen)
    engine.dispose()
