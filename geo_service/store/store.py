"""The store of one town: the only way in and out of its database."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.exc import OperationalError

from geo_service.store import schema
from geo_service.store.changes import Change
from geo_service.store.database import BUSY_TIMEOUT_S, now_utc, open_engine
from geo_service.store.errors import StoreBusyError
from geo_service.store.frames import read_frame
from geo_service.store.tables import LAYER_TABLES, audit_entries, change_log, rtree_name, town
from town_model import LAYERS, layer, town_crs


@dataclass(frozen=True)
class Town:
    """The town of a store.

    Args:
        name: its name.
        epsg: EPSG code of its metric coordinate system; None while it has no position.
        lon: longitude of its position in degrees (WGS-84), or None.
        lat: latitude of its position in degrees (WGS-84), or None.
    """

    name: str
    epsg: int | None
    lon: float | None
    lat: float | None


class Store:
    """Tables of a town's layers with change log, undo, R-trees, proposals, results and audit entries.

    May be used by several threads at once; several processes may open the same file.

    Args:
        path: the database file; made when absent, upgraded when of an older version.
        busy_timeout_s: how long a writer waits for another one, in seconds.

    Raises:
        InputError: the file was written by a newer program.
    """

    def __init__(self, path: Path | str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self.path = Path(path)
        self._engine = open_engine(self.path, busy_timeout_s=busy_timeout_s)
        self._writer = self._engine.execution_options(write=True)
        self._writing = threading.local()
        with _busy_named():
            schema.upgrade(self._engine)

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection in a read transaction: everything read through it is of one moment."""
        with _busy_named(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection that holds the write lock and commits at the end of the block.

        Raises:
            StoreBusyError: another writer kept the lock for longer than the busy timeout.
        """
        if getattr(self._writing, "now", False):
            raise RuntimeError("a change is open in this thread already: finish it first")
        self._writing.now = True
        try:
            with _busy_named(), self._writer.begin() as connection:
                yield connection
        finally:
            self._writing.now = False

    @property
    def town(self) -> Town:
        """The town with its metric coordinate system."""
        with self.reading() as connection:
            return _town(connection)

    def place_town(self, lon: float, lat: float, name: str | None = None, *, actor: str) -> Town:
        """Give the town its position, which chooses its metric coordinate system, and perhaps a name.

        Args:
            lon: longitude in degrees, WGS-84.
            lat: latitude in degrees, WGS-84.
            name: the new name; None keeps the present one.
            actor: who does so.

        Raises:
            CrsError: there is no metric coordinate system for the position.
        """
        epsg = town_crs(lon, lat).to_epsg()
        with self.writing() as connection:
            values: dict[str, Any] = {"epsg": epsg, "lon": float(lon), "lat": float(lat)}
            if name is not None:
                values["name"] = name
            connection.execute(update(town).values(**values))
            _audit(connection, actor, "place_town", f"EPSG:{epsg}", "")
            return _town(connection)

    def name_town(self, name: str) -> None:
        """Give the town a name."""
        with self.writing() as connection:
            connection.execute(update(town).values(name=name))

    def frame(
        self,
        layer_name: str,
        *,
        bbox: Iterable[float] | None = None,
        ids: Iterable[int] | None = None,
        crs: str = "metric",
    ) -> pd.DataFrame | gpd.GeoDataFrame:
        """Return rows of a layer.

        Args:
            layer_name: name of a layer.
            bbox: (west, south, east, north) in WGS-84 degrees: only rows whose geometry meets the box.
            ids: only these rows; ids that do not exist are passed over.
            crs: ``metric`` for the coordinate system of the town, ``wgs84`` for longitude, latitude.

        Returns:
            A frame with index ``id``, the declared columns, ``revision`` and ``geometry``; a plain DataFrame for
            a layer without geometry. Dtypes follow from the declaration alone: numbers that may be missing are
            float64 with NaN, text is objects with None, dates are datetime64.

        Raises:
            LayerError: there is no such layer.
            InputError: the box cannot be read, or the town has no position.
        """
        with self.reading() as connection:
            epsg = _town(connection).epsg
            return read_frame(connection, layer_name, epsg=epsg, bbox=bbox, ids=ids, crs=crs)

    def count(self, layer_name: str) -> int:
        """Return the number of rows of a layer."""
        layer(layer_name)
        with self.reading() as connection:
            query = select(func.count()).select_from(LAYER_TABLES[layer_name])
            return int(connection.execute(query).scalar_one())

    def bounds(self, layer_name: str | None = None) -> tuple[float, float, float, float] | None:
        """Return (west, south, east, north) of a layer or of all layers in WGS-84 degrees; None when empty.

        Taken from the R-tree, so it may be up to a metre too large.
        """
        if layer_name is not None:
            layer(layer_name)
        names = [layer_name] if layer_name else list(LAYERS)
        west, south, east, north = [], [], [], []
        with self.reading() as connection:
            for name in names:
                if LAYERS[name].geometry is None:
                    continue
                found = connection.execute(
                    text(f"SELECT min(west), min(south), max(east), max(north) FROM {rtree_name(name)}")  # noqa: S608
                ).one()
                if found[0] is not None:
                    west.append(found[0])
                    south.append(found[1])
                    east.append(found[2])
                    north.append(found[3])
        return (min(west), min(south), max(east), max(north)) if west else None

    @contextmanager
    def change(self, *, actor: str, kind: str = "edit", note: str = "") -> Iterator[Change]:
        """Open a change: one transaction, one batch of the change log. Nothing is stored if the block raises.

        Args:
            actor: name of the user or program.
            kind: ``edit``, ``import``, ``import_osm``, ``sample``, ``accept`` or ``undo``.
            note: what it is for.

        Raises:
            StoreBusyError: another writer kept the lock for longer than the busy timeout.
        """
        with self.writing() as connection:
            placed = _town(connection).epsg is not None
            yield Change(connection, actor=actor, kind=kind, note=note, placed=placed)

    def audit(self, actor: str, action: str, target: str = "", address: str = "") -> None:
        """Note an action of a user: a log-in, an export, a view of gaps or plans. Never a password or token.

        Args:
            actor: name of the user.
            action: what was done, a word such as ``export``.
            target: to what.
            address: network address of the user.
        """
        with self.writing() as connection:
            _audit(connection, actor, action, target, address)

    def revision(self, layers: Sequence[str] | None = None) -> int:
        """Return the number of the last batch that touched any of the layers (all of them for None); 0 for none."""
        query = select(func.max(change_log.c.batch))
        if layers is not None:
            query = query.where(change_log.c.layer.in_([layer(one).name for one in layers]))
        with self.reading() as connection:
            return int(connection.execute(query).scalar_one() or 0)


@contextmanager
def _busy_named() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if "locked" in str(error.orig):
            raise StoreBusyError(
                "the store is busy: another process has been writing for too long. Try again"
            ) from error
        raise


def _town(connection: Connection) -> Town:
    return Town(*connection.execute(select(town.c.name, town.c.epsg, town.c.lon, town.c.lat)).one())


def _audit(connection: Connection, actor: str, action: str, target: str, address: str) -> None:
    connection.execute(
        insert(audit_entries).values(at=now_utc(), actor=actor, action=action, target=target, address=address)
    )
