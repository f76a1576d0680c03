"""Lengths, speeds, storeys and names as people write them in OpenStreetMap."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.imports.osm.tags import length_m, name_of, speed_kmh, storeys, whole, yes


@pytest.mark.parametrize(
    ("value", "metres"),
    [
        ("12", 12.0),
        ("12 m", 12.0),
        ("12.5m", 12.5),
        ("12,5", 12.5),
        ("12米", 12.0),
        (" 7.25 metres ", 7.25),
        ("350 cm", 3.5),
        ("10 ft", 3.048),
        ("40'", 12.192),
        # 12 × 0.3048 + 6 × 0.0254
        ("12'6\"", 3.81),
        ("12 ft 6 in", 3.81),
        ("tall", None),
        ("", None),
        ("12;14", None),
        ("10-12", None),
        ("~10", None),
        ("1e3", None),
        ("inf", None),
        ("nan", None),
    ],
)
def test_lengths_come_out_in_metres(value, metres):
    assert length_m(value) == metres


@pytest.mark.parametrize(
    ("value", "kmh"),
    [
        ("50", 50.0),
        ("50 km/h", 50.0),
        ("30 mph", 48.28032),
        ("30mph", 48.28032),
        ("10 knots", 18.52),
        ("none", None),
        ("walk", None),
        ("CN:urban", None),
        ("50;30", None),
        ("50 @ night", None),
    ],
)
def test_speed_limits_come_out_in_kilometres_per_hour(value, kmh):
    assert speed_kmh(value) == kmh


@pytest.mark.parametrize(
    ("value", "levels"), [("6", 6.0), ("1.5", 1.5), ("-1", None), ("6-8", None), ("", None)]
)
def test_storeys_are_numbers_from_nought(value, levels):
    assert storeys(value) == levels


@pytest.mark.parametrize(
    ("value", "number"), [("4", 4), (" -1 ", -1), ("1.5", None), ("٣", None), ("9999999", None)]
)
def test_whole_numbers_are_ascii_digits_of_sensible_length(value, number):
    assert whole(value) == number


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        ({"name": "Zhongshan Lu", "name:zh": "中山路"}, "中山路"),
        ({"name": "中山路", "name:en": "Zhongshan Road"}, "中山路"),
        ({"name:zh-Hans": "中山路", "name": "Zhongshan Lu"}, "中山路"),
        ({"name": "  人民 \n 路 "}, "人民 路"),
        ({"name": "甲\u0000乙\u202e丙"}, "甲 乙 丙"),
        ({"name:zh": " ", "name": "甲"}, "甲"),
        ({"name:en": "Road"}, ""),
        ({}, ""),
    ],
)
def test_the_chinese_name_goes_before_the_local_one_and_carries_no_control_characters(tags, name):
    assert name_of(tags) == name


def test_a_name_ends_after_120_characters():
    assert len(name_of({"name": "路" * 5000})) == 120


@pytest.mark.parametrize(
    ("value", "said"), [("yes", True), ("viaduct", True), ("no", False), ("", False), (None, False)]
)
def test_bridge_and_tunnel_are_set_by_anything_but_no(value, said):
    assert yes(value) is said


@given(st.text(max_size=40))
def test_no_text_makes_the_parsers_fail_and_what_they_return_is_finite(text):
    for parse in (length_m, speed_kmh, storeys):
        number = parse(text)
        assert number is None or math.isfinite(number)
    assert whole(text) is None or isinstance(whole(text), int)
    assert len(name_of({"name": text})) <= 120


@given(st.decimals(min_value=0, max_value=900, places=2), st.sampled_from(["", "m", " m", " metres"]))
def test_any_number_of_metres_is_read_as_written(number, unit):
    assert length_m(f"{number}{unit}") == pytest.approx(float(number), abs=1e-9)


@given(st.integers(1, 200))
def test_a_mile_is_1609_metres_to_the_hour(limit):
    assert speed_kmh(f"{limit} mph") == pytest.approx(limit * 1.609344)
