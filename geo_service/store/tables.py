"""The tables: one for each declared layer, and those of the store itself."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeEngine

import town_model
from geo_service.store.geometry import GeometryColumn
from town_model import LAYERS, Layer

RTREE_SUFFIX = "_rtree"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_TYPES: dict[str, type[TypeEngine[Any]]] = {
    "text": Text,
    "choice": Text,
    "hours": Text,
    "integer": Integer,
    "real": Float,
    "boolean": Boolean,
    "date": Date,
    "datetime": DateTime,
    "ref": Integer,
}


def always_present(column: town_model.Column) -> bool:
    """Whether no row can lack the column: it is required, or its default stands in."""
    return column.required or column.default is not None


def geometry_required(layer: Layer) -> bool:
    """Whether a row of the layer must have a geometry; a raster may lie in its file alone."""
    return layer.geometry not in (None, "raster")


def rtree_name(layer: str) -> str:
    """Return the name of the R-tree beside a layer's table."""
    return layer + RTREE_SUFFIX


def is_rtree_table(name: str | None) -> bool:
    """Whether a table belongs to an R-tree: SQLite keeps one beside three tables of its own."""
    return name is not None and name.removesuffix("_node").removesuffix("_parent").removesuffix(
        "_rowid"
    ).endswith(RTREE_SUFFIX)


def _layer_table(layer: Layer) -> Table:
    columns: list[Column[object]] = [Column("id", Integer, primary_key=True)]
    for one in layer.columns:
        keys = [ForeignKey(f"{one.refers_to}.id")] if one.kind == "ref" else []
        columns.append(
            Column(one.name, _TYPES[one.kind](), *keys, nullable=not always_present(one), index=bool(keys))
        )
    columns += [
        Column("revision", Integer, ForeignKey("batches.id"), nullable=False),
        Column("created_at", DateTime, nullable=False),
        Column("updated_at", DateTime, nullable=False),
    ]
    if layer.geometry is not None:
        columns.append(Column("geometry", GeometryColumn, nullable=not geometry_required(layer)))
    # AUTOINCREMENT: the id of a deleted row is never given to another one, so the change log stays unambiguous.
    return Table(layer.name, metadata, *columns, sqlite_autoincrement=True)


town = Table(
    "town",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("epsg", Integer),
    Column("lon", Float),
    Column("lat", Float),
)
batches = Table(
    "batches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("undoes", Integer, ForeignKey("batches.id"), index=True),
    sqlite_autoincrement=True,
)
change_log = Table(
    "change_log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("batch", Integer, ForeignKey("batches.id"), nullable=False, index=True),
    Column("layer", Text, nullable=False),
    Column("row_id", Integer, nullable=False),
    Column("action", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Index(None, "layer", "row_id"),
    Index(None, "layer", "batch"),
    sqlite_autoincrement=True,
)
proposals = Table(
    "proposals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("layer", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("source_id", Text),
    Column("reason", Text, nullable=False),
    Column("properties", Text, nullable=False),
    Column("geometry", GeometryColumn),
    Column("state", Text, nullable=False, index=True),
    Column("created_at", DateTime, nullable=False),
    Column("decided_at", DateTime),
    Column("decided_by", Text),
    Column("row_id", Integer),
    UniqueConstraint("layer", "source", "source_id"),
    sqlite_autoincrement=True,
)
results = Table(
    "results",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("store_revision", Integer, nullable=False),
    Column("options", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Index(None, "kind", "id"),
    sqlite_autoincrement=True,
)
result_frames = Table(
    "result_frames",
    metadata,
    Column("result", Integer, ForeignKey("results.id", ondelete="CASCADE"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("payload", LargeBinary, nullable=False),
)
visible_area_cache = Table(
    "visible_area_cache",
    metadata,
    Column("key", Text, primary_key=True),
    Column("payload", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("stored_at", DateTime, nullable=False, index=True),
)
audit_entries = Table(
    "audit_entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", DateTime, nullable=False, index=True),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("hash", Text, nullable=False, server_default=text("''")),
    sqlite_autoincrement=True,
)
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("entry", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    Column("seal", Text, nullable=False),
)
audit_checkpoints = Table(
    "audit_checkpoints",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("entry", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    Column("pruned", Integer, nullable=False),
    Column("seal", Text, nullable=False),
    sqlite_autoincrement=True,
)
jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("options", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("state", Text, nullable=False, index=True),
    Column("share", Float, nullable=False),
    Column("words", Text, nullable=False),
    Column("seconds_left", Float),
    Column("told_at", DateTime),
    Column("faults", Text, nullable=False),
    Column("result_url", Text, nullable=False),
    Column("cancel_asked", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("worker", Text, nullable=False),
    Column("lease_until", DateTime),
    Column("lease_noticed", Boolean, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("started_at", DateTime),
    Column("ended_at", DateTime, index=True),
    sqlite_autoincrement=True,
)
job_log = Table(
    "job_log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("job", Integer, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", DateTime, nullable=False),
    Column("words", Text, nullable=False),
)
publications = Table(
    "publications",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("result", Integer, ForeignKey("results.id"), nullable=False, index=True),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("published_at", DateTime, nullable=False),
    Column("published_by", Text, nullable=False),
    Column("withdrawn_at", DateTime),
    Column("withdrawn_by", Text),
    sqlite_autoincrement=True,
)
users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("villages", Text, nullable=False),
    Column("units", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("must_change", Boolean, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", DateTime),
    Column("session_epoch", Integer, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("title", Text, nullable=False, server_default=text("''")),
    Column("password_set_at", DateTime),
    sqlite_autoincrement=True,
)


def _of_user(*, unique: bool = False) -> Column[int]:
    """Return the column of a row that goes with its user."""
    key = ForeignKey("users.id", ondelete="CASCADE")
    return Column("user", Integer, key, nullable=False, index=not unique, unique=unique)


sessions = Table(
    "sessions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number_hash", Text, nullable=False, unique=True),
    _of_user(),
    Column("epoch", Integer, nullable=False),
    Column("awaits_code", Boolean, nullable=False),
    Column("begun_at", DateTime, nullable=False),
    Column("seen_at", DateTime, nullable=False),
    Column("address", Text, nullable=False),
    Column("browser", Text, nullable=False),
    sqlite_autoincrement=True,
)
invitations = Table(
    "invitations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code_hash", Text, nullable=False, unique=True),
    _of_user(),
    Column("made_at", DateTime, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("expires_at", DateTime, nullable=False),
    Column("ended_at", DateTime),
    sqlite_autoincrement=True,
)
old_passwords = Table(
    "old_passwords",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_user(),
    Column("password_hash", Text, nullable=False),
    Column("set_at", DateTime, nullable=False),
    sqlite_autoincrement=True,
)
second_factors = Table(
    "second_factors",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_user(unique=True),
    Column("secret", Text, nullable=False),
    Column("last_step", Integer, nullable=False),
    Column("made_at", DateTime, nullable=False),
    Column("confirmed_at", DateTime),
    sqlite_autoincrement=True,
)
recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_user(),
    Column("code_hash", Text, nullable=False, unique=True),
    Column("used_at", DateTime),
    sqlite_autoincrement=True,
)

imports = Table(
    "imports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("kept_as", Text),
    Column("size", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("layer", Text, nullable=False),
    Column("state", Text, nullable=False, index=True),
    Column("options", Text, nullable=False),
    Column("guess", Text, nullable=False),
    Column("report", Text, nullable=False),
    Column("places", LargeBinary),
    Column("job", Integer),
    Column("batch", Integer, ForeignKey("batches.id")),
    Column("stored_at", DateTime),
    Column("stored_by", Text),
    sqlite_autoincrement=True,
)
api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_user(),
    Column("name", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("hint", Text, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("expires_at", DateTime, nullable=False),
    Column("last_used_at", DateTime),
    Column("revoked_at", DateTime),
    sqlite_autoincrement=True,
)
pictures = Table(
    "pictures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("file", Text, nullable=False),
    Column("points", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("opacity", Float, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    sqlite_autoincrement=True,
)
rasters = Table(
    "rasters",
    metadata,
    Column("file", Text, primary_key=True),
    Column("epsg", Integer, nullable=False),
    Column("place", Text, nullable=False),
    Column("cells", LargeBinary, nullable=False),
)

LAYER_TABLES: dict[str, Table] = {name: _layer_table(layer) for name, layer in LAYERS.items()}
