"""Sessions, invitations and second factors of accounts."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _of_user(name: str, *columns: sa.Column[Any] | sa.UniqueConstraint, one: bool = False) -> None:
    """Make a table whose rows go with their user."""
    unique = [sa.UniqueConstraint("user", name=op.f(f"uq_{name}_user"))] if one else []
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user", sa.Integer(), nullable=False),
        *columns,
        *unique,
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=op.f(f"fk_{name}_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sqlite_autoincrement=True,
    )
    if not one:
        op.create_index(op.f(f"ix_{name}_user"), name, ["user"], unique=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _moment(name: str, *, required: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(), nullable=not required)


def upgrade() -> None:
    op.execute("ALTER TABLE users ADD COLUMN title TEXT NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE users ADD COLUMN password_set_at DATETIME")
    _of_user(
        "sessions",
        _text("number_hash"),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("awaits_code", sa.Boolean(), nullable=False),
        _moment("begun_at"),
        _moment("seen_at"),
        _text("address"),
        _text("browser"),
        sa.UniqueConstraint("number_hash", name=op.f("uq_sessions_number_hash")),
    )
    _of_user(
        "invitations",
        _text("code_hash"),
        _moment("made_at"),
        _text("made_by"),
        _moment("expires_at"),
        _moment("ended_at", required=False),
        sa.UniqueConstraint("code_hash", name=op.f("uq_invitations_code_hash")),
    )
    _of_user("old_passwords", _text("password_hash"), _moment("set_at"))
    _of_user(
        "second_factors",
        _text("secret"),
        sa.Column("last_step", sa.Integer(), nullable=False),
        _moment("made_at"),
        _moment("confirmed_at", required=False),
        one=True,
    )
    _of_user(
        "recovery_codes",
        _text("code_hash"),
        _moment("used_at", required=False),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_codes_code_hash")),
    )
