"""A town that asks for streets and has no place to visit: planned, audited, shown, printed, varied, and refused where nothing is left."""

import datetime as dt
import io
import json
import re

import openpyxl
import pypdf
import pytest
from click.testing import CliRunner

from geo_service.analysis.asked_day import ask_day
from geo_service.analysis.patrol import compute_patrol, plan_day
from geo_service.analysis.variation import compute_variation
from geo_service.cli.main import main
from geo_service.duty.cameras import CameraCredit
from geo_service.duty.choice import choose_day
from geo_service.exports.patrol import plan_workbook
from geo_service.papers import route_card, route_pdf
from geo_service.web import create_app
from patrol_routing import PatrolProblem, audit_plan, plan_patrols
from town_model import InputError

PASSWORD = "Shi-men-2026"
DAY = dt.date(2026, 5, 4)
TRIES = {"max_iterations": 100, "time_limit_s": 60}


@pytest.fixture
def town(drawn_town, empty_workspace):
    """A ring road of 400 m sides, its east side to be walked every four hours, and one pair on foot."""
    corners = [(0, 0), (400, 0), (400, 400), (0, 400)]
    rows = [
        drawn_town.road(a, b, name=f"{name}街")
        for name, a, b in zip("南东北西", corners, corners[1:] + corners[:1], strict=True)
    ]
    drawn_town.east = rows[1]
    with drawn_town.store.change(actor="t") as change:
        change.update("roads", rows[1], {"patrol_interval_min": 240})
    drawn_town.pair = drawn_town.unit(200, 0, name="甲组")
    empty_workspace.accounts.create_user("planner.a", role="planner", password=PASSWORD)
    return drawn_town


def _client(workspace):
    client = create_app(workspace).test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)[1]
    client.post("/login", data={"name": "planner.a", "password": PASSWORD, "csrf_token": token})
    return client


def test_streets_alone_are_planned_and_audited(town):
    """Once round is 1,600 m, 24 min on foot: four hours hold, with six drives at least."""
    day = plan_day(town.store, **TRIES)
    assert day.audit.holds
    assert not day.problem.place_list
    assert set(day.plan.visits["place"]) == {f"roads/{town.east}"}
    assert len(day.plan.visits) >= 6


def test_cameras_that_count_change_no_street(town):
    """Cameras lengthen intervals of places; with streets alone the day asks for the same."""
    planned = choose_day(town.store, date=DAY, cameras=CameraCredit())
    asked = ask_day(town.store, planned=planned)
    own = ask_day(town.store, planned=choose_day(town.store, date=DAY))
    assert asked.streets.frame["max_gap_s"].tolist() == own.streets.frame["max_gap_s"].tolist()


def test_the_library_takes_streets_without_places_but_not_nothing(town):
    problem = ask_day(town.store).problem
    none = problem.places.iloc[:0]
    given = {"travel": problem.travel, "repeats": True}
    again = PatrolProblem(none, problem.units, problem.horizon, streets=problem.streets, **given)
    assert audit_plan(again, plan_patrols(again, max_iterations=50)).is_sound
    with pytest.raises(InputError, match="places has no rows"):
        PatrolProblem(none, problem.units, problem.horizon, **given)


def test_pages_papers_workbook_and_varied_days_show_streets_alone(town, empty_workspace):
    result = town.store.result(compute_patrol(town.store, actor="t", max_iterations=100))
    client = _client(empty_workspace)
    page = client.get("/patrol")
    assert page.status_code == 200
    assert "沿东街巡逻" in page.text
    rules = client.get("/patrol/rules?date=2026-05-04").text
    assert "东街" in rules
    sheet = pypdf.PdfReader(io.BytesIO(route_pdf(town.store, result, day=DAY, user="值班")))
    assert "东街" in sheet.pages[0].extract_text()
    assert route_card(town.store, result, f"patrol_units/{town.pair}", day=DAY)[:4] == b"\x89PNG"
    book = openpyxl.load_workbook(io.BytesIO(plan_workbook(result)))
    assert any("东街" in str(cell.value) for one in book for row in one.iter_rows() for cell in row)
    varied = town.store.result(compute_variation(town.store, actor="t", days=2, max_iterations=50))
    assert set(varied.frame("visits")["place"]) == {f"roads/{town.east}"}
    assert client.get("/patrol/days").status_code == 200
    assert client.get("/clock").status_code == 200


def test_the_command_plans_streets_alone(town, empty_workspace):
    answer = CliRunner().invoke(
        main,
        ["--workspace", str(empty_workspace.folder), "patrol", "--max-iterations", "50", "--json"],
        catch_exceptions=False,
    )
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.output)
    assert (told["places"], told["streets"], told["audit_passed"]) == (0, 1, True)


def test_default_units_start_on_the_only_street(town):
    """The east street runs 400 m east of the middle, from 0 to 400 m north."""
    with town.store.change(actor="t") as change:
        change.delete("patrol_units", town.pair)
    units = ask_day(town.store).beats.units
    assert (units.geometry.x - town.x).to_numpy() == pytest.approx(400, abs=0.1)
    assert (units.geometry.y - town.y).between(-0.1, 400.1).all()


def test_a_street_that_nobody_may_drive_leaves_nothing_to_plan(town):
    closed = {"access_foot": False, "access_car": False, "access_motorcycle": False}
    with town.store.change(actor="t") as change:
        change.update("roads", town.east, closed)
    with pytest.raises(InputError, match="no required street can be driven"):
        ask_day(town.store)


def test_without_street_and_place_it_says_what_to_enter(town):
    with town.store.change(actor="t") as change:
        change.update("roads", town.east, {"patrol_interval_min": None})
    with pytest.raises(InputError, match="no place has a visit interval and no street is required"):
        ask_day(town.store)
