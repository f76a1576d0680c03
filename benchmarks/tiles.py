"""Vector tiles of a made town of many houses: how long each tile takes, and how large it is.

    python benchmarks/tiles.py [--houses 100000] [--workspace FOLDER]

With `--workspace` the tiles of a real town are measured instead. The town of houses is a square of streets with four houses to the block; the
tiles measured are those in its middle, nothing kept between them. Wanted: below 100 ms each. Times are those of the
processor, so that what else the machine does is left out. `by view` is the JSON that a page would
ask for instead, for a view of 1440 × 900 pixels of the same zoom.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from pathlib import Path

import numpy as np
import shapely

from geo_service.mapdata import VIEW_MAP, encode, layer_data
from geo_service.store import Store
from geo_service.towntiles import TownTiles
from geo_service.workspace import Workspace

LON, LAT = 118.78, 32.04
ZOOMS = (12, 13, 14, 15, 16)
AROUND = 2


def make_town(store: Store, houses: int) -> None:
    """Fill a store with houses of 12 by 9 m, one each 30 m, each with one jut."""
    side = math.ceil(math.sqrt(houses))
    rows, columns = np.divmod(np.arange(houses), side)
    x = LON + (columns - side / 2) * 30 / (111_320 * math.cos(math.radians(LAT)))
    y = LAT + (rows - side / 2) * 30 / 111_000
    east, north = 1.06e-5, 9.0e-6  # a metre
    jut = np.array([(0, 0), (12, 0), (12, 9), (7, 9), (7, 11), (4, 11), (4, 9), (0, 9), (0, 0)]) * (
        east,
        north,
    )
    shapes = shapely.polygons(np.stack([x, y], axis=1)[:, None, :] + jut[None])
    store.place_town(LON, LAT, actor="benchmark")
    for start in range(0, houses, 20_000):
        with store.change(actor="benchmark", kind="import") as change:
            change.insert(
                "buildings", [{"height_m": 9.0, "geometry": one} for one in shapes[start : start + 20_000]]
            )


def column_row(lon: float, lat: float, z: int) -> tuple[int, int]:
    """Return the tile of a place."""
    n = 1 << z
    return int((lon + 180) / 360 * n), int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)


def measure(store: Store, lon: float, lat: float) -> None:
    """Print times and sizes, zoom by zoom."""
    print(f"{store.count('buildings'):,} houses")
    print(
        f"{'tile zoom':>9}{'tiles':>7}{'median ms':>11}{'worst ms':>10}{'largest kB':>12}{'by view ms':>12}{'by view kB':>12}"
    )
    for z in ZOOMS:
        x, y = column_row(lon, lat, z)
        took, sizes = [], []
        for column in range(x - AROUND, x + AROUND + 1):
            for row in range(y - AROUND, y + AROUND + 1):
                tiles = TownTiles(store)
                start = time.thread_time()
                content = tiles.tile(z, column, row, layers=["buildings"])
                took.append((time.thread_time() - start) * 1000)
                sizes.append(len(content) / 1000)
        view_ms, view_kb = by_view(store, lon, lat, z + 1) if z >= 14 else (math.nan, math.nan)
        print(
            f"{z:>9}{len(took):>7}{np.median(took):>11.1f}{max(took):>10.1f}{max(sizes):>12.0f}{view_ms:>12.0f}{view_kb:>12.0f}"
        )


def by_view(store: Store, lon: float, lat: float, zoom: int) -> tuple[float, float]:
    """Return milliseconds and kilobytes of the JSON of one view with its margin, as the page asked for it before."""
    metres = 156_543.03 * math.cos(math.radians(lat)) / 2**zoom
    half = (
        1.35 * 1440 / 2 * metres / 111_320 / math.cos(math.radians(lat)),
        1.35 * 900 / 2 * metres / 111_000,
    )
    start = time.thread_time()
    data = layer_data(
        store,
        "buildings",
        language="zh",
        permissions={VIEW_MAP},
        bbox=(lon - half[0], lat - half[1], lon + half[0], lat + half[1]),
        zoom=zoom,
    )
    content = encode(data)
    return (time.thread_time() - start) * 1000, len(content) / 1000


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--houses", type=int, default=100_000)
    parser.add_argument("--workspace", type=Path)
    given = parser.parse_args()
    if given.workspace:
        with Workspace.open(given.workspace) as workspace:
            box = workspace.store.bounds("buildings")
            if box is None:
                raise SystemExit("this town has no houses")
            measure(workspace.store, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        return
    with tempfile.TemporaryDirectory() as place, Workspace.create(Path(place) / "town") as workspace:
        start = time.perf_counter()
        make_town(workspace.store, given.houses)
        print(f"made in {time.perf_counter() - start:.0f} s")
        measure(workspace.store, LON, LAT)


if __name__ == "__main__":
    main()
