"""Personal data may be erased from the journal without breaking its chain.

A line's text is bound into the chain by a salted digest. Erasing takes text and salt away; the
digest stays, so that the chain is still whole and nobody can guess the text from it.
"""

import sqlalchemy as sa
from alembic import op

from mailflow.store.columns import Number, UtcTime, Words

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TOLD = "the journal is only added to"
_PROOFS_TOLD = "proofs are only added"
# A line that was noted as erased may lose its text, and nothing else.
_KEPT = ("seq", "ticket", "at", "event", "state_before", "state_after", "cause", "hash", "sealed")
_UNCHANGED = " AND ".join(f"NEW.{name} = OLD.{name}" for name in _KEPT)
_NOTED = "EXISTS (SELECT 1 FROM erasures WHERE erasures.line = OLD.seq)"
_EVENT_LAW = f"NOT ({_UNCHANGED} AND NEW.salt = '' AND {_NOTED})"
_PROOF_KEPT = ("ticket", "id", "kind", "subject", "witness", "at", "covers", "source")
_PROOF_UNCHANGED = " AND ".join(f"NEW.{name} = OLD.{name}" for name in _PROOF_KEPT)
_PROOF_NOTED = """EXISTS (SELECT 1 FROM erasures JOIN events ON events.seq = erasures.line
 WHERE events.ticket = OLD.ticket)"""
_PROOF_LAW = f"NOT ({_PROOF_UNCHANGED} AND {_PROOF_NOTED})"
_LAWS = (("events", _EVENT_LAW, _TOLD), ("proofs", _PROOF_LAW, _PROOFS_TOLD))
_OLD_LAWS = (("events", "", _TOLD), ("proofs", "", _PROOFS_TOLD))


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("line", Number, autoincrement=False, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("by", Words(), nullable=False),
        sa.Column("because", Words(), nullable=False),
        sa.ForeignKeyConstraint(["line"], ["events.seq"], name="fk_erasures_line"),
        sa.PrimaryKeyConstraint("line", name="pk_erasures"),
    )
    op.add_column("events", sa.Column("salt", Words(), nullable=False, server_default=""))
    op.add_column("events", sa.Column("sealed", sa.String(64), nullable=False, server_default=""))
    op.create_index("ix_events_at", "events", ["at"])
    _replace_laws(_LAWS)


def downgrade() -> None:
    """Go back, unless it would leave lines that no older release can verify."""
    sealed = "SELECT count(*) FROM events WHERE sealed <> ''"
    if op.get_bind().execute(sa.text(sealed)).scalar():
        raise RuntimeError("lines were written that older releases cannot verify; restore a backup")
    _replace_laws(_OLD_LAWS)
    op.drop_index("ix_events_at", "events")
    op.drop_column("events", "sealed")
    op.drop_column("events", "salt")
    op.drop_table("erasures")


def _replace_laws(laws: tuple[tuple[str, str, str], ...]) -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table, when, told in laws:
        if postgresql:
            op.execute(f"""CREATE OR REPLACE FUNCTION law_{table}_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF {when or "true"} THEN
    RAISE EXCEPTION '{told}' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$""")
            continue
        op.execute(f"DROP TRIGGER law_{table}_changed")
        op.execute(
            f"CREATE TRIGGER law_{table}_changed BEFORE UPDATE ON {table} "
            f"{f'WHEN {when}' if when else ''}\nBEGIN SELECT RAISE(ABORT, '{told}'); END"
        )
