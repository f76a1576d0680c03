"""Claims about routes to take along: who gets which sheet, card and track, by which plan, and what is noted."""

import datetime as dt
import io
import re

import openpyxl
import pypdf
import pytest

from geo_service.publications import publish, published, withdraw
from geo_service.web import create_app

PASSWORD = "Shi-men-2026"
NOON = dt.datetime(2026, 5, 4, 12, 0)  # noqa: DTZ001 (the time of day at the station)
OWN = ("/my-routes/card.png", "/my-routes/route.gpx")
PLANS = ("/patrol/routes.pdf", "/patrol/plan.xlsx", "/patrol/days.xlsx")


@pytest.fixture
def workspace(tmp_path, small_town):
    with small_town["build"](tmp_path / "station") as made:
        for role in ("planner", "cadre"):
            made.accounts.create_user(
                role + ".a", role=role, password=PASSWORD, villages=[1] if role == "cadre" else []
            )
        yield made


@pytest.fixture
def app(workspace):
    made = create_app(workspace)
    made.config.update(TESTING=False, NOW=lambda: NOON)
    return made


def log_in(app, role):
    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)[1]
    client.post("/login", data={"name": role + ".a", "password": PASSWORD, "csrf_token": token})
    return client


@pytest.mark.parametrize("path", OWN)
def test_a_cadre_takes_the_own_route_along_and_no_other(app, workspace, path):
    cadre = log_in(app, "cadre")
    answer = cadre.get(path + "?unit=patrol_units/2")
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert answer.data == cadre.get(path).data
    [entry] = workspace.store.audit_entries(limit=1)
    assert (entry.action, entry.target[:3]) == ("export_own_route", path[-3:])
    for other in (1, 3, 999):
        assert cadre.get(f"{path}?unit=patrol_units/{other}").status_code == 404
    for one in published(workspace.store):
        withdraw(workspace.store, one.id, actor="test")
    assert cadre.get(path).status_code == 404
    assert log_in(app, "planner").get(path + "?preview=1&unit=patrol_units/1").status_code == 200


def test_cadres_get_no_plan_and_nobody_else_than_users_any(app):
    for path in (*PLANS, *OWN):
        assert app.test_client().get(path).status_code == 303
    for path in PLANS:
        for query in ("", "?day=2026-05-04", "?unit=patrol_units/2"):
            assert log_in(app, "cadre").get(path + query).status_code == 403


def test_a_planner_prints_all_units_of_a_published_day_or_one_of_them(app, workspace):
    planner = log_in(app, "planner")
    answer = planner.get("/patrol/routes.pdf?day=2026-05-04")
    assert len(pypdf.PdfReader(io.BytesIO(answer.data)).pages) == 3
    [entry] = workspace.store.audit_entries(limit=1)
    assert (entry.action, entry.target) == ("print_route", "2026-05-04 *")
    answer = planner.get("/patrol/routes.pdf?day=2026-05-04&unit=patrol_units/3")
    [page] = pypdf.PdfReader(io.BytesIO(answer.data)).pages
    assert "下河巡逻队" in re.sub(r"\s", "", page.extract_text())
    for query in ("day=2020-01-01", "day=x", "varied=1", "unit=nobody"):
        answer = planner.get("/patrol/routes.pdf?" + query)
        assert answer.status_code == 400, query


def test_the_workbook_of_a_day_follows_what_was_published_for_it(app, workspace):
    planner, store = log_in(app, "planner"), workspace.store
    plan = store.latest_result("patrol")
    frames = {one: plan.frame(one) for one in plan.frame_names}
    frames["visits"] = frames["visits"].iloc[:1]
    later = store.save_result("patrol", actor="test", options={}, summary={}, frames=frames)

    def visits(query):
        book = openpyxl.load_workbook(io.BytesIO(planner.get("/patrol/plan.xlsx" + query).data))
        return book.worksheets[0].max_row - 1

    assert (visits(""), visits("?day=2026-05-04")) == (1, 5)
    publish(store, later, NOON.date(), NOON.date(), actor="test", today=NOON.date())
    assert (visits("?day=2026-05-04"), visits("?day=2026-05-05")) == (1, 5)
    assert planner.get("/patrol/days.xlsx").status_code == 404


def test_papers_are_reached_from_the_pages(app):
    planner, cadre = log_in(app, "planner"), log_in(app, "cadre")
    page = planner.get("/patrol").text
    assert 'href="/patrol/routes.pdf"' in page and 'action="/patrol/routes.pdf"' in page
    assert 'href="/patrol/plan.xlsx"' in page
    own = cadre.get("/my-routes").text
    assert 'href="/my-routes/card.png?unit=patrol_units/2"' in own
    assert 'href="/my-routes/route.gpx?unit=patrol_units/2"' in own
    assert "/patrol/" not in own and "amap" not in own and "geo:" not in own


@pytest.mark.parametrize(("chosen", "start"), [("amap", "https://uri.amap.com/navigation?to=118.7811"), ("geo", "geo:32.0411")])  # fmt: skip
def test_a_navigation_app_is_linked_only_where_the_station_chose_one_and_learns_no_name(app, workspace, chosen, start):  # fmt: skip
    """The next stop of the unit is the school, 11 × 10⁻⁴ degrees east and north of 118.78, 32.04."""
    import dataclasses

    workspace.settings = dataclasses.replace(workspace.settings, navigation_app=chosen)
    page = log_in(app, "cadre").get("/my-routes").text
    [link] = re.findall(r'id="navigation"><a [^>]*href="([^"]+)"', page)
    assert link.startswith(start) and "%" not in link and "石" not in link
    assert "厂商" in page
