"""A layer as a file."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from geo_service.exports.cells import neutral, plain, workbook
from geo_service.exports.files import whole_file
from geo_service.exports.kml import kml
from geo_service.i18n import say
from geo_service.store import Store
from town_model import Column, InputError, Layer, Text, layer

_METRIC_AXES = (Text("Easting (m)"), Text("Northing (m)"))
_DEGREE_AXES = (Text("Longitude (°)"), Text("Latitude (°)"))


def export_layer(
    store: Store,
    layer_name: str,
    path: Path | str,
    *,
    language: str = "zh",
    crs: str = "wgs84",
    where: Mapping[str, str] = MappingProxyType({}),
    overwrite: bool = False,
    actor: str = "system",
) -> int:
    """Write a layer into a file whose ending names the format: ``.xlsx``, ``.csv``, ``.geojson``, ``.gpkg``, ``.kml``.

    Spreadsheets carry titles with units, titles of choices and names of the rows referred to, and no cell that
    could run as a formula; a point has two columns, another geometry is WKT. GeoJSON and GeoPackage carry the
    declared names and values. The export is noted in the audit record before the file is there.

    Args:
        store: the store.
        layer_name: name of a layer.
        path: the file to write.
        language: ``zh`` or ``en``, for the words of spreadsheets.
        crs: ``wgs84`` for longitude, latitude, ``metric`` for the coordinate system of the town.
        where: only rows with these values of choice columns, such as ``{"status": "planned"}``.
        overwrite: whether a file of that name may be replaced.
        actor: who exports.

    Returns:
        The number of rows.

    Raises:
        InputError: the format is unknown, the file is there already, or it cannot be written.
    """
    declared = layer(layer_name)
    target = Path(path)
    write = _WRITERS.get(target.suffix.lower())
    if write is None:
        raise InputError(
            "{file} has an unknown format: use one of {known}", file=target.name, known=", ".join(ENDINGS)
        )
    if crs != "wgs84" and target.suffix.lower() in (".geojson", ".kml"):
        raise InputError("GeoJSON is always in longitude, latitude (WGS-84): use .gpkg for metres")
    if target.suffix.lower() == ".kml" and declared.geometry is None:
        raise InputError("there is nothing in it that {format} could hold: use xlsx", format="kml")
    chosen = check_where(declared, where)
    with whole_file(target, overwrite=overwrite) as part:
        frame = store.frame(layer_name, crs=crs)
        for column, value in chosen.items():
            frame = frame[frame[column].astype(str) == value]
        write(store, declared, frame, part, language)
        told = "".join(f" {column}={value}" for column, value in chosen.items())
        store.audit(actor, "export_layer", f"{layer_name}{told} → {target.name} ({len(frame)})")
    return len(frame)


def check_where(declared: Layer, where: Mapping[str, str]) -> dict[str, str]:
    """Return filters by choice columns of a layer, checked.

    Raises:
        InputError: there is no such column, or no such choice.
    """
    known = {
        one.name: {choice.value for choice in one.choices} for one in declared.columns if one.kind == "choice"
    }
    for column, value in where.items():
        if column not in known:
            raise InputError(
                "{layer} has no column {name!r} to filter by: use one of {known}",
                layer=declared.name, name=column, known=", ".join(known),
            )  # fmt: skip
        if value not in known[column]:
            raise InputError(
                "{layer} has no column {name!r} to filter by: use one of {known}",
                layer=declared.name, name=f"{column}={value}", known=", ".join(sorted(known[column])),
            )  # fmt: skip
    return dict(where)


def _table(
    store: Store, declared: Layer, frame: pd.DataFrame, language: str
) -> tuple[list[str], list[list[Any]]]:
    """Return header and rows as people read them."""
    header = [say("Row id", language), *(one.title(language) for one in declared.columns)]
    columns: list[list[Any]] = [frame.index.tolist()]
    columns += [_words(store, one, frame[one.name], language) for one in declared.columns]
    if isinstance(frame, gpd.GeoDataFrame):
        if declared.geometry == "point":
            axes = _DEGREE_AXES if frame.crs.is_geographic else _METRIC_AXES
            digits = 8 if frame.crs.is_geographic else 3  # a millimetre in either
            header += [say(one, language) for one in axes]
            columns += [
                [None if math.isnan(value) else round(value, digits) for value in values.tolist()]
                for values in (
                    shapely.get_x(frame.geometry.to_numpy()),
                    shapely.get_y(frame.geometry.to_numpy()),
                )
            ]
        else:
            header.append(say("Geometry (WKT)", language))
            columns.append(shapely.to_wkt(frame.geometry.to_numpy(), rounding_precision=8).tolist())
    return header, [list(row) for row in zip(*columns, strict=True)]


def _words(store: Store, column: Column, values: pd.Series, language: str) -> list[Any]:
    cells = [plain(one) for one in values.tolist()]
    if column.kind == "choice":
        return [None if one is None else column.choice_title(one, language) for one in cells]
    if column.kind == "boolean":
        yes, no = say("Yes", language), say("No", language)
        return [None if one is None else yes if one else no for one in cells]
    if column.kind == "integer":
        return [None if one is None else int(one) for one in cells]
    if column.kind == "ref":
        names: dict[Any, Any] = {}
        if any(one is not None for one in cells) and "name" in layer(column.refers_to).column_names:
            names = store.frame(column.refers_to, crs="wgs84")["name"].to_dict()
        return [None if one is None else names.get(int(one)) or int(one) for one in cells]
    if column.kind == "date":
        return [None if one is None else one.date() for one in cells]
    return cells


def _write_xlsx(store: Store, declared: Layer, frame: pd.DataFrame, path: Path, language: str) -> None:
    header, rows = _table(store, declared, frame, language)
    path.write_bytes(workbook([(declared.title(language), header, rows)]))


def _write_csv(store: Store, declared: Layer, frame: pd.DataFrame, path: Path, language: str) -> None:
    header, rows = _table(store, declared, frame, language)
    # the byte order mark tells WPS and Excel that this is UTF-8
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target)
        writer.writerow([neutral(one) for one in header])
        writer.writerows([[neutral(one) for one in row] for row in rows])


def _write_geojson(_store: Store, declared: Layer, frame: pd.DataFrame, path: Path, _language: str) -> None:
    path.write_bytes(geojson(_typed(declared, frame), name=declared.name))


def geojson(frame: pd.DataFrame, *, name: str) -> bytes:
    """Return a frame in longitude, latitude as GeoJSON (RFC 7946); its index becomes the ids of the features.

    Args:
        frame: a frame; without geometry, every feature has none.
        name: name of the collection.
    """
    shapes: list[str | None] = [None] * len(frame)
    attributes = frame
    if isinstance(frame, gpd.GeoDataFrame):
        shapes = shapely.to_geojson(frame.geometry.to_numpy()).tolist()
        attributes = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    features = []
    names = list(attributes.columns)
    for number, values, shape in zip(
        attributes.index.tolist(), attributes.itertuples(index=False, name=None), shapes, strict=True
    ):
        properties = {key: plain(value) for key, value in zip(names, values, strict=True)}
        words = json.dumps(properties, ensure_ascii=False, default=_iso)
        features.append(
            f'{{"type":"Feature","id":{json.dumps(number)},"geometry":{shape or "null"},"properties":{words}}}'
        )
    head = f'{{"type":"FeatureCollection","name":{json.dumps(name, ensure_ascii=False)},"features":[\n'
    return (head + ",\n".join(features) + "\n]}\n").encode()


def _write_gpkg(_store: Store, declared: Layer, frame: pd.DataFrame, path: Path, _language: str) -> None:
    typed = _typed(declared, frame)
    typed.insert(0, "row_id", typed.index)
    pyogrio.write_dataframe(
        typed.reset_index(drop=True),
        path,
        layer=declared.name,
        driver="GPKG",
        geometry_type=_geometry_type(declared) if isinstance(typed, gpd.GeoDataFrame) else None,
        promote_to_multi=isinstance(typed, gpd.GeoDataFrame)
        and declared.geometry in ("line", "polygon", "raster"),
    )


def _geometry_type(declared: Layer) -> str:
    return {"point": "Point", "line": "MultiLineString", "line_or_polygon": "Unknown"}.get(
        str(declared.geometry), "MultiPolygon"
    )


def _typed(declared: Layer, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with whole numbers and truth values that may be missing as what they are."""
    typed = frame.drop(columns="revision")
    for one in declared.columns:
        if one.kind in ("integer", "ref"):
            typed[one.name] = typed[one.name].astype("Int64")
        elif one.kind == "boolean":
            typed[one.name] = typed[one.name].astype("boolean")
        elif one.kind == "date":
            typed[one.name] = pd.Series(
                [None if pd.isna(value) else value.date() for value in typed[one.name]],
                index=typed.index,
                dtype=object,
            )
        elif one.kind in ("text", "choice", "hours"):
            typed[one.name] = typed[one.name].astype("str")
    return typed


def _iso(value: Any) -> str:
    return str(value.isoformat())


def _write_kml(store: Store, declared: Layer, frame: pd.DataFrame, path: Path, language: str) -> None:
    attributes = pd.DataFrame(frame.drop(columns="geometry"))
    header, rows = _table(store, declared, attributes, language)
    named = attributes["name"] if "name" in attributes.columns else pd.Series("", index=frame.index)
    labels = ["" if plain(one) is None else str(one) for one in named.tolist()]
    title = declared.title(language)
    path.write_bytes(kml(title, [(title, header, rows, labels, gpd.GeoSeries(frame.geometry))]))


_WRITERS: dict[str, Callable[[Store, Layer, pd.DataFrame, Path, str], None]] = {
    ".xlsx": _write_xlsx,
    ".csv": _write_csv,
    ".geojson": _write_geojson,
    ".gpkg": _write_gpkg,
    ".kml": _write_kml,
}
ENDINGS = tuple(_WRITERS)
