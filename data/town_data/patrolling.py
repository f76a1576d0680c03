"""Rows of patrols and duty: points, units, roles, checkpoints, boards, index; in local metres."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import shapely

from town_data.areas import at
from town_data.ground import Ground
from town_data.shapes import stream
from town_data.terrain import VILLAGES

Row = dict[str, Any]
_VILLAGE_ROADS = {
    "河街村": "西环路", "北关村": "北关路", "柳湾村": "柳湾路", "石桥村": "北关路",
    "白鹭村": "白鹭路", "杨岗村": "杨岗路", "枣林村": "枣林路", "渡口村": "渡口路",
}  # fmt: skip
# name, street, x, y, interval, dwell, priority, key area
_POINTS: list[tuple[str, str, float, float, int, int, str, str | None]] = [
    ("云渚大桥北桥头", "滨河路", 40, -370, 480, 5, "2", "云渚大桥"),
    ("云渚大桥南桥头", "迎宾路", 66, -600, 480, 5, "2", "云渚大桥"),
    ("文化广场舞台", "人民街", -140, 140, 360, 10, "2", "文化广场"),
    ("老河街牌坊", "迎宾路", 15, -196, 360, 10, "2", "老河街步行街"),
    ("人民街东口", "人民街", 760, 80, 480, 5, "3", None),
    ("人民街西口", "人民街", -900, 225, 480, 5, "3", None),
    ("中心小学门前", "文昌路", -455, 260, 480, 10, "1", "云渚镇中心小学"),
    ("卫生院急诊口", "建设路", 580, 405, 480, 5, "2", "云渚镇中心卫生院"),
    ("汽车站出站口", "汽车站路", 172, 545, 480, 10, "2", "云渚汽车站"),
    ("河滨公园亭子", "滨河路", 480, -400, 600, 5, "3", "河滨公园"),
]
# name, mode, kind, shifts, headcount, range, village, street, x, y, note
_UNITS: list[tuple[str, str, str, str, int, float | None, str | None, str, float, float, str]] = [
    ("一号巡逻车", "car", "police", "00:00-24:00", 2, None, None, "建设路", -318, 385, "二十四小时接力"),
    ("二号巡逻车", "car", "police", "00:00-24:00", 2, None, None, "建设路", -318, 385, "二十四小时接力"),
    (
        "摩托一组",
        "motorcycle",
        "auxiliary",
        "07:00-12:00,14:00-22:00",
        2,
        None,
        None,
        "建设路",
        -318,
        385,
        "",
    ),
    ("摩托二组", "motorcycle", "auxiliary", "18:00-02:00", 2, 4000.0, None, "汽车站路", 172, 545, ""),
    (
        "步巡一组",
        "foot",
        "auxiliary",
        "07:00-11:30,13:30-18:00",
        2,
        1500.0,
        None,
        "人民街",
        -100,
        130,
        "商业街、步行街",
    ),
    ("步巡二组", "foot", "auxiliary", "15:00-23:00", 2, 1500.0, None, "迎宾路", 10, -196, "老城、滨河"),
    (
        "步巡三组",
        "foot",
        "auxiliary",
        "06:30-12:30,15:00-22:00",
        2,
        3000.0,
        None,
        "迎宾路",
        66,
        -640,
        "桥南、望渚小径",
    ),
    (
        "步巡四组",
        "foot",
        "auxiliary",
        "08:00-12:00,18:00-22:30",
        2,
        1500.0,
        None,
        "汽车站路",
        172,
        545,
        "汽车站、卫生院、集市",
    ),
    ("中心小学护校队", "foot", "school", "07:00-08:30,16:00-18:00", 3, 500.0, None, "文昌路", -455, 260, ""),
    (
        "初级中学护校队",
        "foot",
        "school",
        "06:40-08:00,17:00-18:30,21:00-22:00",
        3,
        500.0,
        None,
        "学前路",
        -700,
        540,
        "",
    ),
    ("桥南小学护校队", "foot", "school", "07:00-08:30,16:00-18:00", 2, 500.0, None, "桥南街", -250, -750, ""),
    ("卫生院保安组", "foot", "hospital", "08:00-20:00", 2, 300.0, None, "建设路", 580, 405, ""),
]


def patrol_rows(ground: Ground) -> dict[str, list[Row]]:
    """Return patrol points, units, duty roles and checkpoints."""
    points = [
        {
            "name": name, "priority": priority, "visit_interval_min": interval, "dwell_min": dwell, "hours": "",
            "key_area": area, "village": None, "private_door": False, "geometry": at(ground, street, (x, y))[0],
        }
        for name, street, x, y, interval, dwell, priority, area in _POINTS
    ]  # fmt: skip
    units = [
        {
            "name": name, "mode": mode, "kind": kind, "shifts": shifts, "headcount": count, "speed_kmh": None, "range_m": reach,
            "village": village, "note": note, "geometry": at(ground, street, (x, y))[0],
        }
        for name, mode, kind, shifts, count, reach, village, street, x, y, note in _UNITS
    ]  # fmt: skip
    roles: list[Row] = [
        {"name": "镇带班领导", "village": None, "role": "leader", "headcount": 1, "hours": ""}
    ]
    for number, (village, (x, y, _)) in enumerate(VILLAGES.items()):
        spot = at(ground, _VILLAGE_ROADS[village], (x, y))[0]
        points.append(
            {
                "name": f"{village}党群服务中心", "priority": "3", "visit_interval_min": 720, "dwell_min": 10, "hours": "",
                "key_area": None, "village": village, "private_door": False, "geometry": spot,
            }
        )  # fmt: skip
        units.append(
            {
                "name": f"{village}红袖标夜巡组", "mode": "foot", "kind": "village",
                "shifts": ("19:00-22:00", "19:30-22:30", "20:00-23:00")[number % 3], "headcount": 4, "speed_kmh": None,
                "range_m": 1200.0, "village": village, "note": "义务巡逻", "geometry": spot,
            }
        )  # fmt: skip
        roles += [
            {"name": f"{village}值班干部", "village": village, "role": "cadre", "headcount": 2, "hours": ""},
            {"name": f"{village}网格员岗", "village": village, "role": "grid_worker", "headcount": 3 + number % 3, "hours": "08:00-18:00"},
            {"name": f"{village}夜巡志愿者岗", "village": village, "role": "volunteer", "headcount": 6 + number % 4, "hours": "19:00-23:00"},
        ]  # fmt: skip
    roles.append(
        {"name": "汽车站保安岗", "village": None, "role": "guard", "headcount": 4, "hours": "05:30-21:30"}
    )
    return {
        "patrol_points": points,
        "patrol_units": units,
        "duty_roles": roles,
        "checkpoints": _checkpoints(ground),
    }


def day_rows() -> list[Row]:
    """Return the rules that tell market days and the days of a festival."""
    return [
        {"name": "云渚集市", "day_type": "market_day", "rule": "lunar_ending", "days": "二五八", "note": "农历逢二、五、八为集日"},
        {
            "name": "文化广场年货节", "day_type": "event_day", "rule": "dates", "days": None, "first_day": dt.date(2027, 1, 30),
            "last_day": dt.date(2027, 2, 3), "note": "虚构",
        },
    ]  # fmt: skip


def rule_rows() -> list[Row]:
    """Return the rules of patrols: somebody stands before the primary school when the children come."""
    return [
        {
            "name": "中心小学早间护学岗", "demand": "post", "place_kind": "all", "patrol_point": "中心小学门前", "day_type": "school_day",
            "hours": "07:00-08:10", "note": "护校队到岗，缺人时由巡逻力量补位",
        }
    ]  # fmt: skip


def _checkpoints(ground: Ground) -> list[Row]:
    school = "07:00-08:10,16:30-18:00"
    listed = [
        ("中心小学护学岗", "school", "文昌路", -455, 250, school, 3),
        ("初级中学护学岗", "school", "学前路", -700, 530, school, 2),
        ("桥南小学护学岗", "school", "桥南街", -250, -760, school, 2),
        ("中心幼儿园护学岗", "school", "建设路", 290, 405, school, 2),
        ("云州大道西卡点", "traffic", "云州大道", -1500, 810, "20:00-24:00", 3),
        ("云渚大桥南卡点", "traffic", "迎宾路", 62, -650, "", 2),
        ("老河街节日卡点", "temporary", "老河街", -420, -190, "17:00-22:00", 2),
    ]
    return [
        {
            "name": name,
            "kind": kind,
            "hours": hours,
            "headcount": count,
            "note": "",
            "geometry": at(ground, street, (x, y))[0],
        }
        for name, kind, street, x, y, hours, count in listed
    ]


def _beside(ground: Ground, street: str, near: tuple[float, float]) -> shapely.Point:
    """Return a point at the edge of a street."""
    point, angle = at(ground, street, near)
    aside = ground.named(street)[0].width_m / 2 + 1.0
    return shapely.Point(
        round(point.x - math.sin(angle) * aside, 2), round(point.y + math.cos(angle) * aside, 2)
    )


def board_rows(gates: list[Row], wharf: shapely.Polygon, ground: Ground) -> list[Row]:
    """Return safety notice boards at estate gates, bus stops, the station and the wharf.

    Args:
        gates: rows of entrances.
        wharf: the quay.
        ground: terrain and streets.
    """
    boards: list[tuple[str, str, shapely.Point]] = []
    for gate in gates:
        if gate["housing_zone"]:
            boards.append((f"{gate['name']}提示牌", "estate", gate["geometry"]))
        elif gate["key_area"] == "云渚汽车站":
            boards.append(("汽车站提示牌", "station", gate["geometry"]))
    boards.append(("云渚码头提示牌", "wharf", wharf.representative_point()))
    for village, (x, y, _) in VILLAGES.items():
        boards.append(
            (f"{village}公交站提示牌", "bus_stop", _beside(ground, _VILLAGE_ROADS[village], (x + 60, y + 40)))
        )
    for name, street, x, y in (
        ("人民街提示牌", "人民街", 60, 125), ("老河街提示牌", "老河街", -240, -190), ("建设路提示牌", "建设路", -60, 385),
        ("滨河路提示牌", "滨河路", 300, -400), ("云州大道提示牌", "云州大道", 285, 660),
    ):  # fmt: skip
        boards.append((name, "street", _beside(ground, street, (x, y))))
    return [
        {
            "name": name,
            "place_kind": kind,
            "state": "damaged" if number % 9 == 4 else "planned" if number % 11 == 7 else "good",
            "village": ground.terrain.village_at(point),
            "note": "",
            "geometry": point,
        }
        for number, (name, kind, point) in enumerate(boards)
    ]


def index_rows(seed: int) -> list[Row]:
    """Return the monthly index of each village for three months."""
    random = stream(seed, 8)
    return [
        {
            "village": village,
            "month": month,
            "score": round(float(random.normal(90.5, 2.4)), 1),
            "sample_size": int(random.integers(60, 140)),
        }
        for village in VILLAGES
        for month in ("2026-03", "2026-04", "2026-05")
    ]
