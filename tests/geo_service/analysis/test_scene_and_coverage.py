"""Cameras as the library wants them, and coverage and gaps of a town that can be worked out by hand."""

import math

import pytest
import shapely
from pyproj import Geod, Transformer

from geo_service.analysis.coverage import compute_coverage, compute_gaps, gap_pieces, load_sight
from geo_service.analysis.scene import load_scene
from town_model import InputError


def test_an_empty_town_is_told_what_to_do(empty_workspace):
    with pytest.raises(InputError, match="import-osm"):
        compute_coverage(empty_workspace.store, actor="test")


@pytest.mark.parametrize("true_azimuth", [0.0, 90.0, 213.0])
def test_azimuths_are_turned_from_true_north_to_grid_north(town, true_azimuth):
    """Against the geodesic: 100 m on in the true direction must lie in the grid direction."""
    row = town.camera(0, 0, kind="fixed", azimuth_deg=true_azimuth, hfov_deg=60)
    scene = load_scene(town.store)
    here = town.store.frame("camera_sites", crs="wgs84").geometry[row]
    lon, lat, _ = Geod(ellps="GRS80").fwd(here.x, here.y, true_azimuth, 100.0)
    x, y = Transformer.from_crs(4326, scene.cameras.crs, always_xy=True).transform(lon, lat)
    start = scene.cameras.geometry[row]
    bearing = math.degrees(math.atan2(x - start.x, y - start.y)) % 360
    assert scene.cameras["azimuth_deg"][row] == pytest.approx(bearing, abs=0.01)


def test_planned_and_removed_cameras_see_nothing_and_broken_ones_stay_in_the_list(town):
    kept = {
        town.camera(i * 50, 0, name=status, status=status)
        for i, status in enumerate(("working", "faulty", "offline"))
    }
    town.camera(300, 0, name="planned", status="planned")
    town.camera(400, 0, name="removed", status="removed")
    assert set(load_scene(town.store).cameras.index) == kept


def test_railings_hide_nothing_and_walls_do(town):
    town.add("obstacles", shapely.LineString([(0, 5), (10, 5)]), kind="fence", see_through=True)
    wall = town.add("obstacles", shapely.LineString([(0, 9), (10, 9)]), kind="wall", height_m=3.0)
    assert list(load_scene(town.store).obstacles.index) == [f"obstacles/{wall}"]


def test_the_share_of_an_area_seen_by_a_round_camera_is_that_of_its_disk(town):
    """Reach 20 m by day and 10 m by night on a square of 100 m: π·20²/100² and π·10²/100²."""
    town.area(shapely.box(-50, -50, 50, 50))
    town.camera(0, 0)
    compute_coverage(town.store, actor="test")
    result = town.store.latest_result("coverage")
    row = result.frame("targets").iloc[0]
    assert row["size"] == pytest.approx(10_000, rel=1e-3)  # the square is drawn in longitude and latitude
    assert row["share_day"] == pytest.approx(math.pi * 400 / 10_000, rel=2e-3)
    assert row["share_night"] == pytest.approx(math.pi * 100 / 10_000, rel=2e-3)
    assert result.summary["shares"]["key_area"]["day"] == pytest.approx(row["share_day"])
    assert result.summary["seeing"] == 1


def test_a_broken_camera_covers_nothing(town):
    town.area(shapely.box(-50, -50, 50, 50))
    town.camera(0, 0, status="faulty")
    compute_coverage(town.store, actor="test")
    assert town.store.latest_result("coverage").frame("targets")["share_day"].to_list() == [0.0]
    compute_gaps(town.store, actor="test")
    pieces = town.store.latest_result("gaps").frame("pieces")
    assert "out_of_order" in set(pieces["cause"])


def test_what_is_seen_and_what_is_blind_make_up_the_whole(town):
    """Area of the square = seen + blind pieces + slivers, by day and by night."""
    town.area(shapely.box(-50, -50, 50, 50))
    town.add("buildings", shapely.box(5, 5, 15, 12), height_m=9.0)
    town.camera(0, 0)
    sight = load_sight(town.store)
    pieces, figures = gap_pieces(sight)
    compute_coverage(town.store, actor="test")
    row = town.store.latest_result("coverage").frame("targets").iloc[0]
    assert row["size"] == pytest.approx(10_000 - 70, rel=1e-3)
    for light in ("day", "night"):
        blind = pieces.loc[pieces["light"] == light, "area_m2"].sum()
        assert blind + row[f"share_{light}"] * row["size"] == pytest.approx(
            row["size"], abs=0.5 + figures["slivers_area_m2"]
        )
    assert set(pieces["cause"]) >= {"hidden", "out_of_range", "dark"}
    hidden = pieces[pieces["cause"] == "hidden"].iloc[0]
    assert hidden["cause_ref"].startswith("buildings/")


def test_an_edited_camera_costs_one_area_a_class_and_light(town):
    town.area(shapely.box(-50, -50, 50, 50))
    rows = [town.camera(i * 30, 0, name=f"{i}号") for i in range(5)]
    first = load_sight(town.store)
    assert first.coverage.computed == 5 * 4  # monitor and observe, by day and by night
    assert load_sight(town.store).coverage.computed == 0
    with town.store.change(actor="test") as change:
        change.update("camera_sites", rows[2], {"max_range_m": 15.0})
    assert load_sight(town.store).coverage.computed == 4


def test_the_strip_round_a_zone_is_the_public_road_within_fifty_metres(town):
    """A road straight past a zone, 10 m from it: it is within 50 m along the front and √(50² − 10²) beyond each corner."""
    zone = town.add("housing_zones", shapely.box(0, 0, 100, 60), name="柳湾新村", households=40)
    town.road((-300, -10), (400, -10))
    town.road((-300, -20), (400, -20), highway="footway")
    targets = load_sight(town.store).targets
    strip = targets.loc[f"housing_zones/{zone}/strip"]
    assert strip["kind"] == "road_strip"
    assert strip.geometry.length == pytest.approx(
        100 + 2 * math.sqrt(50**2 - 10**2), rel=3e-3
    )  # the buffer is a 32-gon
    assert set(targets["kind"]) == {"housing_zone", "road_strip", "road"}


def test_a_result_is_stale_once_a_camera_changed(town):
    town.area(shapely.box(-50, -50, 50, 50))
    row = town.camera(0, 0)
    compute_coverage(town.store, actor="test")
    assert not town.store.latest_result("coverage").is_stale
    with town.store.change(actor="test") as change:
        change.update("camera_sites", row, {"max_range_m": 15.0})
    assert town.store.latest_result("coverage").is_stale


@pytest.mark.parametrize("compute", [compute_coverage, compute_gaps])
def test_an_edit_during_the_computation_makes_its_result_stale(town, compute):
    town.area(shapely.box(-50, -50, 50, 50))
    row = town.camera(0, 0)
    edited = []

    def edit_once(fraction, words):
        if fraction > 0.4 and not edited:
            edited.append(words)
            with town.store.change(actor="somebody else") as change:
                change.update("camera_sites", row, {"max_range_m": 15.0})

    compute(town.store, actor="test", progress=edit_once)
    assert edited
    assert town.store.latest_result(compute.__name__.removeprefix("compute_")).is_stale


def test_a_lamp_of_the_store_lights_ground_by_night(town):
    """Infrared 10 m, reach 20 m, a lamp of 3 m at 15 m: by night π·(10² + 3²) of a square of 100 m."""
    town.area(shapely.box(-50, -50, 50, 50))
    town.camera(0, 0)
    town.add("street_lights", shapely.Point(15, 0), reach_m=3.0)
    town.add("street_lights", shapely.Point(-15, 0), reach_m=3.0, working=False)
    compute_coverage(town.store, actor="test")
    row = town.store.latest_result("coverage").frame("targets").iloc[0]
    assert row["share_night"] == pytest.approx(math.pi * (100 + 9) / 10_000, rel=5e-3)


def test_the_failure_of_the_only_camera_costs_its_disk_and_a_second_one_backs_it(town):
    town.area(shapely.box(-50, -50, 50, 50), name="Square")
    town.camera(0, 0, name="A")
    compute_coverage(town.store, actor="test")
    (lost,) = town.store.latest_result("coverage").frame("critical").to_dict("records")
    assert (lost["camera_name"], lost["targets"], lost["worst_target"]) == ("A", 1, "Square")
    assert lost["lost_area_m2"] == pytest.approx(math.pi * 400, rel=5e-3)
    town.camera(0, 0, name="B")
    compute_coverage(town.store, actor="test")
    result = town.store.latest_result("coverage")
    assert result.frame("critical").empty
    row = result.frame("targets").iloc[0]
    assert row["share_day_2"] == pytest.approx(row["share_day"], rel=1e-6)


def test_shares_surely_and_possibly_seen_hold_the_stated_one_between_them(town):
    """All round, reach 20 m, known to 3 m each way and to 1 m of height: surely at least the disk of 20 − 3√2 m."""
    town.area(shapely.box(-50, -50, 50, 50))
    town.camera(0, 0, name="A")
    compute_coverage(town.store, actor="test", certainty=True)
    result = town.store.latest_result("coverage")
    row = result.frame("targets").iloc[0]
    least, most = 20 - 3 * math.sqrt(2), 20 + 3 * math.sqrt(2)
    assert math.pi * least**2 * 0.99 <= row["share_day_sure"] * 10_000 < math.pi * 400
    assert math.pi * 400 < row["share_day_possible"] * 10_000 <= math.pi * most**2
    assert result.summary["shares"]["key_area"]["day_sure"] == pytest.approx(row["share_day_sure"])
    (doubt,) = result.frame("checking").to_dict("records")
    assert doubt["camera_name"] == "A" and doubt["doubt_area_m2"] > 0


def test_bands_stay_when_coverage_is_computed_again_without_being_asked_for_them(town):
    town.area(shapely.box(-50, -50, 50, 50))
    town.camera(0, 0)
    compute_coverage(town.store, actor="test")
    assert "certain" not in town.store.latest_result("coverage").summary, "nobody asked for them yet"
    compute_coverage(town.store, actor="test", certainty=True)
    town.camera(30, 0, name="2号")
    compute_coverage(town.store, actor="test")
    result = town.store.latest_result("coverage")
    assert result.summary["certain"]["possible_day_m2"] > 0
    assert len(result.frame("bands")) > 0
    assert not result.is_stale
