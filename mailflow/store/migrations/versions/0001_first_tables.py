"""The first tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from mailflow.store.columns import Number, UtcTime, Words

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_WHOLE_PATH = """state <> 'closed' OR (closing_path IS NOT NULL AND (
 (closing_path = 'confirmed' AND closing_claim IS NOT NULL AND closing_validation IS NOT NULL
  AND closing_screenshot IS NOT NULL AND closing_run IS NOT NULL)
 OR (closing_path = 'verified' AND closing_claim IS NOT NULL
  AND closing_screenshot IS NOT NULL AND closing_run IS NOT NULL)
 OR (closing_path = 'removed' AND closing_claim IS NOT NULL AND closing_validation IS NOT NULL
  AND closing_screenshot IS NOT NULL)))"""

_STATES = """state IN ('containing', 'awaiting_retailer', 'clarifying', 'on_trial',
 'awaiting_evidence', 'removal_scheduled', 'removing', 'staying_paused', 'with_staff', 'closed')"""

_VOUCHED = """(kind = 'technically_verified' AND witness IN ('probe', 'staff'))
 OR (kind = 'written_confirmation' AND witness IN ('retailer'))
 OR (kind = 'change_validated' AND witness IN ('probe', 'staff'))
 OR (kind = 'screenshot_accepted' AND witness IN ('picture', 'staff'))
 OR (kind = 'run_confirmed' AND witness IN ('picture', 'probe', 'staff'))"""


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", Number, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )
    op.create_table(
        "files",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content_type", Words(), nullable=False),
        sa.Column("filename", Words(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_files"),
    )
    op.create_table(
        "mails",
        sa.Column("id", Number, nullable=False),
        sa.Column("message_id", Words(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("handled", sa.Boolean(), nullable=False),
        sa.Column("kind", Words(), nullable=False),
        sa.Column("because", Words(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        sa.UniqueConstraint("message_id", "sha256", name="uq_mails_message_id_sha256"),
    )
    op.create_index("ix_mails_unhandled", "mails", ["id"], **_where("NOT handled"))

    op.create_table(
        "orders",
        sa.Column("id", Number, nullable=False),
        sa.Column("key", Words(), nullable=False),
        sa.Column("ticket", sa.String(length=40), nullable=False),
        sa.Column("effect", sa.String(length=40), nullable=False),
        sa.Column("data", Words(), nullable=False),
        sa.Column("facts", Words(), nullable=False),
        sa.Column("lane", Words(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("bundle", Words(), nullable=False),
        sa.Column("claimed_with", Words(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("due", UtcTime(), nullable=False),
        sa.Column("placed_at", UtcTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("owner", Words(), nullable=False),
        sa.Column("claimed_at", UtcTime(), nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.Column("unsure_since", UtcTime(), nullable=True),
        sa.Column("because", Words(), nullable=False),
        sa.Column("result", Words(), nullable=False),
        sa.CheckConstraint(
            "state IN ('ready', 'running', 'done', 'dropped', 'parked')",
            name="state_is_known",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.UniqueConstraint("key", name="uq_orders_key"),
    )
    op.create_index(
        "ix_orders_live_bundle",
        "orders",
        ["bundle", "id"],
        **_where("state IN ('ready', 'running')"),
    )
    op.create_index(
        "ix_orders_live_lane", "orders", ["lane", "id"], **_where("state IN ('ready', 'running')")
    )
    op.create_index(
        "ix_orders_live_next",
        "orders",
        ["priority", "due", "id"],
        **_where("state IN ('ready', 'running')"),
    )
    op.create_index("ix_orders_ticket", "orders", ["ticket"])

    op.create_table(
        "readings",
        sa.Column("id", Number, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("pixels_sha256", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", Words(), nullable=False),
        sa.Column("ticket", sa.String(length=40), nullable=False),
        sa.Column("body", Words(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_readings"),
        sa.UniqueConstraint("sha256", "ticket", name="uq_readings_sha256_ticket"),
    )
    op.create_index("ix_readings_pixels_sha256", "readings", ["pixels_sha256"])

    op.create_table(
        "retailers",
        sa.Column("id", Words(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_retailers"),
    )
    op.create_table(
        "tickets",
        sa.Column("seq", Number, nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("job_key", Words(), nullable=False),
        sa.Column("job_id", Words(), nullable=False),
        sa.Column("job_name", Words(), nullable=False),
        sa.Column("retailer", Words(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("last_failure_at", UtcTime(), nullable=False),
        sa.Column("deadline", UtcTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", Words(), nullable=False),
        sa.Column("closing_path", sa.String(length=40), nullable=True),
        sa.Column("closing_claim", Words(), nullable=True),
        sa.Column("closing_validation", Words(), nullable=True),
        sa.Column("closing_screenshot", Words(), nullable=True),
        sa.Column("closing_run", Words(), nullable=True),
        sa.CheckConstraint(_WHOLE_PATH, name="closed_on_a_whole_path"),
        sa.CheckConstraint(_STATES, name="state_is_known"),
        sa.PrimaryKeyConstraint("seq", name="pk_tickets"),
        sa.UniqueConstraint("id", name="uq_tickets_id"),
    )
    op.create_index("ix_tickets_deadline", "tickets", ["deadline"], **_where("state <> 'closed'"))
    op.create_index("ix_tickets_job_key_seq", "tickets", ["job_key", "seq"])
    op.create_index("ix_tickets_retailer", "tickets", ["retailer"])
    op.create_index("ix_tickets_state", "tickets", ["state"])
    op.create_index(
        "uq_tickets_open_job", "tickets", ["job_key"], unique=True, **_where("state <> 'closed'")
    )

    op.create_table(
        "ticks",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("slot", sa.String(length=80), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", "slot", name="pk_ticks"),
    )
    op.create_table(
        "contacts",
        sa.Column("retailer", Words(), nullable=False),
        sa.Column("address", Words(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("may_confirm_change", sa.Boolean(), nullable=False),
        sa.Column("may_confirm_removal", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["retailer"], ["retailers.id"], name="fk_contacts_retailer"),
        sa.PrimaryKeyConstraint("retailer", "address", name="pk_contacts"),
    )
    op.create_index("ix_contacts_address", "contacts", ["address"])

    op.create_table(
        "events",
        sa.Column("seq", Number, nullable=False),
        sa.Column("ticket", sa.String(length=40), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("data", Words(), nullable=False),
        sa.Column("state_before", sa.String(length=40), nullable=False),
        sa.Column("state_after", sa.String(length=40), nullable=False),
        sa.Column("because", Words(), nullable=False),
        sa.Column("cause", Words(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.id"], name="fk_events_ticket"),
        sa.PrimaryKeyConstraint("seq", name="pk_events"),
        sa.UniqueConstraint("hash", name="uq_events_hash"),
        sa.UniqueConstraint("ticket", "cause", name="uq_events_ticket_cause"),
    )
    op.create_table(
        "file_uses",
        sa.Column("id", Number, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("mail", Number, nullable=False),
        sa.Column("ticket", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["mail"], ["mails.id"], name="fk_file_uses_mail"),
        sa.ForeignKeyConstraint(["sha256"], ["files.sha256"], name="fk_file_uses_sha256"),
        sa.PrimaryKeyConstraint("id", name="pk_file_uses"),
        sa.UniqueConstraint("sha256", "mail", "ticket", name="uq_file_uses_sha256_mail_ticket"),
    )
    op.create_index("ix_file_uses_ticket", "file_uses", ["ticket"])

    op.create_table(
        "mail_tickets",
        sa.Column("mail", Number, nullable=False),
        sa.Column("ticket", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["mail"], ["mails.id"], name="fk_mail_tickets_mail"),
        sa.PrimaryKeyConstraint("mail", "ticket", name="pk_mail_tickets"),
    )
    op.create_index("ix_mail_tickets_ticket", "mail_tickets", ["ticket"])

    op.create_table(
        "places",
        sa.Column("folder", Words(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("mail", Number, nullable=False),
        sa.ForeignKeyConstraint(["mail"], ["mails.id"], name="fk_places_mail"),
        sa.PrimaryKeyConstraint("folder", "uidvalidity", "uid", name="pk_places"),
    )
    op.create_table(
        "proofs",
        sa.Column("ticket", sa.String(length=40), nullable=False),
        sa.Column("id", Words(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("witness", sa.String(length=40), nullable=False),
        sa.Column("by", Words(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("covers", UtcTime(), nullable=False),
        sa.Column("source", Words(), nullable=False),
        sa.Column("detail", Words(), nullable=False),
        sa.CheckConstraint(_VOUCHED, name="witness_may_vouch"),
        sa.CheckConstraint("subject IN ('repair', 'removal')", name="subject_is_known"),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.id"], name="fk_proofs_ticket"),
        sa.PrimaryKeyConstraint("ticket", "id", name="pk_proofs"),
    )
    op.create_table(
        "sent_mails",
        sa.Column("message_id", Words(), nullable=False),
        sa.Column("order_id", Number, nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("sender", Words(), nullable=False),
        sa.Column("recipients", Words(), nullable=False),
        sa.Column("subject", Words(), nullable=False),
        sa.Column("text", Words(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_sent_mails_order_id"),
        sa.PrimaryKeyConstraint("message_id", name="pk_sent_mails"),
    )
    op.create_table(
        "shelf",
        sa.Column("id", Number, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("because", Words(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("mail", Number, nullable=True),
        sa.Column("order_id", Number, nullable=True),
        sa.Column("ticket", sa.String(length=40), nullable=False),
        sa.Column("resolved_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["mail"], ["mails.id"], name="fk_shelf_mail"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_shelf_order_id"),
        sa.PrimaryKeyConstraint("id", name="pk_shelf"),
    )
    op.create_index("ix_shelf_waiting", "shelf", ["id"], **_where("resolved_at IS NULL"))

    op.create_table(
        "sent_mail_tickets",
        sa.Column("message_id", Words(), nullable=False),
        sa.Column("ticket", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["sent_mails.message_id"], name="fk_sent_mail_tickets_message_id"
        ),
        sa.PrimaryKeyConstraint("message_id", "ticket", name="pk_sent_mail_tickets"),
    )
    op.create_index("ix_sent_mail_tickets_ticket", "sent_mail_tickets", ["ticket"])


def downgrade() -> None:
    for table in (
        "sent_mail_tickets",
        "shelf",
        "sent_mails",
        "proofs",
        "places",
        "mail_tickets",
        "file_uses",
        "events",
        "contacts",
        "ticks",
        "tickets",
        "retailers",
        "readings",
        "orders",
        "mails",
        "files",
        "counters",
    ):
        op.drop_table(table)
