"""Files that leave the workspace: read back by other programs, and harmless in a spreadsheet."""

import csv
import datetime as dt
import io
import json

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from camera_coverage import CAUSES as LIBRARY_CAUSES
from geo_service.exports import export_layer, result_file
from geo_service.exports.cells import neutral
from geo_service.words import CAUSES, cause_text
from geo_service.workspace import Workspace
from town_model import InputError

LON, LAT = 118.78, 32.04


@pytest.fixture
def store(tmp_path):
    with Workspace.create(tmp_path / "town") as made:
        made.store.place_town(LON, LAT, actor="t")
        with made.store.change(actor="t") as change:
            (village,) = change.insert(
                "villages", [{"name": "石门村", "geometry": shapely.box(LON, LAT, LON + 0.01, LAT + 0.01)}]
            )
            change.insert(
                "camera_sites",
                [
                    {
                        "name": '=HYPERLINK("http://x")', "code": "34020000001320000019", "kind": "ptz",
                        "tilt_deg": -12.5, "resolution_px_h": 1920, "sign_posted": True, "village": village,
                        "filing_date": dt.date(2026, 3, 31), "note": "@SUM(1)", "geometry": shapely.Point(LON, LAT),
                    },
                    {"name": "校门", "owner": "\t+1", "geometry": shapely.Point(LON + 1e-3, LAT)},
                ],
            )  # fmt: skip
        yield made.store


def test_csv_opens_in_a_spreadsheet_with_chinese_titles_words_and_units(store, tmp_path):
    path = tmp_path / "cameras.csv"
    assert export_layer(store, "camera_sites", path) == 2
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    first, second = csv.DictReader(io.StringIO(raw.decode("utf-8-sig")))
    assert first["安装高度 (m)"] == ""
    assert first["摄像机类型"] == "球机"
    assert first["设备编码"] == "34020000001320000019"
    assert first["所属村（社区）"] == "石门村"
    assert first["已设标识"] == "是"
    assert first["备案日期"] == "2026-03-31"
    assert first["水平像素 (px)"] == "1920"
    assert float(first["经度 (°)"]) == LON
    assert float(first["纬度 (°)"]) == LAT
    assert second["已设标识"] == ""


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_no_cell_can_run_as_a_formula_and_negative_numbers_stay_numbers(store, tmp_path, ending):
    path = tmp_path / f"cameras{ending}"
    export_layer(store, "camera_sites", path)
    if ending == ".csv":
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    else:
        sheet = openpyxl.load_workbook(path).active
        assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    header, first, second = rows
    assert first[header.index("名称")] == '\'=HYPERLINK("http://x")'
    assert first[header.index("备注")] == "'@SUM(1)"
    assert second[header.index("建设单位")] == "'\t+1"
    tilt = first[header.index("俯角 (°)")]
    assert tilt == ("-12.5" if ending == ".csv" else -12.5)


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\tx", "\r=1", " =1", "\uff1d1", "\n@x"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert neutral(text) == "'" + text


@pytest.mark.parametrize("value", [-5, -0.5, "石门路-3号", "a=b", "", None, True, dt.date(2026, 1, 1)])
def test_what_is_harmless_stays_as_it_is(value):
    assert neutral(value) is value


def test_xlsx_keeps_kinds_of_values(store, tmp_path):
    path = tmp_path / "cameras.xlsx"
    export_layer(store, "camera_sites", path, language="en")
    sheet = openpyxl.load_workbook(path).active
    header = [cell.value for cell in sheet[1]]
    first = dict(zip(header, [cell.value for cell in sheet[2]], strict=True))
    assert first["Device number"] == "34020000001320000019"
    assert first["Horizontal pixels (px)"] == 1920
    assert first["Filing date"].isoformat() == "2026-03-31T00:00:00"
    assert first["Sign posted"] == "Yes"
    assert sheet.freeze_panes == "A2"


def test_geojson_is_read_by_gdal_with_ids_and_places(store, tmp_path):
    path = tmp_path / "cameras.geojson"
    export_layer(store, "camera_sites", path)
    frame = pyogrio.read_dataframe(path)
    assert frame.crs.to_epsg() == 4326
    assert frame["name"].tolist() == ['=HYPERLINK("http://x")', "校门"]
    assert frame.geometry.iloc[0].equals(shapely.Point(LON, LAT))
    document = json.loads(path.read_text(encoding="utf-8"))
    assert [one["id"] for one in document["features"]] == [1, 2]
    assert document["features"][1]["properties"]["sign_posted"] is None
    assert document["features"][0]["properties"]["resolution_px_h"] == 1920


def test_geopackage_is_read_by_gdal_with_kinds_in_either_coordinate_system(store, tmp_path):
    path = tmp_path / "cameras.gpkg"
    export_layer(store, "camera_sites", path, crs="metric")
    assert pyogrio.list_layers(path).tolist() == [["camera_sites", "Point"]]
    frame = pyogrio.read_dataframe(path)
    assert frame.crs.to_epsg() == 4549
    expected = gpd.GeoSeries([shapely.Point(LON, LAT)], crs=4326).to_crs(4549).iloc[0]
    assert frame.geometry.iloc[0].distance(expected) < 1e-6
    assert frame["code"].iloc[0] == "34020000001320000019"
    assert frame["tilt_deg"].iloc[0] == -12.5
    assert frame["row_id"].tolist() == [1, 2]
    assert bool(frame["sign_posted"].iloc[0]) is True
    assert pd.isna(frame["sign_posted"].iloc[1])
    assert pd.Timestamp(frame["filing_date"].iloc[0]) == pd.Timestamp(2026, 3, 31)


@pytest.mark.parametrize("layer", ["villages", "camera_models", "roads", "area_index", "terrain", "water"])
@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".geojson", ".gpkg"])
def test_every_kind_of_layer_is_written_even_when_empty(store, tmp_path, layer, ending):
    path = tmp_path / f"{layer}{ending}"
    rows = export_layer(store, layer, path)
    assert rows == (1 if layer == "villages" else 0)
    if ending == ".gpkg":
        assert len(pyogrio.read_dataframe(path)) == rows
    if ending == ".geojson":
        assert len(json.loads(path.read_text(encoding="utf-8"))["features"]) == rows


def test_a_file_is_not_replaced_unasked(store, tmp_path):
    path = tmp_path / "villages.csv"
    path.write_text("mine")
    with pytest.raises(InputError, match="there already"):
        export_layer(store, "villages", path)
    assert path.read_text() == "mine"
    export_layer(store, "villages", path, overwrite=True)
    assert "石门村" in path.read_text(encoding="utf-8-sig")


def test_a_failed_export_leaves_neither_a_half_file_nor_the_old_one_harmed(store, tmp_path, monkeypatch):
    from geo_service.exports import layers

    def fail(_store, _declared, _frame, path, _language):
        path.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(layers._WRITERS, ".csv", fail)
    path = tmp_path / "out" / "villages.csv"
    path.parent.mkdir()
    path.write_text("mine")
    with pytest.raises(InputError, match="No space left"):
        export_layer(store, "villages", path, overwrite=True)
    assert [one.name for one in path.parent.iterdir()] == ["villages.csv"]
    assert path.read_text() == "mine"


def test_wrong_format_folder_or_coordinate_system_is_bad_input(store, tmp_path):
    with pytest.raises(InputError, match="unknown format"):
        export_layer(store, "villages", tmp_path / "a.pdf")
    with pytest.raises(InputError, match="no folder"):
        export_layer(store, "villages", tmp_path / "none" / "a.csv")
    with pytest.raises(InputError, match="GeoJSON is always"):
        export_layer(store, "villages", tmp_path / "a.geojson", crs="metric")


def test_every_export_is_audited_once(store, tmp_path):
    export_layer(store, "camera_sites", tmp_path / "b.csv", actor="planner1")
    (entry,) = store.audit_entries(action="export_layer")
    assert (entry.actor, entry.target) == ("planner1", "camera_sites → b.csv (2)")
    export_layer(store, "villages", tmp_path / "a.csv", actor="planner1")
    assert len(store.audit_entries(action="export_layer")) == 2


@pytest.fixture
def gaps(store):
    square = gpd.GeoSeries([shapely.box(LON, LAT, LON + 1e-4, LAT + 1e-4)], crs=4326).to_crs(4549).iloc[0]
    pieces = gpd.GeoDataFrame(
        {
            "target": ["key_areas/1", "roads/7"], "target_name": ["=校门", None],
            "target_kind": ["key_area", "road"], "light": ["day", "night"], "priority": ["1", "3"],
            "required_class": ["observe", "detect"], "cause": ["hidden", "too_few_pixels"],
            "cause_ref": ["buildings/5", None], "cause_name": ["教学楼", None], "nearest_camera": [1, 2],
            "nearest_camera_name": ["校门", "桥头"], "distance_m": [12.34, 80.0],
            "area_m2": [105.06, float("nan")], "length_m": [float("nan"), 42.0],
        },
        geometry=[square, square.exterior],
        crs=4549,
    )  # fmt: skip
    store.save_result("gaps", actor="planner1", options={}, summary={}, frames={"pieces": pieces})
    return store.latest_result("gaps")


def test_gaps_workbook_says_where_why_and_how_large_in_chinese(store, gaps):
    book = openpyxl.load_workbook(io.BytesIO(result_file(store, gaps, "xlsx")))
    sheet = book.worksheets[0]
    assert sheet.title == "监控盲区"
    header = [cell.value for cell in sheet[1]]
    first = dict(zip(header, [cell.value for cell in sheet[2]], strict=True))
    second = dict(zip(header, [cell.value for cell in sheet[3]], strict=True))
    assert first["优先级"] == "一级"
    assert first["目标"] == "'=校门"
    assert first["造成者"] == "教学楼"
    assert first["要求的观察等级"] == "看清活动"
    assert first["面积 (m²)"] == 105.1
    assert LON < first["经度 (°)"] < LON + 1e-4
    assert LAT < first["纬度 (°)"] < LAT + 1e-4
    assert second["目标"] == "roads/7"
    assert second["长度 (m)"] == 42.0
    assert second["面积 (m²)"] is None
    assert len(book.worksheets) == 2


def test_gaps_geojson_is_in_degrees_with_the_cause_in_words(store, gaps):
    document = json.loads(result_file(store, gaps, "geojson", language="en"))
    first, second = document["features"]
    assert first["properties"]["Cause"] == "hidden"
    assert second["properties"]["Cause"] == "too few pixels"
    assert first["properties"]["Length (m)"] is None
    west, south, east, north = shapely.geometry.shape(first["geometry"]).bounds
    assert (west, south, east, north) == pytest.approx((LON, LAT, LON + 1e-4, LAT + 1e-4), abs=1e-9)


def test_every_cause_has_words_and_an_unknown_one_stands_for_itself():
    assert str(cause_text("out_of_order")) == "camera out of order"
    assert set(CAUSES) == set(LIBRARY_CAUSES)
    assert str(cause_text("odd {x}")) == "odd {x}"
