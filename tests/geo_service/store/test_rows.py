"""Rows go in as declared and come out unchanged."""

import pytest
import shapely

from geo_service.store import ConflictError
from town_model import InputError

LON, LAT = 118.78, 32.04


def test_town_in_china_gets_the_zone_of_its_central_meridian(store):
    # 118.78 / 3 rounds to 40, central meridian 120°; EPSG 4534 is 75°, so 4534 + 15
    assert store.town.epsg == 4549
    assert store.town.name == "石门镇"


def test_inserted_rows_come_back_with_ids_defaults_and_revision(store):
    with store.change(actor="a", kind="edit") as change:
        ids = change.insert(
            "place_names",
            [
                {"name": "渡口", "geometry": shapely.Point(LON, LAT)},
                {"name": "桥", "geometry": shapely.Point(LON, LAT)},
            ],
        )
    frame = store.frame("place_names", crs="wgs84")
    assert ids == [1, 2] == list(frame.index)
    assert list(frame["name"]) == ["渡口", "桥"]
    assert list(frame["kind"]) == ["place", "place"]
    assert list(frame["revision"]) == [1, 1]
    assert frame.geometry.iloc[0] == shapely.Point(LON, LAT)


def test_nothing_is_stored_when_the_block_raises(store):
    def half_done():
        with store.change(actor="a") as change:
            change.insert("place_names", [{"name": "渡口", "geometry": shapely.Point(LON, LAT)}])
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        half_done()
    assert store.count("place_names") == 0
    assert store.revision() == 0
    assert store.bounds() is None


def test_all_faults_of_all_rows_are_named_at_once(store):
    rows = [
        {"name": "甲", "geometry": shapely.Point(LON, LAT), "mount_height_m": 900},
        {"geometry": shapely.Point(LON, LAT), "kind": "webcam"},
    ]
    with pytest.raises(InputError) as caught, store.change(actor="a") as change:
        change.insert("camera_sites", rows)
    said = [str(one) for one in caught.value.messages]
    assert len(said) == 3
    assert any(one.startswith("row 1: mount_height_m 900") for one in said)
    assert "row 2: name is missing" in said
    assert any(one.startswith("row 2: kind 'webcam' is not allowed") for one in said)


def test_update_with_a_stale_revision_is_a_conflict(store):
    with store.change(actor="a") as change:
        (row,) = change.insert("place_names", [{"name": "渡口", "geometry": shapely.Point(LON, LAT)}])
    with store.change(actor="b") as change:
        change.update("place_names", row, {"name": "老渡口"}, expected_revision=1)
    with pytest.raises(ConflictError), store.change(actor="c") as change:
        change.update("place_names", row, {"name": "新渡口"}, expected_revision=1)
    assert store.frame("place_names").loc[row, "name"] == "老渡口"


@pytest.fixture
def three(store):
    with store.change(actor="a") as change:
        change.insert(
            "street_lights", [{"name": f"灯{n}", "geometry": shapely.Point(LON + n, LAT)} for n in range(3)]
        )
    return [1, 2, 3]


def test_many_rows_are_updated_at_once_each_with_its_own_columns(store, three):
    with store.change(actor="b") as change:
        change.update_rows(
            "street_lights",
            [
                (1, {"reach_m": 20}, 1),
                (2, {"working": False, "geometry": shapely.Point(LON, LAT + 1)}, None),
                (3, {}, 1),
            ],
        )
    frame = store.frame("street_lights", crs="wgs84")
    assert frame["reach_m"].tolist() == [20.0, 15.0, 15.0]
    assert frame["working"].tolist() == [True, False, True]
    assert frame["revision"].tolist() == [2, 2, 1], "a row that does not change is not touched"
    assert frame.geometry.loc[2] == shapely.Point(LON, LAT + 1)
    assert store.frame("street_lights", bbox=(LON - 0.1, LAT + 0.9, LON + 0.1, LAT + 1.1)).index.tolist() == [
        2
    ]
    store.undo(change.batch_id, actor="b")
    assert store.frame("street_lights")["reach_m"].tolist() == [15.0, 15.0, 15.0]
    assert store.check() == []


def test_faults_of_many_updates_are_named_by_their_place_in_the_list(store, three):
    with pytest.raises(InputError) as caught, store.change(actor="b") as change:
        change.update_rows(
            "street_lights",
            [
                (1, {"reach_m": 20}, None),
                (2, {"name": "x"}, None),
                (3, {"reach_m": -1, "geometry": None}, None),
            ],
        )
    assert [str(one)[:16] for one in caught.value.messages] == ["row 3: reach_m -", "row 3: geometry "]
    assert store.frame("street_lights")["name"].tolist() == ["灯0", "灯1", "灯2"]


def test_conflicts_of_many_updates_are_all_named_and_nothing_is_written(store, three):
    with store.change(actor="b") as change:
        change.update("street_lights", 2, {"reach_m": 9})
    with pytest.raises(ConflictError) as caught, store.change(actor="c") as change:
        change.update_rows("street_lights", [(1, {"reach_m": 1}, 1), (2, {"reach_m": 2}, 1), (7, {}, None)])
    assert len(caught.value.messages) == 2
    assert store.frame("street_lights")["reach_m"].tolist() == [15.0, 9.0, 15.0]


def test_one_change_may_edit_a_row_twice_with_the_revision_it_saw(store, three):
    with store.change(actor="b") as change:
        change.update("street_lights", 1, {"reach_m": 9}, expected_revision=1)
        change.update("street_lights", 1, {"reach_m": 8}, expected_revision=1)
    assert store.frame("street_lights")["reach_m"].tolist() == [8.0, 15.0, 15.0]
    store.undo(change.batch_id, actor="b")
    assert store.frame("street_lights")["reach_m"].tolist() == [15.0, 15.0, 15.0]


def test_update_and_delete_of_a_row_that_is_gone_is_a_conflict(store, three):
    with store.change(actor="b") as change:
        change.delete("street_lights", 1)
    with pytest.raises(ConflictError, match="no row 1 any more"), store.change(actor="c") as change:
        change.update("street_lights", 1, {"reach_m": 9})
    with pytest.raises(ConflictError, match="no row 1 any more"), store.change(actor="c") as change:
        change.delete("street_lights", 1)
