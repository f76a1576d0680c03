"""Names for places that OpenStreetMap leaves without one: after the road beside them, else by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.imports.osm.metric import Metric

BESIDE_M = 60.0
"""A road no farther than this from a place may lend it its name."""
NAMELESS = "未命名"


class RoadNames:
    """The named roads of a file, to say beside which of them a place lies.

    Args:
        roads: rows of the roads layer.
        metric: to metres.
    """

    def __init__(self, roads: Sequence[dict[str, Any]], metric: Metric) -> None:
        named = [row for row in roads if row["name"]]
        self._names = np.array([row["name"] for row in named], dtype=object)
        self._lines = metric.metres([row["geometry"] for row in named])
        self._tree = shapely.STRtree(self._lines)

    def beside(self, area: BaseGeometry) -> str:
        """Return the name of the road of which most runs within 60 m of an area in metres; empty where none does."""
        near = self._tree.query(area, predicate="dwithin", distance=BESIDE_M)
        if not len(near):
            return ""
        lengths = shapely.length(shapely.intersection(self._lines[near], area.buffer(BESIDE_M)))
        names = self._names[near]
        most: str = max(sorted(set(names)), key=lambda name: float(lengths[names == name].sum()))
        return most


def place_names(places: Sequence[tuple[str, str, str]]) -> list[str]:
    """Return a name for each place, no two of them equal.

    A place keeps its own name; without one it is called after its road (中山路旁学校), without a road 未命名学校 1.
    What would be equal is numbered.

    Args:
        places: name (may be empty), title of its category, name of the road beside it (may be empty).

    >>> place_names([("甲", "学校", ""), ("甲", "学校", ""), ("", "学校", "中山路"), ("", "学校", "")])
    ['甲', '甲(2)', '中山路旁学校', '未命名学校 1']
    """
    taken: set[str] = set()
    result = []
    for name, title, road in places:
        stem = name or (f"{road}旁{title}" if road else f"{NAMELESS}{title} 1")
        words, number = stem, 1
        while words in taken:
            number += 1
            words = f"{stem}({number})" if name or road else f"{NAMELESS}{title} {number}"
        taken.add(words)
        result.append(words)
    return result
