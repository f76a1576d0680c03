"""Public notices of planned camera sites, and objections to them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _layer(
        "site_notices",
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("place", sa.Text()),
        sa.Column("unit", sa.Text()),
        sa.Column("phone", sa.Text()),
        sa.Column("object_at", sa.Text()),
        sa.Column("notice_from", sa.Date()),
        sa.Column("notice_until", sa.Date()),
        sa.Column("handled_on", sa.Date()),
        sa.Column("built_on", sa.Date()),
    )
    _layer(
        "site_objections",
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("concern", sa.Text(), nullable=False),
        sa.Column("objections", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("settled_on", sa.Date()),
    )


def _layer(name: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("camera", sa.Integer(), nullable=False),
        *columns,
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["camera"], ["camera_sites.id"], name=op.f(f"fk_{name}_camera")),
        sa.ForeignKeyConstraint(["revision"], ["batches.id"], name=op.f(f"fk_{name}_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f(f"ix_{name}_camera"), name, ["camera"])
