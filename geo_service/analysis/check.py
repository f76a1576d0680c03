"""`check`: what in a town's data would mislead a computation, or breaks the rules of Order 799, row by row.

What the law says of papers and places comes from `geo_service.analysis.compliance`; what cameras see is asked by `geo_service.analysis.law`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_service.analysis import compliance
from geo_service.analysis.findings import Finding, findings_of
from geo_service.analysis.scene import contradictory_heights, require_town
from geo_service.store import Store
from town_model import Text

FAR_FROM_ROADS_M = 300.0
ALL_ROUND = ("fisheye", "ptz", "multi_sensor")


def check_town(store: Store, *, today: dt.date) -> list[Finding]:
    """Return everything found, errors first.

    Args:
        store: the town.
        today: the day to which filing and review dates are compared.

    Raises:
        InputError: the town has no data yet.
    """
    # routing takes half a second to load, which other commands on cameras need not wait for
    from geo_service.analysis.duty_check import duty_findings  # noqa: PLC0415

    require_town(store)
    cameras = store.frame("camera_sites")
    cameras = cameras[cameras["status"] != "removed"]
    found = [
        *_optics(cameras),
        *compliance.paper_findings(cameras, today),
        *compliance.standing_findings(cameras, store.frame("no_camera_zones")),
        *compliance.same_spot_findings(cameras),
        *_far_from_roads(store, cameras),
        *_areas(store, today),
        *_buildings(store),
        *_obstacles(store),
        *_turns(store),
        *duty_findings(store),
    ]
    order = {"error": 0, "warning": 1, "note": 2}
    return sorted(found, key=lambda one: order[one.severity])


def _optics(cameras: gpd.GeoDataFrame) -> Iterator[Finding]:
    directed = ~cameras["kind"].isin(ALL_ROUND)
    no_lens = cameras["hfov_deg"].isna() & cameras["focal_length_mm"].isna() & directed
    yield from findings_of(
        cameras, cameras["azimuth_deg"].isna() & directed, "camera_sites", "warning",
        Text("the azimuth is missing"), Text("enter the direction from true north, or a compass word"),
    )  # fmt: skip
    yield from findings_of(
        cameras,
        cameras["mount_height_m"].isna(),
        "camera_sites",
        "warning",
        Text("the mount height is missing"),
        Text("measure or estimate the height in metres"),
    )
    yield from findings_of(
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
    yield from findings_of(
        cameras,
        odd,
        "camera_sites",
        "warning",
        Text("the device number is not 20 digits (GB/T 28181)"),
        Text("copy the number from the platform as text"),
    )


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
        yield from findings_of(
            frame,
            mask,
            layer,
            "warning",
            message,
            Text("check the position and the datum, or draw the missing road"),
        )


def _turns(store: Store) -> Iterator[Finding]:
    turns, roads = store.frame("turn_restrictions"), store.frame("roads")
    if turns.empty or roads.empty:
        return
    from patrol_routing import road_graph  # noqa: PLC0415 - SciPy and networkx, for towns with restrictions only

    graph = road_graph(roads.explode("geometry", ignore_index=True), turns=turns)
    for row, why in graph.graph["turns_left_out"]:
        yield Finding(
            "warning", "turn_restrictions", int(row), "", why,
            Text("patrols are planned as if it were not there: correct its place and its roads, or delete it"),
        )  # fmt: skip


def _areas(store: Store, today: dt.date) -> Iterator[Finding]:
    areas = store.frame("key_areas")
    yield from findings_of(
        areas, areas["visit_interval_min"].isna(), "key_areas", "note",
        Text("has no visit interval, so no patrol is planned for it"), Text("enter visit_interval_min"),
    )  # fmt: skip
    review = pd.to_datetime(areas["review_date"], errors="coerce")
    yield from findings_of(
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


def _obstacles(store: Store) -> Iterator[Finding]:
    frame = store.frame("obstacles").assign(name="")
    yield from findings_of(
        frame, pd.Series(contradictory_heights(frame), index=frame.index), "obstacles", "error",
        Text("the clear height is not below the height, so nothing is known of what it hides: it is left out"),
        Text("give the free height below it, or leave it empty where it hides down to the ground"),
    )  # fmt: skip
