"""How sure coverage is, as files: shares by target, the checking list, and the bands on the ground."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd

from geo_service.analysis.certainty import BANDS, QUALITIES, QUANTITIES, Tolerances
from geo_service.analysis.rows import each
from geo_service.exports.cells import about_sheet, heads_in, plain, workbook
from geo_service.exports.layers import geojson
from geo_service.i18n import say
from geo_service.store import StoredResult
from geo_service.words import TARGET_KINDS
from town_model import Text, layer
from town_model.crs import WGS84

_LIGHTS = {"day": Text("day"), "night": Text("night")}


def certainty_workbook(result: StoredResult, language: str = "zh") -> bytes:
    """Return shares by target, the checking list, the tolerances and their origin as an XLSX; shares are of 0–1.

    Args:
        result: a stored result of kind ``coverage`` with certainty.
        language: ``zh`` or ``en``.
    """
    return workbook(
        [
            _targets(result, language),
            _checking(result, language),
            _tolerances(result, language),
            _about(result, language),
        ]
    )


def bands_geojson(result: StoredResult, language: str = "zh") -> bytes:
    """Return what is surely and only possibly seen on the ground as GeoJSON in WGS-84.

    Args:
        result: a stored result of kind ``coverage`` with certainty.
        language: of ``band_text``, ``zh`` or ``en``.
    """
    kept: Any = result.frame("bands")
    bands = kept[~kept.geometry.is_empty].to_crs(WGS84)
    bands["band_text"] = [say(BANDS[str(one)], language) for one in bands["band"]]
    return geojson(bands, name="certainty")


def _targets(result: StoredResult, language: str) -> tuple[str, list[str], list[list[Any]]]:
    heads = heads_in(
        language, Text("Target"), Text("Kind of target"), Text("Priority"),
        Text("Surely seen by day"), Text("Possibly seen by day"), Text("As entered by day"),
        Text("Surely seen by night"), Text("Possibly seen by night"), Text("As entered by night"),
    )  # fmt: skip
    priority = layer("key_areas").column("priority")
    rows = [
        [
            str(one.name) or str(one.target),
            say(TARGET_KINDS[one.kind], language) if one.kind in TARGET_KINDS else str(one.kind),
            priority.choice_title(str(one.priority), language),
            *(
                _rounded(getattr(one, f"share_{light}{band}"))
                for light in _LIGHTS
                for band in ("_sure", "_possible", "")
            ),
        ]
        for one in each(result.frame("targets"))
    ]
    return say("By target", language), heads, rows


def _checking(result: StoredResult, language: str) -> tuple[str, list[str], list[list[Any]]]:
    heads = [
        *heads_in(language, Text("No."), Text("Camera"), Text("Areas in doubt (m²)"), Text("Roads in doubt (m)"), Text("Targets"), Text("Most at")),
        *(f"{say(words, language)} ± ({unit})" for words, unit in QUANTITIES.values()),
        *heads_in(language, Text("Longitude (°)"), Text("Latitude (°)")),
    ]  # fmt: skip
    kept: Any = result.frame("checking")
    if kept.empty:
        return say("Checking list", language), heads, []
    places = gpd.GeoSeries(kept.geometry, crs=kept.crs).to_crs(WGS84)
    rows = [
        [
            number, str(one.camera_name) or f"#{one.camera}", round(float(one.doubt_area_m2), 1), round(float(one.doubt_length_m), 1),
            int(one.targets), str(one.worst_target), *(round(float(getattr(one, name)), 2) for name in QUANTITIES),
            round(place.x, 7), round(place.y, 7),
        ]
        for number, (one, place) in enumerate(zip(each(kept), places, strict=True), start=1)
    ]  # fmt: skip
    return say("Checking list", language), heads, rows


def _tolerances(result: StoredResult, language: str) -> tuple[str, list[str], list[list[Any]]]:
    numbers = Tolerances.read(result.options.get("tolerances")).numbers()
    heads = [say("Value", language), *(say(title, language) for title, _ in QUALITIES.values())]
    rows = [
        [f"{say(words, language)} ± ({unit})", *(numbers[f"{quality}.{name}"] for quality in QUALITIES)]
        for name, (words, unit) in QUANTITIES.items()
    ]
    return say("Tolerances", language), heads, rows


def _about(result: StoredResult, language: str) -> tuple[str, list[str], list[Sequence[Any]]]:
    found = result.summary["certain"]
    return about_sheet(
        result,
        language,
        [say("Working cameras measured on the spot", language), found["verified"]],
        [say("Surely seen by day (m²)", language), round(found["sure_day_m2"], 1)],
        [say("Only possibly seen by day (m²)", language), round(found["possible_day_m2"], 1)],
    )


def _rounded(value: Any) -> float | None:
    number = plain(value)
    return None if number is None else round(float(number), 4)
