"""Limits of response times as people write them, and as a setting."""

import pytest

from geo_service.response_limits import limits_in_seconds, read_limits
from geo_service.settings import Settings
from town_model import InputError

WRONG = ("", "1,3", "1,3,3", "0,3,5", "5,3,1", "a,b,c", "1,3,5,7", "1,3,900", "nan,3,5", "1,3,inf")


@pytest.mark.parametrize("words", ["1,3,5", "1，3，5", "1、3、5", "1-3-5", " 1 3 5 ", "1, 3, 5"])
def test_limits_are_read_as_people_write_them(words):
    assert read_limits(words) == [1, 3, 5]


def test_minutes_become_seconds():
    assert limits_in_seconds((0.5, 10, 240)) == [30, 600, 14_400]


@pytest.mark.parametrize("words", WRONG)
def test_what_is_no_three_rising_minutes_is_told(words):
    with pytest.raises(InputError, match="three rising numbers"):
        read_limits(words)


@pytest.mark.parametrize("words", WRONG)
def test_the_setting_is_checked_when_it_is_read(words):
    with pytest.raises(InputError, match="response_limits_min"):
        Settings(response_limits_min=words)


def test_the_countryside_is_a_setting():
    assert read_limits(Settings(response_limits_min="5,10,20").response_limits_min) == [5, 10, 20]
    assert read_limits(Settings().response_limits_min) == [1, 3, 5]
