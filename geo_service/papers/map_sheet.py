"""A sheet with the town's map: title, legend, scale bar, north, date, sources, and who printed it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from pyproj import CRS, Proj, Transformer

from geo_service.exports.files import whole_file
from geo_service.i18n import say
from geo_service.mapdata import SOURCES, layer_data, map_spec
from geo_service.papers.drawing import draw_map, round_length, swatch
from geo_service.papers.looks import LOOKS, LayerLook
from geo_service.papers.press import compile_pdf
from geo_service.papers.shapes import Frame, Shape, shapes
from geo_service.store import Store
from town_maps import MapLayer, MapSpec
from town_model import InputError, Text

#: Sizes of paper upright, in millimetres (ISO 216).
PAPERS: Mapping[str, tuple[float, float]] = MappingProxyType({"a4": (210.0, 297.0), "a3": (297.0, 420.0)})
#: Scales that are offered, as n of 1:n.
SCALES = (500, 1000, 2000, 5000, 10_000, 25_000, 50_000, 100_000)
_LEAST_SCALE, _MOST_SCALE = 100, 1_000_000
_PLAIN = LayerLook(9)
_NICE = (1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 8, 10)

_MARGIN, _HEAD, _FOOT, _GAP = 10.0, 16.0, 15.0, 4.0
_SIDE, _BELOW = 54.0, 62.0
_ROW, _LEGEND_HEAD = 4.7, 8.0
# from here on the difference between the top of the sheet and true north is worth a word
_TOLD_NORTH_DEG = 0.5
MOST_TITLE = 60

Box = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class MapSheet:
    """What to print.

    Args:
        paper: a key of `PAPERS`.
        landscape: whether the longer side lies across.
        title: the title; empty takes the name of the town.
        layers: keys of the layers to draw.
        box: what must be on the sheet, west, south, east, north in degrees; None takes the town.
        scale: n of 1:n, round the middle of `box`; None takes the largest round scale at which `box` fits.

    Raises:
        InputError: unknown paper, a scale out of range, a title that is too long, or a box that is none.
    """

    paper: str = "a4"
    landscape: bool = True
    title: str = ""
    layers: tuple[str, ...] = ()
    box: Box | None = None
    scale: float | None = None

    def __post_init__(self) -> None:
        """Check all fields."""
        faults = []
        if self.paper not in PAPERS:
            faults.append(
                Text.of(
                    "paper must be one of {known}, not {value!r}", known=", ".join(PAPERS), value=self.paper
                )
            )
        if self.scale is not None and not _LEAST_SCALE <= self.scale <= _MOST_SCALE:
            faults.append(
                Text.of(
                    "the scale must lie between 1:{least} and 1:{most}", least=_LEAST_SCALE, most=_MOST_SCALE
                )
            )
        if len(self.title) > MOST_TITLE:
            faults.append(Text.of("the title must not be longer than {most} characters", most=MOST_TITLE))
        if self.box is not None:
            west, south, east, north = self.box
            good = (
                all(map(math.isfinite, self.box))
                and -180 <= west < east <= 180
                and -85 <= south < north <= 85
            )
            if not good:
                faults.append(
                    Text.of("a box must be west, south, east, north in degrees, not {box}", box=self.box)
                )
        if faults:
            raise InputError(faults)

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of the paper in millimetres."""
        short, long = PAPERS[self.paper]
        return (long, short) if self.landscape else (short, long)

    @property
    def map_mm(self) -> tuple[float, float]:
        """Width and height of the map on it in millimetres."""
        width, height = self.size_mm
        width -= 2 * _MARGIN
        height -= 2 * _MARGIN + _HEAD + _FOOT
        return (width - _SIDE - _GAP, height) if self.landscape else (width, height - _BELOW - _GAP)


@dataclass(frozen=True)
class Printed:
    """A sheet that was made.

    Args:
        pdf: the file.
        frame: what the map shows, and its scale.
        layers: keys of the layers that it shows.
        sensitive: whether cameras, blind spots or patrols are among them.
    """

    pdf: bytes
    frame: Frame
    layers: tuple[str, ...]
    sensitive: bool


def map_pdf(
    store: Store,
    sheet: MapSheet,
    *,
    language: str = "zh",
    permissions: Collection[str],
    user: str = "",
    now: datetime | None = None,
) -> Printed:
    """Return a sheet with the town's map. The caller enters it in the audit record.

    Args:
        store: the town.
        sheet: what to print.
        language: ``zh`` or ``en``.
        permissions: what the reader may see on a map, as in `geo_service.mapdata`.
        user: who prints.
        now: the time that stands on it; now by default.

    Raises:
        InputError: the town has no map yet, or there is no such layer.
        MapAccessError: a layer is not for this reader.
    """
    frame, spec, found, attributes = _content(store, sheet, language, permissions)
    moment = now or datetime.now().astimezone()
    units = _units(spec)
    x, y = frame.x, frame.y
    lon, lat = Transformer.from_crs(frame.epsg, 4326, always_xy=True).transform(x, y)
    # positive where grid north lies east of true north, so that true north is to the left of the top
    convergence = float(Proj(frame.epsg).get_factors(lon, lat).meridian_convergence)
    drawing = draw_map(found, frame, attributes=attributes, units=units, north_deg=-convergence)
    sensitive = any(SOURCES[key].sensitive for key in found)
    data = _words(
        store,
        sheet,
        spec,
        frame,
        language,
        sensitive=sensitive,
        user=user,
        moment=moment,
        convergence=convergence,
    )
    data["legend"] = _fitting(_legend(spec, found, units), sheet, language)
    pdf = compile_pdf("map", data, files={"map.svg": drawing.encode()}, made_at=moment.astimezone())
    return Printed(pdf, frame, tuple(found), sensitive)


def write_map_pdf(
    store: Store,
    out: Path,
    sheet: MapSheet,
    *,
    language: str = "zh",
    permissions: Collection[str],
    user: str = "",
    overwrite: bool = False,
) -> Printed:
    """Write a sheet with the town's map to a file, and enter it in the audit record before the file is there.

    Args:
        store: the town.
        out: the file.
        sheet: what to print.
        language: ``zh`` or ``en``.
        permissions: what the sheet may show, as in `geo_service.mapdata`.
        user: who prints.
        overwrite: replace a file that is there.

    Raises:
        InputError: the file is there already, its folder is not, or the sheet cannot be made.
        MapAccessError: a layer is beyond the permissions.
    """
    with whole_file(out, overwrite=overwrite) as part:
        made = map_pdf(store, sheet, language=language, permissions=permissions, user=user)
        part.write_bytes(made.pdf)
        store.audit(user, "print_map", f"1:{made.frame.scale:.0f} {' '.join(made.layers)}")
    return made


def _content(
    store: Store, sheet: MapSheet, language: str, permissions: Collection[str]
) -> tuple[Frame, MapSpec, dict[str, list[Shape]], dict[str, Any]]:
    epsg = store.town.epsg
    if epsg is None:
        raise InputError("the town has no map yet: import its roads and buildings first")
    spec = map_spec(store, language=language, permissions=permissions, keys=set(sheet.layers) or None)
    frame = frame_of(sheet, sheet.box or spec.bounds, epsg)
    box = frame.box()
    wanted = sheet.layers or tuple(one.key for one in spec.layers if one.visible)
    there = {one.key for one in spec.layers}
    found: dict[str, list[Shape]] = {}
    attributes: dict[str, Any] = {}
    for key in dict.fromkeys(wanted):
        if (
            key in SOURCES
            and frame.scale > LOOKS.get(key, _PLAIN).least_scale
            and SOURCES[key].permission in permissions
        ):
            continue
        # asked of every layer, so that one that is not for this reader ends in an error, not in silence
        data = layer_data(store, key, language=language, permissions=permissions, bbox=box)
        if key in there:
            found[key] = shapes(data, frame)
            attributes[key] = data["attributes"]
    return frame, spec, found, attributes


def frame_of(sheet: MapSheet, box: Box | None, epsg: int) -> Frame:
    """Return the frame that shows a box on a sheet.

    Args:
        sheet: the sheet.
        box: west, south, east, north in degrees.
        epsg: the town's metric coordinate system.

    Raises:
        InputError: there is no box, or no scale at which it fits.
    """
    if box is None:
        raise InputError("the town has no map yet: import its roads and buildings first")
    forward = Transformer.from_crs(4326, epsg, always_xy=True)
    xs, ys = forward.transform(np.array(box)[[0, 2, 0, 2]], np.array(box)[[1, 1, 3, 3]])
    if not (np.isfinite(xs).all() and np.isfinite(ys).all()):
        raise InputError("a box must be west, south, east, north in degrees, not {box}", box=box)
    width, height = sheet.map_mm
    x, y = (float(np.min(xs) + np.max(xs)) / 2, float(np.min(ys) + np.max(ys)) / 2)
    scale = sheet.scale
    if scale is None:
        scale = _round_up(max(np.ptp(xs) * 1000 / width, np.ptp(ys) * 1000 / height, _LEAST_SCALE))
        if scale > _MOST_SCALE:
            raise InputError("this view is too large for a sheet: zoom in, or choose a scale")
    return Frame(width, height, scale, x, y, epsg)


def _round_up(scale: float) -> float:
    power = 10.0 ** math.floor(math.log10(scale))
    return float(min(step * power for step in _NICE if step * power >= scale * (1 - 1e-9)))


def _units(spec: MapSpec) -> list[str]:
    return [item.value for one in spec.layers if one.key == "patrol_routes" for item in one.legend]


def _legend(
    spec: MapSpec, found: Mapping[str, Sequence[Shape]], units: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the entries of the legend: what is on the sheet, with how many of each."""
    told: list[dict[str, Any]] = []
    for one in spec.layers:
        drawn = found.get(one.key)
        if not drawn:
            continue
        tally: dict[str, int] = {}
        for shape in drawn:
            tally[shape.name] = tally.get(shape.name, 0) + 1
        classes = [item for item in one.legend if item.value in tally]
        if len(classes) < 2:
            name = classes[0].value if classes else max(tally, key=lambda name: tally[name])
            told.append(_entry(one, name, one.title, len(drawn), units, inner=False))
            continue
        of_units = one.key == "patrol_routes"  # how many lines a route was cut into says nothing
        count = len(classes) if of_units else len(drawn)
        told.append({"title": one.title, "count": count, "svg": "", "inner": False})
        told += [
            _entry(one, item.value, item.title, tally[item.value], units, inner=True) for item in classes
        ]
    return told


def _entry(
    one: MapLayer, name: str, title: str, count: int | None, units: Sequence[str], *, inner: bool
) -> dict[str, Any]:
    return {
        "title": title,
        "count": count,
        "svg": swatch(one.key, name, one.geometry, units=units),
        "inner": inner,
    }


def _columns(sheet: MapSheet) -> int:
    if sheet.landscape:
        return 1
    return 3 if sheet.paper == "a4" else 4


def _fitting(entries: list[dict[str, Any]], sheet: MapSheet, language: str) -> list[dict[str, Any]]:
    """Return as many entries as there is room for, and say how many are missing."""
    height = sheet.map_mm[1] if sheet.landscape else _BELOW
    room = int((height - _LEGEND_HEAD) // _ROW) * _columns(sheet)
    if len(entries) <= room:
        return entries
    left = len(entries) - room + 1
    words = say(Text.of("and {count} further entries", count=left), language)
    return [*entries[: room - 1], {"title": words, "count": None, "svg": "", "inner": False}]


def _words(
    store: Store,
    sheet: MapSheet,
    spec: MapSpec,
    frame: Frame,
    language: str,
    *,
    sensitive: bool,
    user: str,
    moment: datetime,
    convergence: float,
) -> dict[str, Any]:
    width, height = sheet.size_mm
    # a quarter of the map at most, in whole units that people can count
    bar_m = round_length(frame.width_mm / 4 / 1000 * frame.scale)
    town = store.town.name
    north = ""
    if abs(convergence) > _TOLD_NORTH_DEG:
        side = Text("west") if convergence > 0 else Text("east")
        north = say(
            Text.of("True north lies {degrees:.1f}° {side} of the top", degrees=abs(convergence), side=side),
            language,
        )
    sources = "; ".join(words for words, _ in spec.attribution)
    name = CRS.from_epsg(frame.epsg).name
    return {
        "lang": "en" if language.startswith("en") else "zh",
        "width": width,
        "height": height,
        "landscape": sheet.landscape,
        "margin": _MARGIN,
        "head": _HEAD,
        "foot": _FOOT,
        "gap": _GAP,
        "side": _SIDE,
        "below": _BELOW,
        "row": _ROW,
        "columns": _columns(sheet),
        "map_width": frame.width_mm,
        "map_height": frame.height_mm,
        "title": sheet.title or (say(Text.of("Map of {town}", town=town), language) if town else spec.title),
        "town": town,
        "date": moment.strftime("%Y-%m-%d %H:%M"),
        "printed": say(
            Text.of("Printed {time} by {user}", time=moment.strftime("%Y-%m-%d %H:%M"), user=user), language
        )
        if user
        else say(Text.of("Printed {time}", time=moment.strftime("%Y-%m-%d %H:%M")), language),
        "scale": f"1:{frame.scale:,.0f}" if language.startswith("en") else f"1:{frame.scale:.0f}",
        "bar_mm": bar_m * 1000 / frame.scale,
        "bar_half": _length(bar_m / 2, language),
        "bar_whole": _length(bar_m, language),
        "crs": say(
            Text.of("Coordinates: {name} (EPSG {epsg}), WGS-84 or CGCS2000", name=name, epsg=frame.epsg),
            language,
        ),
        "sources": sources,
        "north": north,
        "legend_title": say(Text("Legend"), language),
        "confidential": say(Text("Internal use only: do not copy or pass on"), language) if sensitive else "",
        "watermark": f"{user} {moment.strftime('%Y-%m-%d %H:%M')}".strip() if sensitive else "",
    }


def _length(metres: float, language: str) -> str:
    kilometres = metres >= 1000
    unit = Text("km") if kilometres else Text("m")
    return f"{metres / 1000 if kilometres else metres:g} {say(unit, language)}"
