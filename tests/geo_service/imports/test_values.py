"""Cells as people write them are read as they are meant."""

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.imports.faults import CellError
from geo_service.imports.values import Hints, parse_cell
from geo_service.imports.values.angles import GB28181_DIRECTIONS, compass_degrees, parse_degrees
from geo_service.imports.values.dates import parse_moment
from geo_service.imports.values.numbers import parse_number
from geo_service.imports.values.plain import fold
from geo_service.imports.values.resolutions import parse_resolution
from geo_service.imports.values.words import parse_boolean, parse_choice
from town_model import LAYERS, layer

CAMERAS = layer("camera_sites")


def read(name, cell, declared=CAMERAS, **hints):
    return parse_cell(cell, declared.column(name), Hints(declared.name, **hints))


@pytest.mark.parametrize(
    ("cell", "metres"),
    [
        (80, 80.0),
        ("80米", 80.0),
        ("80m", 80.0),
        ("80 M", 80.0),
        ("80", 80.0),
        ("0.1公里", 100.0),
        ("0.1km", 100.0),
        ("8000cm", 80.0),
        ("1,200米", 1200.0),
        ("约80米", 80.0),
        ("80米左右", 80.0),
    ],
)
def test_lengths_with_units_come_out_in_metres(cell, metres):
    assert read("max_range_m", cell).values == {"max_range_m": metres}


def test_an_approximate_figure_is_warned_of():
    assert [str(one) for one in read("mount_height_m", "约6米").warnings] == [
        "“约6米” is approximate: taken as 6"
    ]


def test_the_unit_of_the_header_counts_for_bare_numbers_only():
    assert read("mount_height_m", 650, factor=0.01).values == {"mount_height_m": 6.5}
    assert read("mount_height_m", "6.5米", factor=0.01).values == {"mount_height_m": 6.5}


@pytest.mark.parametrize("cell", ["无", "没有", "不支持"])
def test_no_infrared_is_a_reach_of_zero(cell):
    assert read("ir_range_m", cell).values == {"ir_range_m": 0.0}


@pytest.mark.parametrize("cell", ["", " ", "-", "/", "不详", "暂无", None, "N/A"])
def test_words_for_nothing_are_an_empty_cell(cell):
    assert read("mount_height_m", cell).values == {"mount_height_m": None}


@pytest.mark.parametrize(
    "cell", ["3-5米", "3~5", "6吨", "高", "6米3", True, math.inf, "#N/A!", "#REF!", "1e999"]
)
def test_what_is_no_single_length_is_refused(cell):
    with pytest.raises(CellError):
        read("mount_height_m", cell)


def test_a_figure_out_of_range_is_refused_with_the_range():
    with pytest.raises(CellError, match="730 is outside the range 1 to 360"):
        read("hfov_deg", 730)


@given(st.floats(0.001, 9e6), st.sampled_from([("米", 1), ("公里", 1000), ("cm", 0.01)]))
def test_a_number_comes_back_with_any_unit(number, unit):
    value, about = parse_number(f"{number!r}{unit[0]}", "m")
    assert value == pytest.approx(number * unit[1], rel=1e-9, abs=1e-9)
    assert not about


@given(st.text(max_size=20))
def test_any_text_is_a_finite_number_or_refused(text):
    try:
        value, _ = parse_number(fold(text), "m")
    except CellError:
        return
    assert math.isfinite(value)


def test_full_width_digits_are_digits():
    assert read("mount_height_m", "６．５米").values == {"mount_height_m": 6.5}


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("118°47′2.89″", 118 + 47 / 60 + 2.89 / 3600),
        ("118°47'2.89\"", 118 + 47 / 60 + 2.89 / 3600),
        ("118度47分2.89秒", 118 + 47 / 60 + 2.89 / 3600),
        ("118:47:2.89", 118 + 47 / 60 + 2.89 / 3600),
        ("118 47 2.89", 118 + 47 / 60 + 2.89 / 3600),
        ("E118°47′2.89″", 118 + 47 / 60 + 2.89 / 3600),
        ("118°47′2.89″E", 118 + 47 / 60 + 2.89 / 3600),
        ("东经118度47分", 118 + 47 / 60),
        ("118°47.5′", 118 + 47.5 / 60),
        ("118.5°", 118.5),
        ("118.5", 118.5),
        ("W74.5", -74.5),
        ("33°30′S", -33.5),
    ],
)
def test_coordinates_are_read_in_degrees(text, degrees):
    assert parse_degrees(fold(text)) == pytest.approx(degrees, abs=1e-12)


@pytest.mark.parametrize("text", ["118°60′0″", "118°10′75″", "abc", "118,32", "118.5°30′", "", "度"])
def test_what_is_no_coordinate_is_refused(text):
    with pytest.raises(CellError):
        parse_degrees(fold(text))


@given(st.integers(0, 179), st.integers(0, 59), st.integers(0, 5999))
def test_degrees_minutes_seconds_are_summed(degrees, minutes, hundredths):
    text = f"{degrees}°{minutes}′{hundredths / 100:.2f}″"
    expected = degrees + minutes / 60 + hundredths / 360_000
    assert parse_degrees(fold(text)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("word", "degrees"),
    [
        ("东南", 135), ("朝北", 0), ("正西", 270), ("西北方向", 315), ("南", 180), ("东北角", None), ("NE", 45),
        ("ssw", 202.5), ("北偏东30°", 30), ("南偏西20度", 200), ("西偏北10", 280), ("由东向西", 270), ("东向西", 270),
        ("自南往北", 0), ("路口", None), ("北偏南5", None),
    ],
)  # fmt: skip
def test_compass_words_are_azimuths(word, degrees):
    assert compass_degrees(word) == degrees


def test_a_compass_word_is_warned_of_as_coarse():
    parsed = read("azimuth_deg", "东南")
    assert parsed.values == {"azimuth_deg": 135.0}
    assert "±22.5°" in str(parsed.warnings[0])


def test_direction_codes_are_those_of_gbt_28181():
    """1 east, 2 west, 3 south, 4 north, 5 south-east, 6 north-east, 7 south-west, 8 north-west."""
    assert GB28181_DIRECTIONS == {1: 90, 2: 270, 3: 180, 4: 0, 5: 135, 6: 45, 7: 225, 8: 315}
    assert read("azimuth_deg", 5, direction_codes=True).values == {"azimuth_deg": 135.0}
    assert read("azimuth_deg", 5).values == {"azimuth_deg": 5.0}


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2560×1440", (2560, 1440)), ("2560*1440", (2560, 1440)), ("2560 x 1440", (2560, 1440)),
        ("1920X1080像素", (1920, 1080)), ("200万", (1920, 1080)), ("200W像素", (1920, 1080)), ("400万", (2560, 1440)),
        ("800万像素", (3840, 2160)), ("1080P", (1920, 1080)), ("4K", (3840, 2160)), ("720p", (1280, 720)),
        ("2MP", (1920, 1080)), ("130万", (1280, 960)), ("200万(1920×1080)", (1920, 1080)),
    ],
)  # fmt: skip
def test_resolutions_are_pixels_across_and_down(text, size):
    assert parse_resolution(fold(text))[:2] == size
    assert read("resolution_px_h", text).values == dict(
        zip(("resolution_px_h", "resolution_px_v"), size, strict=True)
    )


@given(st.integers(160, 20_000), st.integers(120, 20_000), st.sampled_from("×x*X"))
def test_any_pair_of_pixels_comes_back(across, down, sign):
    assert parse_resolution(f"{across}{sign}{down}") == (across, down, False)


def test_bare_numbers_count_pixels_or_megapixels():
    assert read("resolution_px_h", 1920).values == {"resolution_px_h": 1920}
    assert read("resolution_px_h", 200).values["resolution_px_h"] == 1920
    assert read("resolution_px_h", 400, megapixels=True).values["resolution_px_v"] == 1440


@pytest.mark.parametrize("text", ["高清", "57万", "x1080", "万"])
def test_what_is_no_resolution_is_refused(text):
    with pytest.raises(CellError):
        read("resolution_px_h", text)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2024年5月3日", dt.date(2024, 5, 3)),
        ("2024-5-3", dt.date(2024, 5, 3)),
        ("2024/05/03", dt.date(2024, 5, 3)),
        ("2024.5.3", dt.date(2024, 5, 3)),
        ("20240503", dt.date(2024, 5, 3)),
        (20240503, dt.date(2024, 5, 3)),
        (45415, dt.date(2024, 5, 3)),
        ("45415", dt.date(2024, 5, 3)),
        ("2024-05-03 08:30:00", dt.date(2024, 5, 3)),
        (dt.datetime(2024, 5, 3, 9), dt.date(2024, 5, 3)),  # noqa: DTZ001
        (dt.date(2024, 5, 3), dt.date(2024, 5, 3)),
        ("2024年5月", dt.date(2024, 5, 1)),
    ],
)
def test_dates_are_read_in_many_ways(cell, day):
    """45415 is 3 May 2024 in the 1900 system: 2024-01-01 is 45292, and 3 May is 123 days on."""
    assert read("filing_date", cell).values == {"filing_date": day}


@pytest.mark.parametrize("cell", ["2024年13月3日", "2024-02-30", "5/3/2024", "去年", "20241301", 7])
def test_what_is_no_date_is_refused(cell):
    with pytest.raises(CellError):
        read("filing_date", cell)


def test_times_keep_their_minutes():
    log = layer("camera_status_log")
    assert read("at", "2024年5月3日 下午3:05", log).values == {"at": dt.datetime(2024, 5, 3, 15, 5)}  # noqa: DTZ001
    assert parse_moment("2024-05-03T08:30") == (dt.datetime(2024, 5, 3, 8, 30), "time")  # noqa: DTZ001


@given(st.dates(dt.date(1960, 1, 1), dt.date(2100, 1, 1)))
def test_any_day_comes_back_from_its_spellings(day):
    for text in (f"{day.year}年{day.month}月{day.day}日", day.isoformat(), f"{day:%Y%m%d}"):
        assert parse_moment(text) == (dt.datetime(day.year, day.month, day.day), "day")  # noqa: DTZ001


@pytest.mark.parametrize("text", ["是", "有", "√", "Y", "yes", "1", "已设置", "TRUE", "完好"])
def test_words_for_yes(text):
    assert parse_boolean(fold(text)) is True


@pytest.mark.parametrize("text", ["否", "无", "×", "N", "no", "0", "未设置", "FALSE", "损坏"])
def test_words_for_no(text):
    assert parse_boolean(fold(text)) is False


def test_neither_yes_nor_no_is_refused():
    with pytest.raises(CellError):
        parse_boolean("大概")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("枪机", "fixed"),
        ("枪型", "fixed"),
        ("半球", "dome"),
        ("Dome", "dome"),
        ("快球", "ptz"),
        ("PTZ", "ptz"),
        ("枪机(白光)", "fixed"),
    ],
)
def test_choices_are_found_by_titles_and_aliases(text, value):
    assert parse_choice(fold(text), CAMERAS.column("kind")) == (value, False)


def test_a_choice_inside_a_longer_word_is_taken_and_said():
    assert parse_choice("高清网络枪机", CAMERAS.column("kind")) == ("fixed", True)


@pytest.mark.parametrize("text", ["不正常", "未在线", "无人机", "卡口"])
def test_a_negated_or_unknown_choice_is_refused(text):
    column = CAMERAS.column("status" if text != "卡口" else "kind")
    with pytest.raises(CellError):
        parse_choice(text, column)


def test_offline_is_not_taken_for_online():
    assert parse_choice("不在线", CAMERAS.column("status")) == ("offline", False)


def test_a_code_in_a_number_cell_is_refused_once_digits_are_lost():
    for cell in (3.2010200001325e19, 32010200001315000001, "3.20102E+19", 1.5):
        with pytest.raises(CellError, match="lost digits"):
            read("code", cell)


def test_a_code_in_text_is_checked_and_kept():
    assert read("code", " 32010200001315000001 ").values == {"code": "32010200001315000001"}
    assert read("code", "32010200001315000001").warnings == []
    for odd in ("3201020000131500001", "99010200001315000001", "32010200002005000001"):
        parsed = read("code", odd)
        assert parsed.values == {"code": odd}
        assert len(parsed.warnings) == 1


def test_a_division_code_has_twelve_digits():
    villages = layer("villages")
    assert read("code", 320102001001, villages).values == {"code": "320102001001"}
    assert read("code", "320102001001", villages).warnings == []
    assert len(read("code", "3201020010", villages).warnings) == 1


def test_hours_are_checked_and_kept_as_text():
    areas = layer("key_areas")
    assert read("hours", "07:00-08:10,16:30-18:00", areas).values == {"hours": "07:00-08:10,16:30-18:00"}
    with pytest.raises(CellError, match="hours"):
        read("hours", "早上", areas)


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 23), st.integers(0, 59))
def test_any_span_of_hours_is_taken_unless_it_is_empty(h1, m1, h2, m2):
    text = f"{h1:02d}:{m1:02d}-{h2:02d}:{m2:02d}"
    if (h1, m1) == (h2, m2):
        with pytest.raises(CellError):
            read("hours", text, layer("key_areas"))
    else:
        assert read("hours", text, layer("key_areas")).values == {"hours": text}


def test_a_month_is_written_one_way():
    index = layer("area_index")
    for cell in ("2026年5月", "2026-05", dt.date(2026, 5, 1), "2026.5"):
        assert read("month", cell, index).values == {"month": "2026-05"}


def test_a_varifocal_lens_gives_both_ends():
    models = layer("camera_models")
    assert read("focal_length_min_mm", "2.8-12mm", models).values == {
        "focal_length_min_mm": 2.8,
        "focal_length_max_mm": 12.0,
    }


@pytest.mark.parametrize("name", [one.name for one in LAYERS.values()])
def test_every_declared_choice_is_understood_by_its_value_titles_and_aliases(name):
    """A word that two choices of a column share goes to the first, and no declaration does that to a title."""
    for column in layer(name).columns:
        for choice in column.choices:
            for words in (choice.value, choice.zh, choice.en):
                assert parse_choice(fold(words), column) == (choice.value, False)
            for words in choice.aliases:
                parse_choice(fold(words), column)
