"""The tables. What may never be stored stands in their constraints and in the migrations' triggers.

Times are aware UTC. Bodies are canonical JSON; columns beside a body are copies to search by.
"""

import sqlalchemy as sa

from mailflow.store.columns import Number, UtcTime, Words
from mailflow.tickets.proof import WITNESSES
from mailflow.tickets.ticket import State
from mailflow.workflow.records import OrderState

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _one_of(column: str, values: list[str]) -> str:
    quoted = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({quoted})"


def _only_where(name: str, *columns: str, where: str, unique: bool = False) -> sa.Index:
    condition = sa.text(where)
    return sa.Index(
        name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition
    )


# One whole path of proofs, or no closing. `proof.PATHS` says the same; the triggers look at the
# proofs themselves. A NULL path must not slip through: a check that is unknown passes.
WHOLE_PATH = """state <> 'closed' OR (closing_path IS NOT NULL AND (
 (closing_path = 'confirmed' AND closing_claim IS NOT NULL AND closing_validation IS NOT NULL
  AND closing_screenshot IS NOT NULL AND closing_run IS NOT NULL)
 OR (closing_path = 'verified' AND closing_claim IS NOT NULL
  AND closing_screenshot IS NOT NULL AND closing_run IS NOT NULL)
 OR (closing_path = 'removed' AND closing_claim IS NOT NULL AND closing_validation IS NOT NULL
  AND closing_screenshot IS NOT NULL)))"""

VOUCHED = " OR ".join(
    f"(kind = '{kind}' AND {_one_of('witness', sorted(witnesses))})"
    for kind, witnesses in WITNESSES.items()
)

LIVE = "state IN ('ready', 'running')"

mails = sa.Table(
    "mails",
    metadata,
    sa.Column("id", Number, primary_key=True),
    sa.Column("message_id", Words, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("raw", sa.LargeBinary, nullable=False),
    sa.Column("received_at", UtcTime, nullable=False),
    sa.Column("handled", sa.Boolean, nullable=False),
    sa.Column("kind", Words, nullable=False),
    sa.Column("because", Words, nullable=False),
    sa.Column("passed_on", Words, nullable=False, server_default=""),  # JSON, "" for none
    sa.UniqueConstraint("message_id", "sha256"),
    _only_where("ix_mails_unhandled", "id", where="NOT handled"),
)

places = sa.Table(
    "places",
    metadata,
    sa.Column("folder", Words, primary_key=True),
    sa.Column("uidvalidity", sa.BigInteger, primary_key=True),
    sa.Column("uid", sa.BigInteger, primary_key=True),
    sa.Column("mail", Number, sa.ForeignKey("mails.id"), nullable=False),
)

mail_tickets = sa.Table(
    "mail_tickets",
    metadata,
    sa.Column("mail", Number, sa.ForeignKey("mails.id"), primary_key=True),
    sa.Column("ticket", sa.String(40), primary_key=True),
    sa.Index(None, "ticket"),
)

files = sa.Table(
    "files",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("content_type", Words, nullable=False),
    sa.Column("filename", Words, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
)

file_uses = sa.Table(
    "file_uses",
    metadata,
    sa.Column("id", Number, primary_key=True),
    sa.Column("sha256", sa.String(64), sa.ForeignKey("files.sha256"), nullable=False),
    sa.Column("mail", Number, sa.ForeignKey("mails.id")),  # null: mailflow made it itself
    sa.Column("ticket", sa.String(40), nullable=False),  # "" where it belongs to none
    sa.UniqueConstraint("sha256", "mail", "ticket"),
    sa.Index(None, "ticket"),
)

readings = sa.Table(
    "readings",
    metadata,
    sa.Column("id", Number, primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("pixels_sha256", sa.String(64), nullable=False),
    sa.Column("fingerprint", Words, nullable=False),
    sa.Column("ticket", sa.String(40), nullable=False),
    sa.Column("body", Words, nullable=False),
    sa.UniqueConstraint("sha256", "ticket"),
    sa.Index(None, "pixels_sha256"),
    sa.Index(None, "ticket"),
)

tickets = sa.Table(
    "tickets",
    metadata,
    sa.Column("seq", Number, primary_key=True),
    sa.Column("id", sa.String(40), nullable=False, unique=True),
    sa.Column("job_key", Words, nullable=False),
    sa.Column("job_id", Words, nullable=False),
    sa.Column("job_name", Words, nullable=False),
    sa.Column("retailer", Words, nullable=False),
    sa.Column("state", sa.String(40), nullable=False),
    sa.Column("opened_at", UtcTime, nullable=False),
    sa.Column("last_failure_at", UtcTime, nullable=False),
    sa.Column("deadline", UtcTime),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("body", Words, nullable=False),
    sa.Column("closing_path", sa.String(40)),
    sa.Column("closing_claim", Words),  # the confirmation, or the technical verification
    sa.Column("closing_validation", Words),
    sa.Column("closing_screenshot", Words),
    sa.Column("closing_run", Words),
    sa.CheckConstraint(_one_of("state", list(State)), name="state_is_known"),
    sa.CheckConstraint(WHOLE_PATH, name="closed_on_a_whole_path"),
    _only_where("uq_tickets_open_job", "job_key", where="state <> 'closed'", unique=True),
    _only_where("ix_tickets_deadline", "deadline", where="state <> 'closed'"),
    sa.Index(None, "job_key", "seq"),
    sa.Index(None, "retailer"),
    sa.Index(None, "state"),
)

proofs = sa.Table(
    "proofs",
    metadata,
    sa.Column("ticket", sa.String(40), sa.ForeignKey("tickets.id"), primary_key=True),
    sa.Column("id", Words, primary_key=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("subject", sa.String(40), nullable=False),
    sa.Column("witness", sa.String(40), nullable=False),
    sa.Column("by", Words, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("covers", UtcTime, nullable=False),
    sa.Column("source", Words, nullable=False),
    sa.Column("detail", Words, nullable=False),
    sa.CheckConstraint("subject IN ('repair', 'removal')", name="subject_is_known"),
    sa.CheckConstraint(VOUCHED, name="witness_may_vouch"),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("seq", Number, primary_key=True),
    sa.Column("ticket", sa.String(40), sa.ForeignKey("tickets.id"), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("event", sa.String(40), nullable=False),
    sa.Column("data", Words, nullable=False),
    sa.Column("state_before", sa.String(40), nullable=False),
    sa.Column("state_after", sa.String(40), nullable=False),
    sa.Column("because", Words, nullable=False),
    sa.Column("cause", Words, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    # What binds the text into the chain, so that it can be erased; "" in lines of release 0.1.
    sa.Column("salt", Words, nullable=False, server_default=""),
    sa.Column("sealed", sa.String(64), nullable=False, server_default=""),
    sa.UniqueConstraint("ticket", "cause"),
    sa.Index(None, "at"),
)

erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("line", Number, sa.ForeignKey("events.seq"), primary_key=True, autoincrement=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("by", Words, nullable=False),
    sa.Column("because", Words, nullable=False),
)

orders = sa.Table(
    "orders",
    metadata,
    sa.Column("id", Number, primary_key=True),
    sa.Column("key", Words, nullable=False, unique=True),
    sa.Column("ticket", sa.String(40), nullable=False),
    sa.Column("effect", sa.String(40), nullable=False),
    sa.Column("data", Words, nullable=False),
    sa.Column("facts", Words, nullable=False),
    sa.Column("lane", Words, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("bundle", Words, nullable=False),  # the group; that word is SQL's
    sa.Column("claimed_with", Words, nullable=False),  # key of the group's leader since the claim
    sa.Column("state", sa.String(40), nullable=False),
    sa.Column("due", UtcTime, nullable=False),
    sa.Column("placed_at", UtcTime, nullable=False),
    sa.Column("crashes", sa.Integer, nullable=False),
    sa.Column("fence", sa.Integer, nullable=False),
    sa.Column("owner", Words, nullable=False),
    sa.Column("claimed_at", UtcTime),
    sa.Column("lease_until", UtcTime),
    sa.Column("because", Words, nullable=False),
    sa.Column("result", Words, nullable=False),
    sa.CheckConstraint(_one_of("state", list(OrderState)), name="state_is_known"),
    _only_where("ix_orders_live_next", "priority", "due", "id", where=LIVE),
    _only_where("ix_orders_live_lane", "lane", "id", where=LIVE),
    _only_where("ix_orders_live_bundle", "bundle", "id", where=LIVE),
    sa.Index(None, "ticket"),
)

sent_mails = sa.Table(
    "sent_mails",
    metadata,
    sa.Column("message_id", Words, primary_key=True),
    sa.Column("order_id", Number, sa.ForeignKey("orders.id"), nullable=False),
    sa.Column("purpose", sa.String(40), nullable=False),
    sa.Column("sender", Words, nullable=False),
    sa.Column("recipients", Words, nullable=False),  # JSON list
    sa.Column("subject", Words, nullable=False),
    sa.Column("text", Words, nullable=False),
    sa.Column("raw", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.String(40), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("attempted_at", UtcTime, nullable=False),
)

sent_mail_tickets = sa.Table(
    "sent_mail_tickets",
    metadata,
    sa.Column("message_id", Words, sa.ForeignKey("sent_mails.message_id"), primary_key=True),
    sa.Column("ticket", sa.String(40), primary_key=True),
    sa.Index(None, "ticket"),
)

shelf = sa.Table(
    "shelf",
    metadata,
    sa.Column("id", Number, primary_key=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("because", Words, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("mail", Number, sa.ForeignKey("mails.id")),
    sa.Column("order_id", Number, sa.ForeignKey("orders.id")),
    sa.Column("ticket", sa.String(40), nullable=False),
    sa.Column("resolved_at", UtcTime),
    _only_where("ix_shelf_waiting", "id", where="resolved_at IS NULL"),
)

retailers = sa.Table(
    "retailers",
    metadata,
    sa.Column("id", Words, primary_key=True),
    sa.Column("name", Words, nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("zone", sa.String(64), nullable=False),
)

contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("retailer", Words, sa.ForeignKey("retailers.id"), primary_key=True),
    sa.Column("address", Words, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("name", Words, nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("may_confirm_change", sa.Boolean, nullable=False),
    sa.Column("may_confirm_removal", sa.Boolean, nullable=False),
    sa.Column("heard_at", UtcTime),  # when its owner last wrote
    sa.Column("unreachable_since", UtcTime),
    sa.Column("unreachable_because", Words, nullable=False, server_default=""),
    sa.Index(None, "address"),
)

ticks = sa.Table(
    "ticks",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("slot", sa.String(80), primary_key=True),
    sa.Column("at", UtcTime, nullable=False),
)

alarms = sa.Table(
    "alarms",
    metadata,
    sa.Column("key", Words, primary_key=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("about", Words, nullable=False),
    sa.Column("detail", Words, nullable=False),
    sa.Column("since", UtcTime, nullable=False),
    sa.Column("told_at", UtcTime),
    sa.Column("quiet_since", UtcTime),
    sa.Column("cleared_at", UtcTime),
    sa.Column("times", sa.Integer, nullable=False),
)

counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("value", Number, nullable=False),
)
