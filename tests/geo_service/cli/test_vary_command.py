"""Claims about the command that varies the patrol plan from day to day."""

import json

import shapely
from click.testing import CliRunner

from geo_service.cli import main


def test_days_are_stored_the_seed_is_not_told_and_bad_days_are_refused(drawn_town, empty_workspace):
    drawn_town.road((0, 0), (400, 0))
    for x in (0, 400):
        drawn_town.area(shapely.Point(x, 0).buffer(15), name=f"广场{x}", visit_interval_min=360, dwell_min=10)
    drawn_town.unit(200, 0)

    def run(*arguments):
        return CliRunner().invoke(main, ["--workspace", str(empty_workspace.folder), *arguments])

    cheap = ("--steps", "100", "--max-iterations", "50", "--seed", "918273645")
    answer = run("--json", "vary", "--days", "2", *cheap)
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout)
    assert (told["days"], told["days_with_breaches"]) == (2, 0)
    assert sorted(one["name"] for one in told["by_place"]) == ["广场0", "广场400"]
    assert empty_workspace.store.latest_result("patrol_days").id == told["result"]
    assert "918273645" not in answer.output
    assert run("vary", "--days", "61").exit_code == 2
