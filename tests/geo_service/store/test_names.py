"""Claims about finding rows by name or code."""

import pytest
import shapely

from geo_service.store.names import plain_words
from geo_service.workspace import Workspace
from town_model import LayerError

LON, LAT = 118.78, 32.04


@pytest.fixture
def store(tmp_path):
    with Workspace.create(tmp_path / "town", name="石门镇") as made:
        made.store.place_town(LON, LAT, actor="test")
        with made.store.change(actor="test") as change:
            for at, name in enumerate(
                ("人民路", "人民路", "人民路北段", "新人民路", "100%路", "a_b街", "A街", None)
            ):
                line = shapely.LineString([(LON + at * 0.001, LAT), (LON + at * 0.001, LAT + 0.0005)])
                change.insert("roads", [{"name": name, "highway": "residential", "geometry": line}])
            for at, (name, code) in enumerate((("校门口", "34020000001320000012"), ("3号楼前", None))):
                change.insert(
                    "camera_sites",
                    [{"name": name, "code": code, "kind": "fixed", "mount_height_m": 4.0, "azimuth_deg": 0.0,
                      "geometry": shapely.Point(LON + at * 0.001, LAT)}],
                )  # fmt: skip
        yield made.store


def names(store, layer, words, **options):
    return [(one.name, one.rank) for one in store.find_names(layer, words, **options)]


def test_whole_names_come_first_then_beginnings_then_parts_and_pieces_of_a_street_are_one(store):
    assert names(store, "roads", "人民路") == [("人民路", 0), ("人民路北段", 1), ("新人民路", 2)]
    (street, *_) = store.find_names("roads", "人民路")
    assert street.bbox == pytest.approx((LON, LAT, LON + 0.001, LAT + 0.0005), abs=2e-5)
    assert street.id == 1


def test_signs_that_sql_reads_as_any_letter_stand_for_themselves(store):
    assert names(store, "roads", "%") == [("100%路", 2)]
    assert names(store, "roads", "_") == [("a_b街", 2)]
    assert names(store, "roads", "\\") == []
    assert names(store, "roads", "'; DROP TABLE roads; --") == []


def test_capitals_and_full_width_letters_do_not_matter(store):
    assert names(store, "roads", "ａ街") == [("A街", 0)]
    assert names(store, "camera_sites", "３号") == [("3号楼前", 1)]
    assert plain_words("　ＧＢ１２ ") == "GB12"


def test_a_code_and_a_number_find_their_row(store):
    assert names(store, "camera_sites", "34020000001320000012") == [("校门口", 0)]
    assert names(store, "camera_sites", "0000012") == [("校门口", 2)]
    assert names(store, "camera_sites", "#2") == [("3号楼前", 0)]
    assert names(store, "camera_sites", "#99999999999999999") == []
    assert names(store, "roads", "#8") == [("", 0)]
    # figures that are no decimal digits, as the Ethiopic one, make no number
    assert names(store, "roads", "#፩") == []


def test_no_more_than_asked_for_and_nothing_for_nothing(store):
    assert len(names(store, "roads", "路", limit=2)) == 2
    assert names(store, "roads", "  ") == []
    assert names(store, "area_index", "路") == []
    assert names(store, "terrain", "路") == []
    with pytest.raises(LayerError):
        store.find_names("roads; --", "路")
