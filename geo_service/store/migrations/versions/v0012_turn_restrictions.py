"""Turn restrictions at junctions."""

import sqlalchemy as sa
from alembic import op

from geo_service.store.geometry import GeometryColumn

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    name = "turn_restrictions"
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_road", sa.Text(), nullable=False),
        sa.Column("to_road", sa.Text(), nullable=False),
        sa.Column("binds_car", sa.Boolean(), nullable=False),
        sa.Column("binds_motorcycle", sa.Boolean(), nullable=False),
        sa.Column("osm_id", sa.Text()),
        sa.Column("note", sa.Text()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("geometry", GeometryColumn(), nullable=False),
        sa.ForeignKeyConstraint(["revision"], ["batches.id"], name=op.f(f"fk_{name}_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sqlite_autoincrement=True,
    )
    op.execute(f"CREATE VIRTUAL TABLE {name}_rtree USING rtree(id, west, east, south, north)")
