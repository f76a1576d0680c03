"""The four walled estates: slabs in rows, a lane through each gate, a wall with gaps at the gates."""

from __future__ import annotations

import numpy as np
import shapely

from town_data.compounds import Building, Compound
from town_data.ground import Ground
from town_data.shapes import parts, place, rectangle, stream, tangent
from town_data.streets import HEAD, Street

GATE_M = 8.0
# name: village, x, y, angle (degrees), width, depth, storeys, slab length and depth, streets of the gates
ESTATES: dict[str, tuple[str, float, float, float, float, float, int, float, float, tuple[str, ...]]] = {
    "北园小区": ("北关村", -262, 452, 0, 330, 96, 6, 40, 11.5, ("北园路", "建设路")),
    "柳溪新村": ("北关村", 1115, 165, -4, 250, 210, 5, 44, 12.0, ("建设路", "人民街")),
    "西苑安置区": ("河街村", -785, -95, 1, 250, 220, 6, 46, 12.0, ("西环路", "后街")),
    "桥南新村": ("渡口村", 285, -650, 0, 250, 130, 4, 36, 11.0, ("桥南街",)),
}  # fmt: skip


def estate_lanes(streets: list[Street]) -> list[Street]:
    """Return a lane from each gate's street to the middle of its estate, to be joined with the rest."""
    lanes = []
    for name, (_, x, y, *_, gates) in ESTATES.items():
        middle = np.array([x, y], dtype=np.float64)
        hub: np.ndarray | None = None
        for number, street in enumerate(gates, 1):
            line = min(
                (one.line for one in streets if one.name == street),
                key=lambda one: one.distance(shapely.Point(middle)),
            )
            foot, _ = tangent(line, shapely.line_locate_point(line, shapely.Point(middle)))
            end = middle if hub is None else hub
            lanes.append(
                Street(f"{name}{'一二'[number - 1]}号路", "service", np.round(np.array([foot, end]), 2), HEAD)
            )
            hub = end
    return lanes


def lane_names(name: str) -> frozenset[str]:
    """Return the names of an estate's lanes."""
    return frozenset(f"{name}{number}号路" for number in "一二")


def make_estates(ground: Ground, seed: int) -> list[Compound]:
    """Return the four estates with their slabs."""
    random = stream(seed, 4)
    out = []
    for name, (_, x, y, angle, width, depth, levels, length, thick, _) in ESTATES.items():
        origin, turn = np.array([x, y], dtype=np.float64), float(np.radians(angle))
        lanes = lane_names(name)
        shape = ground.plot(
            shapely.Polygon(place(rectangle(0, 0, width, depth), origin, turn)), 2.5, crossing=lanes
        )
        keep = shapely.union_all([one.line for one in ground.streets if one.name in lanes]).buffer(5.0)
        room = shape.buffer(-5.0).difference(keep)
        buildings: list[Building] = []
        rows = max(1, int((depth - 14) // (thick + 19)))
        for row in range(rows):
            dy = (row - (rows - 1) / 2) * (depth - thick - 16) / max(1, rows - 1)
            columns = int((width - 12) // (length + 9))
            for column in range(columns):
                dx = (column - (columns - 1) / 2) * (width - 12) / columns
                slab = shapely.Polygon(place(rectangle(dx, dy, length, thick), origin, turn))
                fitted = [one for one in parts(slab.intersection(room)) if one.area > 0.45 * slab.area]
                for piece in fitted:
                    body = shapely.oriented_envelope(piece)
                    if not body.within(room.buffer(0.5)) or body.length < 30:
                        continue
                    storeys = levels + int(random.integers(-1, 1))
                    flats = storeys * 2 * max(1, round(body.length / 2 / 24))
                    label = f"{name}{len(buildings) + 1}号楼"
                    buildings.append(
                        Building(body, storeys, "residential", round(storeys * 3.0 + 1.2, 1), label, flats)
                    )
        gates = [
            gate for one in ground.streets if one.name in lanes for gate in parts(one.line.intersection(shape.exterior), shapely.Point)
        ]  # fmt: skip
        spot = shapely.get_coordinates(gates[0])[0]
        out_of = float(np.arctan2(*(spot - origin)[::-1]))
        out.append(Compound(name, "residential", shape, buildings, (spot, out_of), "wall", lanes))
    return out


def gates_of(ground: Ground, estate: Compound) -> list[shapely.Point]:
    """Return where the lanes of an estate pass its wall."""
    return [
        gate
        for one in ground.streets
        if one.name in estate.lanes
        for part in shapely.get_parts(one.line.intersection(estate.shape.exterior)).tolist()
        for gate in parts(part, shapely.Point)
    ]


def wall_of(shape: shapely.Polygon, gates: list[shapely.Point]) -> list[shapely.LineString]:
    """Return the edge of a plot as a wall with a gap at each gate."""
    gaps = shapely.union_all([one.buffer(GATE_M / 2) for one in gates])
    return parts(shapely.line_merge(shape.exterior.difference(gaps)), shapely.LineString)
