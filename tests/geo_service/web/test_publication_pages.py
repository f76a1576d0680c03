"""Publishing on the page of the plan, and what cadres see of it: published plans only, on their days only."""

import datetime as dt
import re

import pytest
from web_clients import PASSWORD, log_in

from geo_service.publications import published, withdraw
from geo_service.web import create_app

NOON = dt.datetime(2026, 5, 4, 12, 0)  # noqa: DTZ001 (the time of day at the station)


@pytest.fixture
def workspace(tmp_path, small_town):
    with small_town["build"](tmp_path / "station") as made:
        for one in published(made.store):
            withdraw(made.store, one.id, actor="test")
        for role in ("planner", "inspector", "cadre"):
            made.accounts.create_user(
                role + ".a", role=role, password=PASSWORD, villages=[1] if role == "cadre" else []
            )
        yield made


@pytest.fixture
def app(workspace):
    made = create_app(workspace)
    made.config.update(TESTING=False, NOW=lambda: NOON)
    return made


def publish(client, first="2026-05-04", last="2026-05-06", **form):
    shown = re.search(r'name="result" value="(\d+)"', client.get("/patrol").text)
    given = {"csrf_token": client.token, "result": shown[1] if shown else "1", "first": first, "last": last}
    return client.post("/patrol/publish", data={**given, **form})


def test_a_cadre_sees_no_route_before_it_is_published_on_its_days_and_after_withdrawal(app, workspace):
    planner, cadre = log_in(app, "planner.a"), log_in(app, "cadre.a")
    route = "/api/v1/my-map/patrol_routes.json?unit=patrol_units/2"

    def seen():
        return "18:15" in cadre.get("/my-routes").text, cadre.get(route).status_code

    assert seen() == (False, 404)
    assert publish(planner).status_code == 303
    assert seen() == (True, 200)
    app.config["NOW"] = lambda: NOON + dt.timedelta(days=3)
    assert seen() == (False, 404)
    app.config["NOW"] = lambda: NOON
    number = published(workspace.store)[0].id
    planner.post(f"/patrol/withdraw/{number}", data={"csrf_token": planner.token})
    assert seen() == (False, 404)


def test_a_newer_plan_stays_with_the_planner_until_it_is_published(app, workspace):
    """The new plan names the unit otherwise: the cadre still reads the old name."""
    planner, cadre = log_in(app, "planner.a"), log_in(app, "cadre.a")
    publish(planner)
    old = workspace.store.latest_result("patrol")
    frames = {name: old.frame(name).copy() for name in old.frame_names}
    for frame in (frames["units"], frames["visits"], frames["routes"]):
        frame["unit_name"] = frame["unit_name"].replace("上河巡逻队", "上河新队")
    workspace.store.save_result("patrol", actor="test", options={}, summary={}, frames=frames)
    assert "上河巡逻队" in cadre.get("/my-routes").text and "上河新队" not in cadre.get("/my-routes").text
    page = planner.get("/patrol").text
    assert "上河新队" in page and "此方案尚未发布" in page
    publish(planner, first="2026-05-05")
    assert "上河巡逻队" in cadre.get("/my-routes").text
    app.config["NOW"] = lambda: NOON + dt.timedelta(days=1)
    assert "上河新队" in cadre.get("/my-routes").text


def test_the_page_says_for_which_days_the_plan_is_published_and_what_takes_its_place(app):
    planner = log_in(app, "planner.a")
    assert "此方案尚未发布" in planner.get("/patrol").text
    publish(planner)
    publish(planner, first="2026-05-06", last="2026-05-08")
    page = planner.get("/patrol").text
    assert "此方案已发布" in page and "2026-05-06 至 2026-05-08" in page
    assert "今天执行" in page and "由后发布的方案代替" in page


def test_the_preview_is_for_those_who_may_see_the_plan(app):
    preview = "/my-routes?unit=patrol_units/2&preview=1"
    planner, cadre = log_in(app, "planner.a"), log_in(app, "cadre.a")
    page = planner.get(preview).text
    assert "18:15" in page and "预览" in page and "preview=1" in page
    assert "18:15" not in planner.get("/my-routes").text
    assert cadre.get(preview).status_code == 404
    map_of = "/api/v1/my-map/patrol_places.json?unit=patrol_units/2&preview=1"
    assert (planner.get(map_of).status_code, cadre.get(map_of).status_code) == (200, 404)


@pytest.mark.parametrize(
    "form",
    [
        {"first": "soon"},
        {"first": "2026-05-07"},
        {"last": "2026-05-03", "first": "2026-05-01"},
        {"result": "99"},
        {"result": "x"},
        {"result": "1"},  # the coverage
    ],
)
def test_bad_forms_are_refused_and_nothing_is_published(app, workspace, form):
    assert publish(log_in(app, "planner.a"), **form).status_code == 400
    assert published(workspace.store) == []


@pytest.mark.parametrize("role", ["inspector", "cadre"])
def test_only_planners_publish_and_withdraw(app, workspace, role):
    client = log_in(app, f"{role}.a")
    assert publish(client, result="3").status_code == 403
    assert client.post("/patrol/withdraw/1", data={"csrf_token": client.token}).status_code == 403
    assert published(workspace.store) == []
    if role == "inspector":
        assert "/patrol/publish" not in client.get("/patrol").text


def test_a_withdrawal_of_nothing_is_refused(app):
    planner = log_in(app, "planner.a")
    assert planner.post("/patrol/withdraw/99", data={"csrf_token": planner.token}).status_code == 400
