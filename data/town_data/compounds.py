"""Offices, schools, hospital, market and works: fenced plots with their buildings, drawn by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely

from town_data.ground import Ground
from town_data.shapes import Array, place, rectangle


@dataclass(frozen=True)
class Building:
    """A footprint before it becomes a row.

    Args:
        shape: the footprint.
        levels: storeys.
        use: value of ``buildings.use``.
        height_m: height.
        name: its name, mostly empty.
        dwellings: flats in it.
    """

    shape: shapely.Polygon
    levels: int
    use: str
    height_m: float
    name: str = ""
    dwellings: int | None = None


@dataclass(frozen=True)
class Compound:
    """A plot with buildings.

    Args:
        name: its name.
        category: category as a key area, empty where it is none.
        shape: the plot.
        buildings: what stands on it.
        gate: middle of its gate on the plot's edge, and the direction that leads out (radians).
        fence: kind of its enclosure, empty for none.
        household_lane: name of the lane through the gate of an estate.
    """

    name: str
    category: str
    shape: shapely.Polygon
    buildings: list[Building]
    gate: tuple[Array, float]
    fence: str = ""
    lanes: frozenset[str] = field(default_factory=frozenset)


# name, category, use, fence, x, y, angle (degrees), width, depth, street of the gate,
# buildings: dx, dy, width, depth, storeys, name
_Rows = list[tuple[float, float, float, float, int, str]]
_SPECS: list[tuple[str, str, str, str, float, float, float, float, float, str, _Rows]] = [
    ("云渚镇人民政府", "government", "public", "fence", -142, 312, 0, 150, 120, "建设路",
     [(0, 8, 70, 16, 5, "镇政府办公楼"), (-52, -22, 15, 46, 3, "便民服务中心"), (50, -24, 15, 42, 3, "镇政府西配楼"),
      (0, -45, 36, 13, 2, "机关食堂")]),
    ("云渚镇派出所", "police", "public", "fence", -318, 356, 1, 84, 46, "建设路",
     [(0, -8, 46, 15, 4, "派出所办公楼"), (31, 4, 10, 20, 2, "")]),
    ("云渚镇中心小学", "school", "school", "wall", -350, 246, -2, 160, 150, "文昌路",
     [(-38, 42, 62, 13, 4, "教学楼"), (-38, 6, 62, 13, 4, "综合楼"), (-58, -44, 30, 14, 2, "食堂"), (56, 52, 26, 14, 3, "")]),
    ("云渚镇初级中学", "school", "school", "wall", -815, 540, -4, 190, 150, "学前路",
     [(45, 45, 74, 14, 5, "教学楼"), (45, 12, 74, 14, 5, "实验楼"), (58, -40, 40, 18, 3, "食堂"), (-10, -52, 16, 44, 5, "学生宿舍")]),
    ("桥南小学", "school", "school", "wall", -250, -815, 4, 130, 90, "桥南街",
     [(-18, 22, 62, 12, 3, "教学楼"), (-18, -8, 40, 11, 2, ""), (45, 20, 16, 22, 2, "食堂")]),
    ("云渚镇中心幼儿园", "kindergarten", "school", "wall", 292, 346, -2, 110, 76, "建设路",
     [(-10, 14, 52, 14, 3, "教学楼"), (33, -2, 14, 30, 2, "")]),
    ("云渚镇中心卫生院", "hospital", "hospital", "fence", 590, 505, -4, 190, 120, "建设路",
     [(-30, -26, 64, 18, 5, "门诊楼"), (-30, 14, 64, 15, 7, "住院楼"), (48, -14, 18, 48, 4, "医技楼"), (58, 38, 26, 12, 2, ""),
      (-76, 32, 14, 22, 2, "")]),
    ("云渚汽车站", "station", "transport", "", 285, 560, -3, 160, 120, "汽车站路",
     [(-48, 0, 22, 62, 2, "候车厅"), (46, 36, 42, 13, 2, "检修间"), (50, -40, 30, 12, 2, "")]),
    ("云渚农贸市场", "market", "commercial", "", 204, 30, 0, 90, 140, "水井巷",
     [(0, 34, 48, 34, 1, "农贸市场一号厅"), (0, -14, 48, 34, 1, "农贸市场二号厅"), (0, -50, 46, 10, 2, "")]),
    ("信用合作社云渚网点", "bank", "commercial", "", 62, 84, -2, 46, 34, "人民街", [(0, 2, 30, 16, 4, "信用合作社")]),
    ("邮政储蓄建设路网点", "bank", "commercial", "", 490, 372, 1, 44, 34, "建设路", [(0, -1, 28, 14, 3, "邮政储蓄")]),
    ("云渚加油站", "utility", "other", "", 1480, 490, -12, 64, 46, "云州大道", [(0, 4, 24, 14, 1, "加油棚"), (0, -14, 22, 8, 1, "")]),
    ("云渚自来水厂", "utility", "industrial", "wall", -1075, 650, -14, 120, 80, "云州大道",
     [(-22, 12, 34, 18, 2, "净水车间"), (28, -12, 18, 16, 2, ""), (-30, -20, 20, 10, 1, "")]),
    ("云渚变电站", "utility", "industrial", "wall", 1060, 440, -8, 80, 60, "建设路", [(0, 6, 34, 16, 2, "配电楼")]),
    ("桥南集市", "market", "commercial", "", 200, -790, 2, 130, 60, "桥南街",
     [(-30, 2, 44, 22, 1, "集市大棚"), (32, 2, 44, 22, 1, "集市大棚")]),
    ("云渚粮库", "", "industrial", "wall", 1480, 180, 4, 190, 150, "东环路",
     [(-52, 40, 60, 20, 1, "一号仓"), (28, 40, 60, 20, 1, "二号仓"), (-52, 4, 60, 20, 1, "三号仓"), (28, 4, 60, 20, 1, "四号仓"),
      (-48, -44, 40, 14, 2, "")]),
    ("云渚工业园", "", "industrial", "wall", 1520, -70, -3, 230, 170, "东环路",
     [(-60, 44, 80, 34, 1, "农机配件车间"), (45, 44, 74, 34, 1, "竹制品车间"), (-58, -16, 70, 40, 1, "食品加工车间"), (40, -16, 60, 40, 2, ""),
      (-60, -62, 46, 16, 4, "职工宿舍")]),
    ("云渚敬老院", "", "public", "fence", -1100, 900, -16, 120, 90, "云州大道",
     [(0, 24, 60, 13, 3, "敬老院"), (-38, -10, 13, 36, 2, ""), (36, -12, 13, 34, 2, "")]),
    ("老街浴池", "", "commercial", "", -250, -110, 3, 44, 34, "铁匠巷", [(0, 0, 26, 18, 2, "老街浴池")]),
    ("云渚武装部仓库", "", "other", "wall", 480, 1000, -6, 90, 70, "小石桥", [(-12, 10, 40, 14, 1, ""), (14, -14, 30, 12, 1, "")]),
]  # fmt: skip


def make_compounds(ground: Ground) -> list[Compound]:
    """Return all compounds but the estates."""
    out = []
    for name, category, use, fence, x, y, angle, width, depth, street, rows in _SPECS:
        origin, turn = np.array([x, y], dtype=np.float64), float(np.radians(angle))
        shape = ground.plot(shapely.Polygon(place(rectangle(0, 0, width, depth), origin, turn)), 2.5)
        buildings = [one for row in rows if (one := _fitted(row, use, origin, turn, shape)) is not None]
        out.append(Compound(name, category, shape, buildings, gate_towards(ground, shape, street), fence))
    return out


def _fitted(
    row: tuple[float, float, float, float, int, str],
    use: str,
    origin: Array,
    turn: float,
    plot: shapely.Polygon,
) -> Building | None:
    """Return a building inside its plot, smaller where the plot was cut; None where none fits."""
    dx, dy, width, depth, levels, name = row
    room = plot.buffer(-2.0)
    for share in (1.0, 0.9, 0.8, 0.7):
        for inward in (1.0, 0.88, 0.76):
            ring = place(rectangle(dx * inward, dy * inward, width * share, depth * share), origin, turn)
            shape = shapely.Polygon(ring)
            if shape.within(room):
                storey = {"industrial": 6.5, "commercial": 4.2}.get(use, 3.6) if levels < 3 else 3.5
                return Building(shape, levels, use, round(levels * storey + 1.0, 1), name)
    return None


def gate_towards(ground: Ground, shape: shapely.Polygon, street: str) -> tuple[Array, float]:
    """Return the point on the edge of a plot nearest to a street, off the corners, and the direction outwards."""
    lines = shapely.union_all([one.line for one in ground.named(street)])
    edge = shape.exterior
    link = shapely.shortest_line(lines, shapely.Point(shape.centroid))
    crossing = edge.intersection(link)
    if crossing.is_empty:
        crossing = shapely.shortest_line(edge, lines)
    x, y = shapely.get_coordinates(crossing)[0]
    far, _ = shapely.get_coordinates(link)
    return np.array([x, y]), float(np.arctan2(far[1] - y, far[0] - x))
