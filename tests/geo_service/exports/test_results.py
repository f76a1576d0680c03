"""Results as files, read back by other programs: every column has a title, nothing runs, every place is in WGS-84."""

import csv
import datetime as dt
import io
import json
import xml.etree.ElementTree as ET

import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from geo_service.analysis.camera_health import compute_health
from geo_service.analysis.coverage import compute_coverage, compute_gaps
from geo_service.analysis.law import compute_law
from geo_service.exports import export_layer
from geo_service.exports.frames import FRAMES, untitled
from geo_service.exports.kml import kml
from geo_service.exports.results import MEDIA, export_result, result_file
from geo_service.i18n import say
from geo_service.workspace import Workspace
from town_model import InputError, Text

TODAY = dt.date(2026, 11, 23)
KML = "{http://www.opengis.net/kml/2.2}"
EVIL = '=HYPERLINK("http://x")'
LON, LAT = 118.78, 32.04
KINDS = ("coverage", "gaps", "exposure", "health")


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Two cameras with hostile names beside a house, a school, a road, an entrance; all results computed."""
    with Workspace.create(tmp_path_factory.mktemp("town") / "t", name="石门镇") as made:
        store = made.store
        store.place_town(LON, LAT, actor="t")

        def box(x, y, w, h):
            return shapely.box(LON + x * 1e-5, LAT + y * 1e-5, LON + (x + w) * 1e-5, LAT + (y + h) * 1e-5)

        with store.change(actor="t") as change:
            change.insert(
                "roads",
                [
                    {
                        "name": "石门路",
                        "highway": "primary",
                        "geometry": shapely.LineString([(LON - 2e-3, LAT), (LON + 2e-3, LAT)]),
                    }
                ],
            )
            change.insert(
                "buildings", [{"height_m": 6.0, "use": "residential", "geometry": box(20, 10, 20, 20)}]
            )
            area = {"reason": "人流密集", "approver": "镇派出所", "review_date": "2027-01-01"}
            change.insert(
                "key_areas",
                [
                    {
                        "name": "+小学",
                        "category": "school",
                        "priority": "1",
                        "geometry": box(-30, -40, 80, 30),
                        **area,
                    }
                ],
            )
            change.insert(
                "housing_zones", [{"name": "北园小区", "priority": "2", "geometry": box(10, 5, 60, 60)}]
            )
            change.insert(
                "entrances",
                [
                    {
                        "name": "@大门",
                        "kind": "main",
                        "housing_zone": 1,
                        "geometry": shapely.Point(LON + 3e-4, LAT + 5e-5),
                    }
                ],
            )
            change.insert(
                "camera_sites",
                [
                    {"name": EVIL, "kind": "fixed", "mount_height_m": 5.0, "azimuth_deg": 90.0, "sign_posted": False, "maintained_by": "\t+1", "geometry": shapely.Point(LON, LAT)},
                    {"name": "-二号", "kind": "fixed", "mount_height_m": 4.0, "azimuth_deg": 200.0, "geometry": shapely.Point(LON + 2e-4, LAT - 1e-4)},
                    {"name": "三号", "kind": "dome", "status": "faulty", "azimuth_deg": 0.0, "geometry": shapely.Point(LON + 3e-4, LAT - 1e-4)},
                    {"name": "+球机", "kind": "ptz", "mount_height_m": 6.0, "tilt_deg": 10.0, "geometry": shapely.Point(LON + 1e-4, LAT)},
                    {"name": "拟建一号", "status": "planned", "azimuth_deg": 0.0, "geometry": shapely.Point(LON, LAT + 1e-4)},
                ],
            )  # fmt: skip
            change.insert(
                "camera_views", [{"camera": 4, "name": "=1+1", "azimuth_deg": 0.0, "dwell_s": 20.0}]
            )
        compute_coverage(store, actor="t", certainty=True)
        compute_gaps(store, actor="t")
        compute_law(store, actor="t", today=TODAY)
        compute_health(store, actor="t", today=TODAY)
        yield store


def file_of(town, kind, ending, tmp_path, **options):
    path = tmp_path / f"{kind}.{ending}"
    path.write_bytes(result_file(town, town.latest_result(kind), ending, **options))
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_of_every_table_has_a_title_in_both_languages(town, kind):
    """Whoever adds a frame or a column to a result names it in `geo_service.exports.frames` or `columns`."""
    result = town.latest_result(kind)
    assert set(result.frame_names) == set(FRAMES[kind])
    assert {name: untitled(kind, name, result.frame(name)) for name in result.frame_names} == {
        name: [] for name in result.frame_names
    }


def test_a_column_that_nobody_named_is_found_and_still_leaves(town):
    frame = town.latest_result("coverage").frame("targets").assign(fresh_column=1)
    assert untitled("coverage", "targets", frame) == ["fresh_column"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_workbook_has_a_sheet_a_table_with_chinese_heads_and_nothing_that_runs(town, kind):
    result = town.latest_result(kind)
    book = openpyxl.load_workbook(io.BytesIO(result_file(town, result, "xlsx")))
    expected = {name for name in result.frame_names if len(result.frame(name).columns)}
    assert len(book.sheetnames) == len(expected) + 1
    for sheet in book:
        assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
        for cell in sheet[1]:
            assert any("\u4e00" <= letter <= "\u9fff" for letter in cell.value), (sheet.title, cell.value)
        for row in sheet.iter_rows(min_row=2):
            assert not [
                cell.value for cell in row if isinstance(cell.value, str) and cell.value[:1] in "=+-@\t\r"
            ]
    english = openpyxl.load_workbook(io.BytesIO(result_file(town, result, "xlsx", language="en")))
    assert not [cell.value for sheet in english for cell in sheet[1] if not cell.value.isascii() and "²" not in cell.value and "°" not in cell.value and "ç" not in cell.value]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_the_geopackage_is_read_by_gdal_table_by_table(town, kind, tmp_path):
    result = town.latest_result(kind)
    path = file_of(town, kind, "gpkg", tmp_path)
    for name, one in FRAMES[kind].items():
        if not len(result.frame(name).columns):
            continue
        read = pyogrio.read_dataframe(path, layer=say(one.title, "zh"))
        assert len(read) == len(result.frame(name)), name
        if "geometry" in read.columns and len(read):
            assert read.crs.to_epsg() == 4326
            west, south, east, north = read.total_bounds
            assert LON - 0.01 < west <= east < LON + 0.01
            assert LAT - 0.01 < south <= north < LAT + 0.01


def test_what_a_camera_sees_lies_where_it_was_computed(town, tmp_path):
    stored = town.latest_result("coverage").frame("visible_areas").to_crs(4326)
    for ending in ("gpkg", "geojson", "kml"):
        path = file_of(town, "coverage", ending, tmp_path, frames=["visible_areas"])
        read = pyogrio.read_dataframe(path)
        pairs = zip(stored.geometry, read.geometry, strict=True)
        for one, other in pairs:
            if one.is_empty:
                assert other is None or other.is_empty
                continue
            # seven digits of a degree: borders are off by half of the last one at most
            assert one.symmetric_difference(other).area <= one.length * 1e-7 + 1e-14, ending


def test_rows_that_name_a_camera_or_a_target_lie_at_it(town, tmp_path):
    sites = town.frame("camera_sites", crs="wgs84").geometry
    read = pyogrio.read_dataframe(file_of(town, "exposure", "gpkg", tmp_path), layer="发现的问题")
    for number, place in zip(read["点位行号"], read.geometry, strict=True):
        assert place.distance(sites[int(number)]) < 1e-9
    targets = pyogrio.read_dataframe(file_of(town, "coverage", "geojson", tmp_path, frames=["targets"]))
    school = targets[targets["名称"] == "+小学"].geometry.iloc[0]
    # through the metric coordinate system and back: less than a hair
    assert school.symmetric_difference(town.frame("key_areas", crs="wgs84").geometry.iloc[0]).area < 1e-14


def test_scripts_may_ask_for_stored_names_and_codes(town, tmp_path):
    read = pyogrio.read_dataframe(file_of(town, "gaps", "geojson", tmp_path, names=True))
    assert {"cause", "target", "light"} <= set(read.columns)
    assert set(read["light"]) <= {"day", "night"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_kml_is_sound_xml_in_the_order_of_its_schema_with_chinese_names(town, kind, tmp_path):
    path = file_of(town, kind, "kml", tmp_path)
    root = ET.parse(path).getroot()
    assert root.tag == f"{KML}kml"
    order = ["name", "styleUrl", "ExtendedData", "Point", "LineString", "Polygon", "MultiGeometry"]
    placemarks = list(root.iter(f"{KML}Placemark"))
    assert placemarks
    for one in placemarks:
        tags = [child.tag.removeprefix(KML) for child in one]
        assert tags == sorted(tags, key=order.index)
        assert len(tags) in (3, 4)
        assert one.find(f"{KML}name").text
    for ring in root.iter(f"{KML}LinearRing"):
        places = [
            tuple(map(float, place.split(","))) for place in ring.find(f"{KML}coordinates").text.split()
        ]
        assert len(places) >= 4 and places[0] == places[-1]
    for text in root.iter(f"{KML}coordinates"):
        for place in text.text.split():
            x, y = map(float, place.split(","))
            assert abs(x - LON) < 0.01 and abs(y - LAT) < 0.01
    folders = [one.find(f"{KML}name").text for one in root.iter(f"{KML}Folder")]
    assert [name for name, _ in pyogrio.list_layers(path)] == folders
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in name) for name in folders)


def test_kml_holds_no_markup_of_a_name_and_no_character_that_xml_lacks():
    import geopandas as gpd

    places = gpd.GeoSeries([shapely.Point(1, 2), None], crs=4326)
    made = kml("<b>", [("A&B", ["x"], [["<script>\x00\x0b"], [None]], ["]]>\ud800", ""], places)])
    root = ET.fromstring(made)
    assert root.find(f".//{KML}value").text == "<script>"
    assert [one.find(f"{KML}name").text for one in root.iter(f"{KML}Placemark")] == ["]]>", "A&B"]
    assert b"<script>" not in made


def test_a_hole_and_several_parts_come_back_from_kml(tmp_path):
    import geopandas as gpd

    shape = shapely.MultiPolygon(
        [shapely.box(0, 0, 3, 3).difference(shapely.box(1, 1, 2, 2)), shapely.box(5, 5, 6, 6)]
    )
    path = tmp_path / "a.kml"
    path.write_bytes(kml("t", [("层", ["值"], [[1]], ["甲"], gpd.GeoSeries([shape], crs=4326))]))
    read = pyogrio.read_dataframe(path)
    assert read.geometry.iloc[0].equals(shape)
    assert read["Name"].iloc[0] == "甲"


def test_csv_has_one_table_and_opens_in_a_spreadsheet(town):
    raw = result_file(town, town.latest_result("health"), "csv", frames=["repairs"])
    assert raw.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(raw.decode("utf-8-sig")))
    assert row["摄像机"] == "三号"
    assert row["状态"] == "故障"


def test_results_of_two_kinds_share_a_workbook(town):
    both = [town.latest_result("exposure"), town.latest_result("health")]
    book = openpyxl.load_workbook(io.BytesIO(result_file(town, both, "xlsx")))
    assert {"发现的问题", "报修清单"} <= set(book.sheetnames)


@pytest.mark.parametrize(
    ("kind", "ending", "frames", "words"),
    [("gaps", "doc", [], "unknown format"), ("gaps", "xlsx", ["secret"], "no table"), ("health", "kml", ["units"], "could hold"), ("coverage", "csv", ["targets", "roads"], "one table")],
)  # fmt: skip
def test_what_cannot_be_is_refused(town, kind, ending, frames, words):
    with pytest.raises(InputError, match=words):
        result_file(town, town.latest_result(kind), ending, frames=frames)


def test_an_export_is_noted_once_and_replaces_nothing_unasked(town, tmp_path):
    path = tmp_path / "盲区.gpkg"
    before = len(town.audit_entries(action="export_result", limit=100))
    export_result(town, "gaps", path, actor="planner")
    entries = town.audit_entries(action="export_result", limit=100)
    assert len(entries) == before + 1
    assert (entries[0].actor, entries[0].target) == ("planner", "gaps → gpkg")
    with pytest.raises(InputError, match="there already"):
        export_result(town, "gaps", path, actor="planner")
    with pytest.raises(InputError, match="use one of"):
        export_result(town, "patrol", tmp_path / "p.xlsx")
    with pytest.raises(InputError, match="not been computed"):
        export_result(town, "clock", tmp_path / "p.xlsx")
    assert not (tmp_path / "p.xlsx").exists()


def test_planned_sites_and_entrances_leave_as_kml(town, tmp_path):
    path = tmp_path / "拟建.kml"
    assert export_layer(town, "camera_sites", path, where={"status": "planned"}) == 1
    read = pyogrio.read_dataframe(path)
    assert read["Name"].tolist() == ["拟建一号"]
    assert read.geometry.iloc[0].distance(shapely.Point(LON, LAT + 1e-4)) < 1e-7
    assert export_layer(town, "entrances", tmp_path / "e.kml") == 1
    with pytest.raises(InputError, match="filter by"):
        export_layer(town, "camera_sites", tmp_path / "x.kml", where={"name": "a"})
    with pytest.raises(InputError, match="filter by"):
        export_layer(town, "camera_sites", tmp_path / "x.kml", where={"status": "gone"})


def test_every_format_has_a_media_type():
    assert set(MEDIA) == {"xlsx", "gpkg", "geojson", "kml", "csv"}


def test_geojson_keeps_numbers_as_numbers(town):
    document = json.loads(
        result_file(town, town.latest_result("coverage"), "geojson", frames=["visible_areas"])
    )
    values = document["features"][0]["properties"]
    assert isinstance(values["面积 (m²)"], int | float) and isinstance(values["点位行号"], int)
    assert say(Text("Area (m²)"), "zh") == "面积 (m²)"
    assert pd.Series([values["时段"]]).isin(["白天", "夜间"]).all()
