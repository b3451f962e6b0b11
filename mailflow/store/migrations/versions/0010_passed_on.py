"""Keep beside a mail who wrote the mail that it passes on, when, about what, and with which files.

Safe while the old version runs: yes (new column with a default; old code never reads it)
Way back: drops the column; the facts can be read from the mails again
"""

import sqlalchemy as sa
from alembic import op

from mailflow.store.columns import Words

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mails", sa.Column("passed_on", Words, nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("mails") as mails:
        mails.drop_column("passed_on")
