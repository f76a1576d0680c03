"""A file into the store: one batch, one undo, no doubles on a second import, nobody's edits lost."""

import pytest
from shapely.geometry import box

from geo_service.imports.osm import import_osm
from geo_service.store import Store
from town_model import InputError


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "town.db")
    yield made
    made.close()


def _draw(drawing, *, height="9", name="中山路"):
    drawing.parts.clear()
    drawing.next_id = 1000
    drawing.line(1, [(0, 0), (50, 0), (50, 50)], {"highway": "residential", "name": name})
    drawing.square(2, 10, 10, 20, {"building": "yes", "height": height})
    drawing.square(3, 60, 10, 20, {"building": "yes"})
    drawing.square(4, 0, 100, 90, {"amenity": "school", "name": "清河中学"})
    return drawing


def _row(store, layer, osm_id):
    frame = store.frame(layer)
    (row_id,) = frame.index[frame["osm_id"] == osm_id]
    return row_id, frame.loc[row_id]


def test_a_new_town_gets_its_place_its_rows_and_its_proposals(drawing, store):
    report = import_osm(store, _draw(drawing).write(), actor="planner")
    # 3-degree zone of 120° E, where Nanjing lies
    assert store.town.epsg == 4549
    assert store.town.lon == pytest.approx(118.78, abs=0.01)
    assert (store.count("roads"), store.count("buildings")) == (1, 2)
    assert {name: counts.inserted for name, counts in report.layers.items()} == {"roads": 1, "buildings": 2}
    (proposal,) = store.proposals()
    assert (proposal.layer, proposal.source, proposal.source_id) == ("key_areas", "osm", "way/4")
    assert proposal.reason == "amenity=school"
    assert store.count("key_areas") == 0 and report.proposed == 1 and report.accepted == 0


def test_an_import_is_one_batch_that_is_undone_as_one(drawing, store):
    report = import_osm(store, _draw(drawing).write(), actor="planner")
    entries = store.changes(batch=report.batch)
    assert len(entries) == 3 == len(store.changes())
    assert {(one.kind, one.actor, one.note, one.action) for one in entries} == {
        ("import_osm", "planner", "town.osm", "insert")
    }
    store.undo(report.batch, actor="planner")
    assert (store.count("roads"), store.count("buildings")) == (0, 0)


def test_the_same_file_again_changes_nothing(drawing, store):
    path = _draw(drawing).write()
    import_osm(store, path, actor="planner")
    before = store.revision()
    report = import_osm(store, path, actor="planner")
    assert store.revision() == before and report.batch is None
    assert report.layers["buildings"].unchanged == 2 and report.inserted == 0
    assert report.proposed == 0 and len(store.proposals()) == 1


def test_what_changed_in_openstreetmap_is_updated_and_what_is_new_added(drawing, store):
    import_osm(store, _draw(drawing).write(), actor="planner")
    row_id, _ = _row(store, "buildings", "way/2")
    _draw(drawing, height="21").square(5, 200, 0, 20, {"building": "yes"})
    report = import_osm(store, drawing.write(), actor="planner")
    counts = report.layers["buildings"]
    assert (counts.inserted, counts.updated, counts.unchanged, counts.kept) == (1, 1, 1, 0)
    after_id, row = _row(store, "buildings", "way/2")
    assert (after_id, row["height_m"]) == (row_id, 21.0)
    store.undo(report.batch, actor="planner")
    assert _row(store, "buildings", "way/2")[1]["height_m"] == 9.0
    assert store.count("buildings") == 2


def test_a_shape_that_moved_in_openstreetmap_is_updated(drawing, store):
    import_osm(store, _draw(drawing).write(), actor="planner")
    _draw(drawing).parts[:] = [one for one in drawing.parts if 'id="3"' not in one or "<way" not in one]
    drawing.square(3, 60, 15, 20, {"building": "yes"})
    report = import_osm(store, drawing.write(), actor="planner")
    assert report.layers["buildings"].updated == 1


def test_what_somebody_changed_by_hand_is_kept(drawing, store):
    import_osm(store, _draw(drawing).write(), actor="planner")
    row_id, _ = _row(store, "buildings", "way/2")
    with store.change(actor="planner", kind="edit") as change:
        change.update("buildings", row_id, {"height_m": 12.0})
    report = import_osm(store, _draw(drawing, height="21").write(), actor="planner")
    assert _row(store, "buildings", "way/2")[1]["height_m"] == 12.0
    assert (report.layers["buildings"].kept, report.layers["buildings"].updated) == (1, 0)


def test_rows_that_the_file_no_longer_has_and_rows_drawn_by_hand_stay(drawing, store):
    import_osm(store, _draw(drawing).write(), actor="planner")
    with store.change(actor="planner", kind="edit") as change:
        change.insert("buildings", [{"name": "新楼", "geometry": box(118.781, 32.041, 118.7811, 32.0411)}])
    drawing.parts.clear()
    drawing.line(1, [(0, 0), (50, 0), (50, 50)], {"highway": "residential", "name": "中山路"})
    drawing.square(2, 10, 10, 20, {"building": "yes", "height": "9"})
    report = import_osm(store, drawing.write(), actor="planner")
    assert store.count("buildings") == 3 and report.layers["buildings"].absent == 1


def test_accepted_proposals_become_rows_with_approver_and_review(drawing, store):
    report = import_osm(store, _draw(drawing).write(), actor="planner", accept_proposals=True)
    assert report.accepted == 1 and store.proposals() == []
    row = store.frame("key_areas").iloc[0]
    assert (row["name"], row["category"], row["priority"], row["osm_id"]) == (
        "清河中学",
        "school",
        "1",
        "way/4",
    )
    assert row["reason"] == "开放街图标注 amenity=school" and row["approver"]
    assert row["geometry"].area == pytest.approx(8100, rel=2e-3)


def test_a_dropped_proposal_does_not_come_again(drawing, store):
    path = _draw(drawing).write()
    import_osm(store, path, actor="planner")
    store.drop_proposals(actor="planner")
    assert import_osm(store, path, actor="planner").proposed == 0
    assert store.proposals() == []


def test_a_file_of_another_town_is_refused_and_nothing_is_stored(drawing, store):
    store.place_town(116.4, 39.9, actor="planner")
    # from 32.04° N, 118.78° E to there: √((7.86 · 111.2)² + (2.38 · 111.2 · cos 36°)²) ≈ 900 km
    with pytest.raises(InputError, match=r"town.osm lies (89\d|90\d) km from the town of this workspace"):
        import_osm(store, _draw(drawing).write(), actor="planner")
    assert store.changes() == [] and store.town.lon == 116.4


def test_a_town_that_has_a_place_keeps_it(drawing, store):
    store.place_town(118.7, 32.0, actor="planner")
    import_osm(store, _draw(drawing).write(), actor="planner")
    assert store.town.lon == 118.7


def test_a_file_without_roads_and_buildings_places_no_town(drawing, store):
    drawing.point(0, 0, {"place": "village", "name": "柳堤"})
    with pytest.raises(InputError, match="holds no roads and no buildings"):
        import_osm(store, drawing.write(), actor="planner")
    assert store.town.epsg is None


def test_the_report_says_in_sentences_what_was_left_out(drawing, store):
    _draw(drawing).line(9, [(0, 0), (9, 9)], {"building": "yes"})
    for number in (10, 11):
        drawing.way(number, [drawing.point(0, 0), *range(999_000, 999_000 + number)], {"highway": "service"})
    lines = [str(one) for one in import_osm(store, drawing.write(), actor="planner").summary()]
    assert lines == [
        "town.osm imported",
        "Roads: 1 new, 0 updated, 0 unchanged, 0 kept as changed by hand",
        "Buildings: 2 new, 0 updated, 0 unchanged, 0 kept as changed by hand",
        "1 new proposals of key areas and housing zones; 0 accepted",
        "2 × Roads: way/10 10 of its 11 points are not in the file (likewise way/11)",
        "1 × Buildings: its outline is not closed (way/9)",
    ]


def test_the_report_is_plain_values_for_json(drawing, store):
    _draw(drawing).line(9, [(0, 0), (9, 9)], {"building": "yes"})
    report = import_osm(store, drawing.write(), actor="planner").as_dict()
    assert report["faults"] == [
        {
            "osm_id": "way/9",
            "layer": "buildings",
            "stored": False,
            "reason": "its outline is not closed",
            "remedy": "correct it in OpenStreetMap, or draw it on the map",
        }
    ]
    assert report["layers"]["buildings"]["inserted"] == 2
