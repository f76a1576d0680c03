"""What obstacles hide: hand-computed strips, roofs, walls, courtyards, and eyes in odd places."""

import numpy as np
import pytest
import shapely
from coverage_scenes import X, Y, along_axis, camera, obstacles, round_camera

from camera_coverage import ViewOptions, visible_areas

ALL = ViewOptions(observation_class=None)


def hidden_along_axis(area, reach=100.0):
    line = shapely.LineString([(X, Y), (X + reach - 0.1, Y)]).difference(area)
    return [
        (part.bounds[0] - X, part.bounds[2] - X) for part in shapely.get_parts(line) if part.length > 1e-6
    ]


def test_a_low_building_hides_to_the_shadow_of_its_far_wall():
    """H 6, hw 3, t 1.5, walls at 10 and 20 m: hidden from 10 to 20 · 4.5 / 3 = 30 m (facts page)."""
    area = visible_areas(
        round_camera(), obstacles(shapely.box(10, -5, 20, 5), height_m=[3.0]), options=ALL
    ).iloc[0]
    (strip,) = hidden_along_axis(area)
    assert strip == pytest.approx((10, 30), abs=1e-9)


def test_a_low_wall_hides_a_strip_behind_it():
    """H 6, hw 3, t 1.5 at 10 m: from 10 to 15 m."""
    wall = obstacles(shapely.LineString([(10, -5), (10, 5)]), height_m=[3.0])
    area = visible_areas(round_camera(), wall, options=ALL).iloc[0]
    (strip,) = hidden_along_axis(area)
    assert strip == pytest.approx((10, 15), abs=1e-9)


@pytest.mark.parametrize(("near", "far", "until"), [(60, 62, 93), (66, 67, 99.9), (70, 71, 99.9)])
def test_a_shadow_ends_at_the_reach_where_it_is_longer(near, far, until):
    """1.5 times as far as the far wall: 93 m, and 100.5 and 106.5 m, beyond a reach of 100 m."""
    house = obstacles(shapely.box(near, -5, far, 5), height_m=[3.0])
    (strip,) = hidden_along_axis(visible_areas(round_camera(), house, options=ALL).iloc[0])
    assert strip == pytest.approx((near, until), abs=1e-9)


def test_an_obstacle_whose_shadow_fills_the_reach_hides_what_a_full_wall_hides():
    """A house with a wing and a bent wall, 70 m away: 1.5 times as far is beyond 100 m all over."""
    shapes = (
        shapely.Polygon([(72, -20), (90, -20), (90, -10), (80, -10), (80, 0), (72, 0)]),
        shapely.LineString([(70, 10), (74, 12), (71, 30)]),
    )
    low, full = (
        visible_areas(round_camera(), obstacles(*shapes, height_m=[height] * 2), options=ALL).iloc[0]
        for height in (3.0, np.nan)
    )
    assert low.symmetric_difference(full).area < 1e-9
    assert low.area < visible_areas(round_camera(), options=ALL).iloc[0].area - 500


@pytest.mark.parametrize("height", [6.0, 20.0, np.nan])
def test_walls_up_to_the_camera_hide_for_ever(height):
    wall = obstacles(shapely.LineString([(10, -5), (10, 5)]), height_m=[height])
    area = visible_areas(round_camera(), wall, options=ALL).iloc[0]
    (strip,) = hidden_along_axis(area)
    assert strip == pytest.approx((10, 99.9), abs=1e-9)


def test_what_is_no_higher_than_the_target_hides_nothing_but_ground_inside_is_never_seen():
    low = obstacles(shapely.LineString([(5, -5), (5, 5)]), shapely.box(10, -5, 20, 5), height_m=[1.5, 1.0])
    area = visible_areas(round_camera(), low, options=ALL).iloc[0]
    (strip,) = hidden_along_axis(area)
    assert strip == pytest.approx((10, 20), abs=1e-9)


def test_see_through_obstacles_hide_nothing():
    fence = obstacles(shapely.LineString([(10, -5), (10, 5)]), height_m=[np.nan], see_through=[True])
    assert (
        visible_areas(round_camera(), fence, options=ALL)
        .iloc[0]
        .equals(visible_areas(round_camera(), options=ALL).iloc[0])
    )


def test_the_ground_of_a_courtyard_is_hidden_from_outside_and_seen_from_inside():
    ring = shapely.box(10, -10, 30, 10).difference(shapely.box(15, -5, 25, 5))
    block = obstacles(ring, height_m=[np.nan])
    yard = shapely.box(X + 15, Y - 5, X + 25, Y + 5)
    assert visible_areas(round_camera(), block, options=ALL).iloc[0].intersection(yard).area == 0
    assert visible_areas(round_camera(x=20), block, options=ALL).iloc[0].area == pytest.approx(100, rel=1e-9)


def test_a_courtyard_behind_a_low_wing_is_partly_seen():
    """H 6, hw 3: the near wing 10–15 m hides to 22.5 m; the yard reaches to 25 m; the far wing hides from there to 45 m."""
    ring = shapely.box(10, -10, 30, 10).difference(shapely.box(15, -5, 25, 5))
    area = visible_areas(round_camera(), obstacles(ring, height_m=[3.0]), options=ALL).iloc[0]
    first, second = hidden_along_axis(area)
    assert first == pytest.approx((10, 22.5), abs=1e-9)
    assert second == pytest.approx((25, 45), abs=1e-9)


def test_a_camera_above_its_own_roof_looks_over_its_building_and_not_over_higher_ones():
    town = obstacles(shapely.box(-10, -10, 10, 10), shapely.box(20, -5, 30, 5), height_m=[5.0, 9.0])
    area = visible_areas(round_camera(height=6.0), town, options=ALL).iloc[0]
    assert along_axis(area) == pytest.approx([10, 20], abs=1e-9)


def test_a_roof_of_unknown_height_is_taken_for_the_cameras_own_and_noted():
    town = obstacles(shapely.box(-10, -10, 10, 10), shapely.box(10, -10, 30, 10), height_m=[np.nan, np.nan])
    result = visible_areas(round_camera(), town, options=ALL)
    assert along_axis(result.iloc[0]) == []  # the neighbour, of unknown height as well, still hides
    west = shapely.LineString([(X - 90, Y), (X, Y)]).intersection(result.iloc[0])
    assert west.length == pytest.approx(80, abs=1e-6)
    assert [note.code for note in result.attrs["notes"]] == ["roof_unknown"]


def test_a_wall_mount_below_the_roof_is_moved_out_at_most_a_metre():
    house = obstacles(shapely.box(-10, -10, 0.8, 10), height_m=[9.0])
    result = visible_areas(round_camera(), house, options=ALL)
    assert "moved_off_wall" in [note.code for note in result.attrs["notes"]]
    assert result.iloc[0].area == pytest.approx(np.pi * 100**2 / 2, rel=0.01)
    deep = visible_areas(round_camera(x=-5), house, options=ALL)
    assert deep.iloc[0].is_empty
    assert "inside_building" in [note.code for note in deep.attrs["notes"]]


def test_a_camera_on_a_wall_steps_off_it():
    house = obstacles(shapely.box(-10, -10, 0, 10), height_m=[np.nan])
    result = visible_areas(round_camera(), house, options=ALL)
    assert [note.code for note in result.attrs["notes"]] == ["moved_off_wall"]
    assert result.iloc[0].area == pytest.approx(np.pi * 100**2 / 2, rel=0.02)


def test_an_invalid_outline_is_repaired_without_losing_ground():
    """A bow-tie keeps both of its wings (make_valid), as two triangles of 25 m² each."""
    bow = shapely.Polygon([(10, -5), (20, 5), (20, -5), (10, 5)])
    result = visible_areas(round_camera(reach=60.0), obstacles(bow, height_m=[1.0]), options=ALL)
    free = visible_areas(round_camera(reach=60.0), options=ALL).iloc[0]
    assert free.area - result.iloc[0].area == pytest.approx(50, rel=1e-6)
    assert "obstacle_repaired" in [note.code for note in result.attrs["notes"]]


def test_crossing_walls_and_overlapping_blocks_of_different_heights():
    """A wall through a building, a building into a higher one: along the axis the first full wall counts."""
    town = obstacles(
        shapely.LineString([(5, 20), (40, -30)]), shapely.box(10, -10, 30, 10), shapely.box(25, -10, 45, 10),
        height_m=[np.nan, 7.0, 8.0],
    )  # fmt: skip
    area = visible_areas(round_camera(), town, options=ALL).iloc[0]
    assert area.is_valid
    assert along_axis(area) == pytest.approx([0, 10], abs=1e-9)


def test_a_low_wall_in_the_dead_zone_throws_its_shadow_into_the_view():
    """45° down with a vertical view of 60° from 6 m: the picture begins at 4.5 / tan 75° = 1.206 m; a wall of 5 m at 1 m hides to 4.5 m."""
    wall = obstacles(shapely.LineString([(1, -5), (1, 5)]), height_m=[5.0])
    area = visible_areas(camera(tilt_deg=45.0, vfov_deg=60.0), wall, options=ALL).iloc[0]
    assert along_axis(area)[0] == pytest.approx(4.5, abs=1e-9)


def test_a_long_low_wall_close_by_hides_along_its_whole_length():
    """A wall of 5.5 m, 2 m in front of the eye and 200 m long: hidden to 2 · 4.5 / 0.5 = 18 m, also far to the side."""
    wall = obstacles(shapely.LineString([(2, -100), (2, 100)]), height_m=[5.5])
    area = visible_areas(round_camera(), wall, options=ALL).iloc[0]
    (strip,) = hidden_along_axis(area)
    assert strip == pytest.approx((2, 18), abs=1e-9)


def test_a_roof_camera_looks_over_its_own_building_and_not_over_the_next_of_the_same_height():
    """H 6 on a roof of 3 m that ends at 10 m, the next house of 3 m from 10 to 20 m: hidden to 20 · 4.5 / 3 = 30 m."""
    row = obstacles(shapely.box(-10, -10, 10, 10), shapely.box(10, -10, 20, 10), height_m=[3.0, 3.0])
    area = visible_areas(round_camera(), row, options=ALL).iloc[0]
    assert along_axis(area)[0] == pytest.approx(30, abs=1e-9)
    taller = obstacles(shapely.box(-10, -10, 10, 10), shapely.box(10, -10, 20, 10), height_m=[3.0, 3.001])
    other = visible_areas(round_camera(), taller, options=ALL).iloc[0]
    assert area.area == pytest.approx(other.area, rel=1e-3)
