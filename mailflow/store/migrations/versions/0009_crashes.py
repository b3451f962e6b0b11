"""An order counts the deaths of mailflow that it alone can have caused, no longer its claims."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE orders RENAME COLUMN attempts TO crashes")
    op.execute("UPDATE orders SET crashes = 0")


def downgrade() -> None:
    op.execute("ALTER TABLE orders RENAME COLUMN crashes TO attempts")
