"""Note when a mail was last about to leave: from then on its witness is waited for.

Safe while the old version runs: no (it would not fill the new column in)
Way back: restores orders.unsure_since, empty; a mail of unknown outcome is then asked about anew
"""

import sqlalchemy as sa
from alembic import op

from mailflow.store.columns import UtcTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sent_mails", sa.Column("attempted_at", UtcTime))
    op.execute("UPDATE sent_mails SET attempted_at = at")
    with op.batch_alter_table("sent_mails") as sent_mails:
        sent_mails.alter_column("attempted_at", existing_type=UtcTime(), nullable=False)
    with op.batch_alter_table("orders") as orders:
        orders.drop_column("unsure_since")


def downgrade() -> None:
    op.add_column("orders", sa.Column("unsure_since", UtcTime))
    with op.batch_alter_table("sent_mails") as sent_mails:
        sent_mails.drop_column("attempted_at")
