"""Box queries go through the R-tree, and the R-tree always agrees with its table."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from geo_service.store.checks import rebuild_rtree
from geo_service.store.frames import bbox_condition
from geo_service.store.tables import LAYER_TABLES
from town_model import LAYERS, InputError

from .conftest import LAT, LON, square


@pytest.fixture
def boards(store):
    rng = np.random.default_rng(7)
    points = shapely.points(LON + rng.random(400) * 0.1, LAT + rng.random(400) * 0.1)
    with store.change(actor="a") as change:
        change.insert("notice_boards", [{"geometry": one} for one in points])
    return points


@pytest.mark.parametrize("name", [one for one in LAYERS if LAYERS[one].geometry is not None])
def test_a_box_query_does_not_scan_its_layer(store, name):
    table = LAYER_TABLES[name]
    query = select(table).where(bbox_condition(name)).order_by(table.c.id)
    with store.reading() as connection:
        sql = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
        plan = connection.execute(
            text("EXPLAIN QUERY PLAN " + sql), {"west": 0, "south": 0, "east": 1, "north": 1}
        ).all()
    steps = [row[3] for row in plan]
    assert any(f"SCAN {name}_rtree VIRTUAL TABLE INDEX" in one for one in steps), steps
    assert any(f"SEARCH {name} USING INTEGER PRIMARY KEY" in one for one in steps), steps
    assert not any(one == f"SCAN {name}" for one in steps), steps


def test_a_box_gives_the_rows_that_meet_it_and_no_others(store, boards):
    box = (LON + 0.02, LAT + 0.03, LON + 0.05, LAT + 0.07)
    expected = np.flatnonzero(shapely.intersects(boards, shapely.box(*box))) + 1
    assert 0 < len(expected) < 400
    assert store.frame("notice_boards", bbox=box).index.tolist() == expected.tolist()
    some = expected[:3].tolist()
    assert store.frame("notice_boards", bbox=box, ids=[*some, 9999]).index.tolist() == some


def test_a_row_on_the_edge_of_a_box_is_in_it_though_the_index_is_rounded(store):
    with store.change(actor="a") as change:
        change.insert("notice_boards", [{"geometry": shapely.Point(LON, LAT)}])
    assert len(store.frame("notice_boards", bbox=(LON, LAT, LON, LAT))) == 1
    assert len(store.frame("notice_boards", bbox=(LON + 1e-9, LAT, LON + 1, LAT + 1))) == 0


def test_a_box_round_an_l_shaped_area_that_misses_its_body_is_empty(store):
    shape = shapely.Polygon([(0, 0), (3, 0), (3, 1), (1, 1), (1, 3), (0, 3)])
    with store.change(actor="a") as change:
        change.insert("land_cover", [{"geometry": shape}])
    assert len(store.frame("land_cover", bbox=(2, 2, 2.5, 2.5), crs="wgs84")) == 0
    assert len(store.frame("land_cover", bbox=(2, 0.5, 2.5, 2.5), crs="wgs84")) == 1


@pytest.mark.parametrize("box", [(1, 2, 3), (3, 0, 1, 1), (0, 3, 1, 1), (0, 0, float("nan"), 1)])
def test_a_box_that_is_none_is_bad_input(store, box):
    with pytest.raises(InputError, match="west, south, east, north"):
        store.frame("roads", bbox=box)


def test_a_box_of_a_layer_without_geometry_is_bad_input(store):
    with pytest.raises(InputError, match="no geometry"):
        store.frame("camera_models", bbox=(0, 0, 1, 1))


def test_bounds_hold_every_row_and_are_within_a_metre(store, boards):
    bounds = np.array(store.bounds("notice_boards"))
    exact = gpd.GeoSeries(boards).total_bounds
    assert (bounds[:2] <= exact[:2]).all()
    assert (bounds[2:] >= exact[2:]).all()
    # a metre is 9e-6° of latitude; single precision near 118.8 has steps of 7.6e-6°
    assert np.abs(bounds - exact).max() < 1.6e-5
    assert store.bounds() == pytest.approx(tuple(bounds))


def test_a_damaged_index_is_found_and_rebuilt(store, boards):
    with store.writing() as connection:
        connection.execute(text("DELETE FROM notice_boards_rtree WHERE id <= 3"))
        connection.execute(text("UPDATE notice_boards_rtree SET west = 0, east = 1 WHERE id = 9"))
    (fault,) = store.check()
    assert fault.params["count"] == 4
    with store.writing() as connection:
        rebuild_rtree(connection, "notice_boards")
    assert store.check() == []
    assert len(store.frame("notice_boards", bbox=(LON - 1, LAT - 1, LON + 1, LAT + 1))) == 400


steps = st.lists(
    st.tuples(st.sampled_from(["insert", "update", "delete"]), st.integers(0, 30), st.integers(0, 30)),
    max_size=12,
)


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_any_edits_are_undone_one_by_one_to_the_start_and_the_index_agrees(store, steps):
    def rows():
        return store.frame("water", crs="wgs84").drop(columns="revision")

    start = rows()
    batches = []
    for action, which, where in steps:
        ids = rows().index.tolist()
        with store.change(actor="a") as change:
            if action == "insert":
                change.insert("water", [{"geometry": square(LON + where * 0.01)}])
            elif ids and action == "update":
                change.update("water", ids[which % len(ids)], {"geometry": square(LON + where * 0.01)})
            elif ids and action == "delete":
                change.delete("water", ids[which % len(ids)])
        if change.batch_id:
            batches.append(change.batch_id)
    assert store.check() == []
    for batch in reversed(batches):
        store.undo(batch, actor="a")
    assert rows().equals(start)
    assert store.check() == []
