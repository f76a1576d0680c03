"""Every format that stations send is read through the child process into the same rows."""

import datetime as dt
import zipfile

import geopandas as gpd
import pytest
import shapely

from geo_service.imports import read_file
from town_model import CrsError, InputError

HEADER = ["设备编码", "点位名称", "经度", "纬度", "安装高度", "备案日期"]
ROWS = [
    ["32010200001315000001", "中山路1号点位", "118.781123", "32.041123", "6米", "2024-05-03"],
    ["32010200001315000002", "中山路2号点位", "118.782123", "32.042123", "8米", "2024-05-03"],
]
PLACES = [(118.781123, 32.041123), (118.782123, 32.042123)]


def check(table):
    assert [str(one) for one in table.faults] == []
    assert [row.cells["name"] for row in table.rows] == ["中山路1号点位", "中山路2号点位"]
    assert [row.cells["mount_height_m"] for row in table.rows] == [6.0, 8.0]
    for row, (lon, lat) in zip(table.rows, PLACES, strict=True):
        assert (row.geometry.x, row.geometry.y) == pytest.approx((lon, lat), abs=1e-9)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_in_any_encoding_and_delimiter(tmp_path, encoding, delimiter):
    path = tmp_path / "ledger.csv"
    lines = [delimiter.join(one) for one in (HEADER, *ROWS)]
    path.write_bytes("\r\n".join(lines).encode(encoding))
    table = read_file(path, "camera_sites", datum="wgs84")
    check(table)
    assert table.rows[0].cells["code"] == "32010200001315000001"


def test_a_fault_of_a_csv_names_its_column_letter_and_line(tmp_path):
    path = tmp_path / "ledger.csv"
    rows = [HEADER, ROWS[0], ["x", '点位"二', "118.78", "", "6", ""]]
    path.write_text("\n".join(",".join(one) for one in rows), encoding="utf-8")
    (fault,) = [
        one for one in read_file(path, "camera_sites", datum="wgs84").faults if one.severity == "refused_row"
    ]
    assert (fault.cell, fault.row) == ("D3", 3)


def test_an_old_workbook_is_read(tmp_path, write_xls):
    rows = [["台账"], HEADER, *[[*one[:2], float(one[2]), float(one[3]), one[4], (45415.0,)] for one in ROWS]]
    table = read_file(write_xls(tmp_path / "ledger.xls", rows), "camera_sites", datum="wgs84")
    check(table)
    assert table.kind == "xls"
    assert table.rows[0].cells["filing_date"] == dt.date(2024, 5, 3)


def test_text_with_tabs_named_xls_is_read_as_what_it_is(tmp_path):
    path = tmp_path / "export.xls"
    path.write_bytes("\n".join("\t".join(one) for one in (HEADER, *ROWS)).encode("gb18030"))
    check(read_file(path, "camera_sites", datum="wgs84"))


@pytest.fixture
def frame():
    return gpd.GeoDataFrame(
        {"名称": ["中山路1号点位", "中山路2号点位"], "高度": ["6米", "8米"]},
        geometry=[shapely.Point(one) for one in PLACES],
        crs=4326,
    )


@pytest.mark.parametrize("crs", [4326, 4490, 4549])
def test_a_geopackage_is_read_in_its_own_coordinate_system(tmp_path, frame, crs):
    path = tmp_path / "cameras.gpkg"
    frame.to_crs(crs).to_file(path, layer="点位")
    table = read_file(path, "camera_sites")
    check(table)
    assert table.sheet == "点位"


def zipped(tmp_path, frame, *, encoding, cpg=True, folder="", prj=True):
    frame.rename(columns={"名称": "名称", "高度": "高度"}).to_file(tmp_path / "cam.shp", encoding=encoding)
    path = tmp_path / "cam.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for one in ("shp", "shx", "dbf", "prj", "cpg"):
            if (one == "cpg" and not cpg) or (one == "prj" and not prj):
                continue
            archive.write(tmp_path / f"cam.{one}", f"{folder}cam.{one}")
    return path


@pytest.mark.parametrize(
    ("encoding", "cpg"), [("UTF-8", True), ("GB18030", True), ("GB18030", False), ("UTF-8", False)]
)
def test_a_zipped_shapefile_is_read_in_its_encoding(tmp_path, frame, encoding, cpg):
    check(read_file(zipped(tmp_path, frame, encoding=encoding, cpg=cpg, folder="数据/"), "camera_sites"))


def test_a_shapefile_in_gauss_krueger_is_read_by_its_prj(tmp_path, frame):
    check(read_file(zipped(tmp_path, frame.to_crs(4549), encoding="UTF-8"), "camera_sites"))


def test_a_shapefile_without_prj_needs_a_declared_system(tmp_path, frame):
    path = zipped(tmp_path, frame.to_crs(4549), encoding="UTF-8", prj=False)
    with pytest.raises(CrsError, match="declare"):
        read_file(path, "camera_sites")
    check(read_file(path, "camera_sites", datum="EPSG:4549"))


def test_a_declaration_against_the_file_is_refused(tmp_path, frame):
    path = tmp_path / "cameras.gpkg"
    frame.to_file(path)
    with pytest.raises(CrsError, match=r"the file says WGS-84, but GCJ-02 was declared"):
        read_file(path, "camera_sites", datum="gcj02")
    check(read_file(path, "camera_sites", datum="cgcs2000"))


def test_geojson_is_wgs84_unless_declared_or_told(tmp_path, frame):
    from geo_service.imports.datums import wgs84_to_gcj02

    path = tmp_path / "cameras.geojson"
    frame.to_file(path)
    check(read_file(path, "camera_sites"))
    lon, lat = wgs84_to_gcj02(*zip(*PLACES, strict=True))
    bent = frame.set_geometry(gpd.points_from_xy(lon, lat))
    bent.to_file(path, engine="pyogrio")
    text = path.read_text("utf-8").replace('"crs"', '"_"')
    path.write_text(text, encoding="utf-8")
    check(read_file(path, "camera_sites", datum="gcj02"))


KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<NetworkLink><Link><href>http://127.0.0.1:9/x.kml</href></Link></NetworkLink>
<Placemark><name>中山路1号点位</name><ExtendedData><Data name="高度"><value>6米</value></Data></ExtendedData>
<Point><coordinates>118.781123,32.041123,0</coordinates></Point></Placemark>
<Folder><Placemark><name>中山路2号点位</name><ExtendedData><SchemaData><SimpleData name="高度">8米</SimpleData></SchemaData></ExtendedData>
<Point><coordinates> 118.782123 , 32.042123 </coordinates></Point></Placemark></Folder>
</Document></kml>"""


def test_kml_and_kmz_are_read(tmp_path):
    path = tmp_path / "cameras.kml"
    path.write_text(KML, encoding="utf-8")
    check(read_file(path, "camera_sites"))
    with zipfile.ZipFile(tmp_path / "cameras.kmz", "w") as archive:
        archive.writestr("doc.kml", KML)
    check(read_file(tmp_path / "cameras.kmz", "camera_sites"))


def test_kml_areas_keep_their_holes(tmp_path):
    ring = "118.78,32.04 118.79,32.04 118.79,32.05 118.78,32.05 118.78,32.04"
    hole = "118.784,32.044 118.786,32.044 118.786,32.046 118.784,32.046 118.784,32.044"
    path = tmp_path / "villages.kml"
    path.write_text(
        f"<kml><Placemark><name>东村</name><Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing>"
        f"</outerBoundaryIs><innerBoundaryIs><LinearRing><coordinates>{hole}</coordinates></LinearRing></innerBoundaryIs>"
        "</Polygon></Placemark></kml>",
        encoding="utf-8",
    )
    (row,) = read_file(path, "villages").rows
    assert row.geometry.area == pytest.approx(0.01 * 0.01 - 0.002 * 0.002, rel=1e-9)


def test_dxf_lines_come_in_by_the_declared_system_and_closed_ones_as_areas(tmp_path):
    square = shapely.LineString(
        [(479000, 3547000), (479100, 3547000), (479100, 3547100), (479000, 3547100), (479000, 3547000)]
    )
    path = tmp_path / "walls.dxf"
    with pytest.warns(UserWarning, match="crs"):
        gpd.GeoDataFrame(geometry=[square]).to_file(path, driver="DXF", engine="pyogrio")
    table = read_file(path, "land_cover", datum=4549, columns={"name": "Layer"})
    (row,) = table.rows
    assert row.geometry.geom_type == "Polygon"
    (back,) = gpd.GeoSeries([row.geometry], crs=4326).to_crs(4549)
    assert back.area == pytest.approx(10_000, abs=0.5)
    with pytest.raises(CrsError):
        read_file(path, "land_cover", columns={"name": "Layer"})


def test_coordinates_in_one_cell_and_wkt_are_read(tmp_path):
    path = tmp_path / "one.csv"
    path.write_text(
        '名称,高度,坐标\n中山路1号点位,6米,"118.781123,32.041123"\n中山路2号点位,8米,118.782123 32.042123\n',
        encoding="utf-8",
    )
    check(read_file(path, "camera_sites", datum="wgs84"))
    path.write_text(
        "名称,高度,WKT\n中山路1号点位,6米,POINT(118.781123 32.041123)\n中山路2号点位,8米,POINT (118.782123 32.042123)\n",
        encoding="utf-8",
    )
    check(read_file(path, "camera_sites", datum="wgs84"))


def test_survey_coordinates_with_x_to_the_north_are_turned(tmp_path):
    """Gauss-Krüger coordinates as surveyors write them: x is the northing, y the easting with its zone."""
    from pyproj import Transformer

    onto = Transformer.from_crs(4326, 4528, always_xy=True)
    lines = ["名称,高度,X坐标,Y坐标"]
    for index, (lon, lat) in enumerate(PLACES, 1):
        east, north = onto.transform(lon, lat)
        lines.append(f"中山路{index}号点位,{4 + 2 * index}米,{north:.6f},{east:.6f}")
    path = tmp_path / "survey.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    table = read_file(path, "camera_sites", datum="EPSG:4528")
    check(table)
    assert any("northing" in one.template for one in table.notes)


def test_the_sheet_that_fits_is_taken_and_the_others_are_named(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["本表由综治办汇总"])
    page = book.create_sheet("点位")
    for one in (HEADER, *ROWS):
        page.append(one)
    book.save(tmp_path / "two.xlsx")
    table = read_file(tmp_path / "two.xlsx", "camera_sites", datum="wgs84")
    check(table)
    assert table.sheet == "点位"
    assert any("说明" in str(one) for one in table.notes)
    with pytest.raises(InputError, match="no sheet '别的'"):
        read_file(tmp_path / "two.xlsx", "camera_sites", datum="wgs84", sheet="别的")
