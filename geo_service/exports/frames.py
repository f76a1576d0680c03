"""The frames of results as files take them: title, what is left out, words that depend on a whole row, and where rows lie."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_service.analysis.law import message_of
from geo_service.analysis.rows import each
from geo_service.analysis.targets import load_targets
from geo_service.cure_words import cure_words
from geo_service.exports.cells import plain
from geo_service.exports.clock_columns import CLOCK_SAVINGS
from geo_service.exports.columns import CLOCK_STATE, ENTRANCE_KIND, Shown, shown
from geo_service.i18n import say
from geo_service.store import Store
from geo_service.words import cause_text
from town_model import LAYERS, InputError, Text

Words = Callable[[pd.DataFrame, str], pd.DataFrame]


@dataclass(frozen=True)
class Declared:
    """One frame of a result.

    Args:
        title: of its sheet, layer or folder.
        left_out: columns that are keys of the inside.
        words: adds or replaces columns whose words depend on a whole row.
        place: the column that says where its rows lie, and the layer whose rows it names; ``targets`` for keys of targets. None: by
            its own geometry, or nowhere.
        own: columns that mean something else here.
    """

    title: Text
    left_out: tuple[str, ...] = ()
    words: Words | None = None
    place: tuple[str, str] | None = None
    own: Mapping[str, Shown] = field(default_factory=dict)


def _findings(frame: pd.DataFrame, language: str) -> pd.DataFrame:
    said = [say(message_of(one), language) for one in each(frame)]
    return frame.assign(finding=said).drop(columns=["template", "params"])


def _notes(frame: pd.DataFrame, language: str) -> pd.DataFrame:
    def params(given: Any) -> dict[str, Any]:
        return dict(json.loads(given)) if isinstance(given, str) else dict(given or {})

    said = [say(Text(one.template, params(one.params)), language) for one in each(frame)]
    return frame.assign(note=said).drop(columns=["template", "params", "code"])


def _pieces(frame: pd.DataFrame, language: str) -> pd.DataFrame:
    made = frame.assign(
        target_name=[
            plain(name) or str(key) for name, key in zip(frame["target_name"], frame["target"], strict=True)
        ],
        cause_text=[say(cause_text(str(one)), language) for one in frame["cause"]],
        cause_name=[
            plain(name) or plain(ref)
            for name, ref in zip(frame["cause_name"], frame["cause_ref"], strict=True)
        ],
    )
    if "cure" in frame.columns:
        made["cure_text"] = cure_words(frame, language)
    first = [
        "priority",
        "target_name",
        "target_kind",
        "light",
        "required_class",
        "cause_text",
        "cause_name",
        "cure_text",
        "cure_share",
    ]
    order = [one for one in first if one in made.columns]
    return made[order + [one for one in made.columns if one not in order]]


def _minutes(frame: pd.DataFrame, _language: str) -> pd.DataFrame:
    return frame.assign(minutes=(frame["end_s"] - frame["start_s"]) / 60)


def mask_azimuths(one: Any) -> tuple[int, int]:
    """Return the azimuths of a mask in whole degrees, rounded outward so that nothing shows at its edges."""
    if one.to_deg - one.from_deg >= 360:
        return 0, 360
    return math.floor(one.from_deg), math.ceil(one.to_deg)


def _masks(frame: pd.DataFrame, _language: str) -> pd.DataFrame:
    edges = [mask_azimuths(one) for one in each(frame)]
    return frame.assign(from_deg=[one for one, _ in edges], to_deg=[one for _, one in edges])


def _finite(frame: pd.DataFrame, _language: str) -> pd.DataFrame:
    """Leave endless times empty: no format but ours can say that nobody ever comes."""
    floats = [name for name in frame.columns if name != "geometry" and frame[name].dtype.kind == "f"]
    return frame.assign(**{name: frame[name].where(np.isfinite(frame[name])) for name in floats})


_RESPONSE = {
    "share_1": Shown(Text("Share within the first limit"), digits=4),
    "share_2": Shown(Text("Share within the second limit"), digits=4),
    "share_3": Shown(Text("Share within the third limit"), digits=4),
    "longest_s": Shown(Text("Slowest (s)"), digits=1),
}
_KEYS = ("target", "layer", "row", "camera", "entrance", "place", "road")
# what a row is called, where there are several the first
_NAMES = ("target_name", "camera_name", "name", "place_name", "maintained_by", "band")
_CAMERA = ("camera", "camera_sites")
#: By kind of result and name of frame. A frame that is not here leaves by nobody's hand; a test holds every column to a title.
FRAMES: dict[str, dict[str, Declared]] = {
    "coverage": {
        "targets": Declared(Text("Watched targets"), place=("target", "targets")),
        "visible_areas": Declared(Text("Visible areas")),
        "critical": Declared(Text("Critical cameras"), place=_CAMERA),
        "roads": Declared(Text("Roads")),
        "entrances": Declared(
            Text("Entrances"), place=("entrance", "entrances"), own={"kind": ENTRANCE_KIND},
            left_out=("place", "camera_in_day", "camera_out_day", "camera_in_night", "camera_out_night"),
        ),
        "bands": Declared(Text("How sure")),
        "checking": Declared(Text("Checking list"), place=_CAMERA),
        "turning": Declared(Text("Cameras that turn")),
        "watched_shares": Declared(Text("Share of time"), own={"share": Shown(Text("Share of time watched"), digits=4)}),
        "notes": Declared(Text("Assumed or set right"), words=_notes, place=_CAMERA),
    },
    "gaps": {
        "pieces": Declared(
            Text("Blind spots"), words=_pieces, left_out=("target", "cause", "cause_ref", "cure", "cure_params", "cause_camera", "nearest_camera")
        ),
    },
    "exposure": {
        "findings": Declared(Text("Findings"), words=_findings, place=_CAMERA),
        "cameras": Declared(Text("Private ground"), place=_CAMERA),
        "masks": Declared(Text("Privacy masks"), words=_masks),
    },
    "health": {
        "repairs": Declared(Text("Repair list"), place=_CAMERA),
        "units": Declared(Text("By maintaining unit")),
        "days": Declared(Text("By day")),
        "cameras": Declared(Text("By camera"), place=_CAMERA),
    },
    "response": {
        "places": Declared(
            Text("Response times"), words=_finite,
            own={**_RESPONSE, "kind": Shown(Text("Kind of place"), lambda value, language: LAYERS[str(value)].title(language) if str(value) in LAYERS else str(value)), "place": Shown(Text("Key of the place"))},
        ),
        "hours": Declared(Text("By hour"), words=_finite, own=_RESPONSE),
        "posts": Declared(Text("Spots for one more post"), words=_finite, own={"longest_s": Shown(Text("Slowest with it (s)"), digits=1)}),
        "roads": Declared(Text("Roads in reach"), words=_finite),
    },
    "clock": {
        "places": Declared(
            Text("Clock"), place=("place", "targets"),
            own={"kind": Shown(Text("Kind of place"), lambda value, language: LAYERS[str(value)].title(language) if str(value) in LAYERS else str(value)), "place": Shown(Text("Key of the place"))},
        ),
        "strips": Declared(Text("Stretches"), words=_minutes, own={"state": CLOCK_STATE, "place": Shown(Text("Key of the place"))}),
        "savings": Declared(Text("What cameras save"), place=_CAMERA, own=CLOCK_SAVINGS),
        "hours": Declared(Text("One more patrol hour"), own=CLOCK_SAVINGS),
        "hour_stops": Declared(Text("Stops of the hour"), own=CLOCK_SAVINGS),
        "villages": Declared(Text("Patrol minutes by village"), own=CLOCK_SAVINGS),
        "calendar_days": Declared(Text("Calendar of the town"), own=CLOCK_SAVINGS),
        "calendar": Declared(Text("Calendar by place"), place=("place", "targets"), own=CLOCK_SAVINGS),
        "calendar_strips": Declared(Text("Stretches by day"), words=_minutes, own={**CLOCK_SAVINGS, "state": CLOCK_STATE}),
    },
}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A frame ready to leave.

    Args:
        name: of the frame.
        title: in the language that was asked for.
        heads: titles of the columns.
        rows: cells in words.
        labels: what each row is called; empty where it has no name.
        geometry: where each row lies, in longitude and latitude; None where nowhere.
    """

    name: str
    title: str
    heads: list[str]
    rows: list[list[Any]]
    labels: list[str]
    geometry: gpd.GeoSeries | None


def declared(kind: str, name: str) -> Declared:
    """Return what is said of a frame.

    Raises:
        InputError: it is not for files.
    """
    found = FRAMES.get(kind, {}).get(name)
    if found is None:
        raise InputError("{kind} has no table {name!r}: use one of {known}", kind=kind, name=name, known=", ".join(FRAMES.get(kind, {})))  # fmt: skip
    return found


def untitled(kind: str, name: str, frame: pd.DataFrame) -> list[str]:
    """Return the columns of a frame that would leave without a title."""
    one = declared(kind, name)
    worded = _worded(one, frame, "en")
    return [each for each in _columns(one, worded) if shown(each, one.own) is None]


def table(
    store: Store, kind: str, name: str, frame: pd.DataFrame, *, language: str = "zh", names: bool = False
) -> Table:
    """Return a frame of a result as a table in words.

    Args:
        store: the town, for the places of rows.
        kind: of the result.
        name: of the frame.
        frame: as it was stored.
        language: ``zh`` or ``en``.
        names: stored names and codes, for scripts, in place of titles and words.
    """
    one = declared(kind, name)
    geometry = _places(store, one, frame)
    made = _worded(one, frame, language)
    if names:
        columns = [each for each in pd.DataFrame(made).columns if each != "geometry"]
        cells = [[_coded(each) for each in made[column].tolist()] for column in columns]
        return Table(name, name, columns, _rows(cells), _labels(made), geometry)
    columns = _columns(one, made)
    heads, cells = [], []
    for column in columns:
        how = shown(column, one.own) or Shown(Text("{code}", {"code": column}))
        heads.append(say(how.title, language))
        cells.append([_cell(each, how, language) for each in made[column].tolist()])
    return Table(name, say(one.title, language), heads, _rows(cells), _labels(made), geometry)


def _worded(one: Declared, frame: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return a frame with the words of whole rows; one of no columns at all stays as it is."""
    return frame if one.words is None or not len(frame.columns) else one.words(frame, language)


def _columns(one: Declared, frame: pd.DataFrame) -> list[str]:
    """Return the columns that leave: what people read first, then keys and row ids."""
    found = [str(each) for each in frame.columns if each != "geometry" and each not in one.left_out]
    return [each for each in found if each not in _KEYS] + [each for each in found if each in _KEYS]


def _labels(frame: pd.DataFrame) -> list[str]:
    for column in _NAMES:
        if column in frame.columns:
            return ["" if plain(one) is None else str(one) for one in frame[column].tolist()]
    return [""] * len(frame)


def _rows(columns: list[list[Any]]) -> list[list[Any]]:
    return [list(row) for row in zip(*columns, strict=True)]


def _cell(value: Any, how: Shown, language: str) -> Any:
    known = plain(value)
    if known is None or known == "":
        return None
    if how.say is not None:
        return how.say(known, language)
    if isinstance(known, float):
        return (
            int(known)
            if how.digits is None and known.is_integer()
            else known
            if how.digits is None
            else round(known, how.digits)
        )
    return (
        known
        if isinstance(known, bool | int | str)
        or not isinstance(known, dict | list | set | tuple | np.ndarray)
        else str(known)
    )


def _coded(value: Any) -> Any:
    known = plain(value) if not isinstance(value, dict | list | tuple | np.ndarray) else value
    return (
        json.dumps(known, ensure_ascii=False, default=str)
        if isinstance(known, dict | list | tuple)
        else known
    )


def _places(store: Store, one: Declared, frame: pd.DataFrame) -> gpd.GeoSeries | None:
    if isinstance(frame, gpd.GeoDataFrame) and one.place is None:
        return frame.geometry.reset_index(drop=True).to_crs(4326)
    if one.place is None or one.place[0] not in frame.columns:
        return None
    column, layer_name = one.place
    if layer_name == "targets":
        found: Any = load_targets(store).geometry
        others = sorted(
            {key.partition("/")[0] for key in frame[column].astype(str)} & set(LAYERS) - {"roads"}
        )
        more = [store.frame(each) for each in others if LAYERS[each].geometry]
        extra = [
            each.geometry.set_axis([f"{name}/{row}" for row in each.index])
            for name, each in zip(others, more, strict=False)
        ]
        found = (
            pd.concat([found, *[each[~each.index.isin(found.index)] for each in extra]]) if extra else found
        )
        keys: list[Any] = frame[column].astype(str).tolist()
    else:
        found = store.frame(layer_name).geometry
        keys = frame[column].tolist()
    geometry = gpd.GeoSeries(found.reindex(keys).to_numpy(), crs=store.town.epsg)
    return geometry.to_crs(4326)
