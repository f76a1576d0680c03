"""The day of a patrol plan on its page: positions in time, rows of 24 hours, places against their limits."""

import re
from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo_service.analysis.patrol import compute_patrol
from geo_service.web import create_app, patrol_day, patrol_idle

PASSWORD = "Shi-men-2026"
ROLES = ("planner", "inspector", "cadre")


@pytest.fixture
def station(drawn_town, empty_workspace):
    """A ring road with four places and two units, with a computed plan."""
    town = drawn_town
    corners = [(0, 0), (400, 0), (400, 400), (0, 400)]
    for a, b in zip(corners, corners[1:] + corners[:1], strict=True):
        town.road(a, b)
    for i, (x, y) in enumerate(corners):
        town.area(shapely.Point(x, y).buffer(15), name=f"广场{i}", visit_interval_min=360, dwell_min=10)
    first = town.unit(200, 0, name="甲组")
    town.unit(200, 400, name="乙组")
    for role in ROLES:
        units = [first] if role == "cadre" else []
        empty_workspace.accounts.create_user(f"{role}.a", role=role, password=PASSWORD, units=units)
    compute_patrol(empty_workspace.store, actor="test", max_iterations=200, time_limit_s=20)
    return empty_workspace


def log_in(station, role):
    app = create_app(station)
    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)[1]
    client.post("/login", data={"name": role + ".a", "password": PASSWORD, "csrf_token": token})
    return client


def summed(steps):
    return pd.Series(steps).cumsum().tolist()


def test_a_unit_is_where_its_legs_say_at_that_time(station):
    """Every visit begins where the track has arrived by then: at the road's point nearest to the place's middle."""
    result = station.store.latest_result("patrol")
    told = patrol_day.tracks(result, "zh")
    places = result.frame("places").set_index("place").to_crs(4326)
    visits = result.frame("visits")
    assert told["result"] == result.id and len(told["units"]) == 2
    seen = 0
    for unit in told["units"]:
        assert [told["places"][stop[2]] for stop in unit["stops"]] == visits[visits["unit"] == unit["key"]].sort_values("arrive_s")["place_name"].tolist()  # fmt: skip
        for shift in unit["shifts"]:
            t, x, y = (summed(shift[name]) for name in "txy")
            assert t == sorted(t) and len(t) == len(x) == len(y)
            own = visits[(visits["unit"] == unit["key"]) & (visits["arrive_s"] >= shift["start"])]
            for row in own[own["arrive_s"] <= shift["end"]].itertuples():
                last = max(i for i, at in enumerate(t) if at <= row.arrive_s + 1)
                shape = places.geometry[row.place]
                assert shape.distance(shapely.Point(x[last] / 1e6, y[last] / 1e6)) < 2e-4
                seen += 1
    assert seen == len(visits)


def test_times_inside_a_leg_go_by_its_length():
    """100 m east and 300 m east in 40 s from 1000 s on: the point between is passed at 1010 s."""
    legs = gpd.GeoDataFrame(
        {"enter_s": [1000.0, 1040.0], "leave_s": [1040.0, 1050.0]},
        geometry=[shapely.LineString([(0, 0), (100, 0), (400, 0)]), shapely.LineString([(400, 0), (400, 50)])],
    )  # fmt: skip
    assert summed(patrol_day._track(legs)["t"]) == [1000, 1010, 1040, 1040, 1050]


def test_hours_stand_in_proportion():
    assert patrol_day.x_of(6 * 3600) - patrol_day.x_of(0) == 6 * patrol_day.HOUR
    assert patrol_day.x_of(90_000) == patrol_day.x_of(86_400)


def test_the_strip_has_every_visit_as_a_link_to_its_stop(station):
    page = log_in(station, "inspector").get("/patrol").text
    result = station.store.latest_result("patrol")
    links = re.findall(r'<a href="([^"]+)" data-unit="([^"]+)" data-stop="(\d+)"', page)
    assert len(links) == len(result.frame("visits"))
    key = links[-1][1]
    chosen = log_in(station, "inspector").get(f"/patrol?unit={key}&stop=2").text
    place = patrol_day.strip(result, "zh", unit=key, stop=2).chosen
    assert chosen.count(f'data-place="{place}"') >= 1
    assert re.search(r'class="stay [a-z_]+ same"', chosen)
    assert 'id="stop-2"' in chosen
    assert "style=" not in re.search(r'<svg class="day-strip".*?</svg>', chosen, re.DOTALL)[0]


def test_signs_are_short_and_all_different(station):
    rows = patrol_day.strip(station.store.latest_result("patrol"), "zh").rows
    assert len({row.sign for row in rows}) == len(rows)
    assert all(len(row.sign) <= 3 for row in rows)


def test_the_data_of_the_day_are_for_those_who_may_see_plans(station):
    number = station.store.latest_result("patrol").id
    answers = {role: log_in(station, role).get(f"/patrol/day/{number}.json").status_code for role in ROLES}
    assert answers == {"planner": 200, "inspector": 200, "cadre": 403}
    assert log_in(station, "planner").get("/patrol/day/999.json").status_code == 404


def idle(stays, breaches, *, worst, limit):
    frames = {
        "visits": pd.DataFrame([("p", a, b) for a, b in stays], columns=["place", "arrive_s", "depart_s"]),
        "breaches": pd.DataFrame(breaches, columns=["place", "kind", "start_s", "end_s"]),
        "places": pd.DataFrame({"place": ["p"], "name": ["广场"], "visits": [len(stays)], "worst_gap_s": [worst], "max_gap_s": [limit]}),
        "unreachable": pd.DataFrame({"place": list[str]()}),
    }  # fmt: skip
    return patrol_idle.idle_places(SimpleNamespace(frame=frames.__getitem__))[0]


def test_a_place_kept_says_so_with_its_worst_stretch_over_midnight():
    """Visits 6:00–6:10 and 18:00–18:10: 11 h 50 min both by day and over midnight, of 13 h: 91 %."""
    one = idle([(21_600, 22_200), (64_800, 65_400)], [], worst=42_600.0, limit=46_800.0)
    assert (str(one.verdict), one.late, one.tight, one.share) == ("in time", False, True, 91)
    assert one.when == "06:10–18:00"
    assert one.stays == ((360.0, 10.0), (1080.0, 10.0))


def test_what_lies_beyond_the_limit_is_drawn_and_said():
    """Alone from 22:00 of the day before until 4:00 with a limit of 4 h: late by 2 h, drawn from 2:00 to 4:00."""
    one = idle([(14_400, 15_000)], [("p", "gap", -7_200, 14_400)], worst=21_600.0, limit=14_400.0)
    assert str(one.verdict) == "late by 2 h" and one.late and one.share == 150
    assert one.when == "22:00–04:00"
    assert one.over == ((120.0, 120.0),)


def test_too_few_visits_are_called_so():
    one = idle([(14_400, 15_000)], [("p", "visits", 0, 14_400)], worst=7_200.0, limit=14_400.0)
    assert str(one.verdict) == "too few visits" and one.late and one.over == ()
