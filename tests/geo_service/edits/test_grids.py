"""Claims about cells of a grid that are cut and joined: exact, with shared boundaries, in one change."""

import time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.edits.grids import merge_grids, merge_shapes, split_grid, split_shape
from geo_service.store import ConflictError
from geo_service.workspace import Workspace
from town_model import InputError

LON, LAT = 118.78, 32.04
CELL = shapely.box(LON, LAT, LON + 0.004, LAT + 0.002)
#: Square degrees of a millionth of a square metre here: one degree is about 94 by 111 km.
MICRO_M2 = 1e-6 / (94_400 * 110_900)


def corners(shape):
    return {tuple(one) for one in shapely.get_coordinates(shape)}


def assert_shared(pieces):
    """Boundaries between two areas run through the same corners: no sliver, no gap."""
    for at, one in enumerate(pieces):
        for other in pieces[at + 1 :]:
            assert shapely.area(shapely.intersection(one, other)) == pytest.approx(0, abs=MICRO_M2)
            shared = shapely.intersection(shapely.boundary(one), shapely.boundary(other))
            if shapely.length(shared) > 1e-9:
                assert corners(shapely.line_merge(shared)) <= corners(one) & corners(other)


class TestSplit:
    def test_a_straight_cut_through_the_middle_makes_two_halves(self):
        line = shapely.LineString([(LON + 0.002, LAT - 1), (LON + 0.002, LAT + 1)])
        one, other = split_shape(CELL, line)
        assert one.area == pytest.approx(CELL.area / 2) and other.area == pytest.approx(CELL.area / 2)
        assert_shared([one, other])

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(st.tuples(st.floats(0.05, 0.95), st.floats(0.05, 0.95)), min_size=0, max_size=4),
        st.floats(0.05, 0.95),
        st.floats(0.05, 0.95),
    )
    def test_areas_add_up_to_a_millionth_of_a_square_metre(self, inner, start, end):
        def place(x, y):
            return LON + 0.004 * x, LAT + 0.002 * y

        line = shapely.LineString(
            [place(-0.1, start), *(place(*one) for one in sorted(inner)), place(1.1, end)]
        )
        pieces = split_shape(CELL, line)
        assert sum(one.area for one in pieces) == pytest.approx(CELL.area, abs=MICRO_M2)
        assert_shared(pieces)
        whole = merge_shapes(pieces)
        assert whole.geom_type == "Polygon"
        assert shapely.area(shapely.symmetric_difference(whole, CELL)) < MICRO_M2

    def test_a_cut_through_a_hole_keeps_it_open(self):
        ring = shapely.Polygon(
            CELL.exterior, [shapely.box(LON + 0.001, LAT + 0.0005, LON + 0.003, LAT + 0.0015).exterior]
        )
        pieces = split_shape(ring, shapely.LineString([(LON + 0.002, LAT - 1), (LON + 0.002, LAT + 1)]))
        assert len(pieces) == 2 and sum(one.area for one in pieces) == pytest.approx(ring.area, abs=MICRO_M2)

    def test_a_line_that_ends_inside_is_refused(self):
        with pytest.raises(InputError, match="does not cut"):
            split_shape(CELL, shapely.LineString([(LON - 1, LAT + 0.001), (LON + 0.002, LAT + 0.001)]))

    def test_a_scrawl_is_refused_at_once(self):
        places = np.random.default_rng(1).uniform((LON, LAT), (LON + 0.004, LAT + 0.002), (8000, 2))
        begun = time.monotonic()
        with pytest.raises(InputError, match="crosses itself"):
            split_shape(CELL, shapely.LineString(places))
        # 1200 of its corners took 15 s to cut by
        assert time.monotonic() - begun < 5


class TestMerge:
    def test_cells_that_touch_in_a_corner_only_are_refused(self):
        other = shapely.box(LON + 0.004, LAT + 0.002, LON + 0.008, LAT + 0.004)
        with pytest.raises(InputError, match="side by side"):
            merge_shapes([CELL, other])

    def test_cells_that_overlap_are_refused(self):
        with pytest.raises(InputError, match="overlap"):
            merge_shapes([CELL, shapely.box(LON + 0.003, LAT, LON + 0.006, LAT + 0.002)])

    def test_a_cell_of_two_parts_may_gain_a_neighbour(self):
        east = shapely.box(LON + 0.004, LAT, LON + 0.005, LAT + 0.002)
        away = shapely.box(LON + 1, LAT, LON + 1.001, LAT + 0.002)
        whole = merge_shapes([shapely.MultiPolygon([CELL, away]), east])
        assert len(whole.geoms) == 2
        assert whole.area == pytest.approx(CELL.area + east.area + away.area)


class TestStore:
    @pytest.fixture
    def store(self, tmp_path):
        with Workspace.create(tmp_path / "town") as made:
            made.store.place_town(LON, LAT, actor="t")
            with made.store.change(actor="t") as change:
                (village,) = change.insert("villages", [{"name": "东村", "geometry": CELL.buffer(0.01)}])
                east = shapely.box(LON + 0.004, LAT, LON + 0.006, LAT + 0.002)
                change.insert(
                    "grids",
                    [
                        {"name": "一网格", "code": "W1", "village": village, "note": "甲", "geometry": CELL},
                        {"name": "二网格", "note": "乙", "geometry": east},
                        {"name": "一网格-2", "geometry": shapely.box(LON - 1, LAT, LON - 0.9, LAT + 0.1)},
                    ],
                )
            yield made.store

    line = shapely.LineString([(LON - 0.001, LAT + 0.0015), (LON + 0.0045, LAT + 0.0012)])

    def test_a_split_keeps_name_and_code_of_the_largest_and_numbers_the_others(self, store):
        done = split_grid(store, 1, self.line, actor="王")
        rows = store.frame("grids", crs="wgs84")
        assert (rows.loc[1, "name"], rows.loc[1, "code"]) == ("一网格", "W1")
        (made,) = done.made
        assert (rows.loc[made, "name"], rows.loc[made, "code"]) == ("一网格-3", None)
        assert (rows.loc[made, "village"], rows.loc[made, "note"]) == (1, "甲")
        assert rows.geometry[1].area > rows.geometry[made].area

    def test_the_neighbour_gets_the_corner_on_the_shared_boundary(self, store):
        done = split_grid(store, 1, self.line, actor="王")
        rows = store.frame("grids", crs="wgs84")
        assert done.touched == (2,)
        assert_shared([rows.geometry[1], rows.geometry[done.made[0]], rows.geometry[2]])
        assert shapely.area(rows.geometry[2]) == pytest.approx(0.002 * 0.002, abs=MICRO_M2)

    def test_a_split_is_one_change_and_can_be_taken_back(self, store):
        before = store.frame("grids", crs="wgs84")
        done = split_grid(store, 1, self.line, actor="王", note="拆分")
        assert {one.batch for one in store.changes(limit=3)} == {done.batch}
        store.undo(done.batch, actor="王")
        after = store.frame("grids", crs="wgs84")
        assert after["name"].tolist() == before["name"].tolist()
        assert all(shapely.equals_exact(after.geometry.to_numpy(), before.geometry.to_numpy(), tolerance=0))

    def test_a_merge_keeps_the_largest_and_what_the_others_know(self, store):
        done = merge_grids(store, {2: None, 1: None}, actor="王")
        row = store.frame("grids", crs="wgs84").loc[1]
        assert (done.kept, done.gone) == (1, (2,))
        assert (row["name"], row["code"], row["note"], row["village"]) == ("一网格", "W1", "甲; 乙", 1)
        assert shapely.area(row.geometry) == pytest.approx(0.006 * 0.002, abs=MICRO_M2)
        store.undo(done.batch, actor="王")
        assert sorted(store.frame("grids")["name"]) == sorted(["一网格", "二网格", "一网格-2"])

    def test_a_cell_that_somebody_changed_meanwhile_is_neither_cut_nor_joined(self, store):
        revision = int(store.frame("grids")["revision"][1])
        with store.change(actor="李") as change:
            change.update("grids", 1, {"note": "李"})
        latest = store.revision()
        with pytest.raises(ConflictError):
            split_grid(store, 1, self.line, actor="王", expected_revision=revision)
        with pytest.raises(ConflictError):
            merge_grids(store, {1: revision, 2: None}, actor="王")
        with pytest.raises(ConflictError):
            merge_grids(store, {1: None, 2: revision - 1}, actor="王")
        with pytest.raises(ConflictError):
            split_grid(store, 99, self.line, actor="王")
        assert store.revision() == latest and np.isclose(
            shapely.area(store.frame("grids", crs="wgs84").geometry[1]), CELL.area
        )
