"""`check`: what in a town's data would mislead a computation, or breaks the rules of Order 799, row by row.

Article numbers are those of 公共安全视频图像信息系统管理条例 (State Council Order 799, in force since 2025-04-01).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_service.analysis.rows import each
from geo_service.analysis.scene import require_town
from geo_service.store import Store
from town_model import Text

RETENTION_DAYS = 30
FILING_DAYS = 30
FAR_FROM_ROADS_M = 300.0
DUPLICATE_M = 1.0
DUPLICATE_DEG = 10.0
ALL_ROUND = ("fisheye", "ptz", "multi_sensor")


@dataclass(frozen=True)
class Finding:
    """One thing that somebody should look at.

    Args:
        severity: ``error`` (a rule is broken, or the row cannot be used), ``warning`` or ``note``.
        layer: the layer.
        row: its row id, None where the finding is about the layer as a whole.
        name: the name of the row.
        message: what is wrong.
        remedy: what to do.
    """

    severity: str
    layer: str
    row: int | None
    name: str
    message: Text
    remedy: Text


def check_town(store: Store, *, today: dt.date) -> list[Finding]:
    """Return everything found, errors first.

    Args:
        store: the town.
        today: the day to which filing and review dates are compared.

    Raises:
        InputError: the town has no data yet.
    """
    require_town(store)
    cameras = store.frame("camera_sites")
    cameras = cameras[cameras["status"] != "removed"]
    found = [
        *_optics(cameras),
        *_rules(cameras, today),
        *_zones(cameras, store.frame("no_camera_zones")),
        *_duplicates(cameras),
        *_far_from_roads(store, cameras),
        *_areas(store, today),
        *_buildings(store),
    ]
    order = {"error": 0, "warning": 1, "note": 2}
    return sorted(found, key=lambda one: order[one.severity])


def _rows(
    frame: pd.DataFrame, mask: pd.Series, layer: str, severity: str, message: Text, remedy: Text
) -> Iterator[Finding]:
    for row in each(frame[mask.fillna(value=False).astype(bool)]):
        name = row.name if isinstance(row.name, str) else ""
        yield Finding(severity, layer, int(row.Index), name, message, remedy)


def _optics(cameras: gpd.GeoDataFrame) -> Iterator[Finding]:
    directed = ~cameras["kind"].isin(ALL_ROUND)
    no_lens = cameras["hfov_deg"].isna() & cameras["focal_length_mm"].isna() & directed
    yield from _rows(
        cameras, cameras["azimuth_deg"].isna() & directed, "camera_sites", "warning",
        Text("the azimuth is missing"), Text("enter the direction from true north, or a compass word"),
    )  # fmt: skip
    yield from _rows(
        cameras,
        cameras["mount_height_m"].isna(),
        "camera_sites",
        "warning",
        Text("the mount height is missing"),
        Text("measure or estimate the height in metres"),
    )
    yield from _rows(
        cameras,
        no_lens,
        "camera_sites",
        "warning",
        Text("neither field of view nor focal length is known"),
        Text("enter hfov_deg, or focal length and sensor width"),
    )
    odd = cameras["code"].notna() & ~cameras["code"].astype("string").str.fullmatch(r"\d{20}").fillna(
        value=False
    )
    yield from _rows(
        cameras,
        odd,
        "camera_sites",
        "warning",
        Text("the device number is not 20 digits (GB/T 28181)"),
        Text("copy the number from the platform as text"),
    )


def _rules(cameras: gpd.GeoDataFrame, today: dt.date) -> Iterator[Finding]:
    live = cameras["status"] != "planned"
    yield from _rows(
        cameras, live & (cameras["retention_days"] < RETENTION_DAYS), "camera_sites", "error",
        Text("recordings are kept for less than 30 days (article 17)"), Text("extend the storage to 30 days"),
    )  # fmt: skip
    signs = cameras["sign_posted"]
    yield from _rows(
        cameras, live & signs.eq(other=False), "camera_sites", "error",
        Text("no sign is posted (article 13)"), Text("post a conspicuous sign"),
    )  # fmt: skip
    since = pd.to_datetime(cameras["in_use_since"], errors="coerce")
    late = cameras["filing_date"].isna() & (since < pd.Timestamp(today) - pd.Timedelta(days=FILING_DAYS))
    yield from _rows(
        cameras, live & late, "camera_sites", "error",
        Text("in use for more than 30 days and not filed (article 14)"), Text("file it with the county police"),
    )  # fmt: skip


def _zones(cameras: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> Iterator[Finding]:
    if cameras.empty or zones.empty:
        return
    inside = gpd.sjoin(
        cameras[["name", "geometry"]], zones[["kind", "consent", "geometry"]], predicate="intersects"
    )
    forbidden = inside["kind"] == "article_8"
    yield from _rows(
        inside,
        forbidden,
        "camera_sites",
        "error",
        Text("stands in a place where cameras are forbidden (article 8)"),
        Text("take it down"),
    )
    yield from _rows(
        inside, ~forbidden & ~inside["consent"].fillna(value=False).astype(bool), "camera_sites", "error",
        Text("stands near a protected unit without its consent (article 10)"), Text("obtain the consent first"),
    )  # fmt: skip


def _duplicates(cameras: gpd.GeoDataFrame) -> Iterator[Finding]:
    if len(cameras) < 2:
        return
    tree = shapely.STRtree(cameras.geometry.to_numpy())
    first, second = tree.query(cameras.geometry.to_numpy(), predicate="dwithin", distance=DUPLICATE_M)
    pair = first < second
    first, second = first[pair], second[pair]
    azimuth = cameras["azimuth_deg"].to_numpy(dtype=float)
    apart = np.abs((azimuth[first] - azimuth[second] + 180) % 360 - 180)
    for i, j in zip(first[apart < DUPLICATE_DEG], second[apart < DUPLICATE_DEG], strict=True):
        yield Finding(
            "warning", "camera_sites", int(cameras.index[j]), str(cameras["name"].iloc[j]),
            Text.of("stands where {other} stands and looks the same way (article 6)", other=cameras["name"].iloc[i]),
            Text("use what exists, or correct the position"),
        )  # fmt: skip


def _far_from_roads(store: Store, cameras: gpd.GeoDataFrame) -> Iterator[Finding]:
    roads = store.frame("roads")
    if roads.empty:
        yield Finding(
            "error", "roads", None, "", Text("there are no roads"), Text("import an OpenStreetMap file")
        )
        return
    tree = shapely.STRtree(roads.geometry.to_numpy())
    message = Text.of("is more than {metres} m from every road", metres=int(FAR_FROM_ROADS_M))
    for layer, frame in [
        ("camera_sites", cameras),
        *((one, store.frame(one)) for one in ("key_areas", "patrol_points", "patrol_units")),
    ]:
        if frame.empty:
            continue
        near = np.unique(
            tree.query(frame.geometry.to_numpy(), predicate="dwithin", distance=FAR_FROM_ROADS_M)[0]
        )
        mask = pd.Series(~np.isin(np.arange(len(frame)), near), index=frame.index)
        yield from _rows(
            frame,
            mask,
            layer,
            "warning",
            message,
            Text("check the position and the datum, or draw the missing road"),
        )


def _areas(store: Store, today: dt.date) -> Iterator[Finding]:
    areas = store.frame("key_areas")
    yield from _rows(
        areas, areas["visit_interval_min"].isna(), "key_areas", "note",
        Text("has no visit interval, so no patrol is planned for it"), Text("enter visit_interval_min"),
    )  # fmt: skip
    review = pd.to_datetime(areas["review_date"], errors="coerce")
    yield from _rows(
        areas,
        review < pd.Timestamp(today),
        "key_areas",
        "warning",
        Text("the review date has passed"),
        Text("review it, or take it off the list"),
    )


def _buildings(store: Store) -> Iterator[Finding]:
    buildings = store.frame("buildings")
    if buildings.empty:
        yield Finding(
            "warning", "buildings", None, "",
            Text("there are no buildings: coverage is not modelled and comes out optimistic"), Text("import or draw the buildings"),
        )  # fmt: skip
        return
    unknown = int(buildings["height_m"].isna().sum())
    if unknown:
        yield Finding(
            "note", "buildings", None, "",
            Text.of("{unknown} of {total} buildings carry no height and count as never seen over", unknown=unknown, total=len(buildings)),
            Text("enter heights or storeys"),
        )  # fmt: skip
