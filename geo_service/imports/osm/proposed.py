"""Proposals of key areas and housing zones, before the store has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, eq=False)
class OsmProposal:
    """A row that a planner may accept.

    Args:
        layer: ``key_areas`` or ``housing_zones``.
        properties: its columns.
        geometry: its area in WGS-84.
        source: the OSM element that it comes from.
        reason: the tag for which it is proposed.
    """

    layer: str
    properties: dict[str, Any]
    geometry: BaseGeometry
    source: str
    reason: str
