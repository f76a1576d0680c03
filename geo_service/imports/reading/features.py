"""GeoJSON, KML and KMZ, read without GDAL: nothing in them can point anywhere. Runs in the child process."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat  # as above

import shapely

from geo_service.imports.reading.kinds import check_archive
from geo_service.imports.reading.limits import ReadLimits
from geo_service.imports.reading.raw import Cell, RawFile, RawTable
from town_model import InputError, Text

_TYPES = {
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
}


def _too_many(file: str, limit: int) -> InputError:
    return InputError("{file} has more than {limit} features: split it", file=file, limit=limit)


def _cell(value: Any, limits: ReadLimits) -> Cell:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text[: limits.text] if text.strip() else None


def _table(
    name: str, features: list[tuple[dict[str, Any], bytes | None]], crs: str, limits: ReadLimits
) -> RawTable:
    fields = list(dict.fromkeys(key for properties, _ in features for key in properties))
    if len(fields) > limits.columns or len(fields) * len(features) > 4 * limits.cells:
        raise InputError(
            "{file} has more than {limit} columns: delete those that are not needed",
            file=name,
            limit=limits.columns,
        )
    return RawTable(
        name="",
        rows=[[_cell(properties.get(one), limits) for one in fields] for properties, _ in features],
        numbers=list(range(1, len(features) + 1)),
        fields=[str(one) for one in fields],
        geometry=[wkb for _, wkb in features],
        crs=crs,
    )


def _geojson_crs(member: Any, file: str) -> str:
    """Return the coordinate system of the old `crs` member as ``EPSG:…``; empty where there is none."""
    if member is None:
        return ""
    name = str(member.get("properties", {}).get("name", "")) if isinstance(member, dict) else ""
    if "CRS84" in name:
        return "EPSG:4326"
    found = re.search(r"EPSG:{1,2}(?:[\d.]*:)?(\d{4,6})$", name, re.IGNORECASE)
    if not found:
        raise InputError(
            "{file} names a coordinate system that is not understood: {name}", file=file, name=name
        )
    return f"EPSG:{found[1]}"


def _shape(geometry: Any) -> bytes | None:
    """Return the WKB of a GeoJSON geometry, None where there is none or it is broken."""
    if not isinstance(geometry, dict) or geometry.get("type") not in _TYPES:
        return None
    try:
        shape: Any = shapely.from_geojson(json.dumps(geometry))
    except (shapely.errors.GEOSException, ValueError, TypeError):
        return None
    return None if shape is None else bytes(shapely.to_wkb(shapely.force_2d(shape)))


def read_geojson(path: Path, limits: ReadLimits) -> RawFile:
    """Return the features of a GeoJSON file. Its coordinates are WGS-84 by RFC 7946 unless a `crs` member says else."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            raise InputError("{file} is no UTF-8 text, or was cut off", file=path.name) from None
    try:
        document = json.loads(text)
    except RecursionError:
        raise InputError("{file} is nested too deep: it is refused", file=path.name) from None
    except json.JSONDecodeError as error:
        raise InputError(
            "{file} is no complete JSON, line {line}: it is damaged or was cut off",
            file=path.name,
            line=error.lineno,
        ) from None
    kind = document.get("type") if isinstance(document, dict) else None
    if kind == "Feature":
        document = {"type": "FeatureCollection", "features": [document]}
    elif kind in _TYPES:
        document = {"type": "FeatureCollection", "features": [{"geometry": document, "properties": {}}]}
    elif kind != "FeatureCollection" or not isinstance(document.get("features"), list):
        raise InputError("{file} is JSON, but no GeoJSON: a FeatureCollection is needed", file=path.name)
    listed = document["features"]
    if len(listed) > limits.rows:
        raise _too_many(path.name, limits.rows)
    features = []
    for one in listed:
        feature = one if isinstance(one, dict) else {}
        properties = feature.get("properties")
        features.append(
            (dict(properties) if isinstance(properties, dict) else {}, _shape(feature.get("geometry")))
        )
    return RawFile(
        "geojson", [_table(path.name, features, _geojson_crs(document.get("crs"), path.name), limits)]
    )


def _refuse_doctype(data: bytes, file: str) -> None:
    """Refuse XML with a document type: entities that blow up, or that read other files, live nowhere else."""

    class _RootSeenError(Exception):
        pass

    def doctype(*_: Any) -> None:
        raise InputError("{file} declares XML entities, which may hide an attack: it is refused", file=file)

    def root(*_: Any) -> None:
        raise _RootSeenError

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = root
    try:
        parser.Parse(data, True)  # noqa: FBT003 - the signature of expat
    except _RootSeenError:
        return
    except expat.ExpatError:
        raise InputError("{file} is no complete XML: it is damaged or was cut off", file=file) from None


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def _positions(text: str | None) -> list[tuple[float, float]]:
    positions = []
    for part in re.sub(r"\s*,\s*", ",", text or "").split():
        numbers = part.split(",")
        positions.append((float(numbers[0]), float(numbers[1])))
    return positions


def _first(element: ET.Element, name: str) -> ET.Element | None:
    return next((one for one in element.iter() if _local(one.tag) == name), None)


def _kml_shape(element: ET.Element) -> Any:
    kind = _local(element.tag)
    if kind == "MultiGeometry":
        parts = [shape for one in element if (shape := _kml_shape(one)) is not None]
        kinds = {one.geom_type for one in parts}
        if kinds == {"Polygon"}:
            return shapely.multipolygons(parts)
        if kinds == {"LineString"}:
            return shapely.multilinestrings(parts)
        return parts[0] if len(parts) == 1 else shapely.geometrycollections(parts)
    if kind == "Polygon":
        rings: dict[str, list[list[tuple[float, float]]]] = {"outerBoundaryIs": [], "innerBoundaryIs": []}
        for boundary in element:
            name = _local(boundary.tag)
            if name in rings:
                rings[name] += [
                    _positions(one.text) for one in boundary.iter() if _local(one.tag) == "coordinates"
                ]
        outer = rings["outerBoundaryIs"]
        return shapely.Polygon(outer[0], rings["innerBoundaryIs"]) if outer else None
    if kind in {"Point", "LineString", "LinearRing"}:
        coordinates = _first(element, "coordinates")
        positions = _positions(coordinates.text if coordinates is not None else None)
        if not positions:
            return None
        return shapely.Point(positions[0]) if kind == "Point" else shapely.LineString(positions)
    return None


def _placemark(element: ET.Element) -> tuple[dict[str, Any], bytes | None]:
    properties: dict[str, Any] = {}
    shape = None
    for one in element:
        name = _local(one.tag)
        if name in {"name", "description", "address"}:
            properties[name] = re.sub(r"<[^>]*>", " ", one.text or "").strip()
        elif name == "ExtendedData":
            for item in one.iter():
                if _local(item.tag) == "Data":
                    value = _first(item, "value")
                    properties[item.get("name", "")] = (value.text or "") if value is not None else ""
                elif _local(item.tag) == "SimpleData":
                    properties[item.get("name", "")] = item.text or ""
        elif shape is None:
            try:
                shape = _kml_shape(one)
            except (ValueError, IndexError, shapely.errors.GEOSException):
                shape = None
    return properties, None if shape is None else bytes(shapely.to_wkb(shape))


def _placemarks(data: bytes, file: str) -> Iterator[ET.Element]:
    _refuse_doctype(data, file)
    try:
        root = ET.fromstring(data)  # noqa: S314 - a DOCTYPE was refused above
    except ET.ParseError:
        raise InputError("{file} is no complete XML: it is damaged or was cut off", file=file) from None
    if _local(root.tag) != "kml":
        raise InputError("{file} is XML, but no KML", file=file)
    return (one for one in root.iter() if _local(one.tag) == "Placemark")


def _kml(data: bytes, file: str, kind: str, limits: ReadLimits) -> RawFile:
    features = []
    for element in _placemarks(data, file):
        features.append(_placemark(element))
        if len(features) > limits.rows:
            raise _too_many(file, limits.rows)
    note = Text.of(
        "KML has WGS-84 coordinates by its standard; maps of Amap or Baidu may differ: declare the datum"
    )
    return RawFile(kind, [_table(file, features, "", limits)], [note])


def read_kml(path: Path, limits: ReadLimits) -> RawFile:
    """Return the placemarks of a KML file; links to other files are not followed."""
    return _kml(path.read_bytes(), path.name, "kml", limits)


def read_kmz(path: Path, limits: ReadLimits) -> RawFile:
    """Return the placemarks of the first KML in a KMZ."""
    names = [one.filename for one in check_archive(path, limits) if one.filename.lower().endswith(".kml")]
    inner = next((one for one in names if one.lower() == "doc.kml"), names[0])
    with zipfile.ZipFile(path) as archive:
        data = archive.read(inner)
    return _kml(data, path.name, "kmz", limits)
