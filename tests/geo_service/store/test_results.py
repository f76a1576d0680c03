"""Results come back exactly as they were kept, and know when they are out of date."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.store.payload import pack, unpack
from town_model import InputError

from .conftest import LAT, LON


def test_frames_round_trip_bit_for_bit(store):
    pieces = gpd.GeoDataFrame(
        {
            "name": ["校门", None],
            "area_m2": [0.1 + 0.2, np.nan],
            "cameras": [[1, 2], []],
            "count": np.array([3, 4], dtype=np.int32),
            "lit": [True, False],
            "at": pd.to_datetime(["2026-01-01", None]),
            "maybe": pd.array([True, None], dtype="boolean"),
            "whole": pd.array([2**60 + 1, None], dtype="Int64"),
            "words": pd.array(["校门", None], dtype="str"),
        },
        geometry=[shapely.Point(1 / 3, 2 / 3).buffer(1), None],
        index=pd.Index([7, 9], name="id"),
        crs=4549,
    )
    store.save_result(
        "gaps",
        actor="a",
        options={"height": np.float64(1.5)},
        summary={"pieces": np.int64(2), "label": "盲区"},
        frames={"pieces": pieces, "table": pd.DataFrame({"x": [1.5]})},
    )
    result = store.latest_result("gaps")
    again = result.frame("pieces")
    pd.testing.assert_frame_equal(pd.DataFrame(again), pd.DataFrame(pieces))
    assert isinstance(again, gpd.GeoDataFrame)
    assert again.crs == pieces.crs
    assert again.geometry.iloc[0].wkb == pieces.geometry.iloc[0].wkb
    assert type(result.frame("table")) is pd.DataFrame
    assert result.options == {"height": 1.5, "observation_table": "en_62676_4_2015"}
    assert result.summary == {"pieces": 2, "label": "盲区"}
    assert (result.kind, result.created_by) == ("gaps", "a")


def test_empty_frames_keep_their_columns_dtypes_and_crs(store):
    empty = gpd.GeoDataFrame(
        {"area_m2": np.empty(0), "geometry": gpd.GeoSeries([], crs=4549)}, geometry="geometry"
    )
    again = unpack(pack(empty))
    assert list(again.columns) == ["area_m2", "geometry"]
    assert again["area_m2"].dtype == np.float64
    assert again.crs == empty.crs


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(allow_nan=True), st.one_of(st.none(), st.text()), st.booleans(), st.integers(-9, 9)
        ),
        max_size=20,
    )
)
def test_any_plain_frame_round_trips(rows):
    frame = pd.DataFrame(
        {
            "number": np.array([row[0] for row in rows], dtype=float),
            "words": pd.Series([row[1] for row in rows], dtype=object),
            "truth": np.array([row[2] for row in rows], dtype=bool),
            "whole": np.array([row[3] for row in rows], dtype=np.int64),
        }
    )
    pd.testing.assert_frame_equal(unpack(pack(frame)), frame, check_index_type=False)


def test_a_frame_with_objects_that_are_no_data_is_refused():
    with pytest.raises(TypeError, match="object"):
        pack(pd.DataFrame({"x": pd.Series([object()], dtype=object)}))


def test_a_result_is_stale_once_a_layer_that_matters_changed(store):
    store.save_result("coverage", actor="a", options={}, summary={}, frames={})
    assert not store.latest_result("coverage").is_stale
    with store.change(actor="a") as change:
        change.insert("notice_boards", [{"geometry": shapely.Point(LON, LAT)}])
    assert not store.latest_result("coverage").is_stale, "notice boards hide nothing"
    with store.change(actor="a") as change:
        change.insert("camera_sites", [{"name": "校门", "geometry": shapely.Point(LON, LAT)}])
    assert store.latest_result("coverage").is_stale


def test_an_edit_during_the_computation_makes_its_result_stale(store):
    seen = store.revision()
    with store.change(actor="a") as change:
        change.insert("camera_sites", [{"name": "校门", "geometry": shapely.Point(LON, LAT)}])
    store.save_result("coverage", actor="a", options={}, summary={}, frames={}, store_revision=seen)
    assert store.latest_result("coverage").is_stale


def test_the_newest_result_of_a_kind_is_returned_and_none_where_there_is_none(store):
    assert store.latest_result("patrol") is None
    store.save_result("patrol", actor="a", options={}, summary={"n": 1}, frames={})
    store.save_result("patrol", actor="a", options={}, summary={"n": 2}, frames={})
    assert store.latest_result("patrol").summary == {"n": 2}
    with pytest.raises(InputError, match="no frame 'visits'"):
        store.latest_result("patrol").frame("visits")


def test_cache_returns_what_was_put_and_drops_the_oldest(tmp_path):
    from geo_service.store import Store

    store = Store(tmp_path / "town.db", cache_max_mb=0.001)
    store.cache_put({"a": b"1" * 300, "b": b"2" * 300})
    assert store.cache_get(["a", "b", "c"]) == {"a": b"1" * 300, "b": b"2" * 300}
    store.cache_put({"a": b"3" * 300})
    assert store.cache_get(["a"]) == {"a": b"3" * 300}
    # 300 + 300 + 600 > 1000: a fifth more than needed goes, oldest first, which is b and then a
    store.cache_put({"d": b"4" * 600})
    assert store.cache_get(["a", "b", "d"]) == {"d": b"4" * 600}
    store.close()
