"""Find the pictures that were read for a ticket: a new one is compared with them."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_readings_ticket", "readings", ["ticket"])


def downgrade() -> None:
    op.drop_index("ix_readings_ticket", "readings")
