"""The one column type of geometries, and how frames of geometries travel through it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import LargeBinary
from sqlalchemy.types import TypeDecorator


class GeometryColumn(TypeDecorator[bytes]):
    """A geometry in WGS-84 longitude, latitude.

    Its Python value is WKB bytes, so that whole columns are converted at once by `to_wkb` and `from_wkb`.
    SQLite keeps the bytes as they are; another dialect may load another implementation here.
    """

    impl = LargeBinary
    cache_ok = True


def to_wkb(geometries: Iterable[Any]) -> list[bytes | None]:
    """Return the WKB of each geometry, flattened to two dimensions; None stays None."""
    flat = shapely.force_2d(np.asarray(list(geometries), dtype=object))
    return list(shapely.to_wkb(flat))


def from_wkb(values: Sequence[bytes | None]) -> NDArray[np.object_]:
    """Return the geometries of WKB values as an array; None stays None."""
    return np.asarray(shapely.from_wkb(np.asarray(values, dtype=object)), dtype=object)
