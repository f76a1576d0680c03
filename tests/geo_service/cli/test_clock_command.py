"""Claims about the command `clock` and about cameras that count in `patrol`."""

import json

import shapely
from click.testing import CliRunner

from geo_service.cli import main


def run(town, *arguments):
    return CliRunner().invoke(main, ["--workspace", str(town.store.path.parent), *arguments])


def small(town):
    """A square of priority 1 that a planned camera would see by day, and a village of 50 households round it."""
    town.area(
        shapely.box(-10, -10, 10, 10), name="广场甲", category="park", priority="1", visit_interval_min=240
    )
    town.road((-100, 12), (100, 12))
    town.unit(50, 12, shifts="08:00-09:00")
    town.camera(0, 0, name="新点", status="planned")
    town.add("villages", shapely.box(-300, -300, 300, 300), name="上河村", households=50)


def test_clock_says_what_cameras_and_hours_save(town):
    """No plan: 1,440 min unwatched; the planned camera saves the daylight, four times weighted."""
    small(town)
    told = json.loads(run(town, "clock", "--date", "2026-11-23", "--json").output)
    assert told["unwatched_min"] == 1440
    daylight = (told["sunset_s"] - told["sunrise_s"]) / 60
    (camera,) = told["savings"]
    assert camera["camera_name"] == "新点" and round(camera["weighted_min"]) == round(4 * daylight)
    assert len(told["hours"]) == 24 and "villages" not in told
    words = run(town, "clock", "--date", "2026-11-23").output
    assert f"新点（拟建：建成后）：{4 * daylight:,.0f} 分钟，主要在广场甲；视野内私域 0 平方米" in words
    plain = json.loads(run(town, "clock", "--date", "2026-11-23", "--no-savings", "--json").output)
    assert "savings" not in plain and plain["unwatched_min"] == 1440


def test_clock_reads_several_days(town):
    small(town)
    told = json.loads(run(town, "clock", "--date", "2026-12-20", "--days", "3", "--json").output)
    assert [one["date"] for one in told["calendar_days"]] == ["2026-12-20", "2026-12-21", "2026-12-22"]
    assert "2026-12-21：24.0 小时" in run(town, "clock", "--date", "2026-12-20", "--days", "3").output
    assert run(town, "clock", "--days", "0").exit_code == 2


def test_patrol_counts_cameras_where_it_is_asked_to(town):
    """Blind without the planned camera: 240 × 50 % = 120 min; with it 240 × 200 % by day."""
    small(town)
    asked = ("patrol", "--max-iterations", "60", "--time-limit", "20", "--date", "2026-12-01", "--json")
    percents = ("--watched-percent", "200", "--blind-percent", "50")
    told = json.loads(run(town, *asked, "--cameras-count", "working", *percents).output)
    assert (told["cameras_count"], told["blind_night_percent"], told["watched_day_percent"]) == (
        "working",
        50,
        200,
    )
    assert set(town.store.result(told["result"]).frame("intervals")["max_gap_s"]) == {7200.0}
    told = json.loads(run(town, *asked, "--cameras-count", "planned", *percents).output)
    assert set(town.store.result(told["result"]).frame("intervals")["max_gap_s"]) == {14_400.0, 28_800.0}
    words = run(town, *asked[:-1], "--cameras-count", "planned").output
    assert "监控已计入间隔：1 处放宽，0 处收紧。" in words and "须待其投入使用后方可执行" in words
    told = json.loads(run(town, *asked, "--cameras-count", "planned", "--watched-from", "70").output)
    # by night 79 % are seen: watched, too, from 70 % on
    assert set(town.store.result(told["result"]).frame("intervals")["max_gap_s"]) == {21_600.0}
    missing = run(town, "patrol", "--cameras-count", "working")
    assert missing.exit_code == 2 and "请同时给出日期" in missing.output
    assert "cameras_count" not in json.loads(run(town, *asked).output)
