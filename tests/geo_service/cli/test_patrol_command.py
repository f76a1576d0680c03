"""`patrol` for a date, a day type and a duty level."""

import json

import pytest
import shapely
from click.testing import CliRunner

from geo_service.cli.main import main
from geo_service.workspace import Workspace
from tests.geo_service.conftest import LAT, LON, Builder


@pytest.fixture
def folder(tmp_path):
    with Workspace.create(tmp_path / "town", name="石门镇") as made:
        made.store.place_town(LON, LAT, actor="test")
        town = Builder(made.store)
        town.road((0, 0), (400, 0))
        town.area(shapely.Point(400, 0).buffer(15), name="小学", category="school", visit_interval_min=480)
        town.unit(0, 0)
    return str(tmp_path / "town")


def _run(folder, *words):
    return CliRunner().invoke(
        main,
        ["--workspace", folder, "patrol", "--max-iterations", "20", *words, "--json"],
        catch_exceptions=False,
    )


def test_a_plan_is_made_for_a_market_day_at_a_duty_level(folder):
    answer = _run(folder, "--date", "2026-12-01", "--day-type", "market_day", "--duty-level", "2")
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.output)
    assert {name: told[name] for name in ("date", "day_type", "base", "duty_level")} == {
        "date": "2026-12-01",
        "day_type": "market_day",
        "base": "school_day",
        "duty_level": "2",
    }


def test_a_short_name_of_a_day_type_is_understood(folder):
    assert json.loads(_run(folder, "--day-type", "market").output)["day_type"] == "market_day"


def test_a_date_that_is_none_ends_with_two_and_no_plan(folder):
    assert _run(folder, "--date", "1. Dezember").exit_code == 2
    with Workspace.open(folder) as there:
        assert there.store.latest_result("patrol") is None
