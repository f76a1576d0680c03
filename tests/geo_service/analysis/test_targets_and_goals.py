"""The report on targets of a town and the goals, on a square that is easy to work out by hand."""

import dataclasses

import numpy as np
import openpyxl
import pytest
import shapely

from geo_service.analysis.coverage import compute_coverage, compute_gaps
from geo_service.analysis.goals import Goals, judge_goals
from geo_service.cure_words import cure_text, cure_words, towards
from geo_service.exports.targets import said, target_tables, targets_workbook
from geo_service.i18n import say
from geo_service.papers.target_sheet import targets_pdf


@pytest.fixture
def square(town):
    """Two squares of 20 m, one round a camera that sees 20 m all round (10 m at night), the other 300 m away; a gate in the east.

    A road of two lines runs 100 m to either side of the camera, a house stands near the first square, none near the second.
    """
    town.near = town.area(shapely.box(-10, -10, 10, 10), name="近广场")
    town.area(shapely.box(300, -10, 320, 10), name="远广场", priority="1", category="school")
    town.road((-100, 0), (0, 0), name="石门路")
    town.road((0, 0), (100, 0), name="石门路")
    town.add("buildings", shapely.box(30, 30, 36, 36), height_m=6.0)
    town.add("entrances", shapely.Point(10, 0), name="东门", kind="main", key_area=town.near)
    town.add("entrances", shapely.Point(0, 10), name="北侧门", kind="side", key_area=town.near)
    town.add(
        "entrances", shapely.Point(0, -10), name="私门", kind="main", key_area=town.near, private_door=True
    )
    town.camera(0, 0, name="甲", data_quality="verified")
    town.camera(305, 0, name="乙", status="faulty")
    return town


def result_of(town):
    compute_coverage(town.store, actor="test")
    return town.store.latest_result("coverage")


def by(verdicts):
    return {(one.goal, one.light): one for one in verdicts}


def test_goals_are_met_or_missed_as_counted_by_hand(square):
    """By day one of two squares, at night none (a disk of 10 m covers π/4 of one); one of two cameras works."""
    result = result_of(square)
    found = by(judge_goals(result, Goals()))
    day, night, working = found["key_places", "day"], found["key_places", "night"], found["working", ""]
    assert (day.reached, day.of, day.is_met) == (1, 2, False)
    assert day.missed == (("远广场", 0.0),)
    assert (night.reached, night.of) == (0, 2)
    assert dict(night.missed)["近广场"] == pytest.approx(3.14159 / 4, abs=2e-3)  # an arc within a centimetre
    assert (working.reached, working.of, working.is_met) == (1, 2, False)
    assert by(judge_goals(result, Goals(working=0.5)))["working", ""].is_met
    assert by(judge_goals(result, Goals(place_share=0.75)))["key_places", "night"].reached == 1


def test_main_entrances_count_as_the_goal_asks(square):
    """The camera stands inside, 10 m ahead of those who come in by the east gate, and behind those who go out.

    32,000 px all round give 32000 / (2π·10.97) = 464 px/m: identify. Side gates and private doors do not count.
    """
    result = result_of(square)
    gates = result.frame("entrances").set_index("name")
    assert list(gates.index) == ["东门", "北侧门"]
    assert (gates.loc["东门", "in_day"], gates.loc["东门", "camera_in_day_name"]) == ("identify", "甲")
    assert gates["out_day"].isna().all()
    both = by(judge_goals(result, Goals()))["entrances", "day"]
    assert (both.reached, both.of, both.missed) == (0, 1, (("近广场 东门", None),))
    for ways in ("in", "any"):
        assert by(judge_goals(result, Goals(entrance_ways=ways)))["entrances", "day"].is_met
    assert (
        by(judge_goals(result, Goals(entrance_ways="in")))["entrances", "night"].reached == 0
    )  # infrared ends at 10 m less an arc


def test_goals_come_from_the_settings(empty_workspace):
    settings = dataclasses.replace(
        empty_workspace.settings, goal_working_percent=90.0, goal_entrance_ways="any"
    )
    assert Goals.of(settings) == Goals(working=0.9, entrance_ways="any")
    assert Goals.of(empty_workspace.settings) == Goals()


def test_the_road_of_two_lines_is_one_road(square):
    """Seen from −20 to 20 m of 200: 200 m per kilometre; 80 m to either side are not."""
    row = result_of(square).frame("roads").set_index("name").loc["石门路"]
    assert row["lines"] == 2
    assert row["seen_per_km_day"] == pytest.approx(200, abs=0.2)
    assert row["longest_unseen_day_m"] == pytest.approx(80, abs=0.05)
    assert row["longest_unseen_night_m"] == pytest.approx(90, abs=0.05)


def test_a_place_without_buildings_round_it_is_called_optimistic(square):
    result = result_of(square)
    share = result.frame("targets").set_index("name")["share_unmodelled"]
    assert np.isnan(share["近广场"])  # an open square
    assert share["远广场"] == 1
    assert result.summary["shares"]["key_area"]["unmodelled"] == 1
    places = next(one for one in target_tables(result, Goals()) if one.name == "places")
    remarks = {row[0]: said(row[-1], "zh") for row in places.rows}
    assert remarks == {"近广场": None, "远广场": "未建模，结果偏乐观"}


def test_a_park_needs_no_buildings_round_it(square):
    with square.store.change(actor="test") as change:
        change.update("key_areas", 2, {"category": "park"})
    assert np.isnan(result_of(square).frame("targets").set_index("name")["share_unmodelled"]["远广场"])


def test_what_is_seen_rests_on_verified_data(square):
    result = result_of(square)
    assert result.summary["shares"]["key_area"]["day_verified"] == pytest.approx(1.0)
    with square.store.change(actor="test") as change:
        change.update("camera_sites", 1, {"data_quality": "estimated"})
    assert result_of(square).summary["shares"]["key_area"]["day_verified"] == 0.0


def test_the_workbook_has_a_sheet_a_table_in_chinese(square, tmp_path):
    path = tmp_path / "report.xlsx"
    path.write_bytes(targets_workbook(result_of(square), Goals(), "zh"))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [
        "目标达标情况",
        "按场所类别",
        "各场所覆盖情况",
        "出入口",
        "公共道路",
        "关键点位",
        "说明",
    ]
    goals = list(book["目标达标情况"].values)
    assert goals[1][:4] == ("重点区域覆盖", "白天", 1, 0.5)
    assert goals[1][-1] == "未达标"
    gates = list(book["出入口"].values)
    assert gates[1][:4] == ("东门", "近广场", "主出入口", "辨认")


def test_the_report_comes_as_a_pdf(square):
    assert targets_pdf("石门镇", result_of(square), Goals(), user="test").startswith(b"%PDF")


def test_cures_are_said_from_true_north_with_the_name_of_the_camera(square):
    """乙 is out of order and sees the far square; the frame keeps what the words are made of."""
    compute_gaps(square.store, actor="test")
    pieces = square.store.latest_result("gaps").frame("pieces")
    far = pieces[(pieces["target_name"] == "远广场") & (pieces["light"] == "day")]
    assert "修好乙" in cure_words(far, "zh")
    assert "repair 乙" in cure_words(far, "en")
    # a grid azimuth of 0 at 118.78° E in the zone of 120° E lies (118.78 − 120)·sin 32.04° = −0.647° from true north
    turned = square.camera(
        0,
        200,
        name="丙",
        kind="fixed",
        hfov_deg=60.0,
        azimuth_deg=0.0,
        tilt_deg=10.0,
        max_range_m=60.0,
        resolution_px_h=4000,
    )
    square.area(shapely.box(18, 228, 22, 232), name="丙旁", required_class="detect")
    compute_gaps(square.store, actor="test")
    pieces = square.store.latest_result("gaps").frame("pieces")
    piece = pieces[(pieces["target_name"] == "丙旁") & (pieces["cause"] == "outside_view")]
    if len(piece):
        values = piece.iloc[0]["cure_params"]
        assert piece.iloc[0]["cause_camera"] == turned
        assert values["azimuth_deg"] == pytest.approx(values["turn_deg"] % 360, abs=1e-6)


@pytest.mark.parametrize(
    ("azimuth", "turn", "way"),
    [(348, -12, "west"), (12, 12, "east"), (300, 12, "north"), (33, -12, "north"), (90, 20, "east"), (180, -5, "south"), (0, 10, "north")],
)  # fmt: skip
def test_a_turn_is_said_by_the_compass_point_that_it_heads_for(azimuth, turn, way):
    assert str(towards(azimuth, turn)) == way


@pytest.mark.parametrize(
    ("code", "params", "words"),
    [
        ("repair", {}, "修好石门路03"),
        ("turn", {"turn_deg": -12.0, "azimuth_deg": 348.0}, "石门路03：向西转 12°（方位角348°）"),
        ("new_camera", {}, "需要增设一台"),
        ("lens", {"hfov_deg": 28.0, "vfov_deg": 16.0, "focal_ratio": 2.3}, "石门路03：换长焦镜头（视场角28°，焦距为现在的2.3倍）"),
        ("light", {"ir_range_m": 31.0, "turn_deg": 5.0, "azimuth_deg": 95.0}, "石门路03：补光到31米（红外或路灯），向南转 5°（方位角95°）"),
        ("turn", {"turn_deg": 5.0, "azimuth_deg": 95.0, "view": 1}, "石门路03第2个镜头：向南转 5°（方位角95°）"),
    ],
)  # fmt: skip
def test_cures_read_as_one_says_them_to_a_fitter(code, params, words):
    assert say(cure_text(code, params, "石门路03"), "zh") == words
