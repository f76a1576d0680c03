"""A town small enough to count by hand, with hand-made results, for the tests of the pages.

Ten metres are about 0.0001 degrees here; what the pages must show of it stands in the tests.
"""

import datetime as dt

import geopandas as gpd
import pandas as pd
from shapely import LineString, Point, box

from geo_service.publications import publish
from geo_service.workspace import Workspace

LON, LAT = 118.78, 32.04
PASSWORD = "Shi-men-2026"
EXTENT = (LON - 0.004, LAT - 0.004, LON + 0.004, LAT + 0.004)


def _at(east, north):
    return (LON + east * 1e-4, LAT + north * 1e-4)


def _point(east, north):
    return Point(*_at(east, north))


def _box(east, north, size=4):
    (west, south), (right, top) = _at(east, north), _at(east + size, north + size)
    return box(west, south, right, top)


def _line(*places):
    return LineString([_at(*one) for one in places])


def build(folder, *, name="石门镇", text=lambda words: words, results=True):
    """Make the workspace; `text` may replace every name, as the hostile town does."""
    workspace = Workspace.create(folder, name=text(name))
    store = workspace.store
    store.place_town(LON, LAT, actor="test")
    with store.change(actor="test", kind="sample") as change:
        north, south = change.insert(
            "villages",
            [
                {"name": text("上河村"), "geometry": _box(-40, 0, 80)},
                {"name": text("下河村"), "geometry": _box(-40, -80, 80)},
            ],
        )
        change.insert(
            "roads",
            [
                {"name": text("石门路"), "highway": "primary", "geometry": _line((-35, 0), (0, 0), (35, 0))},
                {
                    "name": text("河街"),
                    "highway": "residential",
                    "geometry": _line((0, -30), (0, 0), (0, 30)),
                },
            ],
        )
        change.insert(
            "buildings",
            [
                {"name": text("供销大楼"), "height_m": 12.0, "geometry": _box(3, 3)},
                {"height_m": 6.0, "geometry": _box(-12, 6)},
            ],
        )
        proper = {"reason": text("人流密集"), "approver": text("镇派出所"), "review_date": "2027-01-01"}
        areas = change.insert(
            "key_areas",
            [
                {"name": text("石门小学"), "category": "school", "priority": "1", "visit_interval_min": 120, "geometry": _box(8, 8, 6), **proper},
                {"name": text("石门码头"), "category": "wharf", "priority": "2", "visit_interval_min": 180, "geometry": _box(-20, -20, 6), **proper},
            ],
        )  # fmt: skip
        cameras = change.insert(
            "camera_sites",
            [
                {"name": text("石门路球机"), "kind": "ptz", "mount_height_m": 6.0, "azimuth_deg": 0.0, "status": "working", "geometry": _point(1, 1)},
                {"name": text("河街枪机"), "kind": "fixed", "mount_height_m": 4.0, "azimuth_deg": 90.0, "status": "working", "geometry": _point(0, -10)},
                {"name": text("码头枪机"), "kind": "fixed", "mount_height_m": 4.0, "azimuth_deg": 180.0, "status": "faulty", "geometry": _point(-18, -12)},
                {"name": text("拟建枪机"), "kind": "fixed", "mount_height_m": 4.0, "status": "planned", "geometry": _point(20, 0)},
            ],
        )  # fmt: skip
        units = change.insert(
            "patrol_units",
            [
                {"name": text("巡逻一号车"), "mode": "car", "kind": "police", "shifts": "00:00-24:00", "village": north, "geometry": _point(-5, 0)},
                {"name": text("上河巡逻队"), "mode": "foot", "kind": "village", "shifts": "18:00-22:00", "village": north, "geometry": _point(0, 20)},
                {"name": text("下河巡逻队"), "mode": "foot", "kind": "village", "shifts": "18:00-22:00", "village": south, "geometry": _point(0, -20)},
            ],
        )  # fmt: skip
    if results:
        save_results(store, areas=areas, cameras=cameras, units=units, villages=(north, south), text=text)
    return workspace


def _frame(store, rows):
    frame = gpd.GeoDataFrame(pd.DataFrame(rows), geometry="geometry", crs="EPSG:4326")
    return frame.to_crs(store.town.epsg)


def pieces(store, *, areas, cameras, text=lambda words: words):
    """Five blind spots: three of the school and the wharf, two along roads."""
    common = {"required_class": "observe", "cause_ref": None, "cause_name": None}
    rows = [
        (f"key_areas/{areas[0]}", "石门小学", "key_area", "day", "1", "hidden", 120.0, 0.0, _box(8, 8, 2)),
        (f"key_areas/{areas[0]}", "石门小学", "key_area", "night", "1", "dark", 400.0, 0.0, _box(8, 8, 4)),
        (f"key_areas/{areas[1]}", "石门码头", "key_area", "night", "2", "out_of_order", 900.0, 0.0, _box(-20, -20, 5)),
        ("roads/1", "石门路", "road", "day", "3", "out_of_range", 0.0, 250.0, _line((10, 0), (35, 0))),
        ("roads/2", "河街", "road", "night", "3", "no_camera_near", 0.0, 80.0, _line((0, 20), (0, 28))),
    ]  # fmt: skip
    made = [
        common
        | {
            "target": target, "target_name": text(name), "target_kind": kind, "light": light, "priority": priority,
            "cause": cause, "area_m2": area, "length_m": length, "nearest_camera": cameras[0],
            "nearest_camera_name": text("石门路球机"), "distance_m": 30.0 + number, "geometry": geometry,
        }
        for number, (target, name, kind, light, priority, cause, area, length, geometry) in enumerate(rows)
    ]  # fmt: skip
    made[0] |= {"cause_ref": "buildings/1", "cause_name": text("供销大楼")}
    made[2] |= {"cause_ref": f"camera_sites/{cameras[2]}", "cause_name": text("码头枪机")}
    return _frame(store, made)


def targets(*, areas, text=lambda words: words):
    """Two key areas of 1000 and 3000 square metres: by day 80 % and 60 % seen, by night 40 % and nothing."""
    return pd.DataFrame(
        {
            "target": [f"key_areas/{one}" for one in areas],
            "layer": "key_areas",
            "row": areas,
            "name": [text("石门小学"), text("石门码头")],
            "kind": "key_area",
            "priority": ["1", "2"],
            "required_class": "observe",
            "measure": "area_m2",
            "size": [1000.0, 3000.0],
            "share_day": [0.8, 0.6],
            "share_night": [0.4, 0.0],
            "cameras": [1, 0],
        }
    )


def patrol_frames(store, *, areas, units, villages, text=lambda words: words):
    """A day of three units: the car visits both places, each village group one of them."""
    keys = [f"patrol_units/{one}" for one in units]
    names = [text("巡逻一号车"), text("上河巡逻队"), text("下河巡逻队")]
    school, wharf = (f"key_areas/{one}" for one in areas)
    hours = 3600
    visits = [
        (keys[0], names[0], "car", 1, school, "石门小学", 1 * hours, 1 * hours + 600),
        (keys[0], names[0], "car", 2, wharf, "石门码头", 2 * hours, 2 * hours + 600),
        (keys[1], names[1], "foot", 1, school, "石门小学", 18 * hours + 900, 18 * hours + 1500),
        (keys[1], names[1], "foot", 2, school, "石门小学", 20 * hours, 20 * hours + 600),
        (keys[2], names[2], "foot", 1, wharf, "石门码头", 19 * hours, 19 * hours + 600),
    ]
    unit_rows = [
        (keys[0], names[0], "car", "police", villages[0], 0, 24 * hours, 2, 900.0, 4200.0),
        (keys[1], names[1], "foot", "village", villages[0], 18 * hours, 22 * hours, 2, 600.0, 700.0),
        (keys[2], names[2], "foot", "village", villages[1], 18 * hours, 22 * hours, 1, 300.0, 350.0),
    ]
    lines = [_line((-5, 0), (0, 0), (11, 0)), _line((0, 20), (0, 0), (11, 0)), _line((0, -20), (-17, 0))]
    return {
        "visits": pd.DataFrame(
            [(*row[:5], text(row[5]), *row[6:]) for row in visits],
            columns=["unit", "unit_name", "mode", "seq", "place", "place_name", "arrive_s", "depart_s"],
        ),
        "routes": _frame(
            store,
            [
                {"unit": row[0], "unit_name": row[1], "mode": row[2], "kind": row[3], "village": row[4], "length_m": row[9], "geometry": line}
                for row, line in zip(unit_rows, lines, strict=True)
            ],
        ),
        "breaches": pd.DataFrame(
            [(school, text("石门小学"), 4200, 18 * hours + 900, 61_500, 7200)],
            columns=["place", "place_name", "start_s", "end_s", "gap_s", "max_gap_s"],
        ),
        "places": _frame(
            store,
            [
                {"place": school, "name": text("石门小学"), "max_gap_s": 7200, "dwell_s": 600, "visits": 3, "worst_gap_s": 61_500.0, "geometry": _point(11, 11)},
                {"place": wharf, "name": text("石门码头"), "max_gap_s": 86_400, "dwell_s": 600, "visits": 2, "worst_gap_s": 43_200.0, "geometry": _point(-17, -17)},
            ],
        ),
        "unreachable": pd.DataFrame(
            [("key_areas/9", text("江心洲"), "car", text("没有汽车可走的路"))], columns=["place", "name", "mode", "reason"]
        ),
        "units": pd.DataFrame(
            [(*row[:5], text("派出所"), *row[5:]) for row in unit_rows],
            columns=["unit", "unit_name", "mode", "kind", "village", "base_name", "start_s", "end_s", "visits", "drive_s", "length_m"],
        ),
    }  # fmt: skip


def save_results(store, *, areas, cameras, units, villages, text=lambda words: words):
    """Keep one result of each kind."""
    seen = [
        {"camera": cameras[0], "camera_name": text("石门路球机"), "status": "working", "observation_class": "observe", "light": light, "area_m2": 3600.0, "geometry": _box(-2, -2, 8)}
        for light in ("day", "night")
    ]  # fmt: skip
    store.save_result(
        "coverage",
        actor="test",
        options={},
        summary={},
        frames={"visible_areas": _frame(store, seen), "targets": targets(areas=areas, text=text)},
    )
    store.save_result(
        "gaps",
        actor="test",
        options={},
        summary={},
        frames={"pieces": pieces(store, areas=areas, cameras=cameras, text=text)},
    )
    plan = store.save_result(
        "patrol",
        actor="test",
        options={},
        summary={},
        frames=patrol_frames(store, areas=areas, units=units, villages=villages, text=text),
    )
    # the day of the tests' clock, and the day on which they run
    for first in (dt.date(2026, 1, 1), dt.datetime.now().astimezone().date()):
        publish(store, plan, first, first + dt.timedelta(days=364), actor="test", today=first)
