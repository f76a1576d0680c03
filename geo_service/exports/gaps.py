"""The blind spots of a stored result as files."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from geo_service.cure_words import cure_words
from geo_service.exports.cells import origin, plain, workbook
from geo_service.exports.layers import geojson
from geo_service.i18n import say
from geo_service.store import StoredResult
from geo_service.words import TARGET_KINDS, cause_text
from town_model import EN_62676_4_2015, Text, layer
from town_model.crs import WGS84

_LIGHTS = {"day": Text("day"), "night": Text("night")}


def gaps_workbook(result: StoredResult, language: str = "zh") -> bytes:
    """Return the blind spots of a result as an XLSX: a row a piece, and a sheet that says where they come from.

    Args:
        result: a stored result of kind ``gaps``.
        language: ``zh`` or ``en``.
    """
    rows = _rows(result.frame("pieces"), language)
    header = [
        say(one, language)
        for one in (
            Text("No."),
            Text("Priority"),
            Text("Target"),
            Text("Kind of target"),
            Text("Light"),
            Text("Required class"),
            Text("Cause"),
            Text("Caused by"),
            Text("Cure"),
            Text("Share cured"),
            Text("Nearest camera"),
            Text("Distance (m)"),
            Text("Area (m²)"),
            Text("Length (m)"),
            Text("Longitude (°)"),
            Text("Latitude (°)"),
        )
    ]
    about = [
        *origin(result, language),
        (say("Pieces", language), len(rows)),
        (say("Positions", language), say("a point inside each piece, WGS-84", language)),
    ]
    return workbook(
        [
            (say("Blind spots", language), header, rows),
            (say("About", language), [say("Item", language), say("Value", language)], about),
        ]
    )


def gaps_geojson(result: StoredResult, language: str = "zh") -> bytes:
    """Return the blind spots of a result as GeoJSON in WGS-84, with the columns of the frame and the cause in words.

    Args:
        result: a stored result of kind ``gaps``.
        language: language of ``cause_text``, ``zh`` or ``en``.
    """
    kept: Any = result.frame("pieces")
    pieces = kept.to_crs(WGS84)
    pieces["cause_text"] = [say(cause_text(str(one)), language) for one in pieces["cause"]]
    pieces["cure_text"] = cure_words(pieces, language)
    return geojson(pieces, name="gaps")


def _rows(pieces: Any, language: str) -> list[list[Any]]:
    points = gpd.GeoSeries(pieces.geometry.representative_point(), crs=pieces.crs).to_crs(WGS84)

    def of(words: dict[str, Text], column: str) -> list[str]:
        return [say(words[one], language) if one in words else str(one) for one in pieces[column]]

    priority = layer("key_areas").column("priority")
    columns: list[list[Any]] = [
        list(range(1, len(pieces) + 1)),
        [priority.choice_title(_whole(one), language) for one in pieces["priority"]],
        [plain(name) or str(key) for name, key in zip(pieces["target_name"], pieces["target"], strict=True)],
        of(TARGET_KINDS, "target_kind"),
        of(_LIGHTS, "light"),
        [_class(one, language) for one in pieces["required_class"]],
        [say(cause_text(str(one)), language) for one in pieces["cause"]],
        [
            plain(name) if plain(name) is not None else plain(ref)
            for name, ref in zip(pieces["cause_name"], pieces["cause_ref"], strict=True)
        ],
        cure_words(pieces, language),
        [_rounded(one, 2) for one in pieces.get("cure_share", [None] * len(pieces))],
        [
            plain(name) if plain(name) is not None else plain(ref)
            for name, ref in zip(pieces["nearest_camera_name"], pieces["nearest_camera"], strict=True)
        ],
        *([_rounded(one, 1) for one in pieces[name]] for name in ("distance_m", "area_m2", "length_m")),
        [_rounded(one, 7) for one in points.x],
        [_rounded(one, 7) for one in points.y],
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def _whole(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and not pd.isna(value) else str(value)


def _class(value: Any, language: str) -> str | None:
    name = plain(value)
    if name is None:
        return None
    return EN_62676_4_2015.zh.get(str(name), str(name)) if language.startswith("zh") else str(name)


def _rounded(value: Any, digits: int) -> float | None:
    number = plain(value)
    return None if number is None else round(float(number), digits)
