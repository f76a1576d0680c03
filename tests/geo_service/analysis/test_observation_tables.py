"""The table of observation classes: a setting, an option of the commands, and what makes results stale."""

import json

import pytest
import shapely
from click.testing import CliRunner

from geo_service.analysis.coverage import compute_coverage
from geo_service.cli import main
from geo_service.workspace import Workspace


def camera(town):
    """Level at 1.6 m, 90°, 1920 px: the depth limit is 960 / (px/m)."""
    return town.camera(
        0, 0, kind="fixed", azimuth_deg=90.0, hfov_deg=90.0, vfov_deg=120.0, tilt_deg=0.0, mount_height_m=1.6,
        resolution_px_h=1920, max_range_m=100.0,
    )  # fmt: skip


def depth(store):
    compute_coverage(store, actor="test")
    areas = store.latest_result("coverage").frame("visible_areas")
    one = areas[(areas["observation_class"] == "observe") & (areas["light"] == "day")].geometry.iloc[0]
    return one.area**0.5  # the triangle of 90° out to depth d has d²


def test_observe_asks_for_62_5_px_by_the_table_of_2015_and_80_by_that_of_2025(town):
    """960/62.5 = 15.36 m, 960/80 = 12 m; the dead zone of 0.1/tan 60° = 6 cm is too small to count."""
    town.area(shapely.box(-50, -50, 50, 50))
    camera(town)
    assert depth(town.store) == pytest.approx(15.36, abs=0.02)
    town.store.observation_table = "iec_62676_4_2025"
    assert depth(town.store) == pytest.approx(12.0, abs=0.02)


def test_a_result_by_another_table_is_stale(town):
    town.area(shapely.box(-50, -50, 50, 50))
    camera(town)
    compute_coverage(town.store, actor="test")
    assert not town.store.latest_result("coverage").is_stale
    town.store.observation_table = "iec_62676_4_2025"
    assert town.store.latest_result("coverage").is_stale
    compute_coverage(town.store, actor="test")
    assert not town.store.latest_result("coverage").is_stale


def test_the_setting_reaches_the_store_and_the_command_may_say_otherwise(empty_workspace, town):
    camera(town)
    folder = empty_workspace.folder
    (folder / "config.toml").write_text('observation_table = "iec_62676_4_2025"\n')
    with Workspace.open(folder) as opened:
        assert opened.store.observation_table == "iec_62676_4_2025"
    for options, name in (([], "IEC 62676-4:2025"), (["--classes", "en_62676_4_2015"], "EN 62676-4:2015")):
        done = CliRunner().invoke(main, ["--workspace", str(folder), "--lang", "en", "coverage", *options])
        assert done.exit_code == 0, done.output
        assert f"observation classes by {name}" in done.output
    done = CliRunner().invoke(
        main, ["--workspace", str(folder), "--json", "gaps", "--classes", "iec_62676_4_2025"]
    )
    assert done.exit_code == 0 and json.loads(done.output)
