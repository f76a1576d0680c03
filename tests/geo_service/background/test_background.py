"""What the settings choose: contradictions stop the start, a missing file does not."""

import pytest

from geo_service.background import open_background
from geo_service.settings import Settings
from town_model import InputError


def test_nothing_is_chosen_by_default(tmp_path):
    made = open_background(Settings(), tmp_path)
    assert made.parts == () and made.tile("base", 1, 0, 0) is None and made.faults == ()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"background": "xyz"}, "needs background_path"),
        ({"background": "remote"}, "needs background_url"),
        (
            {"background": "remote", "background_url": "http://h/{z}/{x}/{y}?k={key}"},
            "background_key is empty",
        ),
        ({"background": "tianditu"}, "needs background_key"),
        (
            {"background": "tianditu", "background_key": "k", "background_url": "t0.tianditu.gov.cn"},
            "scheme and host",
        ),
        ({"background_min_zoom": 9, "background_max_zoom": 8}, "must not exceed"),
    ],
)
def test_contradictions_stop_the_start_with_plain_words(tmp_path, settings, words):
    with pytest.raises(InputError, match=words):
        open_background(Settings(**settings), tmp_path)


def test_a_missing_file_does_not_stop_the_start(tmp_path):
    made = open_background(Settings(background="pmtiles", background_path="gone.pmtiles"), tmp_path)
    assert made.parts == () and "gone.pmtiles" in str(made.faults[0])


def test_paths_count_from_the_workspace(mbtiles, png, tmp_path):
    mbtiles({(2, 1, 1): png(4)})
    made = open_background(Settings(background="mbtiles", background_path="town.mbtiles"), tmp_path)
    assert made.tile("base", 2, 1, 2).content == png(4)


def test_zooms_are_those_of_both_the_file_and_the_settings(mbtiles, png, tmp_path):
    mbtiles({(2, 1, 1): png(4), (6, 1, 1): png(4)})
    chosen = {"background": "mbtiles", "background_path": "town.mbtiles"}
    made = open_background(Settings(**chosen, background_min_zoom=4, background_max_zoom=9), tmp_path)
    assert (made.min_zoom, made.max_zoom) == (4, 6)
    assert made.tile("base", 2, 1, 2) is None  # there, but below the least zoom that was chosen
    beyond = open_background(Settings(**chosen, background_min_zoom=7, background_max_zoom=9), tmp_path)
    assert "zoom 2 to 6 only" in str(beyond.faults[0])


@pytest.mark.parametrize("address", [(-1, 0, 0), (2, 4, 0), (2, 0, 4), (2, -1, 0), (64, 0, 0)])
def test_addresses_that_no_tile_can_have_find_none(mbtiles, png, tmp_path, address):
    mbtiles({(2, 1, 1): png(4)})
    made = open_background(Settings(background="mbtiles", background_path="town.mbtiles"), tmp_path)
    assert made.tile("base", *address) is None


def test_tianditu_is_cgcs2000_whatever_the_settings_say(tmp_path):
    made = open_background(
        Settings(background="tianditu", background_key="k", background_datum="gcj02"), tmp_path
    )
    assert (made.datum, made.shifted, made.max_zoom) == ("cgcs2000", False, 18)
    assert "天地图" in made.attribution


def test_tiles_of_another_source_are_not_mixed_up(tmp_path):
    one, two = (
        open_background(
            Settings(background="remote", background_url=f"http://{host}/{{z}}/{{x}}/{{y}}"), tmp_path
        )
        for host in ("a", "b")
    )
    assert one.version != two.version and one.source.kept.folder != two.source.kept.folder
