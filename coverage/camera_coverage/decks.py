"""Decks: obstacles with free air below them, such as bridges, crowns of trees and signs over a road.

A deck from ``b`` to ``hw`` above the ground hides a target at ``t`` from an eye at ``H`` where the line of sight passes it between these heights:
of a point of the deck at distance ``d`` the ground from ``d·(H − t)/(H − b)`` (from the deck itself on where ``b ≤ t``) to
``d·(H − t)/(H − hw)``, for ever where ``hw ≥ H``; nothing where ``b ≥ H`` or ``hw ≤ t``. Ground below a deck is ground.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
import shapely

from camera_coverage.frames import Floats, Ints

#: An eye no farther than this from a deck is mounted on it, which then hides nothing from it.
OWN_DECK_M = 0.05


@dataclass(frozen=True, eq=False)
class Decks:
    """Obstacles that do not reach to the ground.

    Args:
        parts: single polygons and lines.
        base_m: free height below each.
        top_m: upper edge; inf where unknown.
        member: row of the obstacle of each.
    """

    parts: np.ndarray
    base_m: Floats
    top_m: Floats
    member: Ints
    _tree: list[shapely.STRtree] = field(default_factory=list, repr=False)

    @property
    def tree(self) -> shapely.STRtree:
        """Search tree over the parts."""
        if not self._tree:
            self._tree.append(shapely.STRtree(self.parts))
        return self._tree[0]

    @property
    def prints(self) -> list[bytes]:
        """A digest of each part with its heights."""
        return [
            hashlib.blake2b(wkb + np.array([base, top]).tobytes(), digest_size=12).digest()
            for wkb, base, top in zip(shapely.to_wkb(self.parts), self.base_m, self.top_m, strict=True)
        ]

    def near(self, boxes: np.ndarray) -> list[bytes]:
        """Return a digest of the decks that touch each box."""
        if not len(self.parts):
            return [b""] * len(boxes)
        box, part = self.tree.query(boxes)
        order = np.lexsort((part, box))
        part, first = part[order], np.searchsorted(box[order], np.arange(len(boxes) + 1))
        prints = self.prints
        return [
            b"".join(prints[j] for j in part[first[i] : first[i + 1]].tolist()) for i in range(len(boxes))
        ]

    def lifted(self, ground_m: Floats) -> Decks:
        """Return the decks with heights above what the ground under each is given in."""
        return Decks(self.parts, self.base_m + ground_m, self.top_m + ground_m, self.member)


NO_DECKS = Decks(
    np.empty(0, dtype=object), np.empty(0), np.empty(0), np.empty(0, dtype=np.int64),
)  # fmt: skip


def hiding_decks(
    decks: Decks, x0: Floats, y0: Floats, height_m: Floats, x: Floats, y: Floats, target_m: Floats
) -> Ints:
    """Return for each line of sight the row of the first obstacle with a deck that hides its end; −1 where none does.

    Args:
        decks: the decks.
        x0: east of the eyes.
        y0: north of the eyes.
        height_m: of the eyes.
        x: east of the targets.
        y: north of the targets.
        target_m: height of the targets, above what the others count from.
    """
    result = np.full(len(x), -1, dtype=np.int64)
    if not len(decks.parts) or not len(x):
        return result
    rays = np.asarray(
        shapely.linestrings(np.stack([np.stack([x0, x], 1), np.stack([y0, y], 1)], 2)), dtype=object
    )
    ray, deck = decks.tree.query(rays, predicate="intersects")
    eye = np.asarray(shapely.points(x0, y0), dtype=object)[ray]
    met = shapely.intersection(rays[ray], decks.parts[deck])
    enter, leave = shapely.distance(eye, met), shapely.hausdorff_distance(eye, met)
    away = np.maximum(np.hypot(x - x0, y - y0)[ray], 1e-12)
    fall = (target_m - height_m)[ray] / away
    low, high = height_m[ray] + fall * leave, height_m[ray] + fall * enter
    low, high = np.minimum(low, high), np.maximum(low, high)
    hides = (
        (shapely.distance(decks.parts[deck], eye) > OWN_DECK_M)
        & (low < decks.top_m[deck])
        & (high > decks.base_m[deck])
    )
    ray, deck, enter = ray[hides], deck[hides], enter[hides]
    order = np.lexsort((enter, ray))
    first = order[np.diff(ray[order], prepend=-1) > 0]
    result[ray[first]] = decks.member[deck[first]]
    return result
