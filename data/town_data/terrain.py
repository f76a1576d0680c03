"""The ground of the sample town: boundary, river, tributary, ponds, and the land of the eight villages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from town_data.shapes import Array, jittered, offset, on_grid, parts, spline, stream

TOWN_NAME = "云渚镇"
LON, LAT = 114.6200, 32.4700

# Hamlet of each village (x, y in metres from the middle of the town) and its share of the houses.
VILLAGES: dict[str, tuple[float, float, float]] = {
    "河街村": (-1180.0, 60.0, 0.7),
    "北关村": (270.0, 1130.0, 1.1),
    "柳湾村": (-2020.0, 520.0, 1.2),
    "石桥村": (1420.0, 1430.0, 1.1),
    "白鹭村": (2050.0, -130.0, 1.2),
    "杨岗村": (-1230.0, 1560.0, 1.0),
    "枣林村": (-1150.0, -1400.0, 1.2),
    "渡口村": (1010.0, -1240.0, 1.2),
}
# Middles of the grids (cells of social management) in the two villages that share the town's core.
GRIDS: dict[str, tuple[tuple[float, float], ...]] = {
    "河街村": ((-1300.0, 100.0), (-480.0, -150.0), (250.0, -150.0)),
    "北关村": ((-450.0, 520.0), (350.0, 900.0)),
}
_RIVER = [
    (-3400, 620), (-2800, 380), (-2350, 40), (-1900, -60), (-1450, -330), (-900, -560), (-350, -500), (100, -440),
    (520, -500), (900, -690), (1350, -800), (1800, -640), (2250, -620), (2700, -860), (3400, -900),
]  # fmt: skip
_TRIBUTARY = [
    (760, 3000), (640, 2300), (780, 1850), (640, 1420), (760, 1020), (900, 700), (850, 420), (940, 150), (860, -120),
    (740, -360), (760, -600),
]  # fmt: skip
_BOUNDARY = [
    (-2700, 900), (-2500, 1500), (-1900, 2100), (-1000, 2350), (-200, 2250), (600, 2480), (1400, 2150), (2200, 1900),
    (2650, 1100), (2820, 300), (2620, -500), (2500, -1250), (1900, -1900), (900, -2150), (0, -2300), (-900, -2080),
    (-1900, -2050), (-2450, -1400), (-2550, -700), (-2850, 0),
]  # fmt: skip


@dataclass(frozen=True)
class Terrain:
    """What lies there before anything is built; all in local metres.

    Args:
        boundary: the township.
        river_line: middle of the river, downstream, shape (n, 2).
        river_half_m: half its width at each vertex.
        waters: name, kind and polygon of each water.
        villages: polygon of each village; together they are the township.
        grids: name, village and polygon of each grid.
        cells: small convex pieces of the township, for fields and woods.
    """

    boundary: shapely.Polygon
    river_line: Array
    river_half_m: Array
    waters: list[tuple[str, str, shapely.Polygon]]
    villages: dict[str, BaseGeometry]
    grids: list[tuple[str, str, BaseGeometry]]
    cells: list[shapely.Polygon]

    @property
    def water(self) -> BaseGeometry:
        """All water as one geometry."""
        return shapely.union_all([one for _, _, one in self.waters])

    def bank(self, west: float, east: float, beyond_m: float) -> Array:
        """Return a line along the river between two eastings, `beyond_m` outside the bank.

        Args:
            west: easting at which the line starts.
            east: easting at which it ends.
            beyond_m: distance from the water, positive on the north bank, negative on the south bank.
        """
        shift = np.sign(beyond_m) * self.river_half_m + beyond_m
        line = offset(self.river_line, shift)
        return on_grid(line[(line[:, 0] >= west) & (line[:, 0] <= east)][::2])

    def village_at(self, point: shapely.Point) -> str:
        """Return the village in which a point lies; the nearest one outside all."""
        names = list(self.villages)
        return names[int(np.argmin(shapely.distance(list(self.villages.values()), point)))]


def make_terrain(seed: int) -> Terrain:
    """Return the ground of the sample town for a seed."""
    random = stream(seed, 1)
    ring = spline([*_BOUNDARY, _BOUNDARY[0]], step_m=60.0)
    boundary = shapely.Polygon(ring)
    river = spline(jittered(_RIVER, random, 25.0), step_m=20.0)
    phase = random.uniform(0, 6.28)
    walk = np.linspace(0, 1, len(river))
    half = 44 + 9 * np.sin(13 * walk + phase) + 5 * np.sin(31 * walk + 2 * phase)
    river_polygon = _ribbon(river, half)
    brook = spline(jittered(_TRIBUTARY, random, 20.0), step_m=15.0)
    widths = np.linspace(6.0, 11.5, len(brook)) + 0.8 * np.sin(np.linspace(0, 40, len(brook)))
    brook_polygon = _ribbon(brook, widths).difference(river_polygon)
    waters = [
        ("云渚河", "river", parts(river_polygon.intersection(boundary))[0]),
        ("柳溪", "stream", max(parts(brook_polygon.intersection(boundary)), key=lambda one: one.area)),
    ]
    waters += [
        (name, "pond", _blob(random, x, y, radius))
        for name, x, y, radius in (
            ("月塘", -1420, 330, 55), ("荷塘", -2180, 760, 42), ("白鹭塘", 2330, 90, 60), ("枣林塘", -1450, -1240, 45),
            ("渡口塘", 1330, -1120, 38), ("石桥塘", 1640, 1600, 44), ("杨岗塘", -1480, 1700, 36), ("北塘", 480, 1370, 40),
            ("", -560, 1190, 30), ("", 1750, -1280, 48), ("", -250, -1700, 36), ("", -2120, -620, 42),
        )
    ]  # fmt: skip
    cells = _cells(random, boundary)
    villages, grids = _lands(cells, river)
    return Terrain(boundary, river, half, waters, villages, grids, cells)


def _ribbon(line: Array, half: Array) -> shapely.Polygon:
    ring = np.vstack([offset(line, half), offset(line, -half)[::-1]])
    ribbon: shapely.Polygon = max(parts(shapely.make_valid(shapely.Polygon(ring))), key=lambda one: one.area)
    return ribbon


def _blob(random: np.random.Generator, x: float, y: float, radius: float) -> shapely.Polygon:
    angles = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    wobble = 1 + sum(
        random.uniform(0.04, 0.2) / k * np.cos(k * angles + random.uniform(0, 6.28)) for k in (2, 3, 5)
    )
    stretch = random.uniform(0.75, 1.3)
    return shapely.Polygon(
        on_grid(
            np.column_stack(
                [x + radius * wobble * np.cos(angles) * stretch, y + radius * wobble * np.sin(angles)]
            )
        )
    )


def _cells(random: np.random.Generator, boundary: shapely.Polygon) -> list[shapely.Polygon]:
    west, south, east, north = boundary.bounds
    grid = np.mgrid[west - 100 : east + 100 : 118, south - 100 : north + 100 : 96].reshape(2, -1).T
    points = shapely.MultiPoint(grid + random.uniform(-46, 46, grid.shape))
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=boundary.buffer(300)))
    cells = shapely.intersection(cells, boundary)
    return [piece for cell in cells.tolist() for piece in parts(cell)]


def _lands(
    cells: list[shapely.Polygon], river: Array
) -> tuple[dict[str, BaseGeometry], list[tuple[str, str, BaseGeometry]]]:
    """Share the cells out to villages (the river parts them) and the core's cells to grids."""
    middles = shapely.get_coordinates(shapely.centroid(cells))
    north = middles[:, 1] > np.interp(middles[:, 0], river[:, 0], river[:, 1])
    units = [
        (village, number, x, y)
        for village, (vx, vy, _) in VILLAGES.items()
        for number, (x, y) in enumerate(GRIDS.get(village, ((vx, vy),)))
    ]
    places = np.array([[x, y] for _, _, x, y in units])
    on_north = places[:, 1] > np.interp(places[:, 0], river[:, 0], river[:, 1])
    far = np.hypot(*(middles[:, None] - places[None]).transpose(2, 0, 1)) + 1e5 * (
        north[:, None] != on_north[None]
    )
    owner = np.argmin(far, axis=1)
    pieces = [shapely.union_all([cells[i] for i in np.flatnonzero(owner == k)]) for k in range(len(units))]
    smooth = shapely.coverage_simplify(pieces, 40.0, simplify_boundary=False)
    villages = {
        name: shapely.union_all([smooth[k] for k, unit in enumerate(units) if unit[0] == name])
        for name in VILLAGES
    }
    grids = [
        (f"{village}第{'一二三四五'[number]}网格", village, smooth[k])
        for k, (village, number, _, _) in enumerate(units)
        if village in GRIDS
    ]
    return villages, grids
