"""What holds for every scene: validity, monotony, and line of sight point by point."""

import geopandas as gpd
import numpy as np
import shapely
from coverage_scenes import CRS, X, Y, camera
from hypothesis import given, settings
from hypothesis import strategies as st

from camera_coverage import ViewOptions, visible_areas
from camera_coverage.sweep import plain_rings

ALL = ViewOptions(observation_class=None)
TARGET_M = 1.5


@st.composite
def scenes(draw):
    """Some obstacles round the origin, in no order and on a coarse grid, so that they often touch and overlap."""
    shapes, heights = [], []
    for _ in range(draw(st.integers(1, 7))):
        x, y = draw(st.integers(-25, 25)), draw(st.integers(-25, 25))
        kind = draw(st.sampled_from(["box", "turned", "wall", "court", "hook", "comb"]))
        w, h = draw(st.integers(1, 15)), draw(st.integers(1, 15))
        if kind == "wall":
            shape = shapely.LineString([(x, y), (x + w, y + h - 8), (x + w + 3, y + h)])
        else:
            shape = shapely.box(x, y, x + w, y + h)
            if kind == "turned":
                shape = shapely.affinity.rotate(shape, draw(st.integers(1, 89)))
            if kind == "court" and min(w, h) > 4:
                shape = shape.difference(shapely.box(x + 1, y + 1, x + w - 1, y + h - 1))
            if kind == "hook" and min(w, h) > 2:
                shape = shape.difference(shapely.box(x + 1, y + 1, x + w, y + h))
            if kind == "comb" and w > 6 and h > 2:  # several runs of faces turned away
                teeth = [shapely.box(x + i, y + 1, x + i + 1, y + h) for i in range(1, w - 1, 2)]
                shape = shape.difference(shapely.union_all(teeth))
        shapes.append(shapely.affinity.translate(shape, X, Y))
        heights.append(draw(st.sampled_from([np.nan, 1.0, 2.0, 3.0, 5.0, 6.0, 9.0])))
    return gpd.GeoDataFrame({"height_m": heights}, geometry=shapes, crs=CRS)


@st.composite
def cameras(draw):
    return camera(
        kind=draw(st.sampled_from(["fixed", "fixed", "fisheye", "ptz"])),
        azimuth_deg=float(draw(st.integers(0, 359))),
        tilt_deg=float(draw(st.integers(-15, 90))),
        hfov_deg=float(draw(st.sampled_from([20, 60, 90, 120, 170, 200, 360]))),
        vfov_deg=float(draw(st.integers(10, 100))),
        max_range_m=float(draw(st.integers(5, 60))),
    )


def seen(frame, obstacles=None):
    return visible_areas(frame, obstacles, options=ALL).iloc[0]


def blocked(point, eye, height, frame):
    """Whether the sight line from the eye to a point at target height is cut, by plain 3-D geometry."""
    line = shapely.LineString([eye, point])
    for shape, top in zip(frame.geometry, frame["height_m"], strict=True):
        if shape.geom_type == "Polygon" and shape.contains(point):
            return True
        if not np.isnan(top) and (
            top <= TARGET_M or (shape.geom_type == "Polygon" and shape.contains(eye) and height > top)
        ):
            continue
        for part in shapely.get_parts(line.intersection(shape)):
            if part.is_empty:
                continue
            # the sight line falls from the eye to the target: it is lowest at the far end of the crossing
            far = max(shapely.Point(one).distance(eye) for one in part.coords)
            if np.isnan(top) or top >= height:
                return True
            if height - (height - TARGET_M) * far / line.length < top:
                return True
    return False


@settings(max_examples=120, deadline=None, derandomize=True)
@given(scenes(), cameras())
def test_areas_are_valid_and_within_the_free_view(frame, one):
    """The free view is that from the same eye: one inside a wall is moved out by up to a metre and a step."""
    result = visible_areas(one, frame, options=ALL)
    area, free = result.iloc[0], seen(one)
    moved = "moved_off_wall" in [note.code for note in result.attrs["notes"]]
    assert area.is_valid
    assert area.difference(free.buffer(1.2 if moved else 1e-3)).area < 1e-6
    assert area.area <= free.area + 1e-6


@settings(max_examples=120, deadline=None, derandomize=True)
@given(scenes(), cameras())
def test_a_further_obstacle_never_enlarges_the_view(frame, one):
    """Where the eye does not have to move for it (an eye on or in the new obstacle is another camera)."""
    new = frame.geometry.iloc[-1]
    if (
        new.distance(shapely.Point(X, Y)) < 1.5
        or frame.geometry.iloc[:-1].distance(shapely.Point(X, Y)).min() < 1.5
    ):
        return
    before, after = seen(one, frame.iloc[:-1]), seen(one, frame)
    assert after.difference(before).area < 1e-5
    assert after.area <= before.area + 1e-6


@settings(max_examples=80, deadline=None, derandomize=True)
@given(scenes(), cameras(), st.integers(1, 40))
def test_a_longer_range_never_shrinks_the_view(frame, one, more):
    longer = one.assign(max_range_m=one["max_range_m"] + more)
    assert seen(one, frame).difference(seen(longer, frame)).area < 1e-5


@settings(max_examples=60, deadline=None, derandomize=True)
@given(scenes(), st.integers(0, 10_000))
def test_line_of_sight_point_by_point(frame, seed):
    """400 random points a scene: a point off every border is seen exactly when its sight line is free."""
    eye = shapely.Point(X, Y)
    if frame.distance(eye).min() < 0.2:
        return
    one = camera(kind="fisheye", hfov_deg=360.0, max_range_m=40.0)
    if seed % 2:  # a lens with a dead zone and sides
        one = camera(max_range_m=40.0, azimuth_deg=float(seed % 360), tilt_deg=25.0)
    area, free = seen(one, frame), seen(one)
    rng = np.random.default_rng(seed)
    r, turn = 39.9 * np.sqrt(rng.uniform(size=400)), rng.uniform(0, 2 * np.pi, 400)
    points = shapely.points(X + r * np.cos(turn), Y + r * np.sin(turn))
    clear = (shapely.distance(area.boundary, points) > 1e-3) & shapely.contains(free, points)
    clear &= (
        np.min(
            [
                shapely.distance(shape.boundary if shape.geom_type == "Polygon" else shape, points)
                for shape in frame.geometry
            ],
            axis=0,
        )
        > 1e-3
    )
    for point in points[clear]:
        assert area.contains(point) != blocked(point, eye, 6.0, frame), point


def test_many_cameras_at_once_give_what_each_gives_alone():
    """The batch is no average: 300 cameras computed together and one by one have the same areas."""
    rng = np.random.default_rng(5)
    boxes = [
        shapely.box(X + x, Y + y, X + x + 8, Y + y + 6) for x in range(0, 200, 20) for y in range(0, 200, 20)
    ]
    town = gpd.GeoDataFrame({"height_m": rng.choice([np.nan, 3.0, 5.0], len(boxes))}, geometry=boxes, crs=CRS)
    frame = gpd.GeoDataFrame(
        {
            "mount_height_m": rng.uniform(2, 8, 300), "azimuth_deg": rng.uniform(0, 360, 300), "tilt_deg": rng.uniform(0, 40, 300),
            "hfov_deg": rng.uniform(30, 120, 300), "max_range_m": rng.uniform(10, 80, 300),
            "kind": rng.choice(["fixed", "fisheye", "ptz"], 300),
        },
        geometry=shapely.points(X + rng.uniform(0, 200, 300), Y + rng.uniform(0, 200, 300)), crs=CRS,
    )  # fmt: skip
    together = visible_areas(frame, town, options=ALL)
    assert together.is_valid.all()
    for row in range(0, 300, 13):
        alone = visible_areas(frame.iloc[[row]], town, options=ALL).iloc[0]
        assert abs(alone.area - together.iloc[row].area) <= 1e-6 * max(alone.area, 1)


def rings_round_the_eye(rng, *, cut):
    """A border in the sense of the sweep: steps along rays, some of which lean back, and all round or along a near line."""
    count = int(rng.integers(3, 9))
    turn = np.sort(rng.uniform(0, 2 * np.pi if cut == 0 else np.pi / 2, count)) - (
        0 if cut == 0 else np.pi / 4
    )
    turn = np.repeat(turn, 2) + np.tile([0.0, 1.0], count) * rng.choice(
        [0, -1e-13, -1e-9, -1e-5, 1e-9], 2 * count
    )
    away = rng.choice([0.1, 1.0, 30.0], 2 * count) * rng.uniform(1, 2, 2 * count) + 2 * cut
    x, y = away * np.cos(turn), away * np.sin(turn)
    if cut:
        x = np.maximum(x, cut + rng.choice([1e-6, 1e-3, 0.1], 2 * count))
        x, y = (
            np.concatenate([[cut], x, [cut]]),
            np.concatenate([[y[0] * cut / x[0]], y, [y[-1] * cut / x[-1]]]),
        )
    return np.append(x, x[0]), np.append(y, y[0])


def test_a_ring_that_is_taken_for_plain_never_crosses_itself_when_its_corners_are_rounded():
    rng = np.random.default_rng(7)
    taken = crossed = 0
    for i in range(4000):
        cut = float(i % 2) * 0.5
        x, y = rings_round_the_eye(rng, cut=cut)
        (plain,) = plain_rings(
            x, y, np.array([0]), np.array([len(x) - 1]), cut=np.array([cut]), round_=np.array([cut == 0])
        )
        ring = np.column_stack([x + X, y + Y])
        valid = shapely.is_valid(shapely.Polygon(ring))
        taken, crossed = taken + plain, crossed + (not valid)
        assert valid or not plain
    assert taken > 500
    assert crossed > 500
