"""The law report and the health of cameras as a workbook."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyogrio

from geo_service.analysis.law import CLASSES, class_title, message_of
from geo_service.analysis.rows import each
from geo_service.exports.cells import workbook
from geo_service.exports.layers import geojson
from geo_service.i18n import say
from geo_service.store import StoredResult
from geo_service.words import CAMERA_STATES, SEVERITIES
from town_model import Text
from town_model.crs import WGS84

Sheet = tuple[str, Sequence[str], list[list[Any]]]


def camera_report_workbook(
    law: StoredResult | None, health: StoredResult | None, language: str = "zh"
) -> bytes:
    """Return findings, private ground, masks, repairs, units, days and cameras as sheets of an XLSX; shares are of 0–1.

    Args:
        law: a stored result of kind ``exposure``.
        health: a stored result of kind ``health``.
        language: ``zh`` or ``en``.
    """
    sheets: list[Sheet] = []
    if law is not None:
        sheets += [_findings(law, language), _exposure(law, language), _masks(law, language)]
    if health is not None:
        sheets += [_repairs(health, language), _units(health, language), _days(health, language)]
    return workbook(sheets)


def _heads(language: str, *heads: Text) -> list[str]:
    return [say(one, language) for one in heads]


def _findings(law: StoredResult, language: str) -> Sheet:
    rows = [
        [one.camera_name or f"#{one.camera}", say(CAMERA_STATES.get(one.status, one.status), language), one.article or None, say(SEVERITIES[one.severity], language), say(message_of(one), language), say(one.remedy, language)]
        for one in each(law.frame("findings"))
    ]  # fmt: skip
    heads = _heads(
        language,
        Text("Camera"),
        Text("Status"),
        Text("Article"),
        Text("Severity"),
        Text("Finding"),
        Text("Remedy"),
    )
    return say("Findings", language), heads, rows


def _exposure(law: StoredResult, language: str) -> Sheet:
    frame = law.frame("cameras")
    measures = (
        ("private_{}_m2", Text("Private ground, {name} (m²)")),
        ("private_{}_night_m2", Text("Private ground by night, {name} (m²)")),
        ("facade_{}_m", Text("Façades, {name} (m)")),
        ("facade_{}_night_m", Text("Façades by night, {name} (m)")),
    )
    chosen = [(column.format(name), title, name) for column, title in measures for name in CLASSES]
    chosen = [one for one in chosen if one[0] in frame.columns]  # a report of an older version has no night
    heads = [
        *_heads(language, Text("Camera"), Text("Status")),
        *(say(title, language, name=class_title(name, language)) for _, title, name in chosen),
        say("Masks", language),
    ]
    rows = [
        [one["camera_name"], say(CAMERA_STATES[one["status"]], language), *(round(one[column], 1) for column, *_ in chosen), one["masks"]]
        for one in frame.to_dict("records")
    ]  # fmt: skip
    return say("Private ground", language), heads, rows


def mask_azimuths(one: Any) -> tuple[int, int]:
    """Return the azimuths of a mask in whole degrees, rounded outward so that nothing shows at its edges."""
    if one.to_deg - one.from_deg >= 360:
        return 0, 360
    return math.floor(one.from_deg), math.ceil(one.to_deg)


def masks_file(law: StoredResult, file_format: str, language: str = "zh") -> bytes:
    """Return the proposed privacy masks as shapes in longitude, latitude.

    Args:
        law: a stored result of kind ``exposure``.
        file_format: ``geojson``, ``gpkg`` or ``kml``.
        language: of the layer's name, ``zh`` or ``en``.
    """
    kept: Any = law.frame("masks")
    frame = kept.to_crs(WGS84)
    if file_format == "geojson":
        return geojson(frame, name="privacy_masks")
    if file_format == "kml":
        frame = frame.assign(Name=[one or "" for one in frame["camera_name"]])
    with tempfile.TemporaryDirectory(prefix="geo-service-masks-") as folder:
        path = Path(folder) / f"masks.{file_format}"
        pyogrio.write_dataframe(
            frame,
            path,
            layer=say("Privacy masks", language) if file_format == "kml" else "privacy_masks",
            driver=file_format.upper(),
            geometry_type="Polygon",
        )
        return path.read_bytes()


def _masks(law: StoredResult, language: str) -> Sheet:
    heads = _heads(
        language, Text("Camera"), Text("From azimuth (°)"), Text("To azimuth (°)"), Text("From distance (m)"), Text("To distance (m)"),
        Text("Private ground hidden (m²)"), Text("Other ground hidden (m²)"),
    )  # fmt: skip
    rows = [
        [one.camera_name, *mask_azimuths(one), *(round(float(value), 1) for value in (one.near_m, one.far_m, one.private_m2, one.lost_m2))]
        for one in each(law.frame("masks"))
    ]  # fmt: skip
    return say("Privacy masks", language), heads, rows


def _repairs(health: StoredResult, language: str) -> Sheet:
    heads = _heads(
        language, Text("No."), Text("Camera"), Text("State"), Text("Out of order since"), Text("Maintained by"),
        Text("Areas seen again (m²)"), Text("Roads seen again (m)"), Text("Most at"),
    )  # fmt: skip
    rows = [
        [number, one.camera_name, say(CAMERA_STATES[one.state], language), one.out_since or None, one.maintained_by or None, round(one.gained_area_m2, 1), round(one.gained_length_m, 1), one.first_target or None]
        for number, one in enumerate(each(health.frame("repairs")), start=1)
    ]  # fmt: skip
    return say("Repair list", language), heads, rows


def _units(health: StoredResult, language: str) -> Sheet:
    heads = _heads(
        language, Text("Maintained by"), Text("Cameras"), Text("Out of order"), Text("Share online"), Text("Share in order"),
    )  # fmt: skip
    rows = [
        [one.maintained_by or say("not entered", language), one.cameras, one.out_of_order, one.share_online, one.share_in_order]
        for one in each(health.frame("units"))
    ]  # fmt: skip
    return say("By maintaining unit", language), heads, rows


def _days(health: StoredResult, language: str) -> Sheet:
    heads = _heads(
        language, Text("Day"), Text("Cameras with records"), Text("Share online"), Text("Share in order")
    )
    rows = [
        [one.day, one.cameras, one.share_online, one.share_in_order] for one in each(health.frame("days"))
    ]
    return say("By day", language), heads, rows
