"""The law in the database: no closing without proof, no rewriting of what happened."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Each closing column, the paths that need it and the kind of proof it must hold.
_NEEDED = (
    ("closing_claim", "('verified')", "technically_verified"),
    ("closing_claim", "('confirmed', 'removed')", "written_confirmation"),
    ("closing_validation", "('confirmed', 'removed')", "change_validated"),
    ("closing_screenshot", "('verified', 'confirmed', 'removed')", "screenshot_accepted"),
    ("closing_run", "('verified', 'confirmed')", "run_confirmed"),
)


def _unproven(column: str, paths: str, kind: str) -> str:
    return f"""(NEW.closing_path IN {paths} AND NOT EXISTS (
    SELECT 1 FROM proofs WHERE proofs.ticket = NEW.id AND proofs.id = NEW.{column}
    AND proofs.kind = '{kind}' AND proofs.covers > NEW.last_failure_at AND proofs.subject =
    CASE NEW.closing_path WHEN 'removed' THEN 'removal' ELSE 'repair' END))"""  # noqa: S608 - constants of this file


_CLOSED_UNPROVEN = "NEW.state = 'closed' AND (NEW.closing_path IS NULL OR {})".format(
    "\n OR ".join(_unproven(*needed) for needed in _NEEDED)
)
_REOPENED = "OLD.state = 'closed' AND NEW.state <> 'closed'"
_OTHER_CLOSURE = """OLD.state = 'closed' AND (
 NEW.closing_path <> OLD.closing_path OR NEW.closing_claim <> OLD.closing_claim
 OR NEW.closing_screenshot <> OLD.closing_screenshot OR NEW.id <> OLD.id)"""
_FAILURE_FORGOTTEN = "NEW.last_failure_at < OLD.last_failure_at"
_EVENT_KNOWN = """EXISTS (SELECT 1 FROM events WHERE seq = NEW.seq OR hash = NEW.hash
 OR (ticket = NEW.ticket AND cause = NEW.cause))"""
_PROOF_KNOWN = "EXISTS (SELECT 1 FROM proofs WHERE ticket = NEW.ticket AND id = NEW.id)"
_TICKET_KNOWN = "EXISTS (SELECT 1 FROM tickets WHERE id = NEW.id OR seq = NEW.seq)"

# Name, table, act, when, and what the one who tried is told.
_LAWS = (
    ("closed_insert", "tickets", "INSERT", _CLOSED_UNPROVEN, "a ticket closes only on proof"),
    ("closed_update", "tickets", "UPDATE", _CLOSED_UNPROVEN, "a ticket closes only on proof"),
    ("reopened", "tickets", "UPDATE", _REOPENED, "a closed ticket stays closed"),
    ("other_closure", "tickets", "UPDATE", _OTHER_CLOSURE, "a closed ticket stays as it is"),
    ("forgotten", "tickets", "UPDATE", _FAILURE_FORGOTTEN, "a known failure is not forgotten"),
    ("deleted", "tickets", "DELETE", "", "tickets are kept"),
    ("changed", "events", "UPDATE", "", "the journal is only added to"),
    ("deleted", "events", "DELETE", "", "the journal is only added to"),
    ("changed", "proofs", "UPDATE", "", "proofs are only added"),
    ("deleted", "proofs", "DELETE", "", "proofs are only added"),
)
# SQLite's INSERT OR REPLACE deletes without asking the DELETE triggers.
_SQLITE_LAWS = (
    ("replaced", "tickets", "INSERT", _TICKET_KNOWN, "tickets are kept"),
    ("replaced", "events", "INSERT", _EVENT_KNOWN, "the journal is only added to"),
    ("replaced", "proofs", "INSERT", _PROOF_KNOWN, "proofs are only added"),
)
_TABLES = ("tickets", "events", "proofs")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _upgrade_postgresql()
        return
    for name, table, act, when, told in (*_LAWS, *_SQLITE_LAWS):
        condition = f"WHEN {when}" if when else ""
        op.execute(
            f"CREATE TRIGGER law_{table}_{name} BEFORE {act} ON {table} {condition}\n"
            f"BEGIN SELECT RAISE(ABORT, '{told}'); END"
        )


def _upgrade_postgresql() -> None:
    for name, table, act, when, told in _LAWS:
        kept = "OLD" if act == "DELETE" else "NEW"
        op.execute(f"""CREATE FUNCTION law_{table}_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF {when or "true"} THEN
    RAISE EXCEPTION '{told}' USING ERRCODE = 'check_violation';
  END IF;
  RETURN {kept};
END $$""")
        op.execute(
            f"CREATE TRIGGER law_{table}_{name} BEFORE {act} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION law_{table}_{name}()"
        )
    op.execute("""CREATE FUNCTION law_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'what happened is kept' USING ERRCODE = 'check_violation'; END $$""")
    for table in _TABLES:
        op.execute(
            f"CREATE TRIGGER law_{table}_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION law_emptied()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in _TABLES:
            op.execute(f"DROP TRIGGER law_{table}_emptied ON {table}")
        op.execute("DROP FUNCTION law_emptied()")
        for name, table, *_ in _LAWS:
            op.execute(f"DROP FUNCTION law_{table}_{name}() CASCADE")
        return
    for name, table, *_ in (*_LAWS, *_SQLITE_LAWS):
        op.execute(f"DROP TRIGGER law_{table}_{name}")
