"""Rows of what is watched: key areas, housing zones, their gates, no-camera zones; in local metres."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from town_data.compounds import Compound
from town_data.estates import gates_of
from town_data.ground import Ground
from town_data.shapes import parts, place, rectangle, tangent

Row = dict[str, Any]
FOOT_ONLY = "望渚公园"
_OFFICE = "云渚镇派出所"
# category: reason, priority, required class, interval (min), dwell (min), responsible unit
_TERMS: dict[str, tuple[str, str, str, int, int, str]] = {
    "school": ("上放学时段师生集中", "1", "detect", 360, 10, "云渚镇中心学校"),
    "kindergarten": ("入园离园时段人员集中", "1", "detect", 360, 10, "云渚镇中心学校"),
    "hospital": ("就诊人员密集,昼夜开放", "1", "detect", 300, 10, "云渚镇中心卫生院"),
    "government": ("办事群众较多", "1", "detect", 360, 10, "云渚镇人民政府"),
    "police": ("公安机关驻地", "2", "observe", 480, 5, "云渚镇派出所"),
    "station": ("旅客集散", "1", "detect", 300, 15, "云渚汽车站"),
    "wharf": ("临水,旅客上下船", "2", "detect", 360, 10, "云渚码头管理站"),
    "market": ("早市人流密集", "1", "detect", 360, 15, "云渚镇市场管理办"),
    "business_street": ("商铺集中,夜间人流较大", "1", "detect", 240, 20, "云渚镇商会"),
    "pedestrian_street": ("游客集中,消防通道狭窄", "1", "detect", 300, 20, "老河街管理办"),
    "square": ("集会和文体活动场所", "2", "detect", 300, 10, "云渚镇文化站"),
    "park": ("休闲活动场所,临水", "3", "detect", 480, 10, "云渚镇村镇建设办"),
    "main_road": ("镇区主要路口,车流集中", "2", "detect", 480, 5, "云渚镇交通管理站"),
    "bridge_tunnel": ("过河通道,桥下临水", "2", "detect", 480, 5, "云渚镇交通管理站"),
    "utility": ("水电油气供应设施", "2", "detect", 480, 10, "云渚镇应急办"),
    "bank": ("金融网点", "2", "observe", 480, 5, "云渚镇金融网点联防组"),
}


def make_parks(ground: Ground) -> list[tuple[str, str, shapely.Polygon]]:
    """Return name, kind and outline of parks and squares."""
    trail = ground.named("望渚小径")
    tip = max((one.points for one in trail), key=len)[-1]
    drawn = [
        ("文化广场", "square", (-140, 196, -4, 160, 72)),
        ("河滨公园", "park", (500, -300, -12, 190, 120)),
        ("老城绿地", "park", (-540, -310, 6, 110, 90)),
        (FOOT_ONLY, "park", (float(tip[0]), float(tip[1]) - 8, 8, 150, 110)),
        ("桥头游园", "park", (-60, -520, 0, 120, 60)),
    ]
    out = []
    for name, kind, (x, y, angle, width, depth) in drawn:
        ring = place(
            rectangle(0, 0, width, depth), np.array([x, y], dtype=np.float64), float(np.radians(angle))
        )
        paths = frozenset({"望渚小径", "南岸堤顶路"})
        out.append((name, kind, ground.plot(shapely.Polygon(ring), 2.5, crossing=paths)))
    return out


def _strip(ground: Ground, name: str, span: tuple[float, float], half_m: float) -> shapely.Polygon:
    """Return a strip along a street between two eastings."""
    line = shapely.line_merge(shapely.union_all([one.line for one in ground.named(name)]))
    longest = max(shapely.get_parts(line).tolist(), key=lambda one: one.length)
    x = shapely.get_coordinates(longest)
    points = x[(x[:, 0] >= span[0]) & (x[:, 0] <= span[1])]
    return shapely.LineString(points).buffer(half_m, cap_style="flat")


def wharf_of(ground: Ground) -> shapely.Polygon:
    """Return the quay between the river road and the water."""
    edge = shapely.LineString(ground.terrain.bank(-275, -120, 6.0))
    quay = edge.buffer(7.0, cap_style="flat").difference(
        shapely.union_all([one.buffer(0.5) for one in ground.carriageways])
    )
    return max(parts(quay.difference(ground.terrain.water)), key=lambda one: one.area)


def key_area_rows(
    ground: Ground, compounds: list[Compound], parks: list[tuple[str, str, shapely.Polygon]]
) -> list[Row]:
    """Return the key areas."""
    green = {name: shape for name, _, shape in parks}
    bridge = max((one for one in ground.named("迎宾路") if one.bridge), key=lambda one: one.line.length)
    listed: list[tuple[str, str, BaseGeometry]] = [
        (one.name, one.category, one.shape) for one in compounds if one.category
    ]
    cross = shapely.intersection(
        shapely.union_all([one.line for one in ground.named("云州大道")]),
        shapely.union_all([one.line for one in ground.named("迎宾路")]),
    ).centroid
    listed += [
        ("云渚码头", "wharf", wharf_of(ground)),
        ("人民街商业街", "business_street", _strip(ground, "人民街", (-320, 420), 8.0)),
        ("老河街步行街", "pedestrian_street", _strip(ground, "老河街", (-460, 30), 4.6)),
        ("文化广场", "square", green["文化广场"]),
        ("河滨公园", "park", green["河滨公园"]),
        (FOOT_ONLY, "park", green[FOOT_ONLY]),
        ("云渚大桥", "bridge_tunnel", bridge.line.buffer(7.5, cap_style="flat")),
        ("云州大道迎宾路口", "main_road", cross.buffer(30.0)),
    ]
    rows = []
    for number, (name, category, shape) in enumerate(listed):
        reason, priority, wanted, interval, dwell, unit = _TERMS[category]
        rows.append(
            {
                "name": name,
                "category": category,
                "priority": priority,
                "required_class": wanted,
                "hours": "",
                "visit_interval_min": 720 if name == FOOT_ONLY else interval,
                "dwell_min": dwell,
                "responsible_unit": unit,
                "village": ground.terrain.village_at(shape.centroid),
                "dwellings": None,
                "reason": reason,
                "approver": _OFFICE,
                "review_date": dt.date(2027, 3 + number % 9, 1 + number % 27),
                "geometry": shape,
            }
        )
    return rows


def zone_rows(ground: Ground, estates: list[Compound]) -> list[Row]:
    """Return the walled estates as housing zones."""
    return [
        {
            "name": one.name,
            "village": ground.terrain.village_at(one.shape.centroid),
            "households": sum(slab.dwellings or 0 for slab in one.buildings),
            "walled": True,
            "priority": "1" if number < 2 else "2",
            "required_class": "detect",
            "hours": "",
            "visit_interval_min": (300, 360, 300, 480)[number],
            "responsible_unit": f"{one.name}物业服务站",
            "geometry": one.shape,
        }
        for number, one in enumerate(estates)
    ]


def entrance_rows(ground: Ground, compounds: list[Compound], estates: list[Compound]) -> list[Row]:
    """Return the gates of estates and key areas."""
    rows = []
    for one in estates:
        for number, gate in enumerate(gates_of(ground, one)):
            rows.append(
                {
                    "name": f"{one.name}{'大门' if number == 0 else '侧门'}",
                    "housing_zone": one.name,
                    "key_area": None,
                    "kind": "main" if number == 0 else "side",
                    "width_m": 8.0,
                    "private_door": False,
                    "geometry": gate,
                }
            )
    rows += [
        {
            "name": f"{one.name}大门",
            "housing_zone": None,
            "key_area": one.name,
            "kind": "main",
            "width_m": 8.0,
            "private_door": False,
            "geometry": shapely.Point(one.gate[0]),
        }
        for one in compounds
        if one.category
    ]
    return rows


def no_camera_rows(compounds: list[Compound]) -> list[Row]:
    """Return places where no camera may stand, and one where consent is needed first."""
    by_name = {one.name: one for one in compounds}
    hall = {slab.name: slab.shape for one in compounds for slab in one.buildings if slab.name}
    return [
        {"name": "老街浴池", "kind": "article_8", "consent": False, "note": "公共浴池", "geometry": hall["老街浴池"]},
        {"name": "初级中学学生宿舍", "kind": "article_8", "consent": False, "note": "集体宿舍", "geometry": hall["学生宿舍"]},
        {"name": "卫生院哺乳室", "kind": "article_8", "consent": False, "note": "哺乳室",
         "geometry": hall["医技楼"].centroid.buffer(5.0)},
        {"name": "云渚武装部仓库", "kind": "article_10", "consent": False, "note": "须先征得同意",
         "geometry": by_name["云渚武装部仓库"].shape},
    ]  # fmt: skip


def at(ground: Ground, name: str, near: tuple[float, float]) -> tuple[shapely.Point, float]:
    """Return the point of a street nearest to a position, and the direction of the street there."""
    spot = shapely.Point(near)
    line = min((one.line for one in ground.named(name)), key=lambda one: one.distance(spot))
    point, angle = tangent(line, shapely.line_locate_point(line, spot))
    return shapely.Point(point), angle
