"""Rows of cameras, their views, street lights and mounting points; in local metres, azimuths from grid north."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from town_data.catalogue import camera_models
from town_data.compounds import Building, Compound
from town_data.ground import Ground
from town_data.junctions import crossings
from town_data.posts import Site, post_sites
from town_data.shapes import stream, tangent

Row = dict[str, Any]
_STATES = {"faulty": 7, "offline": 5, "planned": 4, "removed": 2}
_OWNERS = ("云渚镇派出所", "云渚镇人民政府", "云渚镇综治中心")
# model: mount height, tilt, range
_SETTINGS: dict[str, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    "枪机 200万 4mm": ((4.5, 6.0), (13, 18), (45, 60)),
    "枪机 400万 6mm": ((5.0, 6.5), (9, 13), (60, 80)),
    "枪机 400万 12mm 道路": ((5.5, 7.0), (5, 8), (90, 120)),
    "枪机 400万 4mm": ((5.0, 6.5), (14, 20), (60, 75)),
    "枪机 800万 变焦 2.8-12mm": ((5.5, 7.0), (10, 14), (80, 100)),
    "半球 200万 2.8mm": ((3.5, 4.0), (22, 30), (30, 32)),
    "半球 400万 2.8mm": ((3.5, 4.2), (20, 28), (30, 40)),
    "球机 200万 25倍": ((6.0, 7.5), (8, 12), (80, 100)),
    "球机 400万 32倍": ((6.5, 8.0), (7, 11), (100, 120)),
    "鱼眼 1200万": ((4.0, 5.0), (90, 90), (30, 32)),
    "多目 800万 180°": ((6.0, 7.5), (14, 18), (50, 70)),
}


@dataclass(frozen=True)
class Surveillance:
    """Rows of the camera layers.

    Args:
        cameras: rows of ``camera_sites``.
        views: rows of ``camera_views``.
        lights: rows of ``street_lights``.
        mounts: rows of ``mounting_points``.
    """

    cameras: list[Row]
    views: list[Row]
    lights: list[Row]
    mounts: list[Row]


def make_surveillance(
    ground: Ground, compounds: list[Compound], estates: list[Compound], buildings: list[Building], seed: int
) -> Surveillance:
    """Return cameras on poles beside streets and gates, and what else carries or lights them.

    Args:
        ground: terrain and streets.
        compounds: compounds but the estates.
        estates: the walled estates.
        buildings: all buildings.
        seed: seed of the town.
    """
    random = stream(seed, 7)
    solid = shapely.STRtree([one.shape for one in buildings])
    sites = post_sites(ground, compounds, estates, solid, random)
    cameras = camera_rows(ground, sites, random)
    views = view_rows(cameras, sites)
    lights = _lights(ground, solid, random)
    return Surveillance(cameras, views, lights, _mounts(ground, solid, lights, buildings, random))


def camera_rows(ground: Ground, sites: list[Site], random: np.random.Generator) -> list[Row]:
    """Return a row a site; every state occurs."""
    models = {one["name"]: one for one in camera_models()}
    states = np.array(["working"] * len(sites), dtype=object)
    # what watches a yard from inside mostly works: it is looked after
    often = np.array([0.25 if "院" in one.name or one.arms else 1.0 for one in sites])
    marked = random.choice(
        len(sites), size=sum(_STATES.values()), replace=False, p=often / often.sum()
    ).tolist()
    for state, count in _STATES.items():
        for _ in range(count):
            states[marked.pop()] = state
    rows = []
    for number, (site, state) in enumerate(zip(sites, states.tolist(), strict=True), 1):
        model = models[site.model]
        heights, tilts, ranges = _SETTINGS[site.model]
        since = dt.date(2019, 3, 1) + dt.timedelta(days=int(random.integers(0, 2500)))
        live = state != "planned"
        rows.append(
            {
                "name": site.name,
                "code": f"9000010000{13200000 + number:010d}",
                "kind": model["kind"],
                "model": site.model,
                "mount_height_m": round(float(random.uniform(*heights)) * 2) / 2,
                "azimuth_deg": round(site.azimuth_deg) % 360.0,
                "tilt_deg": float(round(float(random.uniform(*tilts)))),
                "hfov_deg": model["hfov_deg"],
                "focal_length_mm": model["focal_length_min_mm"],
                "sensor_width_mm": model["sensor_width_mm"],
                "resolution_px_h": model["resolution_px_h"],
                "resolution_px_v": model["resolution_px_v"],
                "max_range_m": float(round(float(random.uniform(*ranges)))),
                "ir_range_m": float(model["ir_range_m"]),
                "status": state,
                "owner": site.owner or _OWNERS[number % 3],
                "maintained_by": "云渚镇视频运维组",
                "village": ground.terrain.village_at(site.point),
                "sign_posted": bool(random.random() < 0.93),
                "filing_date": since + dt.timedelta(days=20) if live and random.random() < 0.94 else None,
                "in_use_since": since if live else None,
                "retention_days": int(random.choice([30, 30, 30, 30, 30, 60, 60, 90, 90, 15]))
                if number % 5
                else 30,
                "data_quality": "verified" if random.random() < 0.6 else "estimated",
                "note": "",
                "geometry": site.point,
            }
        )
    return rows


def view_rows(cameras: list[Row], sites: list[Site]) -> list[Row]:
    """Return presets of PTZ cameras and eyes of multi-sensor cameras."""
    rows: list[Row] = []
    for camera, site in zip(cameras, sites, strict=True):
        if camera["kind"] == "multi_sensor":
            turns, pixels = [-67.5, -22.5, 22.5, 67.5], (1920, 1440)
            hfov, dwell, word = 50.0, None, "镜头"
        elif camera["kind"] == "ptz" and site.arms:
            turns = [(one - site.azimuth_deg) % 360 for one in site.arms]
            pixels = (camera["resolution_px_h"], camera["resolution_px_v"])
            hfov, dwell, word = 48.0, 30.0, "预置位"
        else:
            continue
        for number, turn in enumerate(turns, 1):
            rows.append(
                {
                    "camera": camera["name"],
                    "name": f"{word}{number}",
                    "azimuth_deg": round(camera["azimuth_deg"] + turn, 1) % 360.0,
                    "tilt_deg": camera["tilt_deg"],
                    "hfov_deg": hfov,
                    "resolution_px_h": pixels[0],
                    "resolution_px_v": pixels[1],
                    "dwell_s": dwell,
                }
            )
    return rows


def _lights(ground: Ground, solid: shapely.STRtree, random: np.random.Generator) -> list[Row]:
    """Return about 150 lamps along the larger streets, a few of them dark."""
    rows: list[Row] = []
    wide = ("primary", "secondary", "tertiary", "pedestrian")
    for street in ground.streets:
        line = street.line
        near = line.distance(shapely.Point(0, 100)) < 1100
        if street.highway not in wide or street.bridge or not near:
            continue
        for number, along in enumerate(np.arange(22.0, line.length - 10, 62.0).tolist()):
            point, angle = tangent(line, along)
            side = 1.0 if number % 2 else -1.0
            normal = np.array([-np.sin(angle), np.cos(angle)]) * side
            spot = shapely.Point(np.round(point + normal * (street.width_m / 2 + 0.9), 2))
            middle = shapely.Point(spot)
            if not is_clear(ground, solid, middle, 0.4) or abs(spot.x) > 1150 or abs(spot.y) > 800:
                continue
            rows.append(
                {
                    "name": f"{street.name}路灯{len(rows) + 1:03d}",
                    "reach_m": 22.0 if street.highway in {"primary", "secondary"} else 16.0,
                    "working": bool(random.random() < 0.92),
                    "geometry": spot,
                }
            )
    return rows


def is_clear(ground: Ground, solid: shapely.STRtree, spot: shapely.Point, room_m: float) -> bool:
    """Whether a pole may stand here: off carriageways, water and buildings."""
    return not len(solid.query(spot, predicate="dwithin", distance=room_m)) and not len(
        ground.taken.query(spot, predicate="dwithin", distance=0.2)
    )


def _mounts(
    ground: Ground,
    solid: shapely.STRtree,
    lights: list[Row],
    buildings: list[Building],
    random: np.random.Generator,
) -> list[Row]:
    """Return lamp posts, poles at crossings, walls and roofs that may carry a camera."""
    rows: list[Row] = []

    def add(kind: str, spot: shapely.Point, height: float, owner: str) -> None:
        words = {"pole": "立杆", "lamp": "灯杆", "wall": "墙面", "roof": "屋顶"}
        rows.append(
            {
                "name": f"{words[kind]}{len(rows) + 1:03d}",
                "kind": kind,
                "max_height_m": height,
                "power": bool(random.random() < 0.9),
                "network": bool(random.random() < 0.45),
                "owner": owner,
                "geometry": spot,
            }
        )

    for one in lights[::3]:
        add("lamp", one["geometry"], 7.0, "云渚镇村镇建设办")
    for point, arms in crossings(ground.streets):
        half = max(ground.streets[index].width_m for index, _ in arms) / 2
        angles = sorted(angle for _, angle in arms)
        between = max(
            ((b - a, (a + b) / 2) for a, b in zip(angles, [*angles[1:], angles[0] + 2 * np.pi], strict=True)),
        )[1]
        spot = shapely.Point(np.round(point + (half + 2.2) * np.array([np.cos(between), np.sin(between)]), 2))
        if is_clear(ground, solid, spot, 0.4) and len(rows) < 130:
            add("pole", spot, float(random.choice([6.0, 6.5, 8.0])), "云渚镇派出所")
    tall = [
        one
        for one in buildings
        if one.use in {"public", "school", "hospital", "commercial"} and one.levels >= 3
    ]
    for house in tall[:: max(1, len(tall) // 24)]:
        edge = shapely.get_coordinates(house.shape)
        corner = shapely.Point(np.round((edge[0] + edge[1]) / 2, 2))
        if len(rows) % 2:
            add("wall", corner, min(house.height_m, 5.0), house.name or "沿街单位")
        else:
            add("roof", corner, house.height_m, house.name or "沿街单位")
    return rows
