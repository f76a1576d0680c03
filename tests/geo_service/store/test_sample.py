"""The sample loads as one batch, its names become links."""

import pytest
import shapely

from geo_service.store import Store
from geo_service.store.sample import load_order, load_sample
from town_model import LAYERS, InputError

from .conftest import LAT, LON, square

POINT = shapely.Point(LON, LAT)


@pytest.fixture
def empty(tmp_path):
    store = Store(tmp_path / "town.db")
    yield store
    store.close()


def test_every_layer_comes_after_those_it_refers_to():
    order = load_order(list(reversed(LAYERS)))
    assert sorted(order) == sorted(LAYERS)
    for place, name in enumerate(order):
        assert {one.refers_to for one in LAYERS[name].columns if one.refers_to} <= set(order[:place])


def test_names_become_links_in_one_batch_that_places_the_town(empty):
    sample = {
        "camera_views": [{"camera": "校门", "name": "东"}],
        "camera_sites": [{"name": "校门", "village": "石门村", "geometry": POINT}],
        "villages": [
            {"name": "石门村", "geometry": square()},
            {"name": "河口村", "geometry": square(LON + 0.1)},
        ],
    }
    batch = load_sample(empty, sample, name="石门镇")
    assert empty.town.name == "石门镇"
    assert empty.town.epsg == 4549
    assert empty.frame("camera_sites")["village"].tolist() == [1]
    assert empty.frame("camera_views")["camera"].tolist() == [1]
    assert {one.kind for one in empty.changes(batch=batch)} == {"sample"}
    empty.undo(batch, actor="a")
    assert [empty.count(one) for one in sample] == [0, 0, 0]


@pytest.mark.parametrize(("villages", "count"), [([], 0), (["石门村", "石门村"], 2)])
def test_a_name_that_is_missing_or_double_is_refused(empty, villages, count):
    sample = {
        "villages": [{"name": one, "geometry": square()} for one in villages],
        "notice_boards": [{"village": "石门村", "geometry": POINT}],
    }
    with pytest.raises(InputError, match=f"has {count} rows named 石门村"):
        load_sample(empty, sample)
    assert empty.revision() == 0


def test_an_unknown_layer_and_an_empty_sample_are_refused(empty):
    with pytest.raises(InputError, match="not declared: persons"):
        load_sample(empty, {"persons": []})
    with pytest.raises(InputError, match="no rows with a place"):
        load_sample(empty, {})
