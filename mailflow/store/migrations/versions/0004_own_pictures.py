"""Files that came with no mail: pictures that mailflow takes or draws itself."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_OLD = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("file_uses") as table:
        table.alter_column("mail", existing_type=_OLD, nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM file_uses WHERE mail IS NULL")
    with op.batch_alter_table("file_uses") as table:
        table.alter_column("mail", existing_type=_OLD, nullable=False)
