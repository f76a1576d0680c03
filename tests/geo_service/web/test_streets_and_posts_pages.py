"""Required streets and standing posts on the page of the plan, on papers, in the workbook and on the command line."""

import io
import re

import openpyxl
import pytest
import shapely
from click.testing import CliRunner

from geo_service.analysis.patrol import compute_patrol
from geo_service.cli.main import main
from geo_service.duty.choice import choose_day
from geo_service.exports.patrol import plan_workbook
from geo_service.i18n import say
from geo_service.imports import read_file
from geo_service.papers.route_sheet import unit_day
from geo_service.web import create_app, patrol_change, patrol_day, patrol_idle, patrol_view

PASSWORD = "Shi-men-2026"
ZH = "zh"


@pytest.fixture
def station(drawn_town, empty_workspace):
    """A ring road of 400 m sides with a required street, a school with a post at bell times, and a market that closes at night."""
    town = drawn_town
    corners = [(0, 0), (400, 0), (400, 400), (0, 400)]
    for name, a, b in zip("南东北西", corners, corners[1:] + corners[:1], strict=True):
        asked = {"patrol_interval_min": 240} if name == "东" else {}
        row = town.road(a, b, name=f"{name}街", **asked)
        town.east = row if asked else getattr(town, "east", None)
    town.area(shapely.Point(0, 0).buffer(15), name="广场", visit_interval_min=480, dwell_min=10)
    town.area(shapely.Point(400, 400).buffer(15), name="小学", category="school", visit_interval_min=480)
    town.area(shapely.Point(0, 400).buffer(15), name="市场", category="market", visit_interval_min=480)
    town.pair = town.unit(200, 0, name="甲组", breaks="12:00-12:30")
    town.add("patrol_rules", name="护学岗", demand="post", place_kind="school", day_type="school_day", hours="07:00-08:10")  # fmt: skip
    town.add("patrol_rules", name="闭市", demand="closed", place_kind="market", hours="22:00-05:00")
    for role in ("planner", "cadre"):
        units = [town.pair] if role == "cadre" else []
        empty_workspace.accounts.create_user(f"{role}.a", role=role, password=PASSWORD, units=units)
    return town


def _plan(town):
    number = compute_patrol(
        town.store, actor="t", planned=choose_day(town.store, day_type="school_day"), max_iterations=300
    )
    return town.store.result(number)


def _client(workspace, role="planner"):
    client = create_app(workspace).test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)[1]
    client.post("/login", data={"name": f"{role}.a", "password": PASSWORD, "csrf_token": token})
    return client


def test_the_page_says_who_stands_where_and_which_street_is_driven(station, empty_workspace):
    _plan(station)
    page = _client(empty_workspace).get("/patrol").text
    assert "1 处定点执勤全程有人。" in page
    assert "沿东街巡逻" in page
    assert "小学（定点执勤）" in page
    post = page[page.index('id="posts-heading"') :]
    assert re.search(r"小学</td>.{0,80}07:00–08:10</td>.{0,80}甲组</td>.{0,80}护学岗", post, re.DOTALL)
    assert re.search(r"市场</td>.{0,80}22:00–24:00</td>.{0,80}不得巡逻</td>", post, re.DOTALL)


def test_a_post_that_is_not_manned_is_told_apart_from_places_left_alone(station):
    with station.store.change(actor="t") as change:
        change.update("patrol_units", station.pair, {"shifts": "00:00-07:20,07:30-24:00"})
    result = _plan(station)
    shown = patrol_view.plan(result, ZH)
    words = [say(one.words, ZH) for one in shown.verdict]
    assert "1 处定点执勤有一段时间无人。" in words
    assert "小学" not in {one.place for one in shown.breaches}
    (post,) = (one for one in shown.posts if one.late)
    # nobody is on duty for 10 min, and the base is not at the school
    alone = result.frame("posts")["alone_s"].max()
    assert alone > 600 and "无人" in say(post.who, ZH)
    idle = {one.name: say(one.verdict, ZH) for one in patrol_idle.idle_places(result)}
    assert idle["小学"].startswith("定点执勤缺人")


def test_streets_and_posts_have_their_blocks_and_are_not_moved_by_hand(station):
    result = _plan(station)
    row = patrol_day.strip(result, ZH).rows[0]
    kinds = {one.kind for one in row.blocks}
    assert {"roads", "key_areas", "break"} <= kinds
    assert any("沿东街巡逻" in say(one.words, ZH) for one in row.blocks if one.kind == "roads")
    form = patrol_change.change_form(result, unit=row.key, stop=0, place="")
    assert not any("东街" in words for _, words, _ in form.stops)
    assert form.stops and "东街" not in {name for _, name in form.places}
    for key, words, _ in form.stops:
        number = int(words.partition(" ")[0])
        assert patrol_change.change_form(result, unit=row.key, stop=number, place="").chosen == key
    movable = {one.number for one in row.blocks if one.shift}
    assert movable == {int(words.partition(" ")[0]) for _, words, _ in form.stops}


def test_papers_and_workbook_name_streets_and_posts(station):
    result = _plan(station)
    day = unit_day(station.store, result, f"patrol_units/{station.pair}", size_mm=(190.0, 128.0), language=ZH)
    assert "休息 12:00-12:30" in day.under
    places = {row[3] for row in day.rows}
    assert {"沿东街巡逻", "小学（定点执勤）"} <= places
    book = openpyxl.load_workbook(io.BytesIO(plan_workbook(result)))
    rows = list(book["定点执勤和不得巡逻的时间"].values)
    assert rows[0] == ("位置", "种类", "从", "到", "执勤力量", "无人时长（分钟）", "依据规则")
    assert ("小学", "定点执勤", "07:00", "08:10", "甲组", 0, "护学岗") in rows
    assert ("市场", "不得巡逻", "22:00", "24:00", None, None, "闭市") in rows
    assert "东街" in {row[0] for sheet in book.worksheets for row in sheet.values}


def test_the_interface_sends_posts_and_breaks(station, empty_workspace):
    _plan(station)
    client = _client(empty_workspace)
    posts = client.get("/api/v1/results/patrol/latest/posts").json["features"]
    assert {(one["properties"]["name"], one["properties"]["kind"]) for one in posts} == {
        ("小学", "post"),
        ("市场", "closed"),
    }
    units = client.get("/api/v1/results/patrol/latest/units").json["features"]
    assert units[0]["properties"]["breaks"] == [[43_200, 45_000]]
    row = client.get(f"/api/v1/collections/roads/items/{station.east}").json["properties"]
    assert (row["patrol_interval_min"], row["patrol_direction"]) == (240, None)


def test_rules_of_posts_are_read_from_a_sheet(station, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["名称", "规则种类", "地点类别", "日期类型", "时段"])
    book.active.append(["放学岗", "站岗", "中学", "开学日", "16:30-18:00"])
    book.save(tmp_path / "rules.xlsx")
    table = read_file(tmp_path / "rules.xlsx", "patrol_rules")
    assert not table.faults
    (row,) = table.rows
    told = {name: row.cells[name] for name in ("demand", "place_kind", "day_type", "hours")}
    assert told == {
        "demand": "post",
        "place_kind": "school",
        "day_type": "school_day",
        "hours": "16:30-18:00",
    }


def test_the_page_of_rules_shows_what_a_rule_asks_and_what_a_place_gets(station, empty_workspace):
    client = _client(empty_workspace)
    page = client.get("/patrol/rules?date=2026-12-01").text
    assert "护学岗" in page and "定点执勤" in page
    assert "间隔规则为内置规则" in page
    gets = page[page.index("当天每处") if "当天每处" in page else 0 :]
    assert re.search(r"东街</td>", gets)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    # the built-in intervals can be copied beside rules of posts, once
    assert client.post("/patrol/rules/copy", data={"csrf_token": token}).status_code == 303
    assert client.post("/patrol/rules/copy", data={"csrf_token": token}).status_code == 400
    assert "间隔规则为内置规则" not in client.get("/patrol/rules").text


def test_cadres_see_neither_posts_nor_required_streets_of_a_plan(station, empty_workspace):
    _plan(station)
    client = _client(empty_workspace, "cadre")
    for path in ("/patrol", "/patrol/rules", "/layers/patrol_rules"):
        answer = client.get(path)
        assert answer.status_code in (302, 303, 403, 404)
        assert "护学岗" not in answer.text


def test_the_command_tells_streets_posts_and_with_how_many_units_it_would_hold(station, empty_workspace):
    with station.store.change(actor="t") as change:
        change.update("patrol_units", station.pair, {"shifts": "07:30-24:00"})
    folder = str(empty_workspace.folder)
    empty_workspace.close()
    told = CliRunner().invoke(
        main,
        ["--workspace", folder, "--lang", "zh", "patrol", "--day-type", "school", "--max-iterations", "60"],
        catch_exceptions=False,
    )
    assert told.exit_code == 0, told.output
    assert "必巡道路：1 段" in told.output
    assert "1 处定点执勤有一段时间无人：" in told.output
    assert re.search(r"小学，07:00–08:10：\d+ 分钟", told.output)
    assert "个单元" in told.output
