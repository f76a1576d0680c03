"""Frames of results that were read lately. A result never changes, so what was unpacked once need not be again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

import geopandas as gpd
import pandas as pd

from geo_service.store.payload import unpack


class FrameShelf:
    """The frames asked for last, up to a size of their packed forms. Safe for threads.

    Args:
        limit_bytes: how many packed bytes the frames on it may stand for; a larger one is not kept.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._size = 0
        self._kept: OrderedDict[tuple[int, str], tuple[pd.DataFrame | gpd.GeoDataFrame, int]] = OrderedDict()
        self._lock = threading.Lock()

    def frame(
        self, result: int, name: str, load: Callable[[int, str], bytes]
    ) -> pd.DataFrame | gpd.GeoDataFrame:
        """Return a frame of a result, as a copy that the caller may change.

        Args:
            result: number of the result.
            name: name of the frame.
            load: gives its packed form where it is not on the shelf.
        """
        key = (result, name)
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
        if found is not None:
            return found[0].copy()
        payload = load(result, name)
        made = unpack(payload)
        self._put(key, made, len(payload))
        return made.copy()

    def _put(self, key: tuple[int, str], frame: pd.DataFrame | gpd.GeoDataFrame, size: int) -> None:
        if size > self._limit:
            return
        with self._lock:
            if key not in self._kept:
                self._kept[key] = (frame, size)
                self._size += size
            while self._size > self._limit:
                _, (_, gone) = self._kept.popitem(last=False)
                self._size -= gone
