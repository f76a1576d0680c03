"""The checking list on A4: for each camera where it stands, what is doubtful about it, and blanks for what is measured on the spot."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pandas as pd
import segno
from pyproj import Proj
from shapely import Point

from geo_service.analysis.certainty import QUANTITIES
from geo_service.analysis.rows import each
from geo_service.i18n import say
from geo_service.mapdata import VIEW_CAMERAS, VIEW_MAP, layer_data
from geo_service.papers.drawing import draw_map
from geo_service.papers.looks import LOOKS
from geo_service.papers.press import compile_pdf
from geo_service.papers.shapes import Frame, shapes, transformer
from geo_service.store import Store, StoredResult
from town_model import LAYERS, InputError, Text

_MAP_MM = (62.0, 52.0)
_SCALE = 1500
_GROUND = ("land_cover", "water", "buildings", "obstacles", "roads")
_MEASURED = ("azimuth_deg", "tilt_deg", "mount_height_m", "hfov_deg")


def checking_pdf(
    store: Store,
    result: StoredResult,
    *,
    limit: int = 20,
    address: Callable[[int], str] | None = None,
    language: str = "zh",
    user: str = "",
    now: datetime | None = None,
) -> bytes:
    """Return the first cameras of the checking list as sheets to fill in, four on a page.

    Args:
        store: the town.
        result: a stored result of kind ``coverage`` with certainty.
        limit: how many cameras.
        address: of the quick form of a camera, printed as a QR code; None prints none.
        language: ``zh`` or ``en``.
        user: who prints.
        now: the time that stands on it; now by default.

    Raises:
        InputError: the list is empty, or the town has no position.
    """
    checking = result.frame("checking")
    epsg = store.town.epsg
    if checking.empty or epsg is None:
        raise InputError("no working camera leaves ground of a target in doubt: there is nothing to check")
    ledger = store.frame("camera_sites")
    moment = now or datetime.now().astimezone()
    files: dict[str, bytes] = {}
    cards = []
    for number, one in enumerate(each(checking.head(limit)), start=1):
        camera = int(one.camera)
        if camera not in ledger.index:
            continue
        place = ledger.geometry.loc[camera]
        files[f"map{number}.svg"] = _map(store, place, epsg, language).encode()
        if address is not None:
            files[f"qr{number}.svg"] = _code(address(camera))
        cards.append(_card(number, one, ledger.loc[camera], place, epsg, language))
    printed = Text.of("Printed {time} by {user}", time=moment.strftime("%Y-%m-%d %H:%M"), user=user)
    data = {
        "lang": "en" if language.startswith("en") else "zh",
        "title": say("Checking list", language),
        "under": say(
            "Measure on the spot, fill in, and enter by the code or the form: the first {count} cameras remove most doubt.",
            language,
            count=len(cards),
        ),
        "town": store.town.name,
        "codes": address is not None,
        "map_width": _MAP_MM[0],
        "map_height": _MAP_MM[1],
        "heads": [say(one, language) for one in (Text("Value"), Text("Entered so far"), Text("Measured"))],
        "note": say("Note", language),
        "doubtful": say("Doubtful:", language),
        "day": say("Measured on (day)", language),
        "cards": cards,
        "printed": say(printed, language),
        "confidential": say("Internal use only: do not copy or pass on", language),
        "how": say(
            "Azimuth clockwise from true north; tilt below the horizon; height of the lens above the ground. The arrow on each map points to true north.",
            language,
        ),
    }
    return compile_pdf("checking", data, files=files, made_at=moment.astimezone())


def _card(number: int, one: Any, row: Any, place: Point, epsg: int, language: str) -> dict[str, Any]:
    lon, lat = transformer(epsg, 4326).transform(place.x, place.y)
    doubts = [
        say("direction unknown", language)
        if name == "azimuth_tolerance_deg" and getattr(one, name) >= 180
        else say(
            "{quantity} ±{value:g} {unit}",
            language,
            quantity=words,
            value=float(getattr(one, name)),
            unit=unit,
        )
        for name, (words, unit) in QUANTITIES.items()
        if getattr(one, name) > 0
    ]
    rows = []
    for name in _MEASURED:
        column = LAYERS["camera_sites"].column(name)
        value = row[name]
        stated = "—" if pd.isna(value) else f"{float(value):g} {column.unit or ''}".strip()
        rows.append([column.title(language), stated])
    return {
        "number": number,
        "name": str(one.camera_name) or f"#{one.camera}",
        "place": f"{lat:.6f} N  {lon:.6f} E",
        "doubts": say("; ", language).join(doubts),
        "most": _most(one, language),
        "rows": rows,
    }  # fmt: skip


def _most(one: Any, language: str) -> str:
    said = {"area": f"{one.doubt_area_m2:,.0f}", "length": f"{one.doubt_length_m:,.0f}"}
    if not one.worst_target:
        return say("In doubt: {area} m² and {length} m", language, **said)
    return say(
        "In doubt: {area} m² and {length} m, most at {target}", language, target=one.worst_target, **said
    )


def _map(store: Store, place: Point, epsg: int, language: str) -> str:
    frame = Frame(*_MAP_MM, _SCALE, place.x, place.y, epsg)
    box = frame.box()
    layers, attributes = {}, {}
    for key in _GROUND:
        if frame.scale > LOOKS[key].least_scale:
            continue
        data = layer_data(store, key, language=language, permissions={VIEW_MAP}, bbox=box)
        layers[key], attributes[key] = shapes(data, frame), data["attributes"]
    data = layer_data(store, "camera_sites", language=language, permissions={VIEW_CAMERAS}, bbox=box)
    layers["camera_sites"] = shapes(data, frame)
    lon, lat = transformer(epsg, 4326).transform(place.x, place.y)
    convergence = float(Proj(epsg).get_factors(lon, lat).meridian_convergence)
    drawing = draw_map(layers, frame, attributes=attributes, north_deg=-convergence)
    x, y = round(_MAP_MM[0] * 50), round(_MAP_MM[1] * 50)
    ring = f'<circle cx="{x}" cy="{y}" r="380" fill="none" stroke="#a32020" stroke-width="60"/>'
    return drawing.replace("</svg>", f"{ring}</svg>")


def _code(words: str) -> bytes:
    target = io.BytesIO()
    segno.make(words, error="m", micro=False).save(target, kind="svg", border=2, scale=4)
    return target.getvalue()
