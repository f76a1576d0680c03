"""Each rule of `check` finds its row and no other."""

import datetime as dt

import pytest
import shapely

from geo_service.analysis.check import check_town

TODAY = dt.date(2026, 11, 23)
SOUND = {
    "kind": "fixed", "azimuth_deg": 90.0, "hfov_deg": 60.0, "mount_height_m": 6.0, "sign_posted": True, "retention_days": 30,
    "in_use_since": dt.date(2025, 5, 1), "filing_date": dt.date(2025, 5, 20),
}  # fmt: skip


def _messages(town, layer="camera_sites"):
    return [str(one.message) for one in check_town(town.store, today=TODAY) if one.layer == layer]


def _ground(town):
    town.road((-500, 0), (500, 0))
    town.add("buildings", shapely.box(50, 50, 60, 60), height_m=6.0)


def test_a_sound_camera_is_no_finding(town):
    _ground(town)
    town.camera(0, 0, **SOUND)
    assert check_town(town.store, today=TODAY) == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"azimuth_deg": None}, "azimuth is missing"),
        ({"mount_height_m": None}, "mount height is missing"),
        ({"hfov_deg": None}, "neither field of view"),
        ({"retention_days": 29}, "article 17"),
        ({"sign_posted": False}, "article 13"),
        ({"filing_date": None}, "article 14"),
        ({"code": "123"}, "20 digits"),
    ],
)
def test_each_fault_of_a_camera_is_found(town, values, words):
    _ground(town)
    town.camera(0, 0, **{**SOUND, **values})
    found = _messages(town)
    assert len(found) == 1
    assert words in found[0]


def test_a_camera_filed_late_is_not_blamed_in_its_first_thirty_days(town):
    _ground(town)
    town.camera(0, 0, **{**SOUND, "filing_date": None, "in_use_since": TODAY - dt.timedelta(days=30)})
    assert _messages(town) == []


def test_planned_cameras_need_no_sign_yet(town):
    _ground(town)
    town.camera(0, 0, **{**SOUND, "sign_posted": False, "status": "planned"})
    assert _messages(town) == []


def test_cameras_in_forbidden_places_and_without_consent_are_named(town):
    _ground(town)
    town.add("no_camera_zones", shapely.box(-5, -5, 5, 5), kind="article_8")
    town.add("no_camera_zones", shapely.box(95, -5, 105, 5), kind="article_10", consent=False)
    town.add("no_camera_zones", shapely.box(195, -5, 205, 5), kind="article_10", consent=True)
    for i, x in enumerate((0, 100, 200, 300)):
        town.camera(x, 0, name=f"{i}号", **SOUND)
    found = [(one.name, one.severity) for one in check_town(town.store, today=TODAY)]
    assert sorted(found) == [("0号", "error"), ("1号", "error")]


def test_two_cameras_on_one_pole_are_duplicates_only_when_they_look_the_same_way(town):
    _ground(town)
    town.camera(0, 0, name="甲", **SOUND)
    town.camera(0.5, 0, name="乙", **{**SOUND, "azimuth_deg": 95.0})
    town.camera(0, 0.5, name="丙", **{**SOUND, "azimuth_deg": 270.0})
    found = [one.name for one in check_town(town.store, today=TODAY)]
    assert found == ["乙"]


def test_what_lies_far_from_every_road_is_named(town):
    _ground(town)
    town.camera(0, 900, name="远", **SOUND)
    assert "300 m" in _messages(town)[0]


def test_areas_without_interval_and_past_review_are_named(town):
    _ground(town)
    town.area(shapely.box(0, 0, 10, 10), review_date=dt.date(2026, 11, 22))
    found = _messages(town, "key_areas")
    assert len(found) == 2
    assert any("review date" in one for one in found)


def test_unknown_heights_are_counted_and_missing_buildings_said(town):
    town.road((0, 0), (100, 0))
    assert "optimistic" in _messages(town, "buildings")[0]
    town.add("buildings", shapely.box(0, 10, 10, 20))
    assert "1 of 1 buildings" in _messages(town, "buildings")[0]


def _required(town, **values):
    return town.road((0, 0), (0, 300), name="东街", patrol_interval_min=120, **values)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, None),
        ({"patrol_modes": "car"}, "no unit may drive or walk"),
        ({"access_foot": False}, "no unit may drive or walk"),
        ({"patrol_direction": "forward", "oneway_foot": "backward"}, "one-way"),
        ({"patrol_direction": "both", "oneway_foot": "forward"}, "one-way"),
        ({"patrol_direction": "either", "oneway_foot": "backward"}, None),
    ],
)
def test_a_required_street_that_no_unit_may_drive_is_found(town, values, words):
    """The town's only unit goes on foot."""
    _ground(town)
    town.unit(0, 0)
    _required(town, **values)
    found = _messages(town, "roads")
    assert [words in one for one in found] == ([True] if words else [])


@pytest.mark.parametrize(
    ("unit", "stands"),
    [
        ({"shifts": "06:30-09:00"}, True),
        (
            {"shifts": "07:00-09:00"},
            False,
        ),  # 1,000 m away, of which 150 m at most are no way: 765 s at 4 km/h
        ({"shifts": "06:50-09:00"}, False),
        ({"shifts": "06:45-09:00"}, True),
        ({"shifts": "06:30-08:00"}, False),
        ({"shifts": "06:30-09:00", "breaks": "07:30-07:40"}, False),
        ({"shifts": "06:30-09:00", "range_m": 500.0}, False),
    ],
)
def test_a_post_that_nobody_can_stand_is_found(town, unit, stands):
    _ground(town)
    town.area(shapely.box(1000, 0, 1020, 20), name="小学", category="school", visit_interval_min=240)
    town.unit(0, 10, **unit)
    town.add(
        "patrol_rules",
        name="护学岗",
        demand="post",
        place_kind="school",
        day_type="school_day",
        hours="07:00-08:10",
    )
    found = _messages(town, "patrol_rules")
    assert (found == []) is stands
    if not stands:
        assert "小学" in found[0]


def test_shifts_of_the_day_count_for_a_post(town):
    """The unit is off duty on days off, and only then."""
    _ground(town)
    town.area(shapely.box(0, 0, 20, 20), name="小学", category="school", visit_interval_min=240)
    unit = town.unit(0, 10)
    town.add("unit_shifts", unit=unit, day_type="day_off", off_duty=True)
    for day in ("school_day", "day_off"):
        town.add(
            "patrol_rules", name=day, demand="post", place_kind="school", day_type=day, hours="07:00-08:10"
        )
    found = [one.name for one in check_town(town.store, today=TODAY) if one.layer == "patrol_rules"]
    assert found == ["day_off"]


def test_a_rule_for_no_place_and_breaks_without_a_shift_are_found(town):
    _ground(town)
    town.unit(0, 0, shifts="08:00-12:00", breaks="13:00-14:00")
    town.add("patrol_rules", name="空", demand="closed", place_kind="market", hours="22:00-06:00")
    assert _messages(town, "patrol_rules") == ["holds for no place that is entered"]
    assert _messages(town, "patrol_units") == ["has breaks outside its shifts only"]
