"""Claims about the command `targets`."""

import json

import shapely
from click.testing import CliRunner

from geo_service.cli import main


def run(town, *arguments):
    return CliRunner().invoke(main, ["--workspace", str(town.store.path.parent), *arguments])


def test_goals_stand_in_words_and_in_json(town):
    town.area(shapely.box(-10, -10, 10, 10), name="广场")
    town.camera(0, 0, name="甲")
    words = run(town, "targets").output
    assert "重点区域覆盖（白天）：1个中1个，目标100%：达标" in words
    assert "监控完好（目前）：1个中1个，目标98%：达标" in words
    told = json.loads(run(town, "targets", "--stored", "--json").output)
    assert [one["met"] for one in told["goals"] if one["goal"] == "key_places"] == [True, False]
    assert told["tables"]["critical"][0]["Camera"] == "甲"


def test_the_report_is_written_and_other_endings_are_refused(town, tmp_path):
    town.area(shapely.box(-10, -10, 10, 10), name="广场")
    town.camera(0, 0, name="甲")
    assert run(town, "targets", "--out", str(tmp_path / "r.pdf")).exit_code == 0
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")
    assert run(town, "targets", "--stored", "--out", str(tmp_path / "r.xlsx")).exit_code == 0
    refused = run(town, "targets", "--out", str(tmp_path / "r.doc"))
    assert refused.exit_code == 2
    assert ".pdf 或 .xlsx" in refused.output


def test_without_a_result_the_stored_one_is_asked_for_in_vain(town):
    refused = run(town, "targets", "--stored")
    assert refused.exit_code == 2
    assert "还没有覆盖结果" in refused.output


def test_the_goal_for_cameras_in_order_is_one_setting_for_all(town):
    """One of two cameras works: 50 %; a goal of 40 % is met, in the targets and in the report on upkeep."""
    town.camera(0, 0, name="甲")
    town.camera(100, 0, name="乙", status="faulty")
    town.area(shapely.box(-10, -10, 10, 10), name="广场")
    config = town.store.path.parent / "config.toml"
    config.write_text(config.read_text(encoding="utf-8") + "\ngoal_working_percent = 40\n", encoding="utf-8")
    told = json.loads(run(town, "targets", "--json").output)
    working = next(one for one in told["goals"] if one["goal"] == "working")
    assert (working["wanted"], working["met"]) == (0.4, True)
    assert json.loads(run(town, "health", "--json").output)["goal"] == 0.4
