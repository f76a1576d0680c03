"""The first schema: a table for each layer, their R-trees, and the tables of the store itself."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from geo_service.store.geometry import GeometryColumn

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("batches", "change_log", "audit_entries")


def _link(table: str, column: str, target: str, *, required: bool = False) -> sa.Column[int]:
    key = sa.ForeignKey(f"{target}.id", name=op.f(f"fk_{table}_{column}"))
    return sa.Column(column, sa.Integer(), key, nullable=not required, index=True)


def _geometry(*, required: bool) -> sa.Column[bytes]:
    return sa.Column("geometry", GeometryColumn(), nullable=not required)


def _layer(name: str, *columns: sa.Column[Any]) -> None:
    """Make the table of a layer: its columns between those that every layer has."""
    spatial = [one for one in columns if one.name == "geometry"]
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        *(one for one in columns if one.name != "geometry"),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        *spatial,
        sa.ForeignKeyConstraint(["revision"], ["batches.id"], name=op.f(f"fk_{name}_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sqlite_autoincrement=True,
    )
    if spatial:
        op.execute(f"CREATE VIRTUAL TABLE {name}_rtree USING rtree(id, west, east, south, north)")


def upgrade() -> None:
    _store_tables()
    _layer_tables()
    op.execute("INSERT INTO town (id, name) VALUES (1, '')")
    for table in APPEND_ONLY:
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _store_tables() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_entries_at"), "audit_entries", ["at"], unique=False)
    op.create_table(
        "batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["undoes"], ["batches.id"], name=op.f("fk_batches_undoes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_batches_undoes"), "batches", ["undoes"], unique=False)
    op.create_table(
        "proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("properties", sa.Text(), nullable=False),
        sa.Column("geometry", GeometryColumn(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("row_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
        sa.UniqueConstraint("layer", "source", "source_id", name=op.f("uq_proposals_layer_source_source_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_proposals_state"), "proposals", ["state"], unique=False)
    op.create_table(
        "results",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("store_revision", sa.Integer(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_results")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_results_kind_id"), "results", ["kind", "id"], unique=False)
    op.create_table(
        "town",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("epsg", sa.Integer(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_town")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("villages", sa.Text(), nullable=False),
        sa.Column("units", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(), nullable=True),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "visible_area_cache",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("stored_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_visible_area_cache")),
    )
    op.create_index(
        op.f("ix_visible_area_cache_stored_at"), "visible_area_cache", ["stored_at"], unique=False
    )
    op.create_table(
        "change_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name=op.f("fk_change_log_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_log")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_change_log_batch"), "change_log", ["batch"], unique=False)
    op.create_index(op.f("ix_change_log_layer_batch"), "change_log", ["layer", "batch"], unique=False)
    op.create_index(op.f("ix_change_log_layer_row_id"), "change_log", ["layer", "row_id"], unique=False)
    op.create_table(
        "result_frames",
        sa.Column("result", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["result"], ["results.id"], name=op.f("fk_result_frames_result"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("result", "name", name=op.f("pk_result_frames")),
    )


def _layer_tables() -> None:
    _layer(
        "admin_areas",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("admin_level", sa.Integer()),
        sa.Column("osm_id", sa.Text()),
        _geometry(required=True),
    )
    _layer(
        "buildings",
        sa.Column("name", sa.Text()),
        sa.Column("height_m", sa.Float()),
        sa.Column("levels", sa.Float()),
        sa.Column("use", sa.Text(), nullable=False),
        sa.Column("dwellings", sa.Integer()),
        sa.Column("osm_id", sa.Text()),
        _geometry(required=True),
    )
    _layer(
        "camera_models",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("price_yuan", sa.Float()),
        sa.Column("sensor_width_mm", sa.Float()),
        sa.Column("sensor_height_mm", sa.Float()),
        sa.Column("focal_length_min_mm", sa.Float()),
        sa.Column("focal_length_max_mm", sa.Float()),
        sa.Column("hfov_deg", sa.Float()),
        sa.Column("resolution_px_h", sa.Integer()),
        sa.Column("resolution_px_v", sa.Integer()),
        sa.Column("ir_range_m", sa.Float()),
    )
    _layer(
        "checkpoints",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("hours", sa.Text()),
        sa.Column("headcount", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text()),
        _geometry(required=True),
    )
    _layer(
        "land_cover",
        sa.Column("name", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("osm_id", sa.Text()),
        _geometry(required=True),
    )
    _layer(
        "mounting_points",
        sa.Column("name", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("max_height_m", sa.Float(), nullable=False),
        sa.Column("power", sa.Boolean(), nullable=False),
        sa.Column("network", sa.Boolean(), nullable=False),
        sa.Column("owner", sa.Text()),
        sa.Column("note", sa.Text()),
        _geometry(required=True),
    )
    _layer(
        "no_camera_zones",
        sa.Column("name", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("consent", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text()),
        _geometry(required=True),
    )
    _layer(
        "obstacles",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("height_m", sa.Float()),
        sa.Column("see_through", sa.Boolean(), nullable=False),
        sa.Column("osm_id", sa.Text()),
        sa.Column("note", sa.Text()),
        _geometry(required=True),
    )
    _layer(
        "place_names",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("osm_id", sa.Text()),
        _geometry(required=True),
    )
    _layer(
        "roads",
        sa.Column("name", sa.Text()),
        sa.Column("highway", sa.Text(), nullable=False),
        sa.Column("access_foot", sa.Boolean(), nullable=False),
        sa.Column("oneway_foot", sa.Text(), nullable=False),
        sa.Column("access_car", sa.Boolean(), nullable=False),
        sa.Column("oneway_car", sa.Text(), nullable=False),
        sa.Column("access_motorcycle", sa.Boolean(), nullable=False),
        sa.Column("oneway_motorcycle", sa.Text(), nullable=False),
        sa.Column("speed_kmh", sa.Float()),
        sa.Column("width_m", sa.Float()),
        sa.Column("bridge", sa.Boolean(), nullable=False),
        sa.Column("tunnel", sa.Boolean(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("osm_id", sa.Text()),
        _geometry(required=True),
    )
    _layer(
        "street_lights",
        sa.Column("name", sa.Text()),
        sa.Column("reach_m", sa.Float(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text()),
        _geometry(required=True),
    )
    _layer(
        "terrain",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("resolution_m", sa.Float()),
        sa.Column("source", sa.Text()),
        _geometry(required=False),
    )
    _layer(
        "villages",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text()),
        sa.Column("households", sa.Integer()),
        sa.Column("osm_id", sa.Text()),
        _geometry(required=True),
    )
    _layer(
        "water",
        sa.Column("name", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("osm_id", sa.Text()),
        _geometry(required=True),
    )
    _layer(
        "area_index",
        _link("area_index", "village", "villages", required=True),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("sample_size", sa.Integer()),
    )
    _layer(
        "camera_sites",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        _link("camera_sites", "model", "camera_models"),
        sa.Column("mount_height_m", sa.Float()),
        sa.Column("azimuth_deg", sa.Float()),
        sa.Column("tilt_deg", sa.Float()),
        sa.Column("hfov_deg", sa.Float()),
        sa.Column("vfov_deg", sa.Float()),
        sa.Column("focal_length_mm", sa.Float()),
        sa.Column("sensor_width_mm", sa.Float()),
        sa.Column("resolution_px_h", sa.Integer()),
        sa.Column("resolution_px_v", sa.Integer()),
        sa.Column("max_range_m", sa.Float()),
        sa.Column("ir_range_m", sa.Float()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text()),
        sa.Column("maintained_by", sa.Text()),
        _link("camera_sites", "village", "villages"),
        sa.Column("sign_posted", sa.Boolean()),
        sa.Column("filing_date", sa.Date()),
        sa.Column("in_use_since", sa.Date()),
        sa.Column("retention_days", sa.Integer()),
        sa.Column("data_quality", sa.Text(), nullable=False),
        sa.Column("note", sa.Text()),
        _geometry(required=True),
    )
    _layer(
        "duty_roles",
        sa.Column("name", sa.Text(), nullable=False),
        _link("duty_roles", "village", "villages"),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("headcount", sa.Integer(), nullable=False),
        sa.Column("hours", sa.Text()),
    )
    _layer(
        "grids",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text()),
        _link("grids", "village", "villages"),
        sa.Column("note", sa.Text()),
        _geometry(required=True),
    )
    _layer(
        "housing_zones",
        sa.Column("name", sa.Text(), nullable=False),
        _link("housing_zones", "village", "villages"),
        sa.Column("households", sa.Integer()),
        sa.Column("walled", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("required_class", sa.Text(), nullable=False),
        sa.Column("hours", sa.Text()),
        sa.Column("visit_interval_min", sa.Integer()),
        sa.Column("responsible_unit", sa.Text()),
        sa.Column("osm_id", sa.Text()),
        _geometry(required=True),
    )
    _layer(
        "key_areas",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("required_class", sa.Text(), nullable=False),
        sa.Column("hours", sa.Text()),
        sa.Column("visit_interval_min", sa.Integer()),
        sa.Column("dwell_min", sa.Integer(), nullable=False),
        sa.Column("responsible_unit", sa.Text()),
        _link("key_areas", "village", "villages"),
        sa.Column("dwellings", sa.Integer()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("review_date", sa.Date(), nullable=False),
        sa.Column("osm_id", sa.Text()),
        _geometry(required=True),
    )
    _layer(
        "notice_boards",
        sa.Column("name", sa.Text()),
        sa.Column("place_kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        _link("notice_boards", "village", "villages"),
        sa.Column("note", sa.Text()),
        _geometry(required=True),
    )
    _layer(
        "patrol_units",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("shifts", sa.Text(), nullable=False),
        sa.Column("headcount", sa.Integer(), nullable=False),
        sa.Column("speed_kmh", sa.Float()),
        sa.Column("range_m", sa.Float()),
        _link("patrol_units", "village", "villages"),
        sa.Column("note", sa.Text()),
        _geometry(required=True),
    )
    _layer(
        "camera_status_log",
        _link("camera_status_log", "camera", "camera_sites", required=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text()),
    )
    _layer(
        "camera_views",
        _link("camera_views", "camera", "camera_sites", required=True),
        sa.Column("name", sa.Text()),
        sa.Column("azimuth_deg", sa.Float()),
        sa.Column("tilt_deg", sa.Float()),
        sa.Column("hfov_deg", sa.Float()),
        sa.Column("vfov_deg", sa.Float()),
        sa.Column("resolution_px_h", sa.Integer()),
        sa.Column("resolution_px_v", sa.Integer()),
        sa.Column("dwell_s", sa.Float()),
    )
    _layer(
        "entrances",
        sa.Column("name", sa.Text()),
        _link("entrances", "housing_zone", "housing_zones"),
        _link("entrances", "key_area", "key_areas"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("width_m", sa.Float()),
        sa.Column("private_door", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text()),
        _geometry(required=True),
    )
    _layer(
        "patrol_points",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("visit_interval_min", sa.Integer()),
        sa.Column("dwell_min", sa.Integer(), nullable=False),
        sa.Column("hours", sa.Text()),
        _link("patrol_points", "key_area", "key_areas"),
        _link("patrol_points", "village", "villages"),
        sa.Column("private_door", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text()),
        _geometry(required=True),
    )
