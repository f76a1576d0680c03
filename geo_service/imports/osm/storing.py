"""A town of OpenStreetMap into the store: one batch, known elements updated instead of doubled, proposals beside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from sqlalchemy import Connection

from geo_service.imports.files import own_name
from geo_service.imports.osm.report import LayerCounts, OsmReport
from geo_service.imports.osm.source import ReadLimits, read_osm
from geo_service.imports.osm.town import FARTHEST_KM, OsmTown
from geo_service.imports.persons import file_label
from geo_service.progress import Progress, part, silent
from geo_service.store import Proposal, Store
from geo_service.store import proposals as store_proposals
from town_model import Column, InputError, Text, layer

_EARTH_KM = 6371.0
Row = dict[str, Any]
Together = Callable[[Connection, OsmReport], None]


def import_osm(
    store: Store,
    path: Path | str,
    *,
    actor: str,
    accept_proposals: bool = False,
    progress: Progress = silent,
    limits: ReadLimits | None = None,
    name: str | None = None,
    together_with: Together | None = None,
) -> OsmReport:
    """Read an OpenStreetMap file into the layers of a store.

    All rows are one batch of the change log, which an undo takes back as one. A row whose OSM id the store knows is
    updated where the file says otherwise, unless somebody changed it by hand since; a row that the file no longer
    has stays. A town without a position gets that of the file. Proposals wait for a planner, and one that was
    decided before does not come again.

    Args:
        store: the store of the town.
        path: an .osm, .osm.gz, .osm.bz2 or .osm.pbf file; its content decides, not its name.
        actor: who imports.
        accept_proposals: accept all pending proposals at once, in a batch of their own; one that breaks a rule of
            the store stays pending.
        progress: is told how far the work is.
        limits: how much the file may ask of the machine.
        name: name of the file in messages and in the change log; by default that of the path.
        together_with: called with the connection and the report inside the transaction that writes the rows.

    Raises:
        InputError: the file cannot be read, holds no town, or lies far from the town of the store.
    """
    name = name or Path(path).name
    town = _read(path, name, part(progress, 0.0, 0.4), limits)
    report, plans = _compare(store, town, name)
    progress(0.45, Text("Writing the layers"))
    if store.town.epsg is None:
        store.place_town(*_center(town, name), actor=actor)
    with store.change(actor=actor, kind="import_osm", note=file_label(name)) as change:
        for done, (layer_name, plan) in enumerate(plans.items()):
            progress(0.5 + 0.4 * done / len(plans), Text("Writing the layers"))
            change.insert(layer_name, plan.inserts)
            for row_id, revision, values in plan.updates:
                change.update(layer_name, row_id, values, expected_revision=revision)
        report.batch = change.batch_id
        # with the rows or not at all: a killed server must not leave a town whose proposals never come
        report.proposed = len(store_proposals.add(change.connection, _proposals(town)))
        if together_with is not None:
            together_with(change.connection, report)
    progress(0.9, Text("Writing the proposals"))
    if accept_proposals:
        report.accepted = len(store.accept_proposals(actor=actor))
    progress(1.0, Text("Writing the proposals"))
    return report


@dataclass(frozen=True)
class _Plan:
    """What is to be written into one layer."""

    inserts: list[Row]
    updates: list[tuple[int, int, Row]]
    counts: LayerCounts


def check_osm(
    store: Store,
    path: Path | str,
    *,
    progress: Progress = silent,
    limits: ReadLimits | None = None,
    name: str | None = None,
) -> tuple[OsmReport, OsmTown]:
    """Return what an import would do, and what the file holds; nothing is stored.

    Args:
        store: the store of the town.
        path: the file.
        progress: is told how far the work is.
        limits: how much the file may ask of the machine.
        name: name of the file in messages; by default that of the path.

    Raises:
        InputError: see `import_osm`.
    """
    name = name or Path(path).name
    town = _read(path, name, part(progress, 0.0, 0.7), limits)
    report, _ = _compare(store, town, name)
    known = {(one.layer, one.source_id) for one in store.proposals(state=None) if one.source == "osm"}
    report.proposed = sum((one.layer, one.source) not in known for one in town.proposals)
    return report, town


def _read(path: Path | str, name: str, progress: Progress, limits: ReadLimits | None) -> OsmTown:
    try:
        return read_osm(path, progress, limits=limits)
    except InputError as error:
        raise InputError(own_name(error.messages, name)) from None


def _compare(store: Store, town: OsmTown, name: str) -> tuple[OsmReport, dict[str, _Plan]]:
    """Return what of a file is new, changed and known, after a look at where it lies."""
    _check_place(store, _center(town, name), name)
    plans = {name_: _plan(store, name_, rows) for name_, rows in town.rows.items() if rows}
    report = OsmReport(file=name, faults=tuple(town.faults), counts=dict(town.counts))
    report.layers |= {name_: plan.counts for name_, plan in plans.items()}
    return report, plans


def _center(town: OsmTown, name: str) -> tuple[float, float]:
    if town.center is None:
        raise InputError("{file} holds no roads and no buildings: download the town again", file=name)
    return town.center


def _check_place(store: Store, center: tuple[float, float], file: str) -> None:
    lon, lat = center
    town = store.town
    if town.epsg is None or town.lon is None or town.lat is None:
        return
    east = (lon - town.lon) * math.cos(math.radians((lat + town.lat) / 2))
    distance = math.radians(math.hypot(east, lat - town.lat)) * _EARTH_KM
    if distance > FARTHEST_KM:
        raise InputError(
            "{file} lies {distance} km from the town of this workspace: import it into a workspace of its own",
            file=file,
            distance=round(distance),
        )


def _plan(store: Store, layer_name: str, rows: list[Row]) -> _Plan:
    """Compare rows with those that the store has under the same OSM ids."""
    if store.count(layer_name) == 0:
        return _Plan(rows, [], LayerCounts(inserted=len(rows)))
    frame = store.frame(layer_name, crs="wgs84")
    columns = layer(layer_name).columns
    known = frame[frame["osm_id"].notna()]
    old = {
        row["osm_id"]: (row_id, row)
        for row_id, row in zip(known.index, known.to_dict("records"), strict=True)
    }
    imported: dict[int, bool] = {}
    inserts: list[Row] = []
    updates: list[tuple[int, int, Row]] = []
    unchanged = kept = 0
    for row in rows:
        found = old.pop(row["osm_id"], None)
        if found is None:
            inserts.append(row)
            continue
        row_id, before = found
        values = _differences(columns, before, row)
        if not values:
            unchanged += 1
            continue
        revision = int(before["revision"])
        if revision not in imported:
            imported[revision] = store.changes(batch=revision, limit=1)[0].kind == "import_osm"
        if imported[revision]:
            updates.append((int(row_id), revision, values))
        else:
            kept += 1
    counts = LayerCounts(len(inserts), len(updates), unchanged, kept, len(old))
    return _Plan(inserts, updates, counts)


def _differences(columns: Sequence[Column], before: Row, row: Row) -> Row:
    changed = {
        one.name: row.get(one.name)
        for one in columns
        if _plain(one, before[one.name]) != _plain(one, row.get(one.name))
    }
    # the store knows 1e-7 degrees at best: what is nearer than that has not moved
    if not shapely.equals_exact(
        shapely.normalize(before["geometry"]), shapely.normalize(row["geometry"]), 1e-9
    ):
        changed["geometry"] = row["geometry"]
    return changed


def _plain(column: Column, value: Any) -> Any:
    """Return a value as the store compares it: missing is the default, numbers are floats."""
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        value = column.default
    if column.kind in {"integer", "real"} and value is not None:
        return float(value)
    if column.kind == "boolean":
        return bool(value)
    return value


def _proposals(town: OsmTown) -> list[Proposal]:
    return [
        Proposal(
            layer=one.layer,
            properties=one.properties,
            geometry=one.geometry,
            source="osm",
            source_id=one.source,
            reason=one.reason,
        )
        for one in town.proposals
    ]
