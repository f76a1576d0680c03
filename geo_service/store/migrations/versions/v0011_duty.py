"""Day types and duty levels: rules of days, intervals by place, day and hour, and shifts by day."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _layer(
        "day_rules",
        [],
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("day_type", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("days", sa.Text()),
        sa.Column("first_day", sa.Date()),
        sa.Column("last_day", sa.Date()),
        sa.Column("note", sa.Text()),
    )
    _layer(
        "patrol_rules",
        [("key_area", "key_areas"), ("patrol_point", "patrol_points"), ("housing_zone", "housing_zones")],
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place_kind", sa.Text(), nullable=False),
        sa.Column("key_area", sa.Integer()),
        sa.Column("patrol_point", sa.Integer()),
        sa.Column("housing_zone", sa.Integer()),
        sa.Column("day_type", sa.Text(), nullable=False),
        sa.Column("duty_level", sa.Text(), nullable=False),
        sa.Column("hours", sa.Text()),
        sa.Column("interval_min", sa.Integer()),
        sa.Column("interval_percent", sa.Integer()),
        sa.Column("note", sa.Text()),
    )
    _layer(
        "unit_shifts",
        [("unit", "patrol_units")],
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.Column("day_type", sa.Text(), nullable=False),
        sa.Column("duty_level", sa.Text(), nullable=False),
        sa.Column("off_duty", sa.Boolean(), nullable=False),
        sa.Column("shifts", sa.Text()),
        sa.Column("note", sa.Text()),
    )


def _layer(name: str, refs: list[tuple[str, str]], *columns: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        *columns,
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{name}_{column}"))
            for column, other in refs
        ),
        sa.ForeignKeyConstraint(["revision"], ["batches.id"], name=op.f(f"fk_{name}_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sqlite_autoincrement=True,
    )
    for column, _ in refs:
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])
