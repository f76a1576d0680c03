"""The page on the clock says what the program does: its examples and tables are recomputed."""

import datetime as dt
import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo_service.analysis.asked_day import PRIORITY_WEIGHT
from geo_service.analysis.clock_savings import village_minutes
from geo_service.duty.cameras import PERCENTS, CameraCredit, credited_spans
from geo_service.duty.intervals import Span
from geo_service.watch_clock import Daylight, unwatched_minutes

DOCS = Path(__file__).resolve().parents[3] / "docs"
HOUR = 3600.0
DAY = Daylight(dt.date(2026, 3, 20), 6 * HOUR, 18 * HOUR)
NONE = pd.DataFrame(columns=["place", "arrive_s", "depart_s"])


@pytest.fixture(params=["zh", "en"])
def page(request):
    return (DOCS / request.param / "clock.md").read_text(encoding="utf-8")


def read(shares, stays, **place):
    places = pd.DataFrame([{"hours": "", "max_gap_s": float("nan"), "spans": None} | place], index=["p"])
    watched = pd.DataFrame([dict(zip(("share_day", "share_night"), shares, strict=True))], index=["p"])
    visits = pd.DataFrame([("p", *one) for one in stays], columns=NONE.columns)
    return unwatched_minutes(watched, visits, places, DAY).loc["p"]


def test_the_example_of_a_day(page):
    row = read((1, 0), [(17 * HOUR, 17 * HOUR + 600), (20 * HOUR, 20 * HOUR + 600)], max_gap_s=2 * HOUR)
    assert (row["watched_min"], row["patrolled_min"], row["unwatched_min"]) == (720, 200, 520)
    assert "1440 − 720 − 200 = 520" in page


def test_the_example_of_an_interval_that_changes(page):
    spans = [(0, 18 * HOUR, 120 * 60), (18 * HOUR, 22 * HOUR, 30 * 60)]
    row = read((0, 0), [(17.75 * HOUR, 17.75 * HOUR + 600)], spans=spans)
    assert row["patrolled_min"] == 40
    (kept,) = [one for one in row["spans"] if one[2] == "patrolled"]
    assert kept[:2] == (17.75 * HOUR, 18 * HOUR + 25 * 60)
    assert re.search(r"18:25.*40.*19:55", page)


def test_the_example_of_a_camera(page):
    saved = read((0, 0), [])["unwatched_min"] - read((1, 0.6), [])["unwatched_min"]
    assert saved == 720
    assert f"4 × 720 = {PRIORITY_WEIGHT['1'] * saved:.0f}" in page
    assert [PRIORITY_WEIGHT[one] for one in "123"] == [4, 2, 1]


def test_the_example_of_a_village(page):
    villages = gpd.GeoDataFrame({"name": ["V"], "households": [50]}, geometry=[shapely.box(0, 0, 100, 100)])
    places = gpd.GeoSeries([shapely.Point(50, 50)], index=["p"])
    visits = pd.DataFrame([("p", 0.0, 600.0)], columns=NONE.columns)
    legs = gpd.GeoDataFrame(
        {"enter_s": [600.0], "leave_s": [1200.0]}, geometry=[shapely.LineString([(10, 50), (50, 50)])]
    )
    assert village_minutes(villages, places, visits, legs)["per_100"].tolist() == [40]
    assert "100 × 20 ÷ 50 = 40" in page


def test_the_example_and_the_table_of_cameras_in_intervals(page):
    found = credited_spans(
        [Span(0, 86_400, 7200.0, None, None)], {"day": 0.97, "night": 0.2}, DAY, CameraCredit()
    )
    assert [(one.start_s / HOUR, one.end_s / HOUR, one.interval_s / 60) for one in found] == [
        (0, 6, 90),
        (6, 18, 180),
        (18, 24, 90),
    ]
    assert re.search(r"97 ?%.*20 ?%.*180.*90", page)
    credit = CameraCredit()
    assert [credit.percent(one, "day") for one in (0.95, 0.94, 0.5, 0.49)] == [150, 100, 100, 75]
    for name in PERCENTS:
        assert f"`{name}`" in page and f"`patrol_{name}`" in page
    assert re.search(r"× 150 ?%", page) and re.search(r"× 75 ?%", page)
