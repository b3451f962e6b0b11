"""Alarms that were told, so that a restart neither repeats nor forgets them."""

import sqlalchemy as sa
from alembic import op

from mailflow.store.columns import UtcTime, Words

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alarms",
        sa.Column("key", Words(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("about", Words(), nullable=False),
        sa.Column("detail", Words(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("told_at", UtcTime(), nullable=True),
        sa.Column("quiet_since", UtcTime(), nullable=True),
        sa.Column("cleared_at", UtcTime(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_alarms"),
    )


def downgrade() -> None:
    op.drop_table("alarms")
