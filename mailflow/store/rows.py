"""The one insert that both databases spell differently."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def insert_once(connection: sa.Connection, table: sa.Table, values: Mapping[str, Any]) -> bool:
    """Insert the row unless a unique key stands in the way; say whether it was inserted."""
    insert: postgresql.Insert | sqlite.Insert
    if connection.dialect.name == "postgresql":
        insert = postgresql.insert(table).values(**values).on_conflict_do_nothing()
    else:
        insert = sqlite.insert(table).values(**values).on_conflict_do_nothing()
    first = next(iter(table.primary_key.columns))
    return connection.execute(insert.returning(first)).first() is not None
