"""Required streets, standing posts, times without visits, and breaks of units."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("roads", sa.Column("patrol_interval_min", sa.Integer()))
    op.add_column("roads", sa.Column("patrol_direction", sa.Text()))
    op.add_column("roads", sa.Column("patrol_modes", sa.Text()))
    op.add_column("patrol_rules", sa.Column("demand", sa.Text()))
    op.add_column("patrol_units", sa.Column("breaks", sa.Text()))
    op.add_column("unit_shifts", sa.Column("breaks", sa.Text()))
