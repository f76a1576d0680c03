"""A town of OpenStreetMap into the store: one batch, known elements updated instead of doubled, proposals beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from geo_service.imports.osm.proposed import OsmProposal
from geo_service.imports.osm.report import LayerCounts, OsmReport
from geo_service.imports.osm.source import ReadLimits, read_osm
from geo_service.imports.osm.town import FARTHEST_KM
from geo_service.imports.persons import file_label
from geo_service.progress import Progress, part, silent
from geo_service.store import Proposal, Store
from town_model import Column, InputError, Text, layer

_EARTH_KM = 6371.0
Row = dict[str, Any]


def import_osm(
    store: Store,
    path: Path | str,
    *,
    actor: str,
    accept_proposals: bool = False,
    progress: Progress = silent,
    limits: ReadLimits | None = None,
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

    Raises:
        InputError: the file cannot be read, holds no town, or lies far from the town of the store.
    """
    town = read_osm(path, part(progress, 0.0, 0.4), limits=limits)
    name = Path(path).name
    if town.center is None:
        raise InputError("{file} holds no roads and no buildings: download the town again", file=name)
    _place(store, town.center, name, actor)
    report = OsmReport(file=name, faults=tuple(town.faults), counts=dict(town.counts))
    plans = {name_: _plan(store, name_, rows) for name_, rows in town.rows.items() if rows}
    with store.change(actor=actor, kind="import_osm", note=file_label(name)) as change:
        for done, (layer_name, plan) in enumerate(plans.items()):
            progress(0.5 + 0.4 * done / len(plans), Text("Writing the layers"))
            change.insert(layer_name, plan.inserts)
            for row_id, revision, values in plan.updates:
                change.update(layer_name, row_id, values, expected_revision=revision)
            report.layers[layer_name] = plan.counts
        report.batch = change.batch_id
    progress(0.9, Text("Writing the proposals"))
    _propose(store, town.proposals, report, actor=actor, accept=accept_proposals)
    progress(1.0, Text("Writing the proposals"))
    return report


@dataclass(frozen=True)
class _Plan:
    """What is to be written into one layer."""

    inserts: list[Row]
    updates: list[tuple[int, int, Row]]
    counts: LayerCounts


def _place(store: Store, center: tuple[float, float], file: str, actor: str) -> None:
    lon, lat = center
    town = store.town
    if town.epsg is None or town.lon is None or town.lat is None:
        store.place_town(lon, lat, actor=actor)
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


def _propose(
    store: Store, proposals: Sequence[OsmProposal], report: OsmReport, *, actor: str, accept: bool
) -> None:
    given = [
        Proposal(
            layer=one.layer,
            properties=one.properties,
            geometry=one.geometry,
            source="osm",
            source_id=one.source,
            reason=one.reason,
        )
        for one in proposals
    ]
    report.proposed = store.add_proposals(given)
    if accept:
        report.accepted = len(store.accept_proposals(actor=actor))
