"""Claims about what a map is told: only what its reader may see, in the reader's words."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo_service.i18n import gettext
from geo_service.mapdata import (
    PAGE_WORDS,
    SOURCES,
    MapAccessError,
    attribution,
    data_version,
    encode,
    layer_data,
    map_layers,
    map_spec,
)
from geo_service.mapdata import rows as map_rows
from geo_service.workspace import Workspace
from town_maps.spec import STYLES, WORDS
from town_model import LAYERS, InputError

LON, LAT = 118.78, 32.04
ALL = {one.permission for one in SOURCES.values()}
AREA = {"reason": "公共场所", "approver": "镇综治中心", "review_date": "2027-01-01"}


@pytest.fixture
def store(tmp_path):
    with Workspace.create(tmp_path / "town", name="石门镇") as made:
        store = made.store
        store.place_town(LON, LAT, actor="tester")
        with store.change(actor="tester") as change:
            (village,) = change.insert(
                "villages", [{"name": "东村", "geometry": shapely.box(LON, LAT, LON + 0.02, LAT + 0.02)}]
            )
            change.insert(
                "villages", [{"name": "西村", "geometry": shapely.box(LON - 0.02, LAT, LON, LAT + 0.02)}]
            )
            area = shapely.box(LON, LAT, LON + 0.002, LAT + 0.002)
            change.insert(
                "key_areas",
                [
                    {
                        "name": "中心小学",
                        "category": "school",
                        "priority": "1",
                        "village": village,
                        "geometry": area,
                        **AREA,
                    }
                ],
            )
            line = shapely.LineString([(LON, LAT), (LON + 0.01, LAT)])
            change.insert(
                "roads",
                [
                    {
                        "name": "人民路",
                        "highway": "primary",
                        "bridge": True,
                        "level": 1,
                        "osm_id": "way/1",
                        "geometry": line,
                    },
                    {
                        "highway": "residential",
                        "geometry": shapely.LineString([(LON, LAT), (LON, LAT + 0.01)]),
                    },
                ],
            )
            change.insert(
                "camera_sites",
                [
                    {
                        "name": "校门口",
                        "kind": "fixed",
                        "status": "working",
                        "azimuth_deg": 90,
                        "hfov_deg": 60,
                        "geometry": shapely.Point(LON, LAT),
                    },
                    {
                        "name": "桥头",
                        "kind": "dome",
                        "status": "faulty",
                        "geometry": shapely.Point(LON + 0.01, LAT),
                    },
                ],
            )
        yield store  # fmt: skip


@pytest.fixture
def analysed(store):
    """The town with results of the declared shape: one square seen, one gap by day, two routes."""
    area = store.frame("key_areas").geometry.iloc[0]
    crs = store.frame("key_areas").crs
    ground = lambda rows: gpd.GeoDataFrame(rows, geometry="geometry", crs=crs)  # noqa: E731
    seen = [
        {"camera": camera, "camera_name": "x", "status": status, "observation_class": name, "light": light, "area_m2": 1.0, "geometry": area}
        for camera, status in ((1, "working"), (2, "faulty")) for name in ("observe", "detect") for light in ("day", "night")
        if not (camera == 1 and light == "night" and name == "observe")
    ]  # fmt: skip
    targets = pd.DataFrame([{"target": "key_areas/1"}])
    store.save_result(
        "coverage",
        actor="t",
        options={},
        summary={},
        frames={"visible_areas": ground(seen), "targets": targets},
    )
    piece = {"target": "key_areas/1", "target_name": "中心小学", "target_kind": "key_area", "priority": "1", "required_class": "observe",
             "cause": "hidden", "cause_ref": None, "cause_name": "教学楼", "nearest_camera": 1, "nearest_camera_name": "校门口",
             "distance_m": 12.34, "area_m2": 1234.5, "length_m": np.nan, "geometry": area}  # fmt: skip
    store.save_result(
        "gaps",
        actor="t",
        options={},
        summary={},
        frames={"pieces": ground([{**piece, "light": "day"}, {**piece, "light": "night", "priority": "3"}])},
    )
    units = [
        {"unit": "patrol_units/1", "unit_name": "警车1组", "mode": "car", "kind": "police", "village": 1},
        {"unit": "patrol_units/2", "unit_name": "东村巡逻队", "mode": "foot", "kind": "village", "village": 1},
        {"unit": "patrol_units/3", "unit_name": "西村巡逻队", "mode": "foot", "kind": "village", "village": 2},
    ]  # fmt: skip
    line = shapely.LineString([(area.centroid.x, area.centroid.y), (area.centroid.x + 100, area.centroid.y)])
    visits = [
        {**units[0], "seq": 0, "place": "key_areas/1", "place_name": "中心小学", "arrive_s": 29_100.0, "depart_s": 29_820.0},
        {**units[1], "seq": 0, "place": "key_areas/2", "place_name": "市场", "arrive_s": 36_000.0, "depart_s": 36_720.0},
    ]  # fmt: skip
    places = [
        {"place": f"key_areas/{n}", "name": name, "max_gap_s": 7200.0, "dwell_s": 720.0, "visits": 1, "worst_gap_s": gap, "geometry": area.centroid}
        for n, name, gap in ((1, "中心小学", 7200.0), (2, "市场", 7260.0), (3, "孤岛", np.inf))
    ]  # fmt: skip
    frames = {
        "visits": pd.DataFrame(visits),
        "routes": ground([{**one, "length_m": 100.0, "geometry": line} for one in units]),
        "places": ground(places),
        "breaches": pd.DataFrame([{"place": "key_areas/2"}]),
        "unreachable": pd.DataFrame(
            [{"place": "key_areas/3", "name": "孤岛", "mode": "car", "reason": "no road"}]
        ),
        "units": pd.DataFrame(units),
    }
    store.save_result("patrol", actor="t", options={}, summary={}, frames=frames)
    return store


def shown(data, number=0):
    """The panel's words for a feature: heading → value."""
    row = data["features"][number]
    return dict(zip([one["title"] for one in data["fields"]], row[4], strict=True))


def test_every_source_has_a_style_and_a_permission_of_its_kind():
    # files on their way in and proposals are drawn on pages of their own
    others = {one for one in STYLES if one == "proposals" or one.startswith("import_")}
    assert set(SOURCES) == set(STYLES) - others
    for one in SOURCES.values():
        assert (one.layer in LAYERS) != (one.result is not None)
        assert one.sensitive == (one.permission != "view_map"), one.key


def test_every_layer_with_places_is_on_the_map():
    drawn = {one.layer for one in SOURCES.values()}
    left = {name for name, layer in LAYERS.items() if layer.geometry not in (None, "raster")} - drawn
    assert left == set()


def test_the_words_of_the_page_are_all_said_in_chinese():
    assert {key: str(words.template) for key, words in PAGE_WORDS.items()} == dict(WORDS)
    assert all(gettext(words.template, "zh") != words.template for words in PAGE_WORDS.values())


def test_values_are_said_in_the_language_of_the_reader(store):
    data = layer_data(store, "key_areas", language="zh", permissions={"view_map"})
    found = shown(data)
    assert found["类别"] == "学校"
    assert found["优先级"] == "一级"
    assert found["所属村（社区）"] == "东村"
    assert found["复核日期"] == "2027-01-01"
    assert "OSM 编号" not in found
    assert (
        shown(layer_data(store, "key_areas", language="en", permissions={"view_map"}))["Priority"] == "First"
    )
    assert data["features"][0][:3] == [1, "1", 2]


def test_roads_carry_class_bridge_and_level_and_only_their_name(store):
    data = layer_data(store, "roads", language="zh", permissions={"view_map"})
    assert [row[1] for row in data["features"]] == ["primary", "residential"]
    assert data["attributes"] == {"level": {1: 1}, "bridge": {1: 1}}
    assert [row[4] for row in data["features"]] == [["人民路"], [None]]
    assert b"NaN" not in encode(data)


def test_cameras_carry_heading_and_status(store):
    data = layer_data(store, "camera_sites", language="zh", permissions={"view_cameras"})
    assert [row[1] for row in data["features"]] == ["working", "faulty"]
    assert data["attributes"] == {"azimuth": {1: 90}, "view": {1: 60}}
    assert shown(data)["设备状态"] == "在用"


@pytest.mark.parametrize("key", sorted(SOURCES))
def test_no_layer_without_its_permission(analysed, key):
    others = ALL - {SOURCES[key].permission}
    with pytest.raises(MapAccessError):
        layer_data(analysed, key, language="zh", permissions=others)
    assert key not in [one.key for one in map_layers(analysed, language="zh", permissions=others)]
    assert layer_data(analysed, key, language="zh", permissions={SOURCES[key].permission})["key"] == key


def test_a_reader_of_the_ground_learns_nothing_of_cameras_gaps_and_plans(analysed):
    words = str(
        map_spec(analysed, language="zh", permissions={"view_map"}, url=lambda key: f"/d/{key}").description()
    )
    for name in ("camera", "gap", "patrol", "警车1组", "coverage", "监控点位"):
        assert name not in words


def test_an_unknown_layer_is_refused_with_those_there_are(store):
    with pytest.raises(InputError, match="use one of gaps_day"):
        layer_data(store, "neon", language="zh", permissions=ALL)


def test_layers_that_hold_nothing_are_not_offered(store):
    keys = [one.key for one in map_layers(store, language="zh", permissions=ALL)]
    assert keys == ["camera_sites", "key_areas", "villages", "roads"]
    assert layer_data(store, "gaps_day", language="zh", permissions=ALL)["features"] == []


def test_the_box_leaves_out_what_is_outside(store):
    box = (LON + 0.005, LAT - 0.001, LON + 0.02, LAT + 0.001)
    data = layer_data(store, "camera_sites", language="zh", permissions=ALL, bbox=box)
    assert [row[0] for row in data["features"]] == [2]


def test_detail_below_two_pixels_is_left_out_far_away_only(store):
    side = 6 / 111_320  # six metres: 1.3 pixels of 4.05 m at zoom 15 in 32° N, far more than two at zoom 18
    with store.change(actor="t") as change:
        change.insert("buildings", [{"geometry": shapely.box(LON, LAT, LON + side, LAT + side)},
                                    {"geometry": shapely.box(LON, LAT, LON + 10 * side, LAT + 10 * side)}])  # fmt: skip

    def count(zoom):
        return len(layer_data(store, "buildings", language="zh", permissions=ALL, zoom=zoom)["features"])

    assert (count(15), count(18), count(None)) == (1, 2, 2)


def test_large_layers_are_asked_for_by_view_and_small_ones_whole(store, monkeypatch):
    def roads(url):
        (found,) = [
            one for one in map_layers(store, language="zh", permissions=ALL, url=url) if one.key == "roads"
        ]
        return found.by_view, found.min_zoom

    assert roads(str) == (False, 0)
    monkeypatch.setitem(map_rows.BY_VIEW, "roads", (1, 13))
    assert roads(str) == (True, 13)
    assert roads(None) == (False, 0)


def test_seen_ground_counts_only_cameras_in_order(analysed):
    day = layer_data(analysed, "coverage_day", language="zh", permissions=ALL)
    night = layer_data(analysed, "coverage_night", language="zh", permissions=ALL)
    assert sorted(row[1] for row in day["features"]) == ["detect", "observe"]
    assert [row[1] for row in night["features"]] == ["detect"]
    (layer,) = [
        one for one in map_layers(analysed, language="zh", permissions=ALL) if one.key == "coverage_day"
    ]
    assert layer.count == 1
    assert [one.title for one in layer.legend] == ["发现", "看清活动"]


def test_a_gap_says_why_and_where(analysed):
    data = layer_data(analysed, "gaps_day", language="zh", permissions={"view_gaps"})
    assert [row[0] for row in data["features"]] == [0]
    assert [
        row[0] for row in layer_data(analysed, "gaps_night", language="zh", permissions=ALL)["features"]
    ] == [1]
    found = shown(data)
    assert found["原因"] == "被遮挡"
    assert found["涉及对象"] == "教学楼"
    assert found["面积"] == 1234
    assert found["长度"] is None
    assert data["label"] == "target_name"
    (layer,) = [one for one in map_layers(analysed, language="zh", permissions=ALL) if one.key == "gaps_day"]
    assert [(one.value, one.count) for one in layer.legend] == [("1", 1)]


def test_routes_are_known_by_their_unit(analysed):
    data = layer_data(analysed, "patrol_routes", language="zh", permissions={"view_plans"})
    assert [row[0] for row in data["features"]] == ["patrol_units/1", "patrol_units/2", "patrol_units/3"]
    assert shown(data)["方式"] == "车巡"


def test_places_are_kept_late_or_unreachable(analysed):
    """7200 s against 7200 s is kept; one minute more is late; an infinite gap has no number."""
    data = layer_data(analysed, "patrol_places", language="zh", permissions={"view_plans"})
    assert [row[1] for row in data["features"]] == ["kept", "late", "unreachable"]
    assert shown(data)["到点时间"] == "08:05-08:17 警车1组"
    assert [row[4][3] for row in data["features"]] == [120, 121, None]


def test_a_cadre_sees_the_own_villages_routes_and_never_the_police(analysed):
    own = {"view_own_routes"}
    for villages, units in (({1}, ["patrol_units/2"]), ({2}, ["patrol_units/3"]), ({3}, []), (set(), [])):
        data = layer_data(analysed, "patrol_routes", language="zh", permissions=own, villages=villages)
        assert [row[0] for row in data["features"]] == units
    places = layer_data(analysed, "patrol_places", language="zh", permissions=own, villages={1})
    assert [row[0] for row in places["features"]] == ["key_areas/2"]
    with pytest.raises(MapAccessError):
        layer_data(analysed, "patrol_routes", language="zh", permissions=own)
    with pytest.raises(MapAccessError):
        layer_data(analysed, "gaps_day", language="zh", permissions=own, villages={1})
    spec = map_spec(analysed, language="zh", permissions={"view_map", *own}, villages={1})
    assert "警车1组" not in str(spec.description())
    assert "东村巡逻队" in str(spec.description())


def test_the_version_of_a_layer_changes_with_its_rows_and_results(analysed):
    before = {key: data_version(analysed, key) for key in ("roads", "camera_sites", "gaps_day")}
    with analysed.change(actor="t") as change:
        change.update("roads", 1, {"name": "解放路"})
    after = {key: data_version(analysed, key) for key in before}
    assert before["roads"] != after["roads"]
    assert before["camera_sites"] == after["camera_sites"]
    assert before["gaps_day"] == after["gaps_day"]
    old = analysed.latest_result("gaps")
    analysed.save_result("gaps", actor="t", options={}, summary={}, frames={"pieces": old.frame("pieces")})
    assert data_version(analysed, "gaps_day") != before["gaps_day"]


def test_openstreetmap_is_named_where_its_data_is_drawn_and_only_there(store, tmp_path):
    assert attribution(store, "zh") == (
        ("© OpenStreetMap 贡献者", "https://www.openstreetmap.org/copyright"),
    )
    with store.change(actor="t") as change:
        change.update("roads", 1, {"osm_id": None})
    assert attribution(store, "zh") == ()


def test_the_map_opens_on_the_key_places(store):
    """A road that runs ten kilometres out of the town does not shrink the town to a dot; a margin of 0.001° stays free."""
    with store.change(actor="t") as change:
        change.insert(
            "roads", [{"highway": "trunk", "geometry": shapely.LineString([(LON, LAT), (LON + 0.1, LAT)])}]
        )
    west, south, east, north = map_spec(store, language="zh", permissions=ALL).bounds
    assert (west, south, east, north) == pytest.approx(
        (LON - 0.001, LAT - 0.001, LON + 0.003, LAT + 0.003), abs=2e-5
    )
