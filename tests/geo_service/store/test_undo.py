"""Any batch can be taken back, unless somebody has built upon it."""

import pytest
import shapely

from geo_service.store import ConflictError
from town_model import InputError

from .conftest import LAT, LON, square

POINT = shapely.Point(LON, LAT)


def add(store, layer, *rows, kind="edit"):
    with store.change(actor="a", kind=kind) as change:
        ids = change.insert(layer, rows)
    return change.batch_id, ids


def test_an_import_is_undone_as_one_batch_and_the_undo_can_be_undone(store):
    rows = [{"name": f"地点{i}", "geometry": shapely.Point(LON + i * 1e-4, LAT)} for i in range(50)]
    batch, ids = add(store, "place_names", *rows, kind="import")
    before = store.frame("place_names", crs="wgs84").drop(columns="revision")
    undone = store.undo(batch, actor="b")
    assert store.count("place_names") == 0
    assert store.bounds("place_names") is None
    store.undo(undone, actor="b")
    after = store.frame("place_names", crs="wgs84").drop(columns="revision")
    assert before.equals(after)
    assert len(store.frame("place_names", bbox=(LON - 1, LAT - 1, LON + 1, LAT + 1))) == 50
    assert ids == list(after.index)
    assert store.check() == []


def test_an_update_is_undone_to_the_values_and_the_place_before(store):
    _, (row,) = add(store, "place_names", {"name": "渡口", "geometry": POINT})
    with store.change(actor="b") as change:
        change.update("place_names", row, {"name": "码头", "geometry": shapely.Point(LON + 0.01, LAT)})
    store.undo(change.batch_id, actor="b")
    frame = store.frame("place_names", crs="wgs84", bbox=(LON - 1e-4, LAT - 1e-4, LON + 1e-4, LAT + 1e-4))
    assert list(frame["name"]) == ["渡口"]
    assert frame.geometry.iloc[0] == POINT


def test_a_deleted_row_comes_back_under_its_id(store):
    _, (first, _) = add(
        store, "place_names", {"name": "渡口", "geometry": POINT}, {"name": "桥", "geometry": POINT}
    )
    with store.change(actor="b") as change:
        change.delete("place_names", first)
    store.undo(change.batch_id, actor="b")
    assert list(store.frame("place_names").index) == [1, 2]


def test_the_id_of_a_deleted_row_is_never_given_to_another(store):
    batch, (row,) = add(store, "place_names", {"name": "渡口", "geometry": POINT})
    store.undo(batch, actor="b")
    _, (other,) = add(store, "place_names", {"name": "桥", "geometry": POINT})
    assert other > row


def test_undo_is_refused_with_the_rows_that_a_later_edit_touched(store):
    batch, (row, _) = add(
        store, "place_names", {"name": "渡口", "geometry": POINT}, {"name": "桥", "geometry": POINT}
    )
    with store.change(actor="b") as change:
        change.update("place_names", row, {"name": "老渡口"})
    with pytest.raises(ConflictError, match=f"place_names {row} were changed later"):
        store.undo(batch, actor="a")
    assert list(store.frame("place_names")["name"]) == ["老渡口", "桥"]


def test_edits_are_undone_one_after_the_other_back_to_nothing(store):
    batch, (row,) = add(store, "place_names", {"name": "渡口", "geometry": POINT})
    with store.change(actor="b") as change:
        change.update("place_names", row, {"name": "老渡口"})
    store.undo(change.batch_id, actor="b")
    store.undo(batch, actor="a")
    assert store.count("place_names") == 0


def test_a_batch_that_was_redone_can_be_undone_again(store):
    batch, _ = add(store, "place_names", {"name": "渡口", "geometry": POINT})
    store.undo(store.undo(batch, actor="a"), actor="a")
    store.undo(batch, actor="a")
    assert store.count("place_names") == 0


def test_a_batch_is_undone_once_only(store):
    batch, _ = add(store, "place_names", {"name": "渡口", "geometry": POINT})
    undone = store.undo(batch, actor="a")
    with pytest.raises(ConflictError, match=f"by change {undone}"):
        store.undo(batch, actor="a")


def test_undo_of_an_unknown_batch_is_bad_input(store):
    with pytest.raises(InputError, match="no change 99"):
        store.undo(99, actor="a")


def test_delete_of_a_row_that_others_refer_to_is_refused_with_their_list(store):
    _, (village,) = add(store, "villages", {"name": "石门村", "geometry": square()})
    _, (board,) = add(store, "notice_boards", {"village": village, "geometry": POINT})
    with (
        pytest.raises(ConflictError, match=f"notice_boards {board}"),
        store.change(actor="a") as change,
    ):
        change.delete("villages", village)
    assert store.count("villages") == 1


def test_undo_of_rows_that_later_rows_refer_to_is_refused(store):
    batch, (village,) = add(store, "villages", {"name": "石门村", "geometry": square()})
    add(store, "notice_boards", {"village": village, "geometry": POINT})
    with pytest.raises(ConflictError, match="notice_boards 1"):
        store.undo(batch, actor="a")
    assert store.count("villages") == 1


def test_undo_that_would_restore_a_link_to_a_deleted_row_is_refused(store):
    _, (village,) = add(store, "villages", {"name": "石门村", "geometry": square()})
    _, (board,) = add(store, "notice_boards", {"village": village, "geometry": POINT})
    with store.change(actor="a") as change:
        change.delete("notice_boards", board)
    batch = change.batch_id
    with store.change(actor="a") as change:
        change.delete("villages", village)
    with pytest.raises(ConflictError, match="deleted later"):
        store.undo(batch, actor="a")


def test_a_batch_over_several_layers_is_undone_whole_and_back(store):
    with store.change(actor="a", kind="import") as change:
        (village,) = change.insert("villages", [{"name": "石门村", "geometry": square()}])
        change.insert("notice_boards", [{"village": village, "geometry": POINT}])
        change.update("villages", village, {"households": 120})
    undone = store.undo(change.batch_id, actor="a")
    assert store.count("villages") == store.count("notice_boards") == 0
    store.undo(undone, actor="a")
    assert store.frame("villages")["households"].tolist() == [120]
    assert store.frame("notice_boards")["village"].tolist() == [village]
    assert store.check() == []


def test_the_log_says_who_when_what_before_and_after(store):
    _, (row,) = add(store, "place_names", {"name": "渡口", "geometry": POINT})
    with store.change(actor="b", kind="edit", note="按牌匾改") as change:
        change.update("place_names", row, {"name": "码头"})
    (entry,) = store.changes(batch=change.batch_id)
    assert (entry.actor, entry.kind, entry.note, entry.action) == ("b", "edit", "按牌匾改", "update")
    assert (entry.layer, entry.row_id) == ("place_names", row)
    assert entry.before["name"] == "渡口"
    assert entry.after["name"] == "码头"
    assert shapely.from_wkb(bytes.fromhex(entry.after["geometry"])) == POINT
    assert entry.at.utcoffset().total_seconds() == 0
    assert [one.action for one in store.changes(layer="place_names", row_id=row)] == ["update", "insert"]


def test_an_update_that_changes_nothing_leaves_no_trace(store):
    _, (row,) = add(store, "place_names", {"name": "渡口", "geometry": POINT})
    with store.change(actor="b") as change:
        change.update("place_names", row, {"name": "渡口"})
    assert change.batch_id is None
    assert store.revision() == 1
