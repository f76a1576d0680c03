"""The law report of a town: private ground in view, proposed masks, and findings by camera; planned cameras are judged like the others."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from camera_coverage import PRIVATE_M, analyse, exposure, private_ground
from geo_service.analysis import compliance
from geo_service.analysis.findings import SEVERITIES, Finding
from geo_service.analysis.kept import kept_town
from geo_service.analysis.scene import Obstacles, grid_azimuths, load_scene
from geo_service.analysis.targets import PUBLIC_ROADS
from geo_service.progress import Progress, silent
from geo_service.store import Store
from town_model import EN_62676_4_2015, InputError, Text

CLASSES = ("monitor", "detect", "observe", "recognise", "identify")
#: Cameras are judged in two groups: those that stand, and those that are planned.
GROUPS = ("standing", "planned")
#: Half the corridor of a public road whose width nobody entered.
ROAD_HALF_WIDTH_M = 3.5


@dataclass(frozen=True, kw_only=True)
class LawOptions:
    """What counts as private, and from when on a camera is named.

    Args:
        private_m: ground within this of a dwelling is private, up to 100 m.
        zones_shared: whether the ground inside housing zones is shared by their residents, and so not private.
        mask_class: masks hide all private ground seen at this class.
        duplicate_share: a camera is a duplicate when another working one sees this share of its ground.

    Raises:
        InputError: a value without meaning.
    """

    private_m: float = PRIVATE_M
    zones_shared: bool = True
    mask_class: str = "observe"
    duplicate_share: float = compliance.DUPLICATE_SHARE

    def __post_init__(self) -> None:
        if self.mask_class not in CLASSES:
            raise InputError(
                "{value!r} is no class of masks: use one of {known}",
                value=self.mask_class,
                known=", ".join(CLASSES),
            )
        if not 0 < self.duplicate_share <= 1:
            raise InputError(
                "the share of a duplicate must lie above 0 and up to 1, not {value}",
                value=self.duplicate_share,
            )


def load_private(
    store: Store, options: LawOptions, *, read: Callable[[str], gpd.GeoDataFrame] | None = None
) -> tuple[gpd.GeoSeries, gpd.GeoDataFrame]:
    """Return the private ground of a town and its dwellings.

    Private is the ground within `LawOptions.private_m` of buildings whose use is residential, outside of other buildings, of the
    corridors of public roads (half the width to either side, 3.5 m where it is unknown), of key areas, and of housing zones
    where their ground is shared.

    Args:
        store: the town.
        options: what counts as private.
        read: gives the rows of a layer, which are not changed; by default they are read from the store.
    """
    read = read or store.frame
    buildings = read("buildings")
    home = buildings["use"] == "residential"
    roads = read("roads")
    roads = roads[roads["highway"].isin(PUBLIC_ROADS) & ~roads["tunnel"].eq(other=True)]
    half = pd.to_numeric(roads["width_m"], errors="coerce").astype(float) / 2
    public = [
        buildings.geometry[~home],
        roads.geometry.buffer(half.fillna(ROAD_HALF_WIDTH_M).to_numpy()),
        read("key_areas").geometry,
        *([read("housing_zones").geometry] if options.zones_shared else []),
    ]
    dwellings = buildings[home]
    return private_ground(dwellings, public=public, distance_m=options.private_m), dwellings


def compute_law(
    store: Store,
    *,
    actor: str,
    today: dt.date,
    options: LawOptions = LawOptions(),
    progress: Progress = silent,
) -> int:
    """Ask what cameras see of private ground and what breaks the law; store it as ``exposure``; return the result's number.

    Args:
        store: the town.
        actor: who asks.
        today: the day to which filing is compared.
        options: what counts as private.
        progress: told how far it is.

    Raises:
        InputError: the town has no data yet, or a camera has values without meaning.
    """
    revision = store.revision()
    progress(0.0, Text("reading the town"))
    kept = kept_town(store)
    scene, walls, _ = kept.load(store)
    around = Obstacles(scene.obstacles, scene.obstacle_names, scene.unknown_heights)
    scene = load_scene(store, around, left_out=("removed",))
    progress(0.2, Text("computing visible areas"))
    cache = kept.cache(store)
    coverage = analyse(
        scene.cameras,
        scene=walls,
        options=kept.options(store),
        classes=CLASSES,
        night=(False, True),
        views=scene.views,
        cache=cache,
        memo=kept.memo,
    )
    cache.flush()
    progress(0.6, Text("measuring private ground"))
    private, dwellings = load_private(store, options)
    seen = exposure(coverage, private, dwellings, classes=CLASSES, mask_class=options.mask_class)
    dark = exposure(
        coverage, private, dwellings, classes=CLASSES, mask_class=options.mask_class, light="night"
    )
    progress(0.8, Text("comparing with the law"))
    found = compliance.law_findings(
        coverage,
        store.frame("no_camera_zones"),
        seen.cameras,
        mask_class=options.mask_class,
        today=today,
        duplicate_share=options.duplicate_share,
    )
    cameras = _by_camera(coverage.cameras, _both_lights(seen.cameras, dark.cameras), seen.masks)
    masks = _masks(coverage.cameras, seen.masks)
    summary: dict[str, Any] = {
        "cameras": len(cameras),
        "planned": int((cameras["status"] == "planned").sum()),
        "dwellings": len(dwellings),
        "buildings": store.count("buildings"),
        "private_m2": float(private.area.sum()),
        **_exposed(cameras, options.mask_class),
        "masks": len(masks),
        **_counted(found),
        "groups": _groups(cameras, masks, found, options.mask_class),
        "unknown": compliance.unknown_papers(coverage.cameras),
        "today": today.isoformat(),
    }
    return store.save_result(
        "exposure",
        actor=actor,
        options=asdict(options),
        summary=summary,
        frames={"cameras": cameras, "masks": masks, "findings": _stored(found, coverage.cameras["status"])},
        store_revision=revision,
    )


def _both_lights(day: pd.DataFrame, night: pd.DataFrame) -> pd.DataFrame:
    """Return exposure by day, and by night beside it: ``private_observe_night_m2`` beside ``private_observe_m2``."""
    titles = {name: "_night_".join(str(name).rsplit("_", 1)) for name in night.columns}
    return day.join(night.rename(columns=titles))


def _exposed(cameras: pd.DataFrame, mask_class: str) -> dict[str, Any]:
    clear = cameras[f"private_{mask_class}_m2"]
    return {
        "exposing": int((clear > 0).sum()),
        "exposed_m2": float(clear.sum()),
        "exposed_night_m2": float(cameras[f"private_{mask_class}_night_m2"].sum()),
        "facade_m": float(cameras[f"facade_{mask_class}_m"].sum()),
        "facade_night_m": float(cameras[f"facade_{mask_class}_night_m"].sum()),
    }


def _counted(found: list[Finding]) -> dict[str, Any]:
    articles = sorted({one.article for one in found})
    return {
        "findings": {one: sum(each.severity == one for each in found) for one in SEVERITIES},
        "articles": {str(one): sum(each.article == one for each in found) for one in articles},
    }


def _groups(
    cameras: pd.DataFrame, masks: pd.DataFrame, found: list[Finding], mask_class: str
) -> dict[str, dict[str, Any]]:
    """Return the figures of the cameras that stand and of those that are planned, each for itself."""
    result = {}
    for name in GROUPS:
        rows = cameras[(cameras["status"] == "planned") == (name == "planned")]
        ids = set(rows["camera"].tolist())
        mine = [one for one in found if one.row in ids]
        result[name] = {
            "cameras": len(rows),
            "clean": len(ids - {one.row for one in mine if one.severity != "note"}),
            **_exposed(rows, mask_class),
            "masks": int(masks["camera"].isin(ids).sum()),
            **_counted(mine),
        }
    return result


def _by_camera(sites: gpd.GeoDataFrame, table: pd.DataFrame, masks: pd.DataFrame) -> pd.DataFrame:
    """Return exposure by camera, the most private ground at the class of the masks first."""
    frame = pd.DataFrame(
        {
            "camera": sites.index,
            "camera_name": sites["name"].fillna("").to_numpy(),
            "status": sites["status"].to_numpy(),
        },
        index=sites.index,
    )
    frame = frame.join(table).assign(masks=masks["camera"].value_counts().reindex(sites.index).fillna(0))
    order = [f"{what}_{name}_{unit}" for name in ("observe", "monitor") for what, unit in (("private", "m2"), ("facade", "m"))]  # fmt: skip
    frame["masks"] = frame["masks"].astype(int)
    return frame.sort_values(order, ascending=False, kind="stable").reset_index(drop=True)


def _masks(sites: gpd.GeoDataFrame, masks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return masks with azimuths from true north, as people set them."""
    at = sites.loc[masks["camera"]] if len(masks) else sites.iloc[:0]
    turned = grid_azimuths(at, pd.Series(0.0, index=at.index)).to_numpy(dtype=float)
    around = (masks["to_deg"] - masks["from_deg"]).to_numpy(dtype=float) >= 360
    frame = masks.copy()
    frame.insert(1, "camera_name", at["name"].fillna("").to_numpy())
    for column in ("from_deg", "to_deg"):
        grid = masks[column].to_numpy(dtype=float)
        frame[column] = [
            edge if all_round else (edge - turn) % 360
            for edge, turn, all_round in zip(grid, turned, around, strict=True)
        ]
    return frame


def _stored(found: list[Finding], statuses: pd.Series) -> pd.DataFrame:
    rows = [
        {
            "article": one.article, "severity": one.severity, "camera": one.row, "camera_name": one.name, "status": str(statuses.get(one.row, "")),
            "template": one.message.template, "params": json.dumps({key: str(value) for key, value in one.message.params.items()}, ensure_ascii=False),
            "remedy": one.remedy.template,
        }
        for one in found
    ]  # fmt: skip
    columns = ["article", "severity", "camera", "camera_name", "status", "template", "params", "remedy"]
    return pd.DataFrame(rows, columns=columns)


def group_of(status: object) -> str:
    """Return the group that a camera of this status is judged in, one of `GROUPS`."""
    return "planned" if status == "planned" else "standing"


def of_group(frame: pd.DataFrame, group: str) -> pd.DataFrame:
    """Return the rows of a stored frame that belong to a group; all for an empty one.

    Args:
        frame: ``cameras`` or ``findings``, which have a status.
        group: one of `GROUPS`, or empty.

    Raises:
        InputError: there is no such group.
    """
    if not group:
        return frame
    if group not in GROUPS:
        raise InputError(
            "{value!r} is no group of cameras: use one of {known}", value=group, known=", ".join(GROUPS)
        )
    return frame[frame["status"].eq("planned") == (group == "planned")]


def message_of(row: Any) -> Text:
    """Return the words of a row of the stored frame ``findings``."""
    return Text(row.template, json.loads(row.params))


def class_title(name: str, language: str) -> str:
    """Return the name of a class."""
    return EN_62676_4_2015.zh.get(name, name) if language.startswith("zh") else name
