"""The command `review` tells what `coverage`, `gaps` and `law` tell one by one."""

import json
import subprocess
import sys

import pytest
import shapely
from click.testing import CliRunner

from geo_service.cli import main


@pytest.fixture
def small(town):
    town.area(shapely.box(-60, -60, 60, 60))
    town.road((-200, -70), (200, -70))
    town.add("buildings", shapely.box(5, 5, 15, 12), height_m=9.0, use="residential")
    town.camera(0, 0, name="一号", sign_posted=False)
    town.camera(30, 0, name="拟建", status="planned", retention_days=7)
    return town


def run(town, *arguments):
    answer = CliRunner().invoke(main, ["--workspace", str(town.store.path.parent), *arguments])
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_one_run_tells_what_three_tell(small):
    # the first run of all fills the cache, which the figures name
    run(small, "review")
    whole = json.loads(run(small, "review", "--json"))
    for name in ("coverage", "gaps", "law"):
        alone = json.loads(run(small, name, "--json"))
        assert alone.pop("result") > whole[name].pop("result")
        assert alone == whole[name]


def test_every_part_is_stored_and_headed(small):
    words = run(small, "review")
    assert words.index("== 监控覆盖 ==") < words.index("== 监控盲区 ==") < words.index("== 合规报告 ==")
    assert all(small.store.latest_result(kind) is not None for kind in ("coverage", "gaps", "exposure"))


def test_a_town_without_data_is_refused_once(tmp_path):
    CliRunner().invoke(main, ["--workspace", str(tmp_path / "empty"), "init"])
    answer = CliRunner().invoke(main, ["--workspace", str(tmp_path / "empty"), "review"])
    assert answer.exit_code == 2 and answer.output.count("import-osm") == 1


def test_commands_on_cameras_load_no_routing():
    """It takes half a second, a sixth of what the whole review of a town may take."""
    loaded = "import sys, geo_service.cli.review; print('patrol_routing' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "False"
