"""The page of intervals by area and hour, and the form that asks for a plan of a day."""

import datetime as dt
import re

import pytest
import shapely

from geo_service.analysis.asked_day import ask_day
from geo_service.day_times import time_of_day
from geo_service.duty.cameras import CameraCredit
from geo_service.duty.choice import choose_day
from geo_service.duty.intervals import PRESETS
from geo_service.jobs import listing
from geo_service.web import create_app

PASSWORD = "Shi-men-2026"
NOON = dt.datetime(2026, 11, 30, 12, 0)  # noqa: DTZ001 (the time of day at the station)


@pytest.fixture
def client(drawn_town, empty_workspace):
    """A planner before a town with a school and a market by the lunar calendar."""
    drawn_town.area(shapely.Point(0, 0).buffer(15), name="小学", category="school", visit_interval_min=480)
    drawn_town.add("day_rules", name="云渚集", day_type="market_day", rule="lunar_ending", days="二五八")
    empty_workspace.accounts.create_user("planner.a", role="planner", password=PASSWORD)
    app = create_app(empty_workspace)
    app.config.update(NOW=lambda: NOON)
    made = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', made.get("/login").text)[1]
    made.post("/login", data={"name": "planner.a", "password": PASSWORD, "csrf_token": token})
    made.csrf = re.search(r'name="csrf_token" value="([^"]+)"', made.get("/password").text)[1]
    return made


def test_a_date_proposes_its_type_with_the_reason(client):
    """2026-12-03 is the 25th of the tenth lunar month."""
    told = client.get("/patrol/day-type.json?date=2026-12-03").json
    assert told["day_type"] == "market_day"
    assert told["reasons"] == ["云渚集：二五八，当天为农历十月廿五", "学期中的平日"]
    assert client.get("/patrol/day-type.json").json["date"] == "2026-12-01"
    assert client.get("/patrol/day-type.json?date=3.12.").status_code == 400


def test_the_form_of_the_plan_asks_for_the_day_and_the_job_keeps_it(client, empty_workspace):
    page = client.get("/patrol").text
    assert re.search(r'name="date" value="2026-12-01"', page)
    assert re.search(r'value="school_day" selected', page)
    given = {"csrf_token": client.csrf, "kind": "patrol", "date": "2026-12-03", "day_type": "market_day", "duty_level": "2"}  # fmt: skip
    assert client.post("/jobs", data=given).status_code == 303
    (job,) = listing(empty_workspace)
    assert {name: job.options[name] for name in ("date", "day_type", "duty_level")} == {
        "date": "2026-12-03",
        "day_type": "market_day",
        "duty_level": "2",
    }
    for fault in ({"day_type": "feast"}, {"duty_level": "4"}, {"date": "tomorrow"}):
        assert client.post("/jobs", data={**given, **fault}).status_code == 400
    assert len(listing(empty_workspace)) == 1


def test_the_page_of_intervals_says_which_rule_gives_which_interval(client):
    page = client.get("/patrol/rules?date=2026-12-01&duty_level=2").text
    assert "学期中的平日" in page
    assert "学校上下学时段 × 75%（二级勤务：间隔缩短四分之一）" in page
    assert "07:00–08:10" in page
    off = client.get("/patrol/rules?date=2026-12-05").text
    assert "学校上下学时段 ×" not in off
    assert "人工选定；按日期应为休息日" in client.get("/patrol/rules?date=2026-12-05&day_type=workday").text


def test_cameras_count_on_the_page_as_in_a_plan(client, empty_workspace, drawn_town):
    """A camera over all of the school by day: its intervals of the day grow by half, as those of a plan do."""
    drawn_town.camera(0, 0, status="working", max_range_m=60.0)
    drawn_town.road((-100, 0), (100, 0))
    drawn_town.unit(50, 0)
    date = "2026-12-05"
    plain = client.get(f"/patrol/rules?date={date}").text
    assert "监控" not in plain[plain.index("<tbody>") :].replace("监控计入", "")
    page = client.get(f"/patrol/rules?date={date}&cameras_count=working").text
    assert "与编排当天方案时一样计入监控" in page
    assert re.search(r"× 150%（白天监控看到 100%）", page)
    planned = choose_day(empty_workspace.store, date=date, cameras=CameraCredit())
    spans = ask_day(empty_workspace.store, planned=planned).beats.places["spans"].iloc[0]
    shown = re.findall(r'data-title="时段">(\d\d:\d\d–\d\d:\d\d)</td>', page)
    asked = [f"{time_of_day(one.start_s)}–{time_of_day(one.end_s)}" for one in spans]
    assert shown[-len(asked) :] == asked
    assert client.get("/patrol/rules?cameras_count=all").status_code == 400


def test_built_in_rules_are_copied_once_and_then_edited_as_rows(client, empty_workspace):
    copied = client.post("/patrol/rules/copy", data={"csrf_token": client.csrf})
    assert copied.status_code == 303
    rows = empty_workspace.store.frame("patrol_rules")
    assert len(rows) == len(PRESETS) == rows["name"].nunique()
    page = client.get("/patrol/rules?date=2026-12-01").text
    assert f"/layers/patrol_rules/{rows.index[0]}" in page
    assert client.post("/patrol/rules/copy", data={"csrf_token": client.csrf}).status_code == 400
    assert empty_workspace.store.count("patrol_rules") == len(PRESETS)
