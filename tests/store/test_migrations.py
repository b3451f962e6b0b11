import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from mailflow.store import migrate
from mailflow.store.engine import migration_engine
from mailflow.store.tables import metadata


def test_the_migrated_schema_is_the_one_that_the_tables_describe(database_url):
    migrate.upgrade(database_url)
    engine = migration_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_every_check_of_the_tables_stands_in_the_migrated_schema(database_url):
    migrate.upgrade(database_url)
    engine = migration_engine(database_url)
    found = {
        check["name"]
        for table in metadata.tables
        for check in sa.inspect(engine).get_check_constraints(table)
    }
    engine.dispose()
    wanted = {
        check.name
        for table in metadata.tables.values()
        for check in table.constraints
        if isinstance(check, sa.CheckConstraint)
    }
    assert wanted == found


def test_a_database_can_go_back_to_nothing_and_forth_again(database_url):
    migrate.upgrade(database_url)
    migrate.downgrade(database_url, "base")
    assert not migrate.is_current(database_url)
    engine = migration_engine(database_url)
    assert sa.inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()
    migrate.upgrade(database_url)
    assert migrate.is_current(database_url)


def test_upgrading_twice_changes_nothing(database_url):
    migrate.upgrade(database_url)
    migrate.upgrade(database_url)
    assert migrate.is_current(database_url)


def test_an_empty_database_is_not_current(database_url):
    assert not migrate.is_current(database_url)
