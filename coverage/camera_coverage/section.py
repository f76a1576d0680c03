"""A vertical cut through the view of one camera along a bearing: ground, obstacles, shadows, dead zone, class limits.

Numbers and shapes only; drawing is for others. The ground is a chain of straight pieces, so every limit (edges of the picture, depth
of a class, line of sight over a wall) is found exactly where it crosses a piece. On level ground, with ``h' = H − t``:
dead zone ``h' / tan(τ + VFOV/2)``, shadow of a wall of height ``w`` at ``d`` out to ``d·h' / (H − w)``, limit of a class on the axis
``(z_max − h'·sin τ) / cos τ`` with ``z_max = R_h / (2·T·tan(HFOV/2))``; see `camera_coverage.optics` for the sources.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from camera_coverage.areas import check_layers, prepare
from camera_coverage.cut import Cut
from camera_coverage.notes import Note
from camera_coverage.options import ViewOptions
from camera_coverage.stretches import Crossing, Limit, Stretch
from camera_coverage.walls import Scene, build_scene
from town_model import ColumnError, ValueRangeError, check_same_crs

__all__ = ["Crossing", "Limit", "Section", "Stretch", "section"]

_TINY = 1e-9
_BEYOND = 1.08  # how much farther than its range a section shows the ground
_LEAST_M = 10.0


@dataclass(frozen=True)
class Section:
    """A vertical cut; heights count from the ground at the camera's foot, distances along the ground from that foot.

    Args:
        camera: id of the camera.
        bearing_deg: clockwise from grid north.
        off_axis_deg: angle from the optical axis, −180 to 180; positive to the right.
        length_m: how far the section goes.
        eye_m: height of the eye.
        target_height_m: height that must be seen, above the ground.
        lens: ``rectilinear``, ``panorama`` or ``swivel``.
        tilt_deg: of the axis below the horizon.
        lower_deg: depression of the lower edge of the picture in this cut; 90 for straight down or behind the foot.
        upper_deg: depression of its upper edge; negative above the horizon.
        near_m: where the picture begins at target height: the length of the dead zone; inf where it never does.
        far_m: where the upper edge ends it; inf where it does not.
        range_m: range of the camera; at night that of its own light.
        ground: distances and heights of the ground, shape (n, 2).
        limits: classes from coarse to fine.
        crossings: obstacles, nearest first.
        stretches: the whole length, piece by piece.
        x: where the eye stands, east.
        y: north.
        notes: what was assumed or moved.
    """

    camera: Hashable
    bearing_deg: float
    off_axis_deg: float
    length_m: float
    eye_m: float
    target_height_m: float
    lens: str
    tilt_deg: float
    lower_deg: float
    upper_deg: float
    near_m: float
    far_m: float
    range_m: float
    ground: np.ndarray
    limits: tuple[Limit, ...]
    crossings: tuple[Crossing, ...]
    stretches: tuple[Stretch, ...]
    x: float
    y: float
    notes: tuple[Note, ...] = ()

    def seen(self, observation_class: str | None = None) -> list[tuple[float, float]]:
        """Return the seen stretches as (begin, end), joined.

        Args:
            observation_class: seen at this class or a finer one; None: seen at all that was asked for.
        """
        order = [one.observation_class for one in self.limits]
        least = 0 if observation_class is None else order.index(observation_class)
        return _joined(
            [
                (one.begin_m, one.end_m)
                for one in self.stretches
                if one.state == "seen" and order.index(str(one.observation_class)) >= least
            ]
        )

    def hidden(self) -> list[tuple[float, float]]:
        """Return the stretches that the lens shows and an obstacle or the ground hides, joined."""
        return _joined([(one.begin_m, one.end_m) for one in self.stretches if one.state == "hidden"])

    @property
    def dead_zone_m(self) -> float:
        """Ground from the foot to where the picture begins, at target height; 0 for a lens that looks straight down."""
        return min(self.near_m, self.length_m)


def _joined(parts: list[tuple[float, float]]) -> list[tuple[float, float]]:
    result: list[tuple[float, float]] = []
    for begin, end in parts:
        if result and begin - result[-1][1] < _TINY:
            result[-1] = (result[-1][0], end)
        else:
            result.append((begin, end))
    return result


def section(
    cameras: gpd.GeoDataFrame,
    obstacles: gpd.GeoDataFrame | None = None,
    *,
    camera: Hashable,
    bearing_deg: float | None = None,
    view: int = 0,
    length_m: float | None = None,
    classes: Sequence[str] | None = None,
    options: ViewOptions = ViewOptions(),  # noqa: B008 - frozen
    views: pd.DataFrame | None = None,
    scene: Scene | None = None,
) -> Section:
    """Return the vertical cut through the view of a camera.

    Args:
        cameras: see `visible_areas`.
        obstacles: see `visible_areas`.
        camera: id of the camera in the frame.
        bearing_deg: grid azimuth of the cut; None: along the optical axis.
        view: which of the camera's views, where it has several.
        length_m: how far the cut goes; None: a little beyond the range.
        classes: of the table, in any order; None: all of them.
        options: target height, terrain, night and street lights; its class is not used.
        views: presets and eyes, see `read_eyes`.
        scene: prepared obstacles, in place of ``obstacles``.

    Raises:
        ColumnError: there is no such camera or view.
        ValueRangeError: a bearing or length without meaning, or an unknown class.
        CrsError, GeometryError: the frames cannot be used.
    """
    check_same_crs(cameras=cameras, obstacles=obstacles)
    check_layers(options, cameras)
    if camera not in cameras.index:
        raise ColumnError("there is no camera {camera}", camera=camera)
    one = cameras.loc[[camera]]
    own_views = None if views is None or views.empty else views[views["camera"] == camera]
    scene = scene or build_scene(obstacles)
    eyes, _, own, refused, notes = prepare(one, scene, own_views, options)
    if not 0 <= view < len(eyes.x):
        raise ColumnError("camera {camera} has no view {view}", camera=camera, view=view)
    if bearing_deg is not None and not np.isfinite(bearing_deg):
        raise ValueRangeError("a section needs a bearing in degrees, not {value}", value=bearing_deg)
    if length_m is not None and not 0 < length_m <= 10_000:
        raise ValueRangeError("a section must be up to 10,000 m long, not {value}", value=length_m)
    eye = eyes.take(np.array([view]))
    axis = float(eye.azimuth_deg[0])
    bearing = (axis if bearing_deg is None else float(bearing_deg)) % 360
    off = (bearing - axis + 180) % 360 - 180
    reach = float(min(eye.max_range_m[0], eye.ir_range_m[0]) if options.night else eye.max_range_m[0])
    length = length_m or max(_LEAST_M, float(eye.max_range_m[0]) * _BEYOND)
    names = sorted(classes or options.classes.px_per_m, key=options.classes.density)
    cut = Cut.of(eye, scene, options, int(own[view]), bearing, off, length, reach, names)
    near, far = cut.picture()
    lower, upper = cut.edges()
    said = [note for note in dict.fromkeys(notes) if note.subject == camera]
    return Section(
        camera=camera, bearing_deg=bearing, off_axis_deg=off, length_m=length, eye_m=cut.eye_m,
        target_height_m=options.target_height_m, lens=str(eye.lens[0]), tilt_deg=float(eye.tilt_deg[0]),
        lower_deg=lower, upper_deg=upper, near_m=near, far_m=far, range_m=reach,
        ground=np.column_stack([cut.s, cut.g]), limits=cut.limits(), crossings=cut.crossings(),
        stretches=cut.stretches(blind=bool(eye.blind[0] or refused[view])),
        x=float(eye.x[0]), y=float(eye.y[0]), notes=tuple(said),
    )  # fmt: skip
