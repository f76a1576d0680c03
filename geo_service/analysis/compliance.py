"""What breaks State Council Order 799 by camera, with article and remedy; plans are judged by the same rules before they are built.

Article numbers are those of 公共安全视频图像信息系统管理条例 (State Council Order 799, in force since 2025-04-01).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from camera_coverage import CoverageResult
from geo_service.analysis.findings import Finding, findings_of
from geo_service.analysis.rows import each
from town_model import Text

RETENTION_DAYS = 30
FILING_DAYS = 30
DUPLICATE_M = 1.0
DUPLICATE_DEG = 10.0
#: Another working camera that sees so much of the same ground at the same class makes a camera a duplicate.
DUPLICATE_SHARE = 0.8
DUPLICATE_CLASS = "observe"
#: Looking into a place counts at the weakest class, from so much of its ground on.
LOOK_CLASS = "monitor"
LEAST_LOOK_M2 = 1.0
#: Private ground seen at the class of the masks, from which on a camera is named.
PRIVATE_M2 = 20.0
_LAYER = "camera_sites"


def paper_findings(cameras: gpd.GeoDataFrame, today: dt.date) -> Iterator[Finding]:
    """Return what the papers of cameras lack: retention (17), sign (13), filing (14). What nobody entered is no breach.

    Args:
        cameras: camera sites; planned ones need no sign and no filing yet.
        today: the day to which filing is compared.
    """
    live = cameras["status"] != "planned"
    yield from findings_of(
        cameras, cameras["retention_days"] < RETENTION_DAYS, _LAYER, "error",
        Text("recordings are kept for less than 30 days (article 17)"), Text("extend the storage to 30 days"), 17,
    )  # fmt: skip
    yield from findings_of(
        cameras, live & cameras["sign_posted"].eq(other=False), _LAYER, "error",
        Text("no sign is posted (article 13)"), Text("post a conspicuous sign"), 13,
    )  # fmt: skip
    since = pd.to_datetime(cameras["in_use_since"], errors="coerce")
    filed = pd.to_datetime(cameras["filing_date"], errors="coerce")
    last = since + pd.Timedelta(days=FILING_DAYS)
    yield from findings_of(
        cameras, live & filed.isna() & (last < pd.Timestamp(today)), _LAYER, "error",
        Text("in use for more than 30 days and not filed (article 14)"), Text("file it with the county police"), 14,
    )  # fmt: skip
    yield from findings_of(
        cameras, live & (filed > last), _LAYER, "note",
        Text("was filed later than 30 days after it came into use (article 14)"), Text("file new cameras in time"), 14,
    )  # fmt: skip


def unknown_papers(cameras: gpd.GeoDataFrame) -> dict[str, int]:
    """Return of how many cameras in use nobody entered the sign, the filing (neither date) and the retention."""
    live = cameras[cameras["status"] != "planned"]
    return {
        "sign": int(live["sign_posted"].isna().sum()),
        "filing": int((live["filing_date"].isna() & live["in_use_since"].isna()).sum()),
        "retention": int(live["retention_days"].isna().sum()),
    }


def standing_findings(cameras: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Return cameras that stand in forbidden places (8) or near protected units without consent (10)."""
    if cameras.empty or zones.empty:
        return
    inside = gpd.sjoin(
        cameras[["name", "geometry"]], zones[["kind", "consent", "geometry"]], predicate="intersects"
    )
    forbidden = inside["kind"] == "article_8"
    yield from findings_of(
        inside, forbidden, _LAYER, "error",
        Text("stands in a place where cameras are forbidden (article 8)"), Text("take it down"), 8,
    )  # fmt: skip
    yield from findings_of(
        inside, ~forbidden & ~inside["consent"].fillna(value=False).astype(bool), _LAYER, "error",
        Text("stands near a protected unit without its consent (article 10)"), Text("obtain the consent first"), 10,
    )  # fmt: skip


def looking_findings(coverage: CoverageResult, zones: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Return cameras outside of forbidden (8) or protected places (10, no consent) that look into them."""
    wanted = zones[(zones["kind"] == "article_8") | ~zones["consent"].fillna(value=False).astype(bool)]
    if wanted.empty or coverage.cameras.empty:
        return
    areas = coverage.areas(LOOK_CLASS)
    camera, zone = shapely.STRtree(wanted.geometry.to_numpy()).query(areas, predicate="intersects")
    places = wanted.geometry.to_numpy()[zone]
    seen = shapely.area(shapely.intersection(areas[camera], places))
    outside = ~shapely.intersects(coverage.cameras.geometry.to_numpy()[camera], places)
    names = wanted["name"].fillna("").astype(str).to_numpy()
    for i in np.flatnonzero(outside & (seen >= LEAST_LOOK_M2)).tolist():
        row = coverage.cameras.iloc[camera[i]]
        given = {"zone": names[zone[i]] or f"#{wanted.index[zone[i]]}", "area": f"{seen[i]:,.0f}"}
        if wanted["kind"].iloc[zone[i]] == "article_8":
            message = Text(
                "looks into the forbidden place {zone}: {area} m² of its ground in view (article 8)", given
            )
            yield _finding("error", row, message, Text("turn it away, narrow its view, or mask that side"), 8)
        else:
            message = Text(
                "looks at {area} m² near the protected unit {zone} without its consent (article 10)", given
            )
            yield _finding("warning", row, message, Text("obtain the consent first, or turn it away"), 10)


def _finding(severity: str, row: pd.Series, message: Text, remedy: Text, article: int) -> Finding:
    name = row["name"] if isinstance(row["name"], str) else ""
    return Finding(severity, _LAYER, int(row.name), name, message, remedy, article)  # type: ignore[call-overload]


def same_spot_findings(cameras: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Return cameras that stand within a metre of another one and look the same way within ten degrees (6)."""
    if len(cameras) < 2:
        return
    tree = shapely.STRtree(cameras.geometry.to_numpy())
    first, second = tree.query(cameras.geometry.to_numpy(), predicate="dwithin", distance=DUPLICATE_M)
    pair = first < second
    first, second = first[pair], second[pair]
    azimuth = cameras["azimuth_deg"].to_numpy(dtype=float)
    apart = np.abs((azimuth[first] - azimuth[second] + 180) % 360 - 180)
    same = apart < DUPLICATE_DEG
    for i, j in zip(first[same], second[same], strict=True):
        message = Text.of(
            "stands where {other} stands and looks the same way (article 6)", other=cameras["name"].iloc[i]
        )
        yield _finding(
            "warning", cameras.iloc[j], message, Text("use what exists, or correct the position"), 6
        )


def same_ground_findings(
    coverage: CoverageResult, *, share: float = DUPLICATE_SHARE, observation_class: str = DUPLICATE_CLASS
) -> Iterator[Finding]:
    """Return cameras most of whose ground another working camera sees at the same class (6), and plans that another plan doubles.

    Of two that double each other, the planned one is named, else the one more of which is doubled, else the later row.

    Args:
        coverage: of all cameras to judge, planned ones too.
        share: of the camera's own ground, from which on it is a duplicate.
        observation_class: at which both see it.
    """
    areas = coverage.areas(observation_class)
    size = shapely.area(areas)
    one, other = shapely.STRtree(areas).query(areas, predicate="intersects")
    planned = coverage.status == "planned"
    judged = coverage.working | planned
    there = coverage.working[other] | (
        planned[other] & planned[one]
    )  # what is only planned doubles nothing that stands
    pair = (one != other) & there & judged[one] & (size[one] > 0)
    one, other = one[pair], other[pair]
    doubled = shapely.area(shapely.intersection(areas[one], areas[other])) / size[one]
    known = dict(zip(zip(one.tolist(), other.tolist(), strict=True), doubled.tolist(), strict=True))
    best: dict[int, tuple[float, int]] = {}
    for (i, j), part in known.items():
        back = known.get((j, i), 0.0)
        if part < share or (back >= share and (back, j) > (part, i)):
            continue  # the other of the two is named
        best[i] = max(best.get(i, (0.0, -1)), (part, j))
    names = coverage.cameras["name"].fillna("").astype(str)
    for i, (part, j) in sorted(best.items()):
        message = Text.of(
            "{share} % of the ground it sees is seen by {other} as well (article 6)",
            share=f"{100 * part:.0f}",
            other=names.iloc[j] or f"#{coverage.cameras.index[j]}",
        )
        remedy = (
            Text("use what exists; build it only if a second view is asked for")
            if coverage.status[i] == "planned"
            else Text("turn one of them to ground that nobody sees, unless a second view is asked for")
        )
        yield _finding("warning", coverage.cameras.iloc[i], message, remedy, 6)


def private_findings(cameras: gpd.GeoDataFrame, table: pd.DataFrame, mask_class: str) -> Iterator[Finding]:
    """Return cameras that see much private ground (13: position, angle and range limited to what is needed).

    Args:
        cameras: camera sites.
        table: the cameras of `camera_coverage.Exposure`.
        mask_class: the class of its masks.
    """
    seen = table[f"private_{mask_class}_m2"]
    for row in each(cameras[seen.reindex(cameras.index) >= PRIVATE_M2][["name"]]):
        yield Finding(
            "warning", _LAYER, int(row.Index), row.name if isinstance(row.name, str) else "",
            Text.of("sees {area} m² of private ground clearly (article 13)", area=f"{seen[row.Index]:,.0f}"),
            Text("set the proposed privacy masks, or turn or narrow it"), 13,
        )  # fmt: skip


def law_findings(
    coverage: CoverageResult,
    zones: gpd.GeoDataFrame,
    table: pd.DataFrame,
    *,
    mask_class: str,
    today: dt.date,
    duplicate_share: float = DUPLICATE_SHARE,
) -> list[Finding]:
    """Return all findings on the cameras of a coverage, the gravest first, by article and camera.

    Args:
        coverage: of all cameras that stand or are planned.
        zones: places of articles 8 and 10.
        table: the cameras of `camera_coverage.Exposure`.
        mask_class: the class of its masks.
        today: the day to which filing is compared.
        duplicate_share: see `same_ground_findings`.
    """
    cameras = coverage.cameras
    doubled = list(same_ground_findings(coverage, share=duplicate_share))
    named = {one.row for one in doubled}
    found = [
        *paper_findings(cameras, today),
        *standing_findings(cameras, zones),
        *looking_findings(coverage, zones),
        *doubled,
        *(one for one in same_spot_findings(cameras) if one.row not in named),
        *private_findings(cameras, table, mask_class),
    ]
    order = {"error": 0, "warning": 1, "note": 2}
    return sorted(found, key=lambda one: (order[one.severity], one.article, one.name, one.row or 0))
