"""The rasters of a town: imported, kept in the store beside the rows of the layer ``terrain``, made into one ground."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer
from sqlalchemy import insert, select

from camera_coverage import Terrain
from camera_coverage.terrain import HIGHEST_M, LOWEST_M
from geo_service.store import Store
from geo_service.store.tables import rasters
from geo_service.terrain.placing import MOST_PLACED, Box, place_raster, settle_epsg
from geo_service.terrain.raster import Raster
from geo_service.terrain.reading import read_raster
from town_model import InputError

#: Ground beyond the town that a camera at its rim may see.
MARGIN_M = 500.0
MOST_RASTERS = 20
_WEAKEST = 6  # of zlib: heights of neighbours are alike


@dataclass(frozen=True)
class TerrainReport:
    """What an import of a raster found.

    Args:
        row: id of the row of the layer; None for a dry run.
        name: what people call it.
        epsg: coordinate system of the file.
        columns: cells across, on the town's grid.
        rows: cells down.
        cell_m: their size.
        lowest_m: lowest known height.
        highest_m: highest known height.
        known_share: share of the town and its surroundings whose height is known, 0 to 1.
        cameras: cameras of the town.
        cameras_on_it: those of them whose foot has a known height.
    """

    row: int | None
    name: str
    epsg: int
    columns: int
    rows: int
    cell_m: float
    lowest_m: float
    highest_m: float
    known_share: float
    cameras: int
    cameras_on_it: int

    def as_dict(self) -> dict[str, Any]:
        """Return it for scripts."""
        return asdict(self)


def import_terrain(
    store: Store, path: Path, *, actor: str, name: str = "", epsg: int | None = None, source: str = "",
    most_mb: int = 200, file_name: str = "", dry_run: bool = False,
) -> TerrainReport:  # fmt: skip
    """Read a raster of heights, put it on the town's grid and keep it.

    Args:
        store: the town, which must have a position.
        path: the file.
        actor: who imports.
        name: what people call it; by default the name of the file.
        epsg: coordinate system, where the file does not say it.
        source: where the heights come from.
        most_mb: how large the file may be, in megabytes.
        file_name: name of the file as the user knows it.
        dry_run: tell, and keep nothing.

    Raises:
        InputError: the file cannot be read, its coordinate system is not clear, it does not lie over the town, or holds values that
            are no heights.
    """
    town_epsg = store.town.epsg
    if town_epsg is None:
        raise InputError("the town has no position yet: import its roads and buildings first")
    called = file_name or path.name
    raster = read_raster(path, name=called, most_mb=most_mb)
    code = settle_epsg(raster.epsg, epsg)
    box = _town_box(store)
    placed = place_raster(raster, code, town_epsg, box)
    _check_heights(placed)
    known = float(np.isfinite(placed.heights).sum()) * placed.width * placed.height
    ground = _terrain(placed)
    feet = store.frame("camera_sites").geometry
    title = (name.strip() or called)[:100]
    row = None
    if not dry_run:
        row = _keep(store, placed, title, source.strip()[:200], actor)
    return TerrainReport(
        row=row, name=title, epsg=code, columns=placed.heights.shape[1], rows=placed.heights.shape[0],
        cell_m=float(min(placed.width, placed.height)), lowest_m=float(np.nanmin(placed.heights)),
        highest_m=float(np.nanmax(placed.heights)),
        known_share=min(known / ((box[2] - box[0]) * (box[3] - box[1])), 1.0), cameras=len(feet),
        cameras_on_it=int(ground.known(feet.x.to_numpy(), feet.y.to_numpy()).sum()) if len(feet) else 0,
    )  # fmt: skip


def remove_terrain(store: Store, row: int, *, actor: str) -> None:
    """Take a raster out of the town; undo brings it back.

    Raises:
        InputError: there is none of that number.
    """
    if store.frame("terrain", ids=[row]).empty:
        raise InputError("there is no raster {row}", row=row)
    with store.change(actor=actor, kind="edit") as change:
        change.delete("terrain", row)


def town_terrain(store: Store) -> Terrain | None:
    """Return the ground of the town from all of its rasters; None where it has none, or no position.

    Where rasters overlap, the finer one counts, of equals the later one.
    """
    epsg = store.town.epsg
    rows = store.frame("terrain")
    if epsg is None or rows.empty:
        return None
    kept = [one for file in rows["file"] if (one := _kept(store, str(file))) is not None]
    if not kept:
        return None
    if any(one.epsg != epsg for one in kept):  # the town was placed anew
        box = _town_box(store)
        kept = [place_raster(one, one.epsg or epsg, epsg, box) for one in kept]
    return _terrain(kept[0] if len(kept) == 1 else _mosaic(kept, epsg))


def _terrain(raster: Raster) -> Terrain:
    return Terrain(raster.heights, raster.affine, f"EPSG:{raster.epsg}")


def _mosaic(parts: list[Raster], epsg: int) -> Raster:
    order = sorted(range(len(parts)), key=lambda i: (-parts[i].width, i))
    boxes = np.array([one.bounds for one in parts])
    box: Box = (boxes[:, 0].min(), boxes[:, 1].min(), boxes[:, 2].max(), boxes[:, 3].max())
    finest = min(one.width for one in parts)
    area = (box[2] - box[0]) * (box[3] - box[1])
    cell = max(finest, float(np.sqrt(area / MOST_PLACED)))
    result: Raster | None = None
    for i in order:
        one = place_raster(parts[i], epsg, epsg, box, cell_m=cell)
        if result is None:
            result = one
        else:
            heights = np.where(np.isfinite(one.heights), one.heights, result.heights)
            result = Raster(heights, one.west, one.north, one.width, one.height, epsg)
    assert result is not None
    return result


def _town_box(store: Store) -> Box:
    """Return the box of the town and its surroundings, in its own system."""
    bounds = store.bounds()
    if bounds is None:
        raise InputError("the town has no position yet: import its roads and buildings first")
    to_town = Transformer.from_crs(4326, store.town.epsg, always_xy=True)
    west, south, east, north = to_town.transform_bounds(*bounds)
    return west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M


def _check_heights(raster: Raster) -> None:
    known = raster.heights[np.isfinite(raster.heights)]
    wrong = known[(known < LOWEST_M) | (known > HIGHEST_M)]
    if len(wrong) or np.isinf(raster.heights).any():
        raise InputError(
            "the raster holds {value:g}, which is no height in metres: give cells without a height a no-data value, and save heights in metres",
            value=float(wrong[0]) if len(wrong) else float("inf"),
        )


def _keep(store: Store, raster: Raster, name: str, source: str, actor: str) -> int:
    if store.count("terrain") >= MOST_RASTERS:
        raise InputError("there are {most} rasters already: delete one first", most=MOST_RASTERS)
    cells = zlib.compress(np.ascontiguousarray(raster.heights, dtype="<f4").tobytes(), _WEAKEST)
    place = json.dumps([raster.west, raster.north, raster.width, raster.height, *raster.heights.shape])
    file = hashlib.blake2b(cells + place.encode() + str(raster.epsg).encode(), digest_size=12).hexdigest()
    with store.writing() as connection:
        if connection.execute(select(rasters.c.file).where(rasters.c.file == file)).first() is None:
            connection.execute(insert(rasters).values(file=file, epsg=raster.epsg, place=place, cells=cells))
    to_wgs = Transformer.from_crs(raster.epsg, 4326, always_xy=True)
    extent = shapely.box(*to_wgs.transform_bounds(*raster.bounds))
    values = {
        "name": name, "file": file, "source": source, "geometry": extent,
        "resolution_m": float(min(max(raster.width, 0.01), 1000)),
    }  # fmt: skip
    with store.change(actor=actor, kind="import", note=name) as change:
        return change.insert("terrain", [values])[0]


def _kept(store: Store, file: str) -> Raster | None:
    with store.reading() as connection:
        found = connection.execute(select(rasters).where(rasters.c.file == file)).first()
    if found is None:
        return None
    west, north, width, height, rows, columns = json.loads(found.place)
    heights = np.frombuffer(zlib.decompress(found.cells), dtype="<f4").reshape(rows, columns)
    return Raster(heights, west, north, width, height, found.epsg)
