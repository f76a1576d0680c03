"""Claims about the command `who-sees`."""

import json

import pytest
import shapely
from click.testing import CliRunner

from geo_service.cli import main


@pytest.fixture
def small(town):
    town.area(shapely.box(-60, -60, 60, 60))
    town.add("buildings", shapely.box(5, 5, 15, 12), height_m=9.0, name="供销社")
    town.camera(0, 0, name="一号", max_range_m=40.0, ir_range_m=10.0)
    return town


def run(town, *arguments):
    return CliRunner().invoke(main, ["--workspace", str(town.store.path.parent), *map(str, arguments)])


def test_a_place_is_seen_by_day_and_too_dark_at_night(small):
    """Twenty metres from a camera whose infrared light reaches ten."""
    spot = small.place(shapely.Point(0, -20))
    told = json.loads(run(small, "who-sees", spot.x, spot.y, "--json").output)
    (camera,) = told["day"]["cameras"]
    assert (camera["name"], told["day"]["cause"], told["night"]["cameras"]) == ("一号", None, [])
    assert camera["distance_m"] == pytest.approx(20, abs=0.01)
    assert (told["night"]["cause"], told["night"]["cure"]) == ("dark", "light")
    words = run(small, "who-sees", spot.x, spot.y).output
    assert "一号" in words and "白天" in words and "夜间" in words and "广场" in words


def test_a_hidden_place_names_the_house(small):
    spot = small.place(shapely.Point(24, 20))
    words = run(small, "who-sees", spot.x, spot.y).output
    assert "供销社" in words


def test_a_place_that_is_none_is_bad_input(small):
    assert run(small, "who-sees", 200, 10).exit_code == 2
    assert run(small, "who-sees", "east", 10).exit_code == 2


def test_western_and_southern_places_may_be_named(small):
    told = json.loads(run(small, "who-sees", -118.78, -32.04, "--json").output)
    assert told["day"]["cause"] == "no_camera_near"
