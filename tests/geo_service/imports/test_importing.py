"""A file into the store: one batch, rows known again, references by name, a wrong datum noticed."""

import numpy as np
import pytest
import shapely

from geo_service.imports import dry_run, import_file
from geo_service.imports.datums import gcj02_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02
from geo_service.store import Store
from geo_service.workspace import Workspace

BASE = (118.78, 32.04)


@pytest.fixture
def store(tmp_path):
    with Workspace.create(tmp_path / "station") as workspace:
        assert isinstance(workspace.store, Store)
        yield workspace.store


def ledger(tmp_path, rows, header="设备编码,点位名称,经度,纬度,安装高度,型号", name="ledger.csv"):
    path = tmp_path / name
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    return path


def rows(count, start=1, height=6):
    return [
        f"3201020000131500{n:04d},点位{n}号,{BASE[0] + n / 1000 + 0.000123:.6f},{BASE[1] + 0.000123:.6f},{height}米,"
        for n in range(start, start + count)
    ]


def test_a_dry_run_stores_nothing_and_shows_every_place(store, tmp_path):
    report = dry_run(store, ledger(tmp_path, rows(5)), "camera_sites", datum="wgs84")
    assert (report.inserted, report.stored, report.batch) == (5, False, None)
    assert store.count("camera_sites") == 0
    assert store.town.epsg is None
    places = report.table.positions()["features"]
    assert places[0]["geometry"]["coordinates"] == pytest.approx((118.781123, 32.040123))
    assert places[0]["properties"] == {"row": 2, "name": "点位1号", "state": "ok", "refused": False}


def test_an_import_is_one_batch_and_places_the_town(store, tmp_path):
    report = import_file(store, ledger(tmp_path, rows(5)), "camera_sites", datum="wgs84", actor="planner")
    assert (report.inserted, report.stored) == (5, True)
    assert store.town.epsg == 4549
    frame = store.frame("camera_sites", crs="wgs84")
    assert list(frame["mount_height_m"]) == [6.0] * 5
    assert store.revision() == report.batch
    report.summary("zh")


def test_a_second_import_updates_by_key_and_leaves_what_is_the_same(store, tmp_path):
    import_file(store, ledger(tmp_path, rows(5)), "camera_sites", datum="wgs84", actor="planner")
    second = ledger(tmp_path, [*rows(4), *rows(1, start=5, height=8), *rows(2, start=6)])
    report = import_file(store, second, "camera_sites", datum="wgs84", actor="planner")
    assert (report.inserted, report.updated, report.unchanged) == (2, 1, 4)
    frame = store.frame("camera_sites")
    assert len(frame) == 7
    assert frame.set_index("code").loc["32010200001315000005", "mount_height_m"] == 8.0


def test_a_row_without_key_is_known_by_name_and_place(store, tmp_path):
    path = ledger(
        tmp_path, ["点位甲,118.781123,32.041123", "点位甲,118.782123,32.041123"], header="点位名称,经度,纬度"
    )
    import_file(store, path, "camera_sites", datum="wgs84", actor="planner")
    report = import_file(store, path, "camera_sites", datum="wgs84", actor="planner")
    assert (report.inserted, report.unchanged, store.count("camera_sites")) == (0, 2, 2)
    assert (report.stored, report.batch) == (True, None)


def test_an_empty_or_refused_cell_does_not_erase_what_is_stored(store, tmp_path):
    import_file(store, ledger(tmp_path, rows(1)), "camera_sites", datum="wgs84", actor="planner")
    for height in ("", "很高"):
        path = ledger(tmp_path, [f"32010200001315000001,点位1号,118.781123,32.040123,{height},"])
        import_file(store, path, "camera_sites", datum="wgs84", actor="planner")
    assert list(store.frame("camera_sites")["mount_height_m"]) == [6.0]


def test_faulty_rows_are_skipped_or_refuse_the_file(store, tmp_path):
    path = ledger(tmp_path, [*rows(3), "32010200001315000009,点位9号,,32.04,6米,"])
    report = import_file(store, path, "camera_sites", datum="wgs84", actor="planner", faulty_rows="refuse")
    assert (report.stored, report.refused, store.count("camera_sites")) == (False, 1, 0)
    report = import_file(store, path, "camera_sites", datum="wgs84", actor="planner")
    assert (report.stored, report.refused, store.count("camera_sites")) == (True, 1, 3)


def test_references_are_found_by_name_and_a_missing_one_is_a_fault_of_its_cell(store, tmp_path):
    models = ledger(tmp_path, ["海天200,18000"], header="名称,单价", name="models.csv")
    import_file(store, models, "camera_models", actor="planner")
    lines = rows(2)
    path = ledger(tmp_path, [lines[0] + "海天 ２００", lines[1] + "未知型号"])
    report = import_file(store, path, "camera_sites", datum="wgs84", actor="planner")
    frame = store.frame("camera_sites")
    (model_id,) = store.frame("camera_models").index
    assert frame["model"].tolist()[0] == model_id
    assert np.isnan(frame["model"].tolist()[1])
    assert [(one.cell, one.severity) for one in report.faults] == [("F3", "refused_cell")]
    assert "camera_models" in str(report.faults[0].remedy)


def roads_and_cameras(store, tmp_path, bend):
    """A grid of roads 500 m apart in WGS-84, and cameras along them, written in another datum."""
    lines = []
    for step in range(9):
        offset = step * 0.005
        lines.append(shapely.LineString([(BASE[0], BASE[1] + offset), (BASE[0] + 0.04, BASE[1] + offset)]))
        lines.append(shapely.LineString([(BASE[0] + offset, BASE[1]), (BASE[0] + offset, BASE[1] + 0.04)]))
    store.place_town(*BASE, actor="planner")
    with store.change(actor="planner", kind="edit") as change:
        change.insert("roads", [{"highway": "residential", "geometry": one} for one in lines])
    rng = np.random.default_rng(3)
    texts = []
    for number in range(40):
        lon = BASE[0] + rng.uniform(0, 0.04)
        lat = BASE[1] + 0.005 * rng.integers(0, 9) + rng.uniform(-3e-5, 3e-5)
        x, y = bend(lon, lat)
        texts.append(f"点位{number},{float(x):.6f},{float(y):.6f}")
    return ledger(tmp_path, texts, header="点位名称,经度,纬度")


@pytest.mark.parametrize(
    ("true", "bend"), [("gcj02", wgs84_to_gcj02), ("bd09", wgs84_to_bd09), ("wgs84", lambda x, y: (x, y))]
)
def test_a_wrong_datum_is_noticed_and_the_likely_one_named(store, tmp_path, true, bend):
    path = roads_and_cameras(store, tmp_path, bend)
    for declared in ("wgs84", "gcj02", "bd09"):
        report = dry_run(store, path, "camera_sites", datum=declared)
        named = [
            one.message.params.get("likely") for one in report.warnings if "likely" in one.message.params
        ]
        expected = [] if declared == true else [{"gcj02": "GCJ-02", "bd09": "BD-09", "wgs84": "WGS-84"}[true]]
        assert named == expected
        assert min(report.datum_medians_m, key=report.datum_medians_m.get) == true


def test_a_file_of_another_town_is_warned_of(store, tmp_path):
    roads_and_cameras(store, tmp_path, gcj02_to_wgs84)
    path = ledger(
        tmp_path, [f"点位{n},113.3{n}123,23.1{n}123" for n in range(10, 30)], header="点位名称,经度,纬度"
    )
    report = dry_run(store, path, "camera_sites", datum="wgs84")
    assert any("far from the roads" in one.message.template for one in report.warnings)


def test_areas_and_lines_come_in_from_map_files(store, tmp_path):
    import geopandas as gpd

    frame = gpd.GeoDataFrame(
        {"name": ["东村", "西村"], "households": [300, 200]},
        geometry=[shapely.box(118.78, 32.04, 118.79, 32.05), shapely.box(118.79, 32.04, 118.80, 32.05)],
        crs=4490,
    )
    frame.to_crs(4549).to_file(tmp_path / "villages.gpkg")
    report = import_file(store, tmp_path / "villages.gpkg", "villages", actor="planner")
    assert report.inserted == 2
    stored = store.frame("villages", crs="wgs84")
    assert stored.geometry.iloc[0].bounds == pytest.approx((118.78, 32.04, 118.79, 32.05), abs=1e-7)


@pytest.mark.real_data
def test_the_ledger_read_in_the_wrong_datum_is_noticed(store, real_data):
    """Roads are taken from the file of Nanjing; the ledger is GCJ-02."""
    import pyogrio

    roads = pyogrio.read_dataframe(real_data / "nanjing-xinjiekou.osm", layer="lines")
    roads = roads[roads["highway"].notna()]
    store.place_town(*BASE, actor="planner")
    with store.change(actor="planner", kind="edit") as change:
        change.insert("roads", [{"highway": "residential", "geometry": one} for one in roads.geometry])
    path = real_data / "nanjing-cameras-ledger.xlsx"
    for declared in ("wgs84", "bd09"):
        report = dry_run(store, path, "camera_sites", datum=declared)
        assert any(one.message.params.get("likely") == "GCJ-02" for one in report.warnings)
    report = import_file(store, path, "camera_sites", datum="gcj02", actor="planner")
    assert not any("likely" in one.message.params for one in report.warnings)
    assert (report.inserted, report.refused) == (152, 8)


def test_rows_against_a_rule_of_the_store_are_faults_of_their_rows(store, tmp_path):
    ring = "POLYGON((118.78 32.04, 118.79 32.04, 118.79 32.05, 118.78 32.05, 118.78 32.04))"
    header = "名称,类别,住户套数,理由,批准单位,复核日期,WKT"
    lines = [f'甲小区,居民小区,{count},人多,镇综治办,2027-01-01,"{ring}"' for count in ("", "30")]
    lines[1] = lines[1].replace("甲", "乙")
    report = import_file(
        store, ledger(tmp_path, lines, header=header), "key_areas", datum="wgs84", actor="planner"
    )
    assert (report.inserted, report.refused) == (1, 1)
    assert [(one.row, one.severity) for one in report.faults] == [(2, "refused_row")]
    # the number of dwellings is stored: a file that leaves it out changes the reason only
    line = f'乙小区,居民小区,,商铺多,镇综治办,2027-01-01,"{ring}"'
    report = import_file(
        store, ledger(tmp_path, [line], header=header), "key_areas", datum="wgs84", actor="planner"
    )
    assert (report.updated, report.refused) == (1, 0)


def test_a_patrol_point_at_a_private_door_is_refused_in_dry_run_and_import_alike(store, tmp_path):
    store.place_town(*BASE, actor="planner")
    with store.change(actor="planner") as change:
        change.insert("entrances", [{"private_door": True, "geometry": shapely.Point(118.78, 32.04)}])
    lines = ["东口,118.780001,32.040001", "西口,118.785001,32.040001"]
    path = ledger(tmp_path, lines, header="名称,经度,纬度")
    for dry in (True, False):
        report = import_file(store, path, "patrol_points", datum="wgs84", actor="planner", dry_run=dry)
        assert (report.inserted, report.refused) == (1, 1)


def test_an_import_is_undone_as_one_batch(store, tmp_path):
    report = import_file(store, ledger(tmp_path, rows(5)), "camera_sites", datum="wgs84", actor="planner")
    store.undo(report.batch, actor="planner")
    assert store.count("camera_sites") == 0
