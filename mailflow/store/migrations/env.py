"""Alembic's entry: runs the migrations on the connection that `migrate` hands in."""

from alembic import context

from mailflow.store.engine import take_turn
from mailflow.store.tables import metadata

connection = context.config.attributes["connection"]
# Nothing may be executed before `configure`: it would leave the migration uncommitted.
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    take_turn(connection)
    context.run_migrations()
