"""What a trial says of the gaps is what the town has once the same values are stored; who sees a place follows the store."""

import pytest
import shapely

from geo_service.analysis.comparison import compare_plan
from geo_service.analysis.kept import kept_town
from geo_service.analysis.sightings import see_place
from geo_service.analysis.trial import _ground, try_camera
from town_model import ValueRangeError


@pytest.fixture
def small(town):
    town.area(shapely.box(-60, -60, 60, 60))
    town.road((-200, -70), (200, -70))
    town.add("buildings", shapely.box(5, 5, 15, 12), height_m=9.0, name="供销社", use="residential")
    town.one = town.camera(-40, 0, name="一号", max_range_m=40.0)
    town.two = town.camera(0, 0, name="二号", max_range_m=40.0)
    return town


def place(town, x, y):
    spot = town.place(shapely.Point(x, y))
    return {"lon": spot.x, "lat": spot.y}


def near(gaps, total):
    assert (gaps.area_m2, gaps.length_m) == pytest.approx((total.area_m2, total.length_m), abs=0.01)


@pytest.mark.parametrize("light", ["day", "night"])
def test_a_trial_tells_what_the_town_will_have(small, light):
    """Values are tried, stored, and the town is computed again."""
    values = place(small, 20, -50) | {"max_range_m": 25.0, "mount_height_m": 5.0}
    trial = try_camera(small.store, values, camera=small.two, light=light)
    near(trial.before, compare_plan(small.store, light=light).today.gaps)
    assert trial.gaps != trial.before
    with small.store.change(actor="test") as change:
        change.update(
            "camera_sites",
            small.two,
            {
                "geometry": shapely.Point(values["lon"], values["lat"]),
                "max_range_m": 25.0,
                "mount_height_m": 5.0,
            },
        )
    after = compare_plan(small.store, light=light)
    near(trial.gaps, after.today.gaps)
    again = try_camera(small.store, {}, camera=small.two, light=light)
    near(again.before, trial.gaps)
    near(again.gaps, trial.gaps)


def test_a_new_camera_counts_as_built(small):
    values = place(small, 0, -65) | {
        "kind": "fisheye", "status": "planned", "hfov_deg": 360, "max_range_m": 30, "mount_height_m": 6, "resolution_px_h": 32000,
    }  # fmt: skip
    trial = try_camera(small.store, values)
    small.camera(0, -65, name="拟建", status="planned", max_range_m=30.0)
    found = compare_plan(small.store)
    near(trial.gaps, found.plan.gaps)
    near(trial.before, found.today.gaps)
    assert found.plan.cameras == found.today.cameras + 1
    assert found.gained.total.length_m == pytest.approx(trial.before.length_m - trial.gaps.length_m, abs=0.01)
    assert found.lost.total.area_m2 == 0 and found.lost.areas.is_empty


def test_a_broken_camera_closes_nothing_and_says_so(small):
    with small.store.change(actor="test") as change:
        change.update("camera_sites", small.two, {"status": "faulty"})
    trial = try_camera(small.store, {"azimuth_deg": 10.0}, camera=small.two)
    near(trial.gaps, trial.before)
    assert any("out of order" in one.template for one in trial.messages)
    mended = try_camera(small.store, {"status": "working"}, camera=small.two)
    assert mended.gaps.area_m2 < trial.before.area_m2 - 100


def test_a_forbidden_place_is_named_while_the_camera_is_dragged_into_it(small):
    small.add("no_camera_zones", shapely.box(-30, -30, -20, -20), name="招待所", kind="article_8")
    trial = try_camera(small.store, place(small, -25, -25), camera=small.two)
    assert any("article 8" in one.template for one in trial.messages)


def test_edits_of_others_show_in_the_next_step(small):
    before = try_camera(small.store, {}, camera=small.one)
    small.add("buildings", shapely.box(-38, -20, -36, 20), height_m=30.0)
    assert (
        try_camera(small.store, {}, camera=small.one).bands["area_m2"].max() < before.bands["area_m2"].max()
    )


def test_values_without_meaning_are_refused_together(small):
    with pytest.raises(ValueRangeError) as caught:
        try_camera(small.store, {"mount_height_m": -3, "lat": "x", "lon": 500, "weight": 2}, camera=77)
    assert len(caught.value.messages) == 5


def test_who_sees_names_cameras_nearest_first(small):
    found = see_place(small.store, **place(small, -15, -5))
    assert found.day.cameras["name"].tolist() == ["二号", "一号"]
    assert found.day.cameras["distance_m"].tolist() == pytest.approx([250**0.5, 650**0.5], abs=0.05)
    assert found.day.cause is None and found.required_class == "monitor" and found.targets == ["广场"]
    # their infrared light reaches 10 m
    assert found.night.cameras.empty and found.night.cause == "dark" and found.night.camera_name == "二号"


def test_who_sees_says_what_hides_a_place(small):
    """The house of 9 m between the camera of 6 m and the place hides it for ever."""
    found = see_place(small.store, **place(small, 24, 20))
    assert found.day.cameras.empty and (found.day.cause, found.day.cause_name) == ("hidden", "供销社")
    assert found.day.camera_name == "二号"


def test_who_sees_refuses_what_is_no_place(small, tmp_path):
    with pytest.raises(ValueRangeError, match="no place"):
        see_place(small.store, 200.0, 0.0)


@pytest.mark.parametrize("light", ["day", "night"])
def test_private_ground_in_view_is_drawn_as_it_is_measured(town, light):
    """A dwelling of 10 m by 10 m, private to 5 m: 200 + 25·π m² round it; by night its infrared light of 10 m falls short."""
    town.area(shapely.box(-300, -300, -290, -290))
    town.add("buildings", shapely.box(30, -5, 40, 5), height_m=2.0, use="residential")
    at = place(town, 0, 0) | {
        "kind": "fisheye", "hfov_deg": 360, "max_range_m": 90, "mount_height_m": 30, "resolution_px_h": 32_000, "ir_range_m": 10,
    }  # fmt: skip
    trial = try_camera(town.store, at, light=light)
    assert trial.private.area == trial.private_m2
    whole = shapely.box(30, -5, 40, 5).buffer(5).area - 100
    if light == "night":
        assert trial.private_m2 == 0 and trial.private.is_empty
    else:
        # the shadow of the house, 2 m − 1.5 m high against an eye of 30 m, is narrower than half a metre
        assert whole - 10 < trial.private_m2 <= whole + 1e-6
        assert trial.bands.geometry.iloc[2].buffer(1e-6).contains(trial.private)


def test_a_save_has_only_what_it_touches_computed_again(small):
    """Areas at the classes of the map, the square and the road, by day and night: 6 of the camera that was saved, none for a new name."""

    def computed():
        try_camera(small.store, {"azimuth_deg": 10.0}, camera=small.one)
        return _ground(small.store, kept_town(small.store), "day").coverage.computed

    assert computed() == 12
    for layer, row, values, areas in (
        ("camera_sites", small.two, {"max_range_m": 30.0}, 6),
        ("camera_sites", small.one, {"name": "甲"}, 0),
        ("key_areas", 1, {"name": "场"}, 0),
    ):
        with small.store.change(actor="test") as change:
            change.update(layer, row, values)
        assert computed() == areas, (layer, values)
