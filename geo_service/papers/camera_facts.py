"""What stands on the page and on the sheet of a camera, in words: the same facts for both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyproj import Transformer

from geo_service.analysis.camera_views import CLASSES, CameraView
from geo_service.i18n import say
from geo_service.imports.datums import DATUM_NAMES, wgs84_to_bd09, wgs84_to_gcj02
from geo_service.mapdata.values import column_values, field
from geo_service.store import Store
from geo_service.words import SEVERITIES, TARGET_KINDS, class_words
from town_model import InputError, Text, layer

DATUMS = ("wgs84", "gcj02", "bd09")
_ASIDE = frozenset({"name", "code", "status", "note", "osm_id"})
_DASH = "—"
Row = tuple[str, ...]


@dataclass(frozen=True)
class CameraFacts:
    """A camera in words; tables are rows of cells.

    Args:
        name: what it is called.
        code: its device number; empty where there is none.
        status: its state.
        position: label and value.
        settings: label and value, of the ledger.
        limits: class, pixels per metre, distance along the section, area by day, area by night.
        obstacles: name, distance, height, what it hides, along the section.
        watched: name, kind, class asked for, what is seen of it, share by day, share by night.
        findings: article, severity, finding, remedy; None where the law was not asked.
        certainty: sentences.
        notes: what was assumed or set right.
        dead_zone: in one sentence.
    """

    name: str
    code: str
    status: str
    position: tuple[Row, ...]
    settings: tuple[Row, ...]
    limits: tuple[Row, ...]
    obstacles: tuple[Row, ...]
    watched: tuple[Row, ...]
    findings: tuple[Row, ...] | None
    certainty: tuple[str, ...]
    notes: tuple[str, ...]
    dead_zone: str


def camera_facts(store: Store, one: CameraView, *, language: str = "zh", datum: str = "wgs84") -> CameraFacts:
    """Return a camera in words.

    Args:
        store: the town.
        one: the camera.
        language: ``zh`` or ``en``.
        datum: of the position: one of `DATUMS`; CGCS2000 stands beside it.

    Raises:
        InputError: the datum is unknown.
    """
    if datum not in DATUMS:
        raise InputError(
            "the datum must be one of {known}, not {value!r}", known=", ".join(DATUMS), value=datum
        )
    sites = layer("camera_sites")
    values = one.values
    return CameraFacts(
        name=str(values.get("name") or f"#{one.camera}"),
        code=str(values.get("code") or ""),
        status=sites.column("status").choice_title(str(values["status"]), language) if values.get("status") else "",
        position=_position(one, datum),
        settings=_settings(store, one, language),
        limits=_limits(one, language),
        obstacles=_obstacles(one, language),
        watched=tuple(_watched(one, language)),
        findings=None if one.findings is None else tuple(
            (
                say(Text.of("Article {number}", number=each.article), language) if each.article else _DASH,
                say(SEVERITIES[each.severity], language), say(each.words, language), say(each.remedy, language),
            )
            for each in one.findings
        ),
        certainty=tuple(_certainty(one, language)),
        notes=tuple(say(each, language) for each in one.notes),
        dead_zone=_dead_zone(one, language),
    )  # fmt: skip


def _position(one: CameraView, datum: str) -> tuple[Row, ...]:
    lon, lat = one.lon, one.lat
    if datum != "wgs84":
        turned = (wgs84_to_gcj02 if datum == "gcj02" else wgs84_to_bd09)(lon, lat)
        lon, lat = float(turned[0]), float(turned[1])
    rows = [(DATUM_NAMES[datum], _degrees(lon, lat))]
    if datum != "wgs84":
        rows.append((DATUM_NAMES["wgs84"], _degrees(one.lon, one.lat)))
    # the two ellipsoids differ by less than a millimetre: degrees are the same to the last digit that stands here
    rows.append((DATUM_NAMES["cgcs2000"], _degrees(one.lon, one.lat)))
    zone, x, y = _gauss_krueger(one.lon, one.lat)
    rows.append((zone, f"E {x:,.2f}  N {y:,.2f}"))
    return tuple((label, words) for label, words in rows)


def _degrees(lon: float, lat: float) -> str:
    return f"{lon:.7f}°, {lat:.7f}°"


def _gauss_krueger(lon: float, lat: float) -> tuple[str, float, float]:
    """Return the 3-degree zone of CGCS2000 with easting and northing (without the zone number in front)."""
    middle = min(max(round(lon / 3) * 3, 75), 135)
    epsg = 4534 + (middle - 75) // 3
    x, y = Transformer.from_crs(4490, epsg, always_xy=True).transform(lon, lat)
    return f"CGCS2000 {middle}°E", float(x), float(y)


def _settings(store: Store, one: CameraView, language: str) -> tuple[Row, ...]:
    rows = []
    for column in layer("camera_sites").columns:
        value = one.values.get(column.name)
        if column.name in _ASIDE or value is None or value == "":
            continue
        head = field(column, language)
        (words,) = column_values(column, [value], language, store)
        if isinstance(words, bool):
            words = say(Text("Yes") if words else Text("No"), language)
        if column.kind == "date":
            words = str(words)[:10]
        elif column.kind == "integer" or (isinstance(words, float) and words.is_integer()):
            words = int(float(words))
        rows.append((head["title"], f"{words} {head['unit']}".strip()))
    return tuple(rows)


def _limits(one: CameraView, language: str) -> tuple[Row, ...]:
    rows = []
    for limit in reversed(one.section.limits):
        name = limit.observation_class
        day, night = (f"{one.area_m2[light][name]:,.0f} m²" for light in ("day", "night"))
        seen = one.section.seen(name)
        reach = f"{seen[-1][1]:.1f} m" if seen else _DASH
        rows.append(
            (
                class_words(name, language),
                f"{limit.px_per_m:g}",
                _limit(limit.distance_m, one),
                reach,
                day,
                night,
            )
        )
    return tuple(rows)


def _limit(metres: float, one: CameraView) -> str:
    if math.isinf(metres) or metres > one.section.range_m:
        return f"> {one.section.range_m:g} m"
    return f"{metres:.1f} m" if metres > 0 else _DASH


def _obstacles(one: CameraView, language: str) -> tuple[Row, ...]:
    rows = []
    for each in one.section.crossings:
        name = one.obstacle_names.get(str(each.obstacle), str(each.obstacle))
        high = (
            say(Text("height unknown"), language)
            if math.isinf(each.top_m)
            else f"{each.top_m - each.base_m:.1f} m"
        )
        if each.own:
            words = say(Text("carries the camera"), language)
        elif math.isinf(each.shadow_end_m):
            words = say(Text("hides all behind it"), language)
        elif each.shadow_end_m <= each.end_m + 0.005:
            words = say(Text("hides nothing behind it"), language)
        else:
            words = say(Text.of("hides up to {distance} m", distance=f"{each.shadow_end_m:.1f}"), language)
        rows.append((name, f"{each.begin_m:.1f} m", high, words))
    return tuple(rows)


def _watched(one: CameraView, language: str) -> Sequence[Row]:
    rows = []
    for each in one.watched:
        unit = "m²" if each.measure == "area_m2" else "m"
        rows.append(
            (
                each.name or f"#{each.target.split('/')[1]}", say(TARGET_KINDS.get(each.kind, Text(each.kind)), language),
                class_words(each.required_class, language), f"{each.seen:,.0f} {unit}", _percent(each.share_day), _percent(each.share_night),
            )
        )  # fmt: skip
    return rows


def _percent(share: float | None) -> str:
    return _DASH if share is None else f"{100 * share:.1f}%"


def _certainty(one: CameraView, language: str) -> list[str]:
    quality = (
        layer("camera_sites")
        .column("data_quality")
        .choice_title(str(one.values.get("data_quality")), language)
    )
    words = [Text.of("Data: {quality}.", quality=quality)]
    if one.checking is not None:
        words.append(
            Text.of(
                "In doubt by what is known of it: {area} m² of areas and {length} m of roads.",
                area=_number(one.checking.get("doubt_area_m2")), length=_number(one.checking.get("doubt_length_m")),
            )
        )  # fmt: skip
        if worst := one.checking.get("worst_target"):
            words.append(Text.of("Most in doubt: {target}.", target=str(worst)))
    if one.critical is not None:
        words.append(
            Text.of(
                "If it fails, nobody sees {area} m² of areas and {length} m of roads any more.",
                area=_number(one.critical.get("lost_area_m2")), length=_number(one.critical.get("lost_length_m")),
            )
        )  # fmt: skip
    return [say(each, language) for each in words]


def _number(value: Any) -> str:
    return _DASH if value is None or value != value else f"{float(value):,.0f}"  # noqa: PLR0124 - NaN


def _dead_zone(one: CameraView, language: str) -> str:
    near, target = one.section.near_m, f"{one.section.target_height_m:g}"
    if any(each.state == "blind" for each in one.section.stretches):
        return say(Text("It counts as seeing nothing: see the remarks."), language)
    if math.isinf(near):
        return say(Text("In this direction its picture never meets the ground."), language)
    return say(
        Text.of(
            "Dead zone at the foot: {near} m for a target height of {target} m.",
            near=f"{near:.1f}",
            target=target,
        ),
        language,
    )


__all__ = ["CLASSES", "DATUMS", "CameraFacts", "camera_facts"]
