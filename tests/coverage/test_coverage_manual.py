"""The page on coverage says what the library computes: the figures of its examples are computed anew and sought in it.

A figure that changes, in the page or in the library, fails here, in either language.
"""

import math
import re
from functools import cache
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from coverage_scenes import CRS, X, Y, along_axis, camera, obstacles, round_camera, seen

from camera_coverage import (
    CAUSES,
    ViewOptions,
    analyse,
    coverage_bands,
    critical_cameras,
    redundancy,
    visible_areas,
)
from camera_coverage.tolerances import COLUMNS
from town_model import EN_62676_4_2015

DOCS = Path(__file__).resolve().parents[2] / "docs"
LANGUAGES = ["en", "zh"]


@cache
def page(language):
    """The page with plain punctuation and single spaces, so that figures can be sought as they are written."""
    text = (DOCS / language / "coverage-method.md").read_text(encoding="utf-8")
    return re.sub(r"\s+", " ", text.replace("，", ",").replace("：", ":"))


def told(language, en, zh):
    """Whether the page says this."""
    return {"en": en, "zh": zh}[language] in page(language)


def figure(value, digits=2):
    return f"{round(value, digits):g}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture(language):
    """H 6, t 1.5, tilt 30°, VFOV 30°: the trapezoid begins and ends as the page says."""
    near, far = along_axis(seen(tilt_deg=30.0, vfov_deg=30.0, hfov_deg=90.0, max_range_m=200.0))
    assert (near, far) == pytest.approx((4.5 / math.tan(math.pi / 4), 4.5 / math.tan(math.pi / 12)), abs=1e-6)
    assert told(
        language,
        f"near = 4.5 / tan 45° = {figure(near)} m, far = 4.5 / tan 15° = {figure(far)} m",
        f"near = 4.5 / tan 45° = {figure(near)} 米,far = 4.5 / tan 15° = {figure(far)} 米",
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_limits_of_the_classes(language):
    """1920 px at 90°, an eye at the height of the target and a level view: depth is distance."""
    ends = []
    for name in ("detect", "observe", "recognise", "identify"):
        view = camera(mount_height_m=1.51, tilt_deg=0.0, vfov_deg=50.0, max_range_m=200.0)
        options = ViewOptions(observation_class=name)
        ends.append(along_axis(visible_areas(view, options=options).iloc[0])[1])
    figures = [figure(one) for one in ends]
    assert told(language, ", ".join(figures) + " m", "、".join(figures) + " 米")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shadow_of_a_low_building(language):
    """Walls at 10 and 20 m, 3 m high: what of the axis is not seen."""
    house = obstacles(shapely.box(10, -50, 20, 50), height_m=[3.0])
    free = visible_areas(round_camera(), options=ViewOptions(observation_class=None)).iloc[0]
    with_house = visible_areas(round_camera(), house, options=ViewOptions(observation_class=None)).iloc[0]
    start, end = along_axis(free.difference(with_house))
    assert told(
        language,
        f"walls at {figure(start)} and 20 m: hidden from {figure(start)} to 20·4.5/3 = {figure(end)} m",
        f"前后墙在 {figure(start)} 米和 20 米处:遮住 {figure(start)} 米至 20·4.5/3 = {figure(end)} 米",
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_street_light(language):
    lamp = gpd.GeoDataFrame({"reach_m": [15.0]}, geometry=[shapely.Point(X + 60, Y)], crs=CRS)
    options = ViewOptions(observation_class=None, night=True, street_lights=lamp)
    area = visible_areas(round_camera(), options=options).iloc[0]
    line = shapely.LineString([(X, Y), (X + 100, Y)]).intersection(area)
    spans = sorted((one.bounds[0] - X, one.bounds[2] - X) for one in shapely.get_parts(line))
    words = [f"{start:.0f}–{end:.0f}" for start, end in spans]
    assert told(language, f"it sees {words[0]} m and {words[1]} m", f"看到 {words[0]} 米和 {words[1]} 米")


def street_with_cameras():
    feet = [0.0, 40.0, 80.0]
    frame = gpd.GeoDataFrame(
        {
            "kind": "fisheye", "status": "working", "mount_height_m": 1.5, "azimuth_deg": 0.0, "tilt_deg": 0.0,
            "hfov_deg": 360.0, "resolution_px_h": 20_000, "max_range_m": 50.0, "ir_range_m": 20.0,
        },
        index=["0", "40", "80"], geometry=[shapely.Point(X + one, Y) for one in feet], crs=CRS,
    )  # fmt: skip
    road = gpd.GeoDataFrame(
        {"required_class": ["detect"], "hours": ["08:00-17:00"], "kind": ["road"], "priority": ["1"]},
        index=["road"], geometry=[shapely.LineString([(X, Y), (X + 200, Y)])], crs=CRS,
    )  # fmt: skip
    return road, analyse(frame)


def test_the_road_with_three_cameras_in_chinese():
    """65 % once, 45 % twice, 10 % thrice; the last camera alone keeps 40 m."""
    road, coverage = street_with_cameras()
    shares = redundancy(road, coverage).loc["road"]
    percent = [f"{round(100 * shares[f'share_day_{k}'])}%" for k in (1, 2, 3)]
    assert percent == ["65%", "45%", "10%"]
    example = page("zh").partition("一条 200 米的路")[2][:200]
    assert re.findall(r"\d+%", example)[:3] == percent
    lost = critical_cameras(road, coverage)
    assert list(lost.index) == ["80"]
    assert f"失去 90–130 米,即 {lost.loc['80', 'lost_length_m']:.0f} 米" in page("zh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bands(language):
    """180° ± 10° and H 6 ± 1 m, as the page says in both languages."""

    def bands(frame, **half):
        tolerance = pd.DataFrame(dict.fromkeys(COLUMNS, 0.0) | half, index=frame.index)
        return coverage_bands(analyse(frame, classes=()), tolerance=tolerance)

    half_round = camera(kind="fisheye", hfov_deg=180.0, max_range_m=50.0, status="working")
    found = bands(half_round, azimuth_tolerance_deg=10.0)
    whole = math.pi * 50**2 / 360
    sure, possible = (f"{one[0].area / whole:.0f}°" for one in (found.sure(None), found.possible(None)))
    text = page(language)
    assert re.search(rf"{sure}.{{0,40}}{possible}|{possible}.{{0,40}}{sure}", text), (sure, possible)
    high = bands(camera(status="working"), mount_height_tolerance_m=1.0)
    axis = shapely.LineString([(X, Y), (X + 50, Y)])
    starts = [
        figure(axis.intersection(one[0]).bounds[0] - X) for one in (high.sure(None), high.possible(None))
    ]
    assert all(one in text for one in starts)
    assert starts == ["5.5", "3.5"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_of_classes_is_that_of_the_code(language):
    values = [figure(one, 3) for one in sorted(EN_62676_4_2015.px_per_m.values())]
    assert all(re.search(rf"(?<![\d.]){re.escape(one)}(?![\d.])", page(language)) for one in values)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cause_is_explained_in_the_order_in_which_it_counts(language):
    rows = re.findall(r"\| `(\w+)`", page(language))
    explained = [one for one in rows if one in CAUSES]
    assert explained == list(CAUSES)
