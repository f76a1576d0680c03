"""Frames as bytes and back, exactly: no pickle, so a payload can only ever hold data."""

from __future__ import annotations

import io
import json
import struct
import zlib
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo_service.store.geometry import from_wkb

_MAGIC = b"TOWNFRM1"
_HEADER = struct.Struct("<I")
_MASKED = {
    "boolean",
    "Int8",
    "Int16",
    "Int32",
    "Int64",
    "UInt8",
    "UInt16",
    "UInt32",
    "UInt64",
    "Float32",
    "Float64",
}


def pack(frame: pd.DataFrame | gpd.GeoDataFrame) -> bytes:
    """Return a frame as compressed bytes.

    Columns of numbers, truth values and times keep their bits; other columns must hold what JSON can say
    (text, numbers, lists, None). Geometries are kept as WKB.

    Args:
        frame: the frame; its column names are text and its index has one level.

    Raises:
        TypeError: a column or the index holds something else.
    """
    if isinstance(frame.index, pd.MultiIndex) or not all(isinstance(one, str) for one in frame.columns):
        raise TypeError("only frames with text as column names and an index of one level can be kept")
    blocks: list[bytes] = []
    geometry = frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else None
    header: dict[str, Any] = {
        "rows": len(frame),
        "index_name": frame.index.name,
        "index": _pack_values(frame.index.to_series(), blocks),
        "columns": [[name, _pack_values(frame[name], blocks)] for name in frame.columns],
        "geometry": geometry,
    }
    words = json.dumps(header, ensure_ascii=False).encode()
    return zlib.compress(b"".join([_MAGIC, _HEADER.pack(len(words)), words, *blocks]), 3)


def unpack(payload: bytes) -> pd.DataFrame | gpd.GeoDataFrame:
    """Return the frame of `pack`.

    Raises:
        ValueError: the bytes are no payload.
    """
    raw = zlib.decompress(payload)
    if not raw.startswith(_MAGIC):
        raise ValueError("these bytes hold no frame")
    start = len(_MAGIC) + _HEADER.size
    (length,) = _HEADER.unpack(raw[len(_MAGIC) : start])
    header = json.loads(raw[start : start + length])
    source = io.BytesIO(raw)
    source.seek(start + length)
    index = pd.Index(_unpack_values(header["index"], header["rows"], source), name=header["index_name"])
    columns = {name: _unpack_values(how, header["rows"], source) for name, how in header["columns"]}
    data = {
        name: values.set_axis(index) if isinstance(values, pd.Series) else pd.Series(values, index=index)
        for name, values in columns.items()
    }
    frame = pd.DataFrame(data, index=index, columns=list(data))
    if header["geometry"] is None:
        return frame
    return gpd.GeoDataFrame(frame, geometry=header["geometry"])


def _pack_values(values: pd.Series, blocks: list[bytes]) -> dict[str, Any]:
    if isinstance(values.dtype, gpd.array.GeometryDtype):
        wkb = [one or b"" for one in shapely.to_wkb(values.to_numpy())]
        blocks += [np.asarray([len(one) for one in wkb], dtype="<i8").tobytes(), *wkb]
        crs = gpd.GeoSeries(values).crs
        return {"kind": "geometry", "crs": None if crs is None else crs.to_json()}
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "biufM":
        array = values.to_numpy()
        blocks.append(np.ascontiguousarray(array).tobytes())
        return {"kind": "array", "dtype": array.dtype.str}
    words = json.dumps(
        [None if _is_na(one) else one for one in values.to_numpy(dtype=object)],
        ensure_ascii=False,
        default=_plain,
    ).encode()
    blocks.append(words)
    dtype = "object"
    if isinstance(values.dtype, pd.StringDtype):
        dtype = "str"
    elif values.dtype.name in _MASKED:
        dtype = values.dtype.name
    return {"kind": "json", "dtype": dtype, "size": len(words)}


def _unpack_values(how: dict[str, Any], rows: int, source: io.BytesIO) -> Any:
    if how["kind"] == "array":
        return _array(how, rows, source)
    if how["kind"] == "geometry":
        lengths = np.frombuffer(source.read(8 * rows), dtype="<i8")
        shapes = from_wkb([source.read(int(one)) or None for one in lengths])
        return gpd.GeoSeries(shapes, crs=how["crs"])
    values = json.loads(source.read(how["size"]))
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return pd.Series(array, dtype=how["dtype"])


def _array(how: dict[str, Any], rows: int, source: io.BytesIO) -> NDArray[Any]:
    dtype = np.dtype(how["dtype"])
    return np.frombuffer(source.read(dtype.itemsize * rows), dtype=dtype).copy()


def _is_na(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)  # noqa: PLR0124


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray | tuple | set | frozenset):
        return list(value)
    raise TypeError(f"a frame to be kept holds a {type(value).__name__}")
