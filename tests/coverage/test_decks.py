"""Bridges, crowns and signs: what hangs over the ground hides a strip behind it, and not the ground below."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from coverage_scenes import CRS, X, Y, obstacles, round_camera

from camera_coverage import (
    Terrain,
    ViewOptions,
    analyse,
    blind_spots,
    build_scene,
    camera_keys,
    visible_areas,
    who_sees,
)
from town_model import CrsError, ValueRangeError

ALL = ViewOptions(observation_class=None)


def hidden(area, y=0.0, reach=99.0):
    line = shapely.LineString([(X, Y + y), (X + reach, Y + y)]).difference(area)
    return [
        (part.bounds[0] - X, part.bounds[2] - X) for part in shapely.get_parts(line) if part.length > 1e-6
    ]


def seen(frame, height=6.0, reach=100.0, **options):
    given = {"observation_class": None} | options
    return visible_areas(round_camera(height, reach=reach), frame, options=ViewOptions(**given)).iloc[0]


def deck(near, far, *, clear, top, wide=20.0):
    return obstacles(shapely.box(near, -wide, far, wide), height_m=[top], clear_height_m=[clear])


def test_a_bridge_above_the_eye_hides_nothing():
    """Lines of sight fall: from 6 m none passes a deck that begins at 6 m."""
    assert hidden(seen(deck(10, 20, clear=6.0, top=8.0))) == []


def test_a_bridge_below_the_eye_hides_a_strip_and_not_the_ground_below_it():
    """H 9, t 1.5, deck 4.5–6 m from 10 to 20 m: hidden from 10·7.5/4.5 = 16.67 to 20·7.5/3 = 50 m."""
    (strip,) = hidden(seen(deck(10, 20, clear=4.5, top=6.0), height=9.0))
    assert strip == pytest.approx((10 * 7.5 / 4.5, 50), abs=1e-9)


def test_a_slab_as_high_as_the_eye_hides_for_ever_from_where_the_line_dives_under_it():
    """H 6, deck 4.5–7 m from 10 to 20 m: hidden from 10·4.5/1.5 = 30 m on."""
    (strip,) = hidden(seen(deck(10, 20, clear=4.5, top=7.0)))
    assert strip == pytest.approx((30, 99), abs=1e-9)
    unknown = deck(10, 20, clear=4.5, top=np.nan)
    assert hidden(seen(unknown)) == [pytest.approx((30, 99), abs=1e-9)]


def test_a_thin_sign_hides_a_strip():
    """A line at 10 m from 3 to 5 m, eye 6 m: from 10·4.5/3 = 15 to 10·4.5/1 = 45 m."""
    sign = obstacles(shapely.LineString([(10, -5), (10, 5)]), height_m=[5.0], clear_height_m=[3.0])
    assert hidden(seen(sign)) == [pytest.approx((15, 45), abs=1e-9)]


def test_a_crown_that_begins_below_the_target_hides_from_itself_on():
    """Free up to 1 m only, t 1.5: as a wall of 3 m, from 10 to 30 m for a crown from 10 to 20 m; its own ground is hidden, too."""
    low = seen(deck(10, 20, clear=1.0, top=3.0))
    assert hidden(low) == [pytest.approx((10, 30), abs=1e-9)]


def test_no_clear_height_is_an_obstacle_down_to_the_ground():
    frame = deck(10, 20, clear=0.0, top=3.0)
    plain = frame.drop(columns="clear_height_m")
    assert seen(frame).equals(seen(plain))
    assert seen(frame.assign(clear_height_m=np.nan)).equals(seen(plain))


def test_what_is_no_higher_than_the_target_hides_nothing():
    assert hidden(seen(deck(10, 20, clear=0.5, top=1.5))) == []


def test_a_courtyard_in_the_deck_lets_the_line_through():
    """A ring with a hole: H 9, t 1.5, ring 4.5–4.6 m high; through the hole ground is seen."""
    ring = shapely.box(10, -20, 40, 20).difference(shapely.box(15, -10, 35, 10))
    area = seen(obstacles(ring, height_m=[4.6], clear_height_m=[4.5]), height=9.0)
    first, second = hidden(area)
    k, m = 7.5 / 4.5, 7.5 / 4.4
    assert first == pytest.approx((10 * k, 15 * m), abs=1e-9)
    assert second == pytest.approx((35 * k, 40 * m), abs=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_every_point_is_seen_as_its_own_line_of_sight_says(seed):
    """Random decks, 600 points each, lines in 3,000 steps; all but those within 10 cm of a border."""
    rng = np.random.default_rng(seed)
    boxes = []
    for _ in range(6):
        x, y = rng.uniform(4, 40) * rng.choice([-1, 1]), rng.uniform(-40, 40)
        boxes.append((x, y, x + rng.uniform(1, 15), y + rng.uniform(1, 15)))
    clear = rng.choice([1.0, 2.5, 4.0, 6.5], 6)
    top = clear + rng.choice([0.5, 2.0, 6.0], 6)
    frame = obstacles(*(shapely.box(*one) for one in boxes), height_m=top, clear_height_m=clear)
    height = float(rng.choice([5.0, 8.0, 12.0]))
    area = seen(frame, height=height, reach=60.0)
    away, turn = 59.5 * np.sqrt(rng.random(600)), rng.uniform(0, 2 * np.pi, 600)
    x, y = away * np.cos(turn), away * np.sin(turn)
    share = (np.arange(3000) + 0.5) / 3000
    px, py, line = np.outer(x, share), np.outer(y, share), height + share * (1.5 - height)
    free = np.ones(600, dtype=bool)
    for (a, b, c, d), low, high in zip(boxes, clear, top, strict=True):
        free &= ~((px > a) & (px < c) & (py > b) & (py < d) & (line > low) & (line < high)).any(axis=1)
    points = shapely.points(X + x, Y + y)
    sure = shapely.distance(area.boundary, points) > 0.1
    assert 0.2 < free.mean() < 0.999 and sure.mean() > 0.8
    assert (shapely.contains(area, points) == free)[sure].all()


def test_the_blind_strip_names_the_bridge_and_who_sees_says_it():
    frame = deck(10, 20, clear=4.5, top=6.0).rename(index={0: "bridge"})
    cameras = round_camera(9.0).assign(status="working", resolution_px_h=40_000)
    town = analyse(cameras, frame, options=ALL, classes=("monitor",))
    road = gpd.GeoDataFrame(
        {"required_class": ["monitor"], "hours": ["08:00-17:00"]},
        geometry=[shapely.LineString([(X + 5, Y), (X + 60, Y)])], crs=CRS,
    )  # fmt: skip
    gaps = blind_spots(road, town)
    assert gaps["cause"].tolist() == ["hidden"] and gaps["cause_ref"].tolist() == ["bridge"]
    assert gaps["length_m"].sum() == pytest.approx(50 - 10 * 7.5 / 4.5, abs=1e-6)
    told = who_sees(shapely.Point(X + 30, Y), town).iloc[0]
    assert (told["reason"], told["hidden_by"]) == ("hidden", "bridge")
    assert who_sees(shapely.Point(X + 15, Y), town).iloc[0]["reason"] == "seen"


def test_an_edited_deck_changes_the_key_of_cameras_in_reach_alone():
    frame = gpd.GeoDataFrame(
        [dict(round_camera().drop(columns="geometry").iloc[0])] * 2,
        geometry=[shapely.Point(X, Y), shapely.Point(X + 1000, Y)], crs=CRS,
    )  # fmt: skip
    one, two = (camera_keys(frame, deck(10, 20, clear=c, top=8.0)).tolist() for c in (4.0, 4.5))
    assert one[0] != two[0] and one[1] == two[1]


def test_over_a_level_raster_a_deck_hides_the_same():
    frame = deck(10, 20, clear=4.5, top=6.0)
    level = Terrain(np.full((300, 300), 44.0), (1, 0, X - 150, 0, -1, Y + 150), CRS)
    flat = seen(frame, height=9.0)
    assert seen(frame, height=9.0, terrain=level).symmetric_difference(flat).area < 1e-6


def test_a_deck_above_its_own_top_is_refused():
    with pytest.raises(ValueRangeError, match="clear height 6 m"):
        seen(deck(10, 20, clear=6.0, top=5.0))


def test_many_cameras_at_once_give_what_each_gives_alone():
    rng = np.random.default_rng(3)
    frame = obstacles(
        *(shapely.box(x, y, x + 6, y + 4) for x, y in rng.uniform(-90, 90, (25, 2))),
        height_m=rng.uniform(3, 8, 25), clear_height_m=rng.uniform(0, 2.9, 25),
    )  # fmt: skip
    cameras = gpd.GeoDataFrame(
        {"kind": "fisheye", "mount_height_m": rng.uniform(3, 9, 40), "max_range_m": 50.0, "hfov_deg": 360.0},
        geometry=shapely.points(X + rng.uniform(-60, 60, 40), Y + rng.uniform(-60, 60, 40)), crs=CRS,
    )  # fmt: skip
    together = visible_areas(cameras, frame, options=ALL)
    assert together.is_valid.all()
    for row in range(0, 40, 5):
        alone = visible_areas(cameras.iloc[[row]], frame, options=ALL).iloc[0]
        assert abs(alone.area - together.iloc[row].area) <= 1e-6 * max(alone.area, 1)


def test_decks_alone_must_lie_in_the_system_of_the_cameras():
    scene = build_scene(deck(10, 20, clear=4.5, top=6.0).to_crs("EPSG:4547"))
    with pytest.raises(CrsError):
        visible_areas(round_camera(), scene=scene, options=ALL)


def test_an_eye_on_a_bridge_looks_past_its_own_deck_and_not_past_the_next():
    """H 9 on a deck of 5–6 m that ends at 5 m; the next from 10 to 20 m hides as ever."""
    own = shapely.box(-5, -20, 5, 20)
    area = seen(
        obstacles(own, shapely.box(10, -20, 20, 20), height_m=[6.0, 6.0], clear_height_m=[5.0, 4.5]),
        height=9.0,
    )
    assert hidden(area) == [pytest.approx((10 * 7.5 / 4.5, 50), abs=1e-9)]
