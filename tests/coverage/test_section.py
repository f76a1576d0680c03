"""The vertical section against closed forms, and against the exact visible areas, which are worked out in plan."""

import itertools

import numpy as np
import pytest
import shapely
from coverage_scenes import CRS, X, Y, camera, obstacles

from camera_coverage import StreetLights, Terrain, ViewOptions, section, visible_areas
from town_model import ColumnError, ValueRangeError

DROP = 4.5  # 6 m mount less 1.5 m target height


def cut(walls=None, *, bearing_deg=None, options=None, length_m=None, **columns):
    return section(
        camera(**columns), walls, camera=0, bearing_deg=bearing_deg, options=options or ViewOptions(), length_m=length_m
    )  # fmt: skip


def test_a_panorama_has_the_same_edges_in_every_direction():
    """τ 30°, VFOV 30°: 45° and 15° below the horizon along the axis and 80° aside of it alike."""
    for bearing in (90.0, 170.0):
        one = cut(tilt_deg=30.0, vfov_deg=30.0, hfov_deg=180.0, kind="multi_sensor", bearing_deg=bearing)
        assert (one.near_m, one.far_m) == pytest.approx((DROP, DROP / np.tan(np.radians(15))), abs=1e-9)
        assert (one.lower_deg, one.upper_deg) == pytest.approx((45.0, 15.0))
        assert one.stretches[0].state == "dead_zone"
    aside = cut(tilt_deg=30.0, vfov_deg=30.0, hfov_deg=180.0, kind="multi_sensor", bearing_deg=200.0)
    assert not aside.seen()
    free = cut(tilt_deg=30.0, vfov_deg=np.nan, hfov_deg=180.0, kind="multi_sensor")
    assert (free.near_m, free.far_m) == (0.0, np.inf)


def test_the_dead_zone_is_the_height_over_the_tangent_of_the_lower_edge():
    """d_near = (H − t) / tan(τ + VFOV/2): 4.5 / tan 45°; d_far = 4.5 / tan 15°."""
    one = cut(tilt_deg=30.0, vfov_deg=30.0, hfov_deg=60.0)
    assert one.near_m == pytest.approx(4.5, abs=1e-9)
    assert one.far_m == pytest.approx(DROP / np.tan(np.radians(15)), abs=1e-9)
    assert (one.lower_deg, one.upper_deg) == pytest.approx((45.0, 15.0))
    assert one.stretches[0].state == "dead_zone"
    assert one.stretches[0].end_m == pytest.approx(4.5, abs=1e-9)


def test_off_the_axis_the_lower_edge_is_farther_away():
    """In a cut at angle φ from the axis the edge of the picture has the depression atan(cos φ · tan(τ + VFOV/2))."""
    one = cut(tilt_deg=30.0, vfov_deg=30.0, hfov_deg=100.0, bearing_deg=120.0)
    assert one.off_axis_deg == pytest.approx(30.0)
    assert one.near_m == pytest.approx(4.5 / np.cos(np.radians(30)), abs=1e-9)


@pytest.mark.parametrize(
    ("name", "depth"), [("detect", 38.4), ("observe", 15.36), ("recognise", 7.68), ("identify", 3.84)]
)
def test_the_limit_of_a_class_on_the_axis(name, depth):
    """1920 px at 90° give T px/m at depth z; on the axis z = d·cos τ + (H − t)·sin τ, so d = (z − 4.5 sin τ) / cos τ."""
    one = cut(tilt_deg=20.0, vfov_deg=90.0)
    found = {limit.observation_class: limit.distance_m for limit in one.limits}
    expected = (depth - DROP * np.sin(np.radians(20))) / np.cos(np.radians(20))
    assert found[name] == pytest.approx(max(expected, 0.0), abs=1e-9)


def test_a_lens_that_looks_straight_down_has_no_dead_zone():
    assert cut(tilt_deg=90.0, vfov_deg=60.0).near_m == 0.0


def test_a_view_above_the_horizon_never_meets_the_ground():
    one = cut(tilt_deg=-40.0, vfov_deg=30.0)
    assert one.near_m == np.inf
    assert not one.seen()


def test_the_shadow_of_a_wall_ends_where_the_formula_says():
    """H 6, t 1.5, a wall of 3 m at 10 m: hidden to d·(H − t)/(H − w) = 10 · 4.5 / 3 = 15 m."""
    walls = obstacles(shapely.LineString([(10, -5), (10, 5)]), height_m=[3.0])
    one = cut(walls, vfov_deg=90.0, tilt_deg=30.0)
    (crossing,) = one.crossings
    assert (crossing.begin_m, crossing.end_m, crossing.top_m) == pytest.approx((10.0, 10.0, 3.0))
    assert crossing.shadow_end_m == pytest.approx(15.0, abs=1e-9)
    assert one.hidden() == [pytest.approx((10.0, 15.0), abs=1e-9)]


def test_a_building_hides_to_the_shadow_of_its_far_wall():
    """The facts page: H 6, w 3, t 1.5, walls at 10 and 20 m: not seen from 10 to 30 m."""
    walls = obstacles(shapely.box(10, -5, 20, 5), height_m=[3.0])
    one = cut(walls, vfov_deg=90.0, tilt_deg=30.0)
    assert one.crossings[0].shadow_end_m == pytest.approx(30.0, abs=1e-9)
    states = {stretch.state: (stretch.begin_m, stretch.end_m) for stretch in one.stretches if stretch.state in ("building", "hidden")}  # fmt: skip
    assert states["building"] == pytest.approx((10.0, 20.0), abs=1e-9)
    assert states["hidden"] == pytest.approx((20.0, 30.0), abs=1e-9)


@pytest.mark.parametrize(("height", "end"), [(6.0, np.inf), (9.0, np.inf), (1.5, 10.0), (1.0, 10.0)])
def test_walls_as_high_as_the_eye_hide_for_ever_and_low_ones_nothing(height, end):
    walls = obstacles(shapely.LineString([(10, -5), (10, 5)]), height_m=[height])
    assert cut(walls).crossings[0].shadow_end_m == end


def test_on_a_slope_the_picture_begins_where_the_edge_meets_the_ground():
    """Ground that rises 1 in 10 along the axis: (6 − 1.5 − d/10) = d·tan 45°, so d = 4.5 / 1.1."""
    rows, columns = np.mgrid[0:80, 0:400]
    ground = Terrain(50 + 0.1 * (columns + 0.5), (1.0, 0, X - 100, 0, -1.0, Y + 40), CRS)
    one = cut(tilt_deg=30.0, vfov_deg=30.0, hfov_deg=60.0, options=ViewOptions(terrain=ground))
    assert one.near_m == pytest.approx(4.5 / 1.1, abs=1e-6)
    assert one.ground[-1, 1] == pytest.approx(0.1 * one.ground[-1, 0], abs=1e-6)
    assert rows.size


def test_a_ridge_hides_the_ground_behind_it():
    """A ridge of 3 m at 10 m on flat ground is a wall: hidden to 15 m; the raster has 0.05 m cells."""
    wide = np.zeros((40, 2400))
    column = int((10 + 20) / 0.05)
    wide[:, column] = 3.0
    ground = Terrain(wide, (0.05, 0, X - 20 - 0.025, 0, -0.05, Y + 1), CRS)
    one = cut(vfov_deg=90.0, tilt_deg=30.0, options=ViewOptions(terrain=ground), length_m=40.0)
    assert one.hidden()[-1][1] == pytest.approx(15.0, abs=0.1)


def test_at_night_only_its_own_light_or_a_lamp_counts():
    import geopandas as gpd

    lamp = gpd.GeoDataFrame({"reach_m": [5.0]}, geometry=[shapely.Point(X + 50, Y)], crs=CRS)
    dark = ViewOptions(night=True, street_lights=StreetLights.read(lamp), arc_tolerance_m=1e-4)
    one = section(camera(ir_range_m=20.0, vfov_deg=50.0), camera=0, options=dark, classes=["monitor"])
    assert [(round(a, 2), round(b, 2)) for a, b in one.seen()][-1] == (45.0, 55.0)
    assert one.seen()[0][1] == pytest.approx(20.0)
    assert "dark" in {stretch.state for stretch in one.stretches}


def test_stretches_follow_one_another_over_the_whole_length():
    walls = obstacles(shapely.box(10, -5, 12, 5), shapely.box(30, -5, 33, 5), height_m=[2.0, 4.0])
    one = cut(walls)
    edges = [(stretch.begin_m, stretch.end_m) for stretch in one.stretches]
    assert edges[0][0] == 0 and edges[-1][1] == one.length_m
    assert all(before[1] == after[0] for before, after in itertools.pairwise(edges))


def scenes(count, seed):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        n = int(rng.integers(1, 7))
        shapes, heights = [], []
        for _ in range(n):
            x, y = rng.uniform(3, 60), rng.uniform(-30, 30)
            w, h = rng.uniform(1, 12, 2)
            whole = shapely.box(x, y, x + w, y + h)
            shapes.append(whole if rng.random() < 0.7 else shapely.LineString([(x, y), (x + w, y + h)]))
            heights.append(float(rng.choice([1.0, 2.0, 3.5, 5.0, 6.0, 9.0])))
        kind = str(rng.choice(["fixed", "fixed", "fixed", "ptz", "fisheye", "multi_sensor"]))
        columns = {
            "kind": kind,
            "tilt_deg": float(rng.uniform(0, 60)),
            "vfov_deg": float(rng.uniform(25, 80)),
            "hfov_deg": {"fisheye": 360.0, "multi_sensor": 230.0}.get(kind, float(rng.uniform(50, 120))),
            "mount_height_m": float(rng.uniform(2.5, 9)),
            "max_range_m": float(rng.uniform(20, 90)),
        }
        yield obstacles(*shapes, height_m=heights), columns, float(rng.uniform(60, 120))


@pytest.mark.parametrize("name", ["monitor", "observe"])
def test_it_sees_what_the_visible_area_has_along_the_same_line(name):
    """Two workings that share no code but the optics of the lens: the section along a ray, the area in plan."""
    for walls, columns, bearing in scenes(150, seed=5):
        frame = camera(**columns)
        area = visible_areas(
            frame, walls, options=ViewOptions(observation_class=name, arc_tolerance_m=1e-4)
        ).iloc[0]
        one = section(frame, walls, camera=0, bearing_deg=bearing)
        angle = np.radians(90 - bearing)
        ray = shapely.LineString(
            [(one.x, one.y), (one.x + one.length_m * np.cos(angle), one.y + one.length_m * np.sin(angle))]
        )
        seen = sum(end - begin for begin, end in one.seen(name))
        assert seen == pytest.approx(shapely.intersection(ray, area).length, abs=0.02), (columns, bearing)
        middles = [(begin + end) / 2 for begin, end in one.seen(name) if end - begin > 0.01]
        for middle in middles:
            place = shapely.Point(one.x + middle * np.cos(angle), one.y + middle * np.sin(angle))
            assert area.distance(place) < 1e-3


def test_a_sign_over_the_road_hides_only_between_the_lines_past_its_edges():
    """H 6, t 1.5, a board from 3 to 4 m at 10 m: hidden from 10·4.5/(6−3) = 15 m to 10·4.5/(6−4) = 22.5 m."""
    board = obstacles(shapely.LineString([(10, -5), (10, 5)]), height_m=[4.0], clear_height_m=[3.0])
    one = cut(board, vfov_deg=90.0, tilt_deg=30.0)
    assert one.hidden() == [pytest.approx((15.0, 22.5), abs=1e-9)]
    (crossing,) = one.crossings
    assert (crossing.base_m, crossing.top_m, crossing.clear_m) == (3.0, 4.0, 3.0)
    assert crossing.shadow_end_m == pytest.approx(22.5, abs=1e-9)


def test_decks_hide_along_a_line_what_they_hide_in_plan():
    rng = np.random.default_rng(11)
    for walls, columns, bearing in scenes(120, seed=8):
        base = rng.uniform(0, 1, len(walls)) * walls["height_m"].to_numpy() * 0.95
        decks = walls.assign(clear_height_m=np.where(rng.random(len(walls)) < 0.7, base, 0.0))
        frame = camera(**columns)
        area = visible_areas(
            frame, decks, options=ViewOptions(observation_class="monitor", arc_tolerance_m=1e-4)
        ).iloc[0]
        one = section(frame, decks, camera=0, bearing_deg=bearing)
        angle = np.radians(90 - bearing)
        end = (one.x + one.length_m * np.cos(angle), one.y + one.length_m * np.sin(angle))
        ray = shapely.LineString([(one.x, one.y), end])
        seen = sum(finish - begin for begin, finish in one.seen("monitor"))
        assert seen == pytest.approx(shapely.intersection(ray, area).length, abs=0.02), (columns, bearing)


def test_unknown_cameras_views_and_lengths_are_refused():
    with pytest.raises(ColumnError, match="no camera"):
        section(camera(), camera=9)
    with pytest.raises(ColumnError, match="no view"):
        section(camera(), camera=0, view=3)
    with pytest.raises(ValueRangeError, match="bearing"):
        cut(bearing_deg=np.nan)
    with pytest.raises(ValueRangeError, match=r"10,000 m"):
        cut(length_m=-1.0)
