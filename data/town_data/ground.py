"""What is taken already: carriageways and water, and plots cut so that they keep off both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from town_data.junctions import components, cut_bridges, join
from town_data.shapes import parts
from town_data.streets import Street
from town_data.terrain import Terrain


@dataclass(frozen=True)
class Ground:
    """Terrain with its joined streets; local metres.

    Args:
        terrain: the ground.
        streets: joined streets, bridges cut out, all of one network.
    """

    terrain: Terrain
    streets: list[Street]

    @cached_property
    def carriageways(self) -> list[shapely.Polygon]:
        """The paved strip of each street."""
        return [one.line.buffer(one.width_m / 2) for one in self.streets]

    @cached_property
    def taken(self) -> shapely.STRtree:
        """Carriageways and water, for queries."""
        return shapely.STRtree([*self.carriageways, *(one for _, _, one in self.terrain.waters)])

    def is_free(self, shapes: list[BaseGeometry], clearance_m: float) -> npt.NDArray[np.bool_]:
        """Whether each shape lies in the township, `clearance_m` away from carriageways and water."""
        free = np.ones(len(shapes), dtype=bool)
        if not shapes:
            return free
        hit, _ = self.taken.query(shapes, predicate="dwithin", distance=clearance_m)
        free[hit] = False
        return free & shapely.contains_properly(self.terrain.boundary.buffer(-8.0), np.array(shapes))

    def plot(
        self, shape: shapely.Polygon, clearance_m: float, *, crossing: frozenset[str] = frozenset()
    ) -> shapely.Polygon:
        """Return the largest part of a shape that keeps `clearance_m` off carriageways and water.

        Args:
            shape: the wanted outline.
            clearance_m: distance kept.
            crossing: names of streets that may run through it.
        """
        near = self.taken.query(shape, predicate="dwithin", distance=clearance_m)
        off = [
            self.taken.geometries[i]
            for i in near.tolist()
            if i >= len(self.streets) or not self.streets[i].name or self.streets[i].name not in crossing
        ]
        cut = shape.difference(shapely.union_all(off).buffer(clearance_m)) if off else shape
        cut = cut.buffer(-3.0, join_style="mitre").buffer(3.0, join_style="mitre").simplify(0.5)
        return max(parts(cut), key=lambda one: one.area)

    def named(self, name: str) -> list[Street]:
        """Return the pieces of a street."""
        return [one for one in self.streets if one.name == name]


def make_ground(terrain: Terrain, streets: list[Street]) -> Ground:
    """Return terrain and streets joined into one network; what is not tied to it is left out."""
    joined = cut_bridges(join(streets), terrain.water)
    return Ground(terrain, [one for one, part in zip(joined, components(joined), strict=True) if part == 0])
