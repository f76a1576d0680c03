"""Claims about the commands `law` and `health`."""

import datetime as dt
import json

from click.testing import CliRunner

from geo_service.cli import main


def run(town, *arguments):
    return CliRunner().invoke(main, ["--workspace", str(town.store.path.parent), *arguments])


def test_law_names_article_and_remedy_and_health_names_the_repair(town):
    town.camera(0, 0, name="甲", sign_posted=False)
    broken = town.camera(100, 0, name="乙", maintained_by="维护队")
    now = dt.datetime.now()  # noqa: DTZ005 - the station's time
    town.add("camera_status_log", camera=broken, at=now, state="offline")
    told = json.loads(run(town, "law", "--json").output)
    assert [(one["article"], one["name"], one["severity"]) for one in told["findings_by_camera"]] == [
        (13, "甲", "error")
    ]
    words = run(town, "law").output
    assert "拟建点位" not in words
    assert "未设置提示标识" in words and "没有标为住宅的建筑" in words
    told = json.loads(run(town, "health", "--json").output)
    assert (told["working"], told["cameras"], told["differing"]) == (1, 2, 1)
    assert [(one["camera_name"], one["state"]) for one in told["repairs"]] == [("乙", "offline")]
    assert told["share_online"] == 0
    assert "乙（离线，维护队）" in run(town, "health").output
    assert run(town, "law", "--private-distance", "-1").exit_code == 2


def test_a_plan_is_judged_for_itself(town):
    town.camera(0, 0, name="甲", sign_posted=False)
    town.camera(200, 0, name="拟", status="planned", retention_days=7)
    told = json.loads(run(town, "law", "--planned", "--json").output)
    assert [(one["article"], one["name"]) for one in told["findings_by_camera"]] == [(17, "拟")]
    assert [one["camera_name"] for one in told["exposure"]] == ["拟"]
    words = run(town, "law", "--planned").output
    assert words.startswith("拟建点位 1 个，其中 0 个没有错误和警告")
    assert "甲" not in words


def test_without_records_no_share_is_said_but_what_to_do(town):
    town.camera(0, 0, name="甲", maintained_by="维护队")
    words = run(town, "health").output
    assert "–" not in words
    assert "导入运维平台的每日表" in words and "维护队：1 台，其中 0 台不在用，尚无运行记录" in words
