"""A stored plan changed by hand: times by the roads, the auditor's verdict, what gets worse, what is stored."""

import re

import pandas as pd
import pytest
import shapely

from geo_service.analysis.patrol import compute_patrol
from geo_service.analysis.plan_change import StopChange, change_plan, return_to_former, save_change
from geo_service.publications import publish
from geo_service.web import create_app
from patrol_routing import audit_plan
from town_model import InputError

PASSWORD = "Shi-men-2026"


@pytest.fixture
def station(drawn_town, empty_workspace):
    """A ring road of 400 m sides with four places at its corners, each to be visited every 6 h for 10 min, and two units on foot."""
    town = drawn_town
    corners = [(0, 0), (400, 0), (400, 400), (0, 400)]
    for a, b in zip(corners, corners[1:] + corners[:1], strict=True):
        town.road(a, b)
    for i, (x, y) in enumerate(corners):
        town.area(shapely.Point(x, y).buffer(15), name=f"广场{i}", visit_interval_min=360, dwell_min=10)
    first = town.unit(200, 0, name="甲组")
    town.unit(200, 400, name="乙组", shifts="08:00-20:00")
    for role in ("planner", "inspector", "cadre"):
        units = [first] if role == "cadre" else []
        empty_workspace.accounts.create_user(f"{role}.a", role=role, password=PASSWORD, units=units)
    compute_patrol(empty_workspace.store, actor="test", max_iterations=60, time_limit_s=20)
    return empty_workspace


@pytest.fixture
def store(station):
    return station.store


def plan_of(store):
    return store.latest_result("patrol")


def first_stop(result, shift=None):
    visits = result.frame("visits").sort_values("arrive_s")
    some = visits if shift is None else visits[visits["shift"] == shift]
    return some.iloc[0]


def other_shift(result, shift):
    return next(one for one in result.frame("units")["shift"] if one != shift)


def move(row, to, at_s):
    return StopChange(row["shift"], int(row["seq"]), None, to, at_s)


def test_without_a_change_the_plan_comes_out_as_it_was_stored(store):
    result = plan_of(store)
    found = change_plan(store, result, [])
    assert found.day.audit.is_sound and found.warnings == () and found.better == ()
    old = result.frame("visits").sort_values(["shift", "arrive_s"])
    new = found.day.plan.visits.sort_values(["unit", "arrive_s"])
    assert new["arrive_s"].tolist() == pytest.approx(old["arrive_s"].tolist(), abs=0.02)
    assert new["place"].tolist() == old["place"].tolist()
    assert len(found.day.plan.breaches) == result.summary["breaches"]


def test_a_moved_stop_is_driven_by_the_other_unit_on_the_roads(store):
    result = plan_of(store)
    shifts = result.frame("units").set_index("shift")
    late = next(one for one in shifts.index if shifts.loc[one, "start_s"] > 0)
    row = first_stop(result, other_shift(result, late))
    found = change_plan(store, result, [move(row, late, 30_000.0)])
    plan = found.day.plan
    assert found.day.audit.is_sound and audit_plan(found.day.problem, plan).is_sound
    mine = plan.visits[(plan.visits["unit"] == late) & (plan.visits["place"] == row["place"])]
    moved = mine[mine["arrive_s"] >= 30_000.0 - 1e-6].iloc[0]
    # 10 min of stay, and not more than the ring's 1600 m at 4 km/h and other stops away from the wished time
    assert moved["depart_s"] - moved["arrive_s"] == pytest.approx(600)
    assert moved["arrive_s"] < 30_000 + 1600 / (4 / 3.6) + 4 * 600
    left = plan.visits["place"].tolist() + [place for _, place in found.dropped]
    assert sorted(left) == sorted(result.frame("visits")["place"])


def test_leaving_out_the_stops_of_a_place_breaks_its_limit_and_says_so(store):
    result = plan_of(store)
    visits = result.frame("visits")
    place = visits["place"].iloc[0]
    rows = visits[visits["place"] == place]
    found = change_plan(store, result, [move(row, None, None) for _, row in rows.iterrows()])
    assert place not in set(found.day.plan.visits["place"])
    assert place in set(found.day.plan.breaches["place"])
    name = rows["place_name"].iloc[0]
    assert any(str(one).startswith(f"{name} is left alone too long") for one in found.warnings)
    # nobody comes all day: 24 h
    assert any("from 00:00 to 24:00 (1440 min)" in str(one) for one in found.warnings)
    assert found.windows.loc[place, "after_s"] == 86_400


def test_an_added_stop_only_helps_the_place(store):
    result = plan_of(store)
    visits = result.frame("visits")
    place = visits["place"].iloc[0]
    shift = result.frame("units").set_index("shift")["start_s"].idxmin()
    found = change_plan(store, result, [StopChange(None, None, place, shift, 43_000.0)])
    assert (found.day.plan.visits["place"] == place).sum() == (visits["place"] == place).sum() + 1
    assert found.windows.loc[place, "after_s"] <= found.windows.loc[place, "before_s"]


def test_even_visits_are_called_easy_to_guess(store):
    """One place visited by one unit at 1, 5, 9, 13, 17 and 21 h, all else of that unit left out."""
    result = plan_of(store)
    visits = result.frame("visits")
    place = visits["place"].iloc[0]
    shift = result.frame("units").set_index("shift")["start_s"].idxmin()
    gone = [move(row, None, None) for _, row in visits.iterrows() if row["shift"] == shift or row["place"] == place]  # fmt: skip
    even = [StopChange(None, None, place, shift, hour * 3600.0) for hour in (1, 5, 9, 13, 17, 21)]
    found = change_plan(store, result, gone + even)
    assert any("in even steps of 240 min" in str(one) for one in found.warnings)


def test_a_stop_after_which_the_unit_is_late_falls_out_and_is_told(store):
    result = plan_of(store)
    shift = result.frame("units").set_index("shift")["end_s"].idxmin()
    place = result.frame("visits")["place"].iloc[0]
    found = change_plan(
        store, result, [StopChange(None, None, place, shift, 72_000.0)]
    )  # the end of the shift
    assert found.dropped == ((shift, place),)
    assert "falls out of the plan" in str(found.warnings[0])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (StopChange("nobody", 0, None, None, None), "no stop"),
        (StopChange(None, None, "key_areas/999", "x", 0.0), "no place"),
        ("elsewhere", "no shift"),
        ("at night", "outside the shift"),
    ],
)
def test_what_is_not_there_is_refused(store, change, words):
    result = plan_of(store)
    row = first_stop(result)
    late = result.frame("units").set_index("shift")["start_s"].idxmax()
    change = {"elsewhere": move(row, "nowhere", 0.0), "at night": move(row, late, 3600.0)}.get(change, change) if isinstance(change, str) else change  # fmt: skip
    with pytest.raises(InputError, match=words):
        change_plan(store, result, [change])


def test_stale_plans_are_not_changed(store, drawn_town):
    result = plan_of(store)
    drawn_town.area(shapely.Point(200, 0).buffer(5), name="新广场", visit_interval_min=360)
    with pytest.raises(InputError, match="the data changed"):
        change_plan(store, plan_of(store), [])
    assert plan_of(store).id == result.id


def test_the_changed_plan_is_a_new_one_and_the_former_comes_back(store):
    result = plan_of(store)
    today = pd.Timestamp("2026-05-04").date()
    publish(store, result.id, today, today, actor="test", today=today)
    row = first_stop(result)
    made = save_change(store, result, change_plan(store, result, [move(row, None, None)]), actor="test")
    latest = plan_of(store)
    assert (latest.id, latest.options["changed_from"], latest.is_stale) == (made, result.id, False)
    assert len(latest.frame("visits")) == len(result.frame("visits")) - 1
    assert set(latest.frame_names) == set(result.frame_names)
    assert set(latest.frame("units")["unit_name"]) == {"甲组", "乙组"}
    # the published one stays
    from geo_service.publications import plan_in_force

    assert plan_in_force(store, today).id == result.id
    with pytest.raises(InputError, match="meanwhile"):
        save_change(store, result, change_plan(store, result, []), actor="test")
    back = return_to_former(store, actor="test")
    again = store.result(back)
    pd.testing.assert_frame_equal(pd.DataFrame(again.frame("visits")), pd.DataFrame(result.frame("visits")))
    assert "changed_from" not in again.options
    with pytest.raises(InputError, match="nothing to return to"):
        return_to_former(store, actor="test")


def log_in(station, role):
    client = create_app(station).test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)[1]
    client.post("/login", data={"name": role + ".a", "password": PASSWORD, "csrf_token": token})
    client.csrf = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/password").text)[1]
    return client


def send(client, path, body, *, csrf=True):
    return client.post(path, json=body, headers={"X-CSRFToken": client.csrf} if csrf else {})


def test_over_http_a_change_with_warnings_asks_for_consent(station, store):
    result = plan_of(store)
    visits = result.frame("visits")
    place = visits["place"].iloc[0]
    rows = visits[visits["place"] == place]
    body = {"changes": [{"shift": row["shift"], "seq": int(row["seq"]), "to_shift": None, "at_s": None} for _, row in rows.iterrows()]}  # fmt: skip
    planner = log_in(station, "planner")
    path = f"/api/v1/plans/patrol/{result.id}"
    answer = send(planner, f"{path}/trial", body)
    assert answer.status_code == 200
    assert answer.json["warnings"] and answer.json["after"]["longest_window_min"] == 1440
    assert plan_of(store).id == result.id
    assert send(planner, f"{path}/changes", body).status_code == 409
    assert plan_of(store).id == result.id
    stored = send(planner, f"{path}/changes", {**body, "confirm": True})
    assert stored.status_code == 201 and plan_of(store).id == stored.json["result"]
    assert any(one.action == "plan_changed" for one in store.audit_entries(limit=20))
    # the former one can no longer be the ground of a change
    assert send(planner, f"{path}/changes", {**body, "confirm": True}).status_code == 409
    page = planner.get("/patrol").text
    assert 'action="/patrol/back"' in page
    assert planner.post("/patrol/back", data={"csrf_token": planner.csrf}).status_code == 303
    assert len(plan_of(store).frame("visits")) == len(visits)


def test_over_http_only_editors_with_a_token_change_plans(station, store):
    path = f"/api/v1/plans/patrol/{plan_of(store).id}/trial"
    answers = {role: send(log_in(station, role), path, {"changes": []}).status_code for role in ("planner", "inspector", "cadre")}  # fmt: skip
    assert answers == {"planner": 200, "inspector": 403, "cadre": 403}
    planner = log_in(station, "planner")
    assert send(planner, path, {"changes": []}, csrf=False).status_code == 400
    assert send(planner, "/api/v1/plans/patrol/999/trial", {"changes": []}).status_code == 404
    assert "patrol-change.js" in planner.get("/patrol").text
    assert "patrol-change.js" not in log_in(station, "inspector").get("/patrol").text


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"changes": 3},
        {"changes": [], "more": 1},
        {"changes": [1]},
        {"changes": [{}]},
        {"changes": [{"shift": "a", "seq": True, "to_shift": None}]},
        {"changes": [{"shift": "a", "seq": 1, "place": "b", "to_shift": None}]},
        {"changes": [{"place": "b"}]},
        {"changes": [{"shift": "a", "seq": 1, "to_shift": "b", "at_s": "x"}]},
        {"changes": [{"shift": "a", "seq": 1, "to_shift": None}]},
        {"changes": [], "confirm": "yes"},
    ],
)
def test_wrong_orders_are_refused_and_nothing_is_stored(station, store, body):
    result = plan_of(store)
    planner = log_in(station, "planner")
    for what in ("trial", "changes"):
        answer = send(planner, f"/api/v1/plans/patrol/{result.id}/{what}", body)
        assert answer.status_code in (400, 422), answer.text
        assert answer.json["detail"]
    assert plan_of(store).id == result.id
