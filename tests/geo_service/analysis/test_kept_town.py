"""What is kept between two looks at a town gives, after every edit, what a fresh process gives."""

from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest
import shapely

from geo_service.analysis import kept
from geo_service.analysis.coverage import gap_pieces, load_sight, target_table
from geo_service.store import Store


def look(store):
    sight = load_sight(store)
    pieces, figures = gap_pieces(sight)
    return sight, pieces, figures, target_table(sight)


def fresh(store, monkeypatch):
    """The same town through another store object, without areas from the database either."""
    with monkeypatch.context() as patch:
        patch.setattr(Store, "cache_get", lambda *_: {})
        other = Store(store.path)
        try:
            return look(other)
        finally:
            other.close()


def same(one, two):
    assert one[1].geometry.geom_equals(two[1].geometry).all()
    pd.testing.assert_frame_equal(one[1].drop(columns="geometry"), two[1].drop(columns="geometry"))
    assert one[2] == two[2]
    pd.testing.assert_frame_equal(one[3], two[3])


@pytest.fixture
def small(town):
    town.ids = {
        "key_areas": town.area(shapely.box(-60, -60, 60, 60)),
        "housing_zones": town.add(
            "housing_zones", shapely.box(70, -40, 160, 40), name="柳湾新村", households=90
        ),
        "roads": town.road((-200, -70), (200, -70)),
        "buildings": town.add("buildings", shapely.box(5, 5, 15, 12), height_m=9.0, name="供销社"),
        "obstacles": town.add("obstacles", shapely.LineString([(-9, -20), (9, -20)]), kind="wall"),
        "camera_sites": [town.camera(x, 0, name=f"{x}号", max_range_m=40.0) for x in (-40, 0, 40, 80)][1],
    }
    return town


EDITS = {
    "camera": ("camera_sites", {"max_range_m": 25.0}),
    "broken camera": ("camera_sites", {"status": "faulty"}),
    "camera gone": ("camera_sites", {"status": "removed"}),
    "building": ("buildings", {"height_m": 4.0}),
    "building named": ("buildings", {"name": "粮站"}),
    "wall": ("obstacles", {"see_through": True}),
    "area": ("key_areas", {"required_class": "detect"}),
    "hours": ("key_areas", {"hours": "08:00-17:00"}),
    "area named": ("key_areas", {"name": "集市"}),
    "zone": ("housing_zones", {"priority": "1"}),
    "road": ("roads", {"tunnel": True}),
}


@pytest.mark.parametrize("edit", EDITS)
def test_after_an_edit_the_result_is_that_of_a_fresh_process(small, monkeypatch, edit):
    before = look(small.store)
    layer, values = EDITS[edit]
    with small.store.change(actor="test") as change:
        change.update(layer, small.ids[layer], values)
    again = look(small.store)
    same(again, fresh(small.store, monkeypatch))
    changed = not again[1].equals(before[1]) or not again[3].equals(before[3])
    assert changed


def test_rows_that_come_and_go_show_as_well(small, monkeypatch):
    look(small.store)
    block = small.add("buildings", shapely.box(-30, 20, -20, 30), height_m=12.0)
    same(look(small.store), fresh(small.store, monkeypatch))
    with small.store.change(actor="test") as change:
        change.delete("buildings", block)
    same(look(small.store), fresh(small.store, monkeypatch))


def test_an_edit_through_another_connection_shows(small, monkeypatch):
    look(small.store)
    other = Store(small.store.path)
    with other.change(actor="somebody else") as change:
        change.update("buildings", small.ids["buildings"], {"height_m": 3.0})
    other.close()
    same(look(small.store), fresh(small.store, monkeypatch))


def test_without_an_edit_nothing_is_read_or_prepared_again(small):
    first, second = load_sight(small.store), load_sight(small.store)
    assert first.coverage.scene is second.coverage.scene
    assert first.targets is second.targets
    assert first.scene is second.scene


def test_a_building_that_is_edited_during_the_reading_is_read_again(small, monkeypatch):
    """The revision is taken before the rows: what comes between them cannot be missed."""
    town_of = kept.load_targets

    def edit_and_read(store, **how):
        with store.change(actor="somebody else") as change:
            change.update("buildings", small.ids["buildings"], {"height_m": 2.0})
        return town_of(store, **how)

    with monkeypatch.context() as patch:
        patch.setattr(kept, "load_targets", edit_and_read)
        look(small.store)
    same(look(small.store), fresh(small.store, monkeypatch))


def test_what_is_kept_is_bounded_and_letting_go_changes_nothing(small, monkeypatch):
    first = look(small.store)
    held = first[0].coverage.memo
    monkeypatch.setattr(kept, "_LEAST_ENTRIES", 1)
    monkeypatch.setattr(kept, "_TURNS", 1)
    again = look(small.store)
    same(first, again)
    assert again[0].coverage.memo is not held


def test_each_store_has_its_own_and_it_goes_with_the_store(small):
    one, two = Store(small.store.path), Store(small.store.path)
    assert kept.kept_town(one) is kept.kept_town(one)
    assert kept.kept_town(one) is not kept.kept_town(two)
    count = len(kept._towns)
    one.close()
    del one
    assert len(kept._towns) == count - 1
    two.close()


def test_threads_that_look_while_cameras_change_end_with_the_same_town(small, monkeypatch):
    def edit(reach):
        with small.store.change(actor="test") as change:
            change.update("camera_sites", small.ids["camera_sites"], {"max_range_m": reach})
        return look(small.store)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(edit, [20.0, 22.0, 24.0, 26.0, 28.0, 30.0]))
    same(look(small.store), fresh(small.store, monkeypatch))


def test_few_areas_wait_and_are_written_together(small):
    first = kept.AreaCache(small.store, {}, waiting := {})
    first.put({"one": shapely.box(0, 0, 1, 1)})
    first.flush(least=2)
    assert not small.store.cache_get(["one", "two"])
    second = kept.AreaCache(small.store, {}, waiting)
    second.put({"two": shapely.box(0, 0, 2, 2)})
    second.flush(least=2)
    assert sorted(small.store.cache_get(["one", "two"])) == ["one", "two"]
    second.flush()
    assert not waiting
