"""KML 2.2 (OGC 07-147r2): a folder a table, a placemark a row, values as extended data with their titles; always WGS-84."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import shapely

_NAMESPACE = "http://www.opengis.net/kml/2.2"
# what XML 1.0 cannot hold at all
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DIGITS = 7
Folder = tuple[str, Sequence[str], Sequence[Sequence[Any]], Sequence[str], gpd.GeoSeries]


def kml_text(value: Any) -> str:
    """Return a value as text that XML can hold."""
    return _NO_XML.sub("", "" if value is None else str(value))


def kml(title: str, folders: Iterable[Folder]) -> bytes:
    """Return a KML file.

    Args:
        title: of the document.
        folders: title, titles of the columns, rows, what each row is called, and where it lies in longitude and latitude.
    """
    ET.register_namespace("", _NAMESPACE)
    root = ET.Element(f"{{{_NAMESPACE}}}kml")
    document = _add(root, "Document")
    _add(document, "name", title)
    style = _add(document, "Style")
    style.set("id", "plain")
    line = _add(style, "LineStyle")
    _add(line, "color", "ffa04000")
    _add(line, "width", "2")
    _add(_add(style, "PolyStyle"), "color", "66d08020")
    for name, heads, rows, labels, geometry in folders:
        folder = _add(document, "Folder")
        _add(folder, "name", name)
        for row, label, shape in zip(rows, labels, geometry.to_numpy(), strict=True):
            placemark = _add(folder, "Placemark")
            _add(placemark, "name", label or name)
            _add(placemark, "styleUrl", "#plain")
            values = _add(placemark, "ExtendedData")
            for head, value in zip(heads, row, strict=True):
                if value is not None:
                    data = _add(values, "Data")
                    data.set("name", kml_text(head))
                    _add(data, "value", value)
            _shape(placemark, shape)
    body: bytes = ET.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body


def _add(parent: ET.Element, tag: str, words: Any = None) -> ET.Element:
    one = ET.SubElement(parent, f"{{{_NAMESPACE}}}{tag}")
    if words is not None:
        one.text = kml_text(words)
    return one


def _shape(parent: ET.Element, shape: Any) -> None:
    if shape is None or shapely.is_empty(shape):
        return
    parts = shapely.get_parts(shape)
    if len(parts) > 1 or shapely.get_type_id(parts[0]) > 3:
        parent = _add(parent, "MultiGeometry")
    for one in parts:
        kind = shapely.get_type_id(one)
        if kind == 0:
            _add(_add(parent, "Point"), "coordinates", _places(one))
        elif kind in (1, 2):
            _add(_add(parent, "LineString"), "coordinates", _places(one))
        elif kind == 3:
            polygon = _add(parent, "Polygon")
            for number, ring in enumerate(shapely.get_rings(shapely.orient_polygons(one))):
                border = _add(polygon, "innerBoundaryIs" if number else "outerBoundaryIs")
                _add(_add(border, "LinearRing"), "coordinates", _places(ring))
        else:
            _shape(parent, one)


def _places(shape: Any) -> str:
    return " ".join(f"{x:.{_DIGITS}f},{y:.{_DIGITS}f}" for x, y in shapely.get_coordinates(shape).tolist())
