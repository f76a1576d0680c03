"""Free height below bridges, crowns and signs."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("obstacles", sa.Column("clear_height_m", sa.Float()))
