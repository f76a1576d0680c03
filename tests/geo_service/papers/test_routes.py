"""Claims about sheets, cards, GPX and workbooks of patrol routes: of a plan, of a published day, of a varied day."""

import datetime as dt
import io
import re
import runpy
import struct
from pathlib import Path
from xml.etree import ElementTree as ET

import openpyxl
import pandas as pd
import pypdf
import pytest

from geo_service.exports.patrol import plan_workbook
from geo_service.exports.route_gpx import route_gpx
from geo_service.papers import route_card, route_pdf
from geo_service.papers.route_days import route_day
from geo_service.papers.route_sheet import card_data
from geo_service.publications import published, withdraw
from town_model import InputError

TOWN = runpy.run_path(str(Path(__file__).parents[1] / "web" / "small_town.py"))
DAY = dt.date(2026, 5, 4)
GPX = "{http://www.topografix.com/GPX/1/1}"
OTHERS = ("巡逻一号车", "下河巡逻队", "石门码头", "石门路球机", "河街枪机")


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with TOWN["build"](tmp_path_factory.mktemp("routes") / "station") as workspace:
        yield workspace


@pytest.fixture(scope="module")
def plan(town):
    return town.store.latest_result("patrol")


def pages(content):
    return [re.sub(r"\s", "", one.extract_text()) for one in pypdf.PdfReader(io.BytesIO(content)).pages]


def changed(plan, **frames):
    """The plan with other frames."""
    from dataclasses import replace

    def load(_number, name):
        return frames[name] if name in frames else plan.frame(name)

    return replace(plan, _load=load)


def test_all_units_come_in_one_file_a_page_each_with_the_day(town, plan):
    """Three units with two, two and one visits: three pages, each with its own places only."""
    car, upper, lower = pages(route_pdf(town.store, plan, day=DAY, user="值班"))
    for page, name in ((car, "巡逻一号车"), (upper, "上河巡逻队"), (lower, "下河巡逻队")):
        assert name in page and "2026-05-04" in page and "内部资料" in page
    assert "石门小学" in car and "石门码头" in car
    assert "20:0020:10" in upper and "石门码头" not in upper
    assert "石门小学" not in lower.replace("石门镇", "")


def test_a_unit_with_many_stops_still_has_one_page_and_with_more_a_second(town, plan):
    visits = plan.frame("visits")
    one = visits[visits["unit"] == "patrol_units/2"].iloc[[0]]

    def busy(count):
        rows = pd.concat([one] * count, ignore_index=True)
        rows["arrive_s"] = 64_800 + 300 * rows.index
        rows["depart_s"] = rows["arrive_s"] + 240
        return changed(plan, visits=rows)

    assert len(pages(route_pdf(town.store, busy(40), ["patrol_units/2"]))) == 1
    [first, *rest] = pages(route_pdf(town.store, busy(90), ["patrol_units/2"]))
    assert len(rest) == 1 and "18:00" in first and "01:25" in rest[0]  # 90 stops, five minutes apart


def test_a_unit_without_stops_has_a_sheet_that_says_so(town, plan):
    visits, routes = plan.frame("visits"), plan.frame("routes")
    bare = changed(plan, visits=visits[visits["unit"] != "patrol_units/3"], routes=routes.iloc[:2])
    [page] = pages(route_pdf(town.store, bare, ["patrol_units/3"]))
    assert "下河巡逻队" in page and "石门码头" not in page


def test_a_card_is_a_picture_1080_wide_and_equal_for_equal_days(town, plan):
    card = route_card(town.store, plan, "patrol_units/2", day=DAY)
    assert card[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">I", card[16:20]) == (1080,)
    assert route_card(town.store, plan, "patrol_units/2", day=DAY) == card
    assert route_card(town.store, plan, "patrol_units/2", day=DAY + dt.timedelta(days=1)) != card


def test_a_card_holds_its_own_unit_and_nothing_of_cameras_or_others(town, plan):
    data, files = card_data(town.store, plan, "patrol_units/2", day=DAY, language="zh")
    assert data["title"] == "上河巡逻队" and data["day"] == "2026-05-04"
    assert [one[1:4] for one in data["rows"]] == [
        ["18:15", "18:25", "石门小学"],
        ["20:00", "20:10", "石门小学"],
    ]
    told = repr(data) + files["map.svg"].decode()
    assert "1,2 石门小学" in told
    assert not [one for one in OTHERS if one in told]


def test_a_unit_that_is_not_there_is_refused(town, plan):
    for made in (route_card, route_pdf):
        with pytest.raises(InputError, match="nobody"):
            made(town.store, plan, "nobody" if made is route_card else ["nobody"])
    with pytest.raises(InputError, match="nobody"):
        route_gpx(plan, "nobody")


def test_gpx_holds_stops_in_order_and_the_way_in_degrees(plan):
    """The unit stops twice at the school, 11 × 10⁻⁴ degrees east and north of the middle; its way has three corners."""
    root = ET.fromstring(route_gpx(plan, "patrol_units/2", day=DAY))
    assert root.get("version") == "1.1"
    stops = root.findall(GPX + "wpt")
    assert [(one.find(GPX + "name").text, one.find(GPX + "desc").text) for one in stops] == [
        ("1 石门小学", "18:15-18:25"),
        ("2 石门小学", "20:00-20:10"),
    ]
    assert float(stops[0].get("lon")) == pytest.approx(TOWN["LON"] + 11e-4, abs=2e-6)
    assert float(stops[0].get("lat")) == pytest.approx(TOWN["LAT"] + 11e-4, abs=2e-6)
    track = [(float(one.get("lon")), float(one.get("lat"))) for one in root.iter(GPX + "trkpt")]
    assert len(track) == 3
    assert track[0] == pytest.approx((TOWN["LON"], TOWN["LAT"] + 20e-4), abs=2e-6)


def test_the_workbook_says_visits_units_places_and_breaches(plan):
    book = openpyxl.load_workbook(io.BytesIO(plan_workbook(plan, day=DAY)))
    assert [len(list(one.rows)) - 1 for one in book.worksheets[:4]] == [5, 3, 2, 1]
    places = {row[0].value: [one.value for one in row] for row in book.worksheets[2].rows}
    # worst gap 61,500 s against 7,200 s; 43,200 s against a day
    assert places["石门小学"] == ["石门小学", 3, 1025, 120, 8.5417, "是"]
    assert places["石门码头"] == ["石门码头", 2, 720, 1440, 0.5, "否"]
    [breach] = list(book.worksheets[3].values)[1:]
    assert breach == ("石门小学", "间隔超时", "01:10", "18:15", 1025, 120)
    assert ("日期", "2026-05-04") in list(book.worksheets[4].values)
    assert not [
        one
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for one in row
        if re.match(r"[A-Za-z]{4}", str(one)) and one != "test"
    ]


def test_a_name_that_looks_like_a_formula_stays_text(plan):
    units = plan.frame("units").assign(unit_name="=1+1")
    book = openpyxl.load_workbook(io.BytesIO(plan_workbook(changed(plan, units=units))))
    cells = [row[0] for row in list(book.worksheets[1].rows)[1:]]
    assert {(one.value, one.data_type) for one in cells} == {("'=1+1", "s")}


def test_several_days_have_the_day_in_front(plan):
    visits = plan.frame("visits")
    both = pd.concat([visits.assign(day=2), visits.assign(day=1)], ignore_index=True)
    rows = list(openpyxl.load_workbook(io.BytesIO(plan_workbook(changed(plan, visits=both)))).worksheets[0].values)  # fmt: skip
    assert [one[0] for one in rows[1:]] == [1] * 5 + [2] * 5


def test_the_plan_of_a_day_is_the_one_published_for_it(tmp_path):
    with TOWN["build"](tmp_path / "station") as workspace:
        store = workspace.store
        first = store.latest_result("patrol").id
        areas, units = store.frame("key_areas").index, store.frame("patrol_units").index
        TOWN["save_results"](store, areas=areas, cameras=store.frame("camera_sites").index, units=units, villages=(1, 2))  # fmt: skip
        for one in published(store):
            if one.result != first:
                withdraw(store, one.id, actor="test")
        day = route_day(store, published="2026-05-04")
        assert (day.plan.id, day.day) == (first, DAY)
        assert route_day(store).plan.id > first
        for asked, words in (
            ({"published": "2020-01-01"}, "no plan is published"),
            ({"published": "tomorrow"}, "is no day"),
            ({"varied": "1"}, "no varied days"),
        ):
            with pytest.raises(InputError, match=words):
                route_day(store, **asked)
