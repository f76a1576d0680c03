"""Frames of results stay in memory, whole and bounded."""

import pandas as pd
import pytest

from geo_service.store.frame_shelf import FrameShelf
from geo_service.store.payload import pack


class Shop:
    """Gives packed frames and counts how often."""

    def __init__(self):
        self.asked = []

    def load(self, result, name):
        self.asked.append((result, name))
        return pack(pd.DataFrame({"n": [result] * 3}))


@pytest.fixture
def shop():
    return Shop()


def test_a_frame_is_unpacked_once(shop):
    shelf = FrameShelf(10_000)
    for _ in range(3):
        assert shelf.frame(1, "units", shop.load)["n"].tolist() == [1, 1, 1]
    assert shop.asked == [(1, "units")]


def test_what_one_reader_changes_another_does_not_see(shop):
    shelf = FrameShelf(10_000)
    for _ in range(2):
        frame = shelf.frame(1, "units", shop.load)
        frame.loc[0, "n"] = 99
        frame["more"] = 1
    assert shelf.frame(1, "units", shop.load).to_dict("list") == {"n": [1, 1, 1]}


def test_the_one_not_asked_for_longest_goes_first(shop):
    size = len(pack(pd.DataFrame({"n": [1] * 3})))
    shelf = FrameShelf(2 * size + 1)
    for number in (1, 2, 1, 3, 1, 2):
        shelf.frame(number, "units", shop.load)
    assert [number for number, _ in shop.asked] == [1, 2, 3, 2]


def test_a_frame_beyond_the_limit_is_not_kept(shop):
    shelf = FrameShelf(10)
    shelf.frame(1, "units", shop.load)
    shelf.frame(1, "units", shop.load)
    assert len(shop.asked) == 2
