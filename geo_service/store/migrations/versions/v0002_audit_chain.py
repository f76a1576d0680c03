"""The audit record becomes a chain: a hash for each entry, a sealed end, checkpoints for what was pruned."""

import sqlalchemy as sa
from alembic import op

from geo_service.store.audit_chain import FIELDS, GENESIS, entry_hash, seal

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_RAW = ", ".join(f"typeof({one}), CAST({one} AS BLOB)" for one in FIELDS)


def upgrade() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "audit_checkpoints",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("pruned", sa.Integer(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_checkpoints")),
        sqlite_autoincrement=True,
    )
    op.execute("ALTER TABLE audit_entries ADD COLUMN hash TEXT NOT NULL DEFAULT ''")
    op.execute("DROP TRIGGER audit_entries_no_update")
    op.execute("DROP TRIGGER audit_entries_no_delete")
    entry, mark = _chain()
    op.execute(
        "CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries"
        " BEGIN SELECT RAISE(ABORT, 'audit_entries is append-only'); END"
    )
    # only what a checkpoint stands for may go
    op.execute(
        "CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries"
        " WHEN NOT EXISTS (SELECT 1 FROM audit_checkpoints WHERE entry >= OLD.id)"
        " BEGIN SELECT RAISE(ABORT, 'audit_entries is append-only'); END"
    )
    connection = op.get_bind()
    connection.exec_driver_sql(
        "INSERT INTO audit_head (id, entry, hash, seal) VALUES (1, ?, ?, ?)",
        (entry, mark, seal(connection, "head", entry, mark)),
    )


def _chain() -> tuple[int, str]:
    """Number the entries that are there without gaps, chain them, and return the number and hash of the last one."""
    connection = op.get_bind()
    entry, mark = 0, GENESIS
    ids = connection.exec_driver_sql("SELECT id FROM audit_entries ORDER BY id").scalars().all()
    for number in ids:
        entry += 1
        if number != entry:
            connection.exec_driver_sql("UPDATE audit_entries SET id = ? WHERE id = ?", (entry, number))
        row = connection.exec_driver_sql(
            f"SELECT {_RAW} FROM audit_entries WHERE id = ?",  # noqa: S608 - names of columns
            (entry,),
        ).one()
        mark = entry_hash(mark, row)
        connection.exec_driver_sql("UPDATE audit_entries SET hash = ? WHERE id = ?", (mark, entry))
    return entry, mark
