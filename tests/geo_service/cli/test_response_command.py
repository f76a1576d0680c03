"""Claims about the command that says how soon somebody reaches each place."""

import json

import pytest
import shapely
from click.testing import CliRunner

from geo_service.cli import main


@pytest.fixture
def run(drawn_town, empty_workspace):
    """A street of 1,900 m with a police station at one end: 18 km/h by car, so 900 m in 180 s and 1,900 m in 380 s."""
    drawn_town.road((0, 0), (1900, 0))
    for x, name in ((0, "派出所"), (890, "医院"), (1900, "码头")):
        drawn_town.area(
            shapely.Point(x, 0).buffer(5), name=name, category="police" if x == 0 else "square", priority="1"
        )
    drawn_town.area(shapely.Point(0, 5000).buffer(5), name="孤岛")

    def command(*arguments):
        return CliRunner().invoke(main, ["--workspace", str(empty_workspace.folder), *arguments])

    return command


def test_it_stores_and_tells_the_result(run, empty_workspace):
    answer = run("--json", "response")
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout)
    assert told["limits_s"] == [60, 180, 300]
    assert told["shares"] == [0.25, 0.5, 0.5]
    assert told["longest_name"] == "码头"
    assert told["by_place"][0]["name"] == "孤岛"
    assert told["by_place"][0]["worst_s"] is None
    assert told["posts"][0]["places"] == 1
    assert 118 < told["posts"][0]["lon"] < 119
    assert len(told["by_hour"]) == 24
    assert empty_workspace.store.latest_result("response").id == told["result"]


def test_people_read_the_slowest_first_and_the_best_spot(run):
    answer = run("response")
    assert answer.exit_code == 0, answer.output
    slowest = answer.stdout[answer.stdout.index("最慢的在前") :]
    assert slowest.index("孤岛") < slowest.index("码头") < slowest.index("医院")
    assert "6.3 分钟" in slowest  # 380 s
    assert "95 秒" in slowest  # 380 s sooner at one of four places


def test_limits_come_from_the_option_and_nobody_left_is_bad_input(run, empty_workspace):
    assert json.loads(run("--json", "response", "--limits", "5,10,20").stdout)["shares"] == [0.5, 0.75, 0.75]
    stored = empty_workspace.store.latest_result("response").id
    for wrong in (("--limits", "5,3"), ("--no-stations",), ("--every", "5")):
        assert run("response", *wrong).exit_code == 2, wrong
    assert empty_workspace.store.latest_result("response").id == stored
