"""The store of one town: the only way in and out of its database."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.exc import OperationalError

from geo_service.store import audit, cache, history, names, proposals, results, schema, search
from geo_service.store.audit_record import AuditRecord
from geo_service.store.changes import Change, ChangeEntry
from geo_service.store.checks import check_store
from geo_service.store.database import BUSY_TIMEOUT_S, open_engine
from geo_service.store.errors import ConflictError, StoreBusyError
from geo_service.store.frame_shelf import FrameShelf
from geo_service.store.frames import read_frame
from geo_service.store.proposals import Proposal
from geo_service.store.results import StoredResult
from geo_service.store.revisions import last_revision, last_revisions
from geo_service.store.rows import RowWriter
from geo_service.store.search import RowPage, RowQuery
from geo_service.store.tables import LAYER_TABLES, rtree_name, town
from town_model import DEFAULT_OBSERVATION_TABLE, LAYERS, Text, layer, town_crs

CACHE_MB = 500
# Packed frames of results that stay in memory; unpacked they take some ten times as much.
SHELF_BYTES = 20_000_000
# A town may be placed anew within this distance of its rows, in degrees.
NEAR_DEG = 0.2


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


class Store(AuditRecord):
    """Tables of a town's layers with change log, undo, R-trees, proposals, results and audit entries.

    May be used by several threads at once; several processes may open the same file.

    Args:
        path: the database file; made when absent, upgraded when of an older version.
        busy_timeout_s: how long a writer waits for another one, in seconds.
        cache_max_mb: size of the cache of visible areas, in megabytes.
        audit_days: days for which the audit record is kept; None keeps all of it.
        observation_table: name of the table of observation classes that computations go by, one of `OBSERVATION_TABLES`.

    Raises:
        InputError: the file was written by a newer program.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
        cache_max_mb: float = CACHE_MB,
        audit_days: int | None = None,
        observation_table: str = DEFAULT_OBSERVATION_TABLE,
    ) -> None:
        super().__init__(audit_days)
        self.observation_table = observation_table
        self.path = Path(path)
        self._engine = open_engine(self.path, busy_timeout_s=busy_timeout_s)
        self._writer = self._engine.execution_options(write=True)
        self._writing = threading.local()
        self._cache_bytes = int(cache_max_mb * 1e6)
        self._shelf = FrameShelf(SHELF_BYTES)
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
    def writing(self, *, wait_s: float | None = None) -> Iterator[Connection]:
        """A connection that holds the write lock and commits at the end of the block.

        Args:
            wait_s: how long to wait for the write lock, in seconds; None waits for the busy timeout.

        Raises:
            StoreBusyError: another writer kept the lock for longer.
        """
        if self.is_writing:
            raise RuntimeError("a change is open in this thread already: finish it first")
        self._writing.now = True
        try:
            writer = self._writer if wait_s is None else self._writer.execution_options(wait_s=wait_s)
            with _busy_named(), writer.begin() as connection:
                yield connection
        finally:
            self._writing.now = False

    @property
    def is_writing(self) -> bool:
        """Whether a change is open in this thread."""
        return bool(getattr(self._writing, "now", False))

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
            ConflictError: the town lies elsewhere, by the rows that it has.
        """
        epsg = town_crs(lon, lat).to_epsg()
        with self.writing() as connection:
            _refuse_moving(connection, lon, lat)
            values: dict[str, Any] = {"epsg": epsg, "lon": float(lon), "lat": float(lat)}
            if name is not None:
                values["name"] = name
            connection.execute(update(town).values(**values))
            audit.add(connection, actor=actor, action="place_town", target=f"EPSG:{epsg}")
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

    def page(self, layer_name: str, query: RowQuery, *, limit: int, offset: int = 0) -> RowPage:
        """Return one page of the rows of a layer, in order of their ids; the other rows are not read.

        Args:
            layer_name: name of a layer.
            query: which rows.
            limit: how many at most.
            offset: how many to pass over.

        Raises:
            LayerError: there is no such layer.
            InputError: the layer has no such column, or no geometry for a box.
        """
        with self.reading() as connection:
            return search.read_page(connection, layer_name, query, limit=limit, offset=offset)

    def find_names(self, layer_name: str, words: str, *, limit: int = 5) -> list[names.NamedRow]:
        """Return the rows of a layer whose name or code holds some words: whole names first, then beginnings, then short ones.

        Args:
            layer_name: name of a layer.
            words: what to look for, or ``#12`` for a row by its number; capitals and widths of letters do not matter.
            limit: how many at most.

        Returns:
            The rows with their places; none for a layer without places or names.
        """
        layer(layer_name)
        with self.reading() as connection:
            return names.find_names(connection, layer_name, words, limit=limit)

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
        with self.reading() as connection:
            return _bounds(connection, [layer_name] if layer_name else list(LAYERS))

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
            change = Change(connection, actor=actor, kind=kind, note=note, placed=placed)
            yield change
            audit.add_change(connection, batch=change.batch_id, actor=actor, kind=kind)

    def changes(
        self,
        *,
        layer: str | None = None,
        row_id: int | None = None,
        batch: int | None = None,
        limit: int | None = 100,
    ) -> list[ChangeEntry]:
        """Return entries of the change log, newest first.

        Args:
            layer: only those of a layer.
            row_id: only those of a row.
            batch: only those of a batch.
            limit: how many at most; None for all.
        """
        with self.reading() as connection:
            return history.read_changes(connection, layer=layer, row_id=row_id, batch=batch, limit=limit)

    def undo(self, batch_id: int, *, actor: str) -> int:
        """Take a batch back by a new, compensating batch, and return the number of that one.

        Args:
            batch_id: the batch to undo; it may be an undo itself.
            actor: who does so.

        Raises:
            InputError: there is no such batch.
            ConflictError: it was undone already, a later edit touched one of its rows, or other rows need them;
                the message lists the rows.
        """
        with self.writing() as connection:
            change = RowWriter(connection, actor=actor, kind="undo", note="", undoes=batch_id)
            history.undo(change, batch_id)
            assert change.batch_id is not None
            audit.add_change(connection, batch=change.batch_id, actor=actor, kind=f"undo of #{batch_id}")
            return change.batch_id

    def revision(self, layers: Sequence[str] | None = None) -> int:
        """Return the number of the last batch that touched any of the layers (all of them for None); 0 for none."""
        with self.reading() as connection:
            return last_revision(connection, layers)

    def revisions(self, layers: Sequence[str]) -> tuple[int | None, dict[str, int]]:
        """Return the coordinate system of the town (EPSG code) and the `revision` of each of some layers, of one moment."""
        with self.reading() as connection:
            return _town(connection).epsg, dict(zip(layers, last_revisions(connection, layers), strict=True))

    def add_proposals(self, given: Iterable[Proposal]) -> int:
        """Store proposals; those whose source id is known already are passed over.

        Returns:
            How many were new.
        """
        with self.writing() as connection:
            return len(proposals.add(connection, given))

    def proposals(self, state: str | None = "pending") -> list[Proposal]:
        """Return proposals that are ``pending``, ``accepted`` or ``dropped``, or all of them for None."""
        with self.reading() as connection:
            return proposals.read(connection, state=state)

    def accept_proposals(
        self,
        ids: Sequence[int] | None = None,
        *,
        actor: str,
        approver: str = "镇派出所",
        review_date: dt.date | None = None,
        reason: str | None = None,
    ) -> list[int]:
        """Add the rows of proposals in one batch of kind ``accept``; undone, they are pending again.

        Args:
            ids: numbers of pending proposals. None takes all of them, and leaves those pending whose rows are
                against the declaration or a rule.
            actor: who accepts.
            approver: the office that approves key areas.
            review_date: when key areas are looked at again; None is in a year.
            reason: why the key areas are key; None takes the reason of each proposal.

        Returns:
            Ids of the new rows, in order of the proposals.

        Raises:
            InputError: one of `ids` is not pending, or its row is against the declaration or a rule.
        """
        values: dict[str, Any] = {
            "approver": approver,
            "review_date": review_date or proposals.next_year(dt.datetime.now(dt.UTC).date()),
        }
        if reason is not None:
            values["reason"] = reason
        with self.change(actor=actor, kind="accept") as change:
            chosen = proposals.pending(change.connection, ids)
            return proposals.accept(change, chosen, values=values, actor=actor, all_or_none=ids is not None)

    def drop_proposals(self, ids: Sequence[int] | None = None, *, actor: str) -> int:
        """Mark pending proposals (all of them for None) as dropped, and return how many."""
        with self.writing() as connection:
            chosen = proposals.pending(connection, ids)
            proposals.drop(connection, chosen, actor=actor)
            if chosen:
                audit.add(connection, actor=actor, action="proposals_dropped", target=str(len(chosen)))
            return len(chosen)

    def save_result(
        self,
        kind: str,
        *,
        actor: str,
        options: Mapping[str, Any],
        summary: Mapping[str, Any],
        frames: Mapping[str, pd.DataFrame | gpd.GeoDataFrame],
        store_revision: int | None = None,
    ) -> int:
        """Keep the result of a computation.

        Args:
            kind: ``coverage``, ``gaps`` or ``patrol``.
            actor: who had it computed.
            options: its options, as plain values.
            summary: its figures, as plain values.
            frames: its frames by name; they come back as they are.
            store_revision: `revision()` at the time when its input was read, so that edits during the computation
                make it stale; None takes the present one.

        Returns:
            The number of the result.
        """
        packed = results.pack_all(frames)
        with self.writing() as connection:
            return results.save(
                connection,
                kind,
                actor=actor,
                options={**options, **results.by_table(kind, self.observation_table)},
                summary=summary,
                frames=packed,
                store_revision=last_revision(connection, None) if store_revision is None else store_revision,
            )

    def latest_result(self, kind: str) -> StoredResult | None:
        """Return the newest result of a kind, or None."""
        with self.reading() as connection:
            return results.latest(connection, kind, self._load_frame, self.revision, self.observation_table)

    def result(self, number: int) -> StoredResult | None:
        """Return the result of a number, or None."""
        with self.reading() as one:
            return results.numbered(one, number, self._load_frame, self.revision, self.observation_table)

    def cache_get(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return the kept payloads of those keys that are there."""
        with self.reading() as connection:
            return cache.get(connection, keys)

    def cache_put(self, payloads: Mapping[str, bytes]) -> None:
        """Keep payloads under their keys; the oldest go when all exceed the size that was set."""
        if payloads:
            with self.writing() as connection:
                cache.put(connection, payloads, limit_bytes=self._cache_bytes)

    def check(self) -> list[Text]:
        """Return what is wrong with the file, its references and its R-trees; nothing when all is well."""
        with self.reading() as connection:
            return check_store(connection)

    def _load_frame(self, result: int, name: str) -> pd.DataFrame | gpd.GeoDataFrame:
        return self._shelf.frame(result, name, self._load_payload)

    def _load_payload(self, result: int, name: str) -> bytes:
        with self.reading() as connection:
            return results.load_payload(connection, result, name)


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


def _bounds(connection: Connection, names: Iterable[str]) -> tuple[float, float, float, float] | None:
    boxes = []
    for name in names:
        if LAYERS[name].geometry is not None:
            found = connection.execute(
                text(f"SELECT min(west), min(south), max(east), max(north) FROM {rtree_name(name)}")  # noqa: S608
            ).one()
            if found[0] is not None:
                boxes.append(found)
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return (min(west), min(south), max(east), max(north))


def _refuse_moving(connection: Connection, lon: float, lat: float) -> None:
    bounds = _bounds(connection, [one for one in LAYERS if one != "admin_areas"])
    if bounds is None or _town(connection).epsg is None:
        return
    west, south, east, north = bounds
    if not (west - NEAR_DEG <= lon <= east + NEAR_DEG and south - NEAR_DEG <= lat <= north + NEAR_DEG):
        raise ConflictError(
            "the town has rows around longitude {lon:.3f}, latitude {lat:.3f}: it cannot be placed elsewhere",
            lon=(west + east) / 2,
            lat=(south + north) / 2,
        )
