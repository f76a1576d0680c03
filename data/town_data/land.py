"""Rows of the base map: areas, roads, buildings, walls, water, land cover and names, in local metres."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from town_data.compounds import Building, Compound
from town_data.estates import gates_of, wall_of
from town_data.ground import Ground
from town_data.shapes import parts, stream
from town_data.streets import CLASSES
from town_data.terrain import TOWN_NAME, VILLAGES

Row = dict[str, Any]
# wall heights of the estates, in metres
_WALLS_M = (2.2, 2.5, 2.3, 2.4)
_CORE = shapely.box(-1000, -480, 1000, 720)
_SMALL = ("老街浴池", "信用合作社云渚网点", "邮政储蓄建设路网点", "云渚武装部仓库")


def area_rows(ground: Ground, buildings: list[Building]) -> dict[str, list[Row]]:
    """Return villages, the township and grids."""
    terrain = ground.terrain
    homes = shapely.centroid([one.shape for one in buildings])
    flats = np.array([one.dwellings or 0 for one in buildings])
    return {
        "villages": [
            {
                "name": name,
                "code": f"9000010010{number:02d}",
                "households": int(flats[shapely.contains(area, homes)].sum()),
                "geometry": area,
            }
            for number, (name, area) in enumerate(terrain.villages.items(), 1)
        ],
        "admin_areas": [{"name": TOWN_NAME, "admin_level": 8, "geometry": terrain.boundary}],
        "grids": [
            {"name": name, "code": f"90000100{number:03d}", "village": village, "geometry": area}
            for number, (name, village, area) in enumerate(terrain.grids, 1)
        ],
    }


# the shopping street, bridge and outer end apart
_REQUIRED, _REQUIRED_MIN = "人民街", 240


def road_rows(ground: Ground) -> list[Row]:
    """Return the streets with access and direction for each mode; the main street is to be driven from end to end."""
    rows = []
    required = max((one for one in ground.streets if one.name == _REQUIRED), key=lambda one: one.line.length)
    for one in ground.streets:
        width, speed, car, motorcycle = CLASSES[one.highway]
        rows.append(
            {
                "name": one.name,
                "highway": one.highway,
                "access_foot": True,
                "oneway_foot": "no",
                "access_car": car,
                "oneway_car": one.oneway,
                "access_motorcycle": motorcycle,
                "oneway_motorcycle": one.oneway,
                "speed_kmh": speed,
                "width_m": width,
                "bridge": one.bridge,
                "tunnel": False,
                "level": int(one.bridge),
                "patrol_interval_min": _REQUIRED_MIN if one is required else None,
                "geometry": one.line,
            }
        )
    return rows


def building_rows(buildings: list[Building]) -> list[Row]:
    """Return the footprints."""
    return [
        {
            "name": one.name,
            "height_m": one.height_m,
            "levels": float(one.levels),
            "use": one.use,
            "dwellings": one.dwellings,
            "geometry": one.shape,
        }
        for one in buildings
    ]


def obstacle_rows(ground: Ground, compounds: list[Compound], estates: list[Compound]) -> list[Row]:
    """Return estate walls with gaps at the gates, and walls and fences of compounds."""
    rows: list[Row] = [
        {"kind": "wall", "height_m": height, "see_through": False, "note": one.name, "geometry": line}
        for height, one in zip(_WALLS_M, estates, strict=True)
        for line in wall_of(one.shape, gates_of(ground, one))
    ]
    for one in compounds:
        if one.fence:
            see = one.fence == "fence"
            rows += [
                {
                    "kind": one.fence,
                    "height_m": 1.8 if see else 2.2,
                    "see_through": see,
                    "note": one.name,
                    "geometry": line,
                }
                for line in wall_of(one.shape, [shapely.Point(one.gate[0])])
            ]
    return rows


def water_rows(ground: Ground) -> list[Row]:
    """Return river, stream and ponds."""
    return [{"name": name, "kind": kind, "geometry": shape} for name, kind, shape in ground.terrain.waters]


def cover_rows(
    ground: Ground, buildings: list[Building], compounds: list[Compound], parks: list[tuple[str, str, shapely.Polygon]], seed: int
) -> list[Row]:  # fmt: skip
    """Return built-up land, fields, woods, parks and squares.

    Args:
        ground: terrain and streets.
        buildings: all buildings.
        compounds: compounds and estates.
        parks: name, kind and outline of parks and squares.
        seed: seed of the town.
    """
    random = stream(seed, 6)
    crowd = shapely.union_all([one.shape.buffer(28, quad_segs=2) for one in buildings])
    plots = shapely.union_all([one.shape for one in compounds])
    lanes = [one.line.buffer(75, quad_segs=2) for one in ground.streets if one.line.within(_CORE)]
    town = shapely.union_all(lanes).buffer(-45, quad_segs=2)
    built = shapely.union_all([shapely.union_all([crowd, plots]).buffer(-14, quad_segs=2), town]).simplify(4)
    built = shapely.union_all([one for one in shapely.get_parts(built).tolist() if one.area > 6000])
    built = built.intersection(ground.terrain.boundary).difference(ground.terrain.water)
    green = shapely.union_all([one for _, _, one in parks])
    rows = [
        {"name": "", "kind": "built_up", "geometry": shapely.Polygon(one.exterior)}
        for one in shapely.get_parts(built).tolist()
    ]
    used = shapely.union_all(
        [built, green, ground.terrain.water.buffer(7), *(one.buffer(3) for one in ground.carriageways)]
    )
    shapely.prepare(used)
    hills = np.array([[-2100, 1500], [1900, 1550], [1900, -1550], [-1900, -1000], [-600, 1950]])
    green_land: dict[str, list[shapely.Polygon]] = {"forest": [], "grass": []}
    core = crowd.convex_hull.intersection(_CORE)
    for cell in ground.terrain.cells:
        middle = np.array([cell.centroid.x, cell.centroid.y])
        near = float(np.hypot(*(hills - middle).T).min())
        wood = random.random() < (0.9 if near < 330 else 0.04)
        bare = random.random() < 0.06 or cell.centroid.within(core)
        if wood or bare:
            green_land["forest" if wood else "grass"].append(cell)
            continue
        field = cell.buffer(-0.3)
        for piece in shapely.get_parts(field.difference(used) if used.intersects(field) else field).tolist():
            if not isinstance(piece, shapely.Polygon) or piece.area < 150:
                continue
            rows.append({"name": "", "kind": "farmland", "geometry": piece})
    for kind, cells in green_land.items():
        joined = shapely.union_all(cells).buffer(-9).buffer(8).difference(used)
        rows += [{"name": "", "kind": kind, "geometry": one} for one in parts(joined) if one.area > 900]
    rows += [{"name": name, "kind": kind, "geometry": shape} for name, kind, shape in parks]
    return rows


def name_rows(compounds: list[Compound], parks: list[tuple[str, str, shapely.Polygon]]) -> list[Row]:
    """Return the names written on the map."""
    rows: list[Row] = [{"name": TOWN_NAME, "kind": "town", "geometry": shapely.Point(-30, 60)}]
    rows += [
        {"name": name, "kind": "village", "geometry": shapely.Point(x, y)}
        for name, (x, y, _) in VILLAGES.items()
    ]
    rows += [
        {"name": name, "kind": "quarter", "geometry": shapely.Point(x, y)}
        for name, x, y in (
            ("老城", -250, -120),
            ("东关", 640, 60),
            ("西园", -800, 110),
            ("桥南", 180, -745),
            ("柳溪东", 1180, 60),
        )
    ]
    shown = [(one.name, one.shape) for one in compounds] + [(name, shape) for name, _, shape in parks]
    rows += [
        {"name": name, "kind": "place", "geometry": shape.representative_point()}
        for name, shape in shown
        if name not in _SMALL
    ]
    return rows
