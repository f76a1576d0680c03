"""A hostile or broken file is refused with one clear message, in bounded time, and reads nothing but itself."""

import json
import os
import subprocess
import sys
import time
import zipfile

import openpyxl
import pytest

from geo_service.imports import ReadLimits, read_file
from geo_service.imports.reading.kinds import file_kind
from geo_service.imports.reading.parent import read_raw
from town_model import InputError

VRT = """<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"""


def wait_for(is_so, longest_s=30.0):
    until = time.monotonic() + longest_s
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)


def refused(path, words, layer="camera_sites", **options):
    with pytest.raises(InputError, match=words) as caught:
        read_file(path, layer, datum="wgs84", **options)
    assert len(caught.value.messages) == 1
    return str(caught.value)


@pytest.mark.parametrize("lead", ["", "\n\n  ", "﻿", "<?xml version='1.0'?>\n<!-- a -->\n"])
@pytest.mark.parametrize("ending", ["geojson", "csv", "kml", "gpkg", "dxf", "zip", "xlsx", "vrt"])
def test_a_disguised_vrt_reads_nothing(tmp_path, ending, lead):
    secret = tmp_path / "secret.csv"
    secret.write_text("name,lon,lat\nsecret,118.7,32.0\n", encoding="utf-8")
    path = tmp_path / f"cameras.{ending}"
    path.write_text(lead + VRT.format(secret=secret), encoding="utf-8")
    with pytest.raises(InputError, match="VRT") as caught:
        file_kind(path, ReadLimits())
    assert "secret.csv" not in str(caught.value)


def test_gdal_itself_has_no_other_driver_left(tmp_path):
    """Past our own look at the bytes, GDAL in the child opens the one format only."""
    import os
    import subprocess
    import sys

    secret = tmp_path / "secret.csv"
    secret.write_text("name\nsecret\n", encoding="utf-8")
    path = tmp_path / "x.gpkg"
    path.write_text(VRT.format(secret=secret), encoding="utf-8")
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from geo_service.imports.reading import gdal\n"
        "gdal.switch_off_drivers('gpkg')\n"
        "import pyogrio\n"
        "print(sorted(set(pyogrio.list_drivers()) & {'OGR_VRT','CSV','HTTP','GeoJSON','KML','LIBKML','WFS','GDALG','SQLite'}))\n"
        "for address in (sys.argv[1], 'OGR_VRT:' + sys.argv[1], 'CSV:' + sys.argv[2]):\n"
        "    try:\n"
        "        print(pyogrio.read_info(address)['features'])\n"
        "    except Exception as error:\n"
        "        print(type(error).__name__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), str(secret)],
        capture_output=True, text=True, check=True, env={**os.environ, "OGR_SKIP": "OGR_VRT"},
    )  # fmt: skip
    assert done.stdout.split("\n")[:4] == ["[]", "DataSourceError", "DataSourceError", "DataSourceError"]


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "x")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    assert path.stat().st_size < 100_000
    refused(path, "zip bomb")


def test_an_archive_whose_sizes_lie_is_refused(tmp_path):
    """The directory of the archive claims a small size; what comes out is more."""
    path = tmp_path / "liar.kmz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", b" " * 3_000_000)
    data = path.read_bytes().replace((3_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    path.write_bytes(data)
    refused(path, "damaged|cut off|XML")


@pytest.mark.parametrize(
    "name", ["../../evil.shp", "/etc/evil.shp", "a/../../evil.shp", "..\\evil.shp", "C:\\evil.shp"]
)
def test_a_path_out_of_an_archive_is_refused(tmp_path, name):
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, b"x")
        archive.writestr("a.dbf", b"x")
    refused(path, "leads outside")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["evil.zip"]


def sheet_xml(tmp_path, xml, name="cells.xlsx"):
    """A workbook whose sheet is the given XML."""
    openpyxl.Workbook().save(tmp_path / "plain.xlsx")
    with (
        zipfile.ZipFile(tmp_path / "plain.xlsx") as source,
        zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for one in source.namelist():
            target.writestr(one, xml if one == "xl/worksheets/sheet1.xml" else source.read(one))
    return tmp_path / name


HEAD = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = "</sheetData></worksheet>"


def test_a_million_cells_are_refused_by_count(tmp_path):
    row = "<row>" + "<c><v>1</v></c>" * 1000 + "</row>"
    path = sheet_xml(tmp_path, HEAD + row * 1001 + TAIL)
    refused(path, "more than 800000 cells", limits=ReadLimits(ratio=1e9))


def test_a_cell_at_the_far_corner_costs_nothing(tmp_path):
    """A claim of 16384 × 1048576 cells, of which two are there."""
    xml = (
        HEAD
        + '<row r="1"><c r="A1" t="inlineStr"><is><t>名称</t></is></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        + TAIL
    )
    path = sheet_xml(tmp_path, xml.replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>'))
    refused(path, "more than 300000 rows|more than 400 columns|cells")


def test_many_cells_at_the_far_right_are_refused(tmp_path):
    rows = "".join(f'<row r="{one}"><c r="XFD{one}"><v>1</v></c></row>' for one in range(1, 2000))
    refused(sheet_xml(tmp_path, HEAD + rows + TAIL), "columns|cells")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_entities_in_kml_are_refused(tmp_path, encoding):
    lol = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    bomb = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE kml [<!ENTITY l0 "lol">{lol}]><kml><Placemark><name>&l9;</name></Placemark></kml>'
    path = tmp_path / "bomb.kml"
    path.write_bytes(bomb.encode(encoding))
    refused(path, "XML entities")


def test_an_external_entity_in_kml_is_refused(tmp_path):
    path = tmp_path / "file.kml"
    path.write_text(
        '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml><Placemark><name>&x;</name></Placemark></kml>',
        encoding="utf-8",
    )
    assert "root" not in refused(path, "XML entities")


def test_entities_in_a_workbook_do_not_unfold(tmp_path):
    lol = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    xml = (
        f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY l0 "lol">{lol}]>'
        + HEAD
        + '<row><c t="inlineStr"><is><t>&l9;</t></is></c></row>'
        + TAIL
    )
    refused(sheet_xml(tmp_path, xml), "damaged|memory|entities")


def test_json_nested_too_deep_is_refused(tmp_path):
    path = tmp_path / "deep.geojson"
    path.write_text(
        '{"type":"FeatureCollection","features":' + "[" * 100_000 + "]" * 100_000 + "}", encoding="utf-8"
    )
    refused(path, "nested too deep|damaged|memory")


def test_coordinates_that_are_no_numbers_are_faults_of_their_rows(tmp_path):
    path = tmp_path / "nan.geojson"
    features = [
        {
            "type": "Feature",
            "properties": {"name": f"点位{i}"},
            "geometry": {"type": "Point", "coordinates": at},
        }
        for i, at in enumerate(
            [
                [118.78123, 32.04123],
                [float("nan"), 32.0],
                [1e400, 32.0],
                [500000.0, 3540000.0],
                [118.78, "x"],
                None,
                [],
            ]
        )
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    table = read_file(path, "camera_sites")
    assert [row.number for row in table.accepted] == [1]
    assert {one.row for one in table.faults if one.severity == "refused_row"} == {2, 3, 4, 5, 6, 7}


def test_a_bow_tie_is_a_fault_and_a_small_slip_is_repaired(tmp_path):
    bow = [[118.0, 32.0], [118.1, 32.1], [118.1, 32.0], [118.0, 32.1], [118.0, 32.0]]
    spike = [
        [118.0, 32.0],
        [118.1, 32.0],
        [118.1, 32.1],
        [118.2, 32.1],
        [118.1, 32.1],
        [118.0, 32.1],
        [118.0, 32.0],
    ]
    features = [
        {
            "type": "Feature",
            "properties": {"name": f"村{i}"},
            "geometry": {"type": "Polygon", "coordinates": [one]},
        }
        for i, one in enumerate([bow, spike])
    ]
    path = tmp_path / "villages.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    table = read_file(path, "villages")
    assert [(one.row, one.severity) for one in table.faults] == [(1, "refused_row"), (2, "warning")]
    assert table.rows[1].geometry.is_valid
    assert table.rows[1].geometry.area == pytest.approx(0.01, rel=1e-9)


@pytest.mark.parametrize("ending", ["xlsx", "csv", "geojson", "zip", "kml", "gpkg", "dxf", "xls"])
def test_an_empty_file_is_called_empty(tmp_path, ending):
    path = tmp_path / f"nothing.{ending}"
    path.write_bytes(b"")
    with pytest.raises(InputError, match=r"nothing.* is empty"):
        file_kind(path, ReadLimits())


def test_the_child_process_hands_its_message_up(tmp_path):
    path = tmp_path / "cameras.geojson"
    path.write_text(VRT.format(secret="secret.csv"), encoding="utf-8")
    refused(path, "VRT")


def test_an_upload_is_called_by_the_name_its_sender_knows(tmp_path):
    path = tmp_path / "tmp1234"
    path.write_bytes(b"")
    with pytest.raises(InputError, match=r"^台账\.xlsx is empty$"):
        read_file(path, "camera_sites", name="台账.xlsx")


def test_a_file_that_is_not_there_is_called_so(tmp_path):
    refused(tmp_path / "gone.xlsx", "there is no file")


def test_a_truncated_workbook_is_called_damaged(tmp_path, sheet):
    path = sheet([["名称", "经度", "纬度"], ["点位", 118.78123, 32.04123]])
    path.write_bytes(path.read_bytes()[:-2000])
    refused(path, "damaged or was cut off")


@pytest.mark.parametrize("kind", ["gpkg", "geojson", "kml"])
def test_truncated_files_of_features_are_called_damaged(tmp_path, kind):
    import geopandas as gpd

    path = tmp_path / f"cut.{kind}"
    gpd.GeoDataFrame(
        {"name": ["a"] * 50}, geometry=gpd.points_from_xy([118.7] * 50, [32.0] * 50), crs=4326
    ).to_file(path, driver={"gpkg": "GPKG", "geojson": "GeoJSON", "kml": "KML"}[kind])
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 3])
    refused(path, "damaged|cut off")


def test_an_encrypted_workbook_is_called_so(tmp_path, write_xls):
    path = write_xls(tmp_path / "secret.xlsx", [["x"]], stream="EncryptedPackage")
    refused(path, "protected by a password")


def test_a_web_page_saved_as_xls_is_called_so(tmp_path):
    path = tmp_path / "report.xls"
    path.write_text("<html><body><table><tr><td>名称</td></tr></table></body></html>", encoding="gb18030")
    refused(path, "web page")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7", "PDF"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"\x00\x01\x02\x03" * 20, "damaged"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
    ],
)
def test_foreign_files_are_named(tmp_path, data, words):
    path = tmp_path / "thing.xlsx"
    path.write_bytes(data)
    refused(path, words)


def test_a_reader_that_takes_too_long_is_killed(tmp_path):
    path = tmp_path / "slow.csv"
    path.write_text("名称,经度,纬度\n" + "点,118.7,32.0\n" * 50_000, encoding="utf-8")
    refused(path, "took longer than 0.01 s", limits=ReadLimits(wall_s=0.01))


def test_a_reader_that_takes_too_much_memory_is_stopped(tmp_path):
    pytest.importorskip("resource")
    path = tmp_path / "big.geojson"
    path.write_text('{"type":"FeatureCollection","features":[' + "[]," * 3_000_000 + "[]]}", encoding="utf-8")
    with pytest.raises(InputError, match="memory"):
        read_raw(path, limits=ReadLimits(memory_mb=300))


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"file_mb": 1e-5}, "MB"),
        ({"rows": 2}, "more than 2 rows"),
        ({"columns": 2}, "more than 2 columns"),
        ({"cells": 5}, "more than 5 cells"),
    ],
)
def test_each_limit_has_its_message(tmp_path, limits, words):
    path = tmp_path / "rows.csv"
    path.write_text("名称,经度,纬度\n" + "点位,118.7,32.0\n" * 5, encoding="utf-8")
    refused(path, words, limits=ReadLimits(**limits))


def packed_secret(tmp_path):
    """A GeoPackage with one honest layer, and a file beside it that it must not reach."""
    import geopandas as gpd

    secret = tmp_path / "secret.csv"
    secret.write_text("name,lon,lat\nTOP-SECRET,118.7,32.0\n", encoding="utf-8")
    path = tmp_path / "honest.gpkg"
    gpd.GeoDataFrame({"name": ["点位"]}, geometry=gpd.points_from_xy([118.7], [32.0]), crs=4326).to_file(
        path, layer="honest", driver="GPKG"
    )
    return path, secret


@pytest.mark.parametrize(
    "module",
    [
        "VirtualText('{secret}', 'UTF-8', 1)",
        "VirtualShape('{stem}', 'UTF-8', 4326)",
        "VirtualOGR('{secret}')",
    ],
)
@pytest.mark.parametrize("name", ["v", '"v USING rtree("'])
def test_a_virtual_table_in_a_geopackage_reads_no_other_file(tmp_path, module, name):
    """SpatiaLite's VirtualText handed the content of any file of the machine to whoever sent the GeoPackage."""
    import sqlite3

    path, secret = packed_secret(tmp_path)
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA writable_schema=1")
        sql = f"CREATE VIRTUAL TABLE {name} USING {module.format(secret=secret, stem=secret.with_suffix(''))}"
        plain = name.strip('"')
        database.execute("INSERT INTO sqlite_master VALUES ('table', ?, ?, 0, ?)", (plain, plain, sql))
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES (?, 'attributes', 'v', 0)",
            (plain,),
        )
    database.close()
    assert "TOP-SECRET" not in refused(path, "view or virtual table")


def test_a_view_in_a_geopackage_is_refused(tmp_path):
    import sqlite3

    path, _ = packed_secret(tmp_path)
    with sqlite3.connect(path) as database:
        database.execute("CREATE VIEW v AS SELECT 1 AS fid, name FROM honest")
    database.close()
    refused(path, "view or virtual table")


@pytest.mark.parametrize("name", ["a:b.gpkg", "OGR_VRT:x.gpkg", "a\nb.gpkg", "vsizip.zip"])
def test_the_name_of_a_file_is_never_an_address(tmp_path, name):
    path, _ = packed_secret(tmp_path)
    path = path.rename(tmp_path / name)
    assert read_raw(path).tables[0].rows == [["点位"]]


def test_one_long_text_in_many_cells_is_refused_by_the_sum(tmp_path):
    """A workbook of a few kilobytes whose 20,000 cells name one shared text of 20,000 characters."""
    path = sheet_xml(tmp_path, HEAD + ("<row>" + '<c t="s"><v>0</v></c>' * 100 + "</row>") * 200 + TAIL)
    with zipfile.ZipFile(path) as source:
        parts = {one: source.read(one) for one in source.namelist()}
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    part = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'.encode()
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", part)
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{main}"><si><t>{"x" * 20_000}</t></si></sst>'.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for one, data in parts.items():
            target.writestr(one, data)
    refused(path, "more than 50000000 characters")


@pytest.mark.skipif(os.name != "posix", reason="Windows does not tell a process that its parent is gone")
def test_a_server_that_ends_in_the_middle_leaves_no_copy_of_the_file_behind(tmp_path):
    """What a file says of persons must not lie in the folder for temporary files when a service is stopped."""
    source, place = tmp_path / "cameras.csv", tmp_path / "temporary"
    place.mkdir()
    source.write_text("name,lon,lat\n" + "a,118.7,32.0\n" * 200_000, encoding="utf-8")
    code = "import sys; from geo_service.imports.reading.parent import read_raw; read_raw(sys.argv[1])"
    environment = {**os.environ, "TMPDIR": str(place)}
    with subprocess.Popen([sys.executable, "-c", code, str(source)], env=environment) as server:
        wait_for(lambda: list(place.glob("*/request.json")))
        server.kill()
    wait_for(lambda: not list(place.iterdir()))
