"""Note which contacts cannot be reached any more, and when one last wrote.

Safe while the old version runs: yes (new columns with a default; old code writes to such a contact)
Way back: drops the columns; contacts that cannot be reached are written to again
"""

import sqlalchemy as sa
from alembic import op

from mailflow.store.columns import UtcTime, Words

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contacts", sa.Column("heard_at", UtcTime))
    op.add_column("contacts", sa.Column("unreachable_since", UtcTime))
    reason = sa.Column("unreachable_because", Words, nullable=False, server_default="")
    op.add_column("contacts", reason)


def downgrade() -> None:
    with op.batch_alter_table("contacts") as contacts:
        contacts.drop_column("unreachable_because")
        contacts.drop_column("unreachable_since")
        contacts.drop_column("heard_at")
