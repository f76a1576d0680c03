"""Is the store sound? For `doctor`."""

from __future__ import annotations

import numpy as np
import shapely
from sqlalchemy import Connection, select, text

from geo_service.store.geometry import from_wkb
from geo_service.store.tables import LAYER_TABLES, rtree_name
from town_model import LAYERS, Text

# The R-tree keeps single precision, rounded outwards: at 180° two neighbours are 1.5e-5 apart.
_ROUNDING_DEG = 4e-5


def check_store(connection: Connection) -> list[Text]:
    """Return what is wrong with the database, its references and its R-trees; nothing when all is well."""
    faults = [
        Text.of("the database file is damaged ({words}): restore a backup", words=words)
        for words in connection.execute(text("PRAGMA integrity_check(10)")).scalars()
        if words != "ok"
    ]
    faults += [
        Text.of(
            "row {row} of {table} refers to a missing row of {parent}",
            row=row[1],
            table=row[0],
            parent=row[2],
        )
        for row in connection.execute(text("PRAGMA foreign_key_check"))
    ]
    for name, declared in LAYERS.items():
        if declared.geometry is not None:
            wrong = _rtree_differences(connection, name)
            if wrong:
                faults.append(
                    Text.of(
                        "the spatial index of {layer} does not agree with {count} rows: run 'geo-service doctor --repair'",
                        layer=name,
                        count=wrong,
                    )
                )
    return faults


def wrong_rtrees(connection: Connection) -> list[str]:
    """Return the layers whose R-tree does not agree with their table."""
    return [
        name
        for name, declared in LAYERS.items()
        if declared.geometry is not None and _rtree_differences(connection, name)
    ]


def rebuild_rtree(connection: Connection, name: str) -> None:
    """Make the R-tree of a layer anew from its table."""
    table = LAYER_TABLES[name]
    connection.exec_driver_sql(f"DELETE FROM {rtree_name(name)}")  # noqa: S608 - the name of a declared layer
    rows = connection.execute(select(table.c.id, table.c.geometry).where(table.c.geometry.is_not(None))).all()
    if rows:
        west, south, east, north = shapely.bounds(from_wkb([row.geometry for row in rows])).T.tolist()
        ids = [row.id for row in rows]
        connection.exec_driver_sql(
            f"INSERT INTO {rtree_name(name)} (id, west, east, south, north) VALUES (?, ?, ?, ?, ?)",  # noqa: S608
            list(zip(ids, west, east, south, north, strict=True)),
        )


def _rtree_differences(connection: Connection, name: str) -> int:
    table = LAYER_TABLES[name]
    rows = connection.execute(select(table.c.id, table.c.geometry).where(table.c.geometry.is_not(None))).all()
    entries = {
        row[0]: row[1:]
        for row in connection.execute(
            text(f"SELECT id, west, south, east, north FROM {rtree_name(name)}")  # noqa: S608
        )
    }
    wrong = len(entries.keys() ^ {row.id for row in rows})
    both = [row for row in rows if row.id in entries]
    if both:
        exact = shapely.bounds(from_wkb([row.geometry for row in both]))
        kept = np.asarray([entries[row.id] for row in both], dtype=float)
        wrong += int((np.abs(exact - kept) > _ROUNDING_DEG).any(axis=1).sum())
    return wrong
