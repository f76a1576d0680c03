"""QGIS reads OGC API – Features through GDAL's driver OAPIF: here GDAL reads a running server, and gets what is stored."""

import json
import os
import subprocess
import sys

import pyogrio
import pytest

READ = """
import json, sys
import pyogrio
address, layer, options = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
if layer == "":
    print(json.dumps([str(name) for name, _ in pyogrio.list_layers(address)]))
else:
    if "bbox" in options:
        options["bbox"] = tuple(options["bbox"])
    frame = pyogrio.read_dataframe(address, layer=layer, fid_as_index=True, **options)
    rows = [
        {key: None if value is None or value != value else value for key, value in row.items() if key != "geometry"}
        for row in frame.to_dict("records")
    ]
    shapes = [None if one is None else one.wkt for one in frame.geometry] if "geometry" in frame else None
    print(json.dumps({"ids": frame.index.tolist(), "rows": rows, "shapes": shapes}, default=str))
"""


def read(server, layer="", *, secret=None, check=True, **options):
    address, own = server
    environment = {
        **os.environ,
        "GDAL_HTTP_AUTH": "BEARER",
        "GDAL_HTTP_BEARER": secret or own,
        "GDAL_HTTP_TIMEOUT": "20",
    }
    done = subprocess.run(
        [sys.executable, "-c", READ, "OAPIF:" + address, layer, json.dumps(options)],
        capture_output=True, text=True, timeout=60, env=environment, check=False,
    )  # fmt: skip
    if check:
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
    return done


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("OAPIF" not in pyogrio.list_drivers(), reason="this GDAL has no driver OAPIF"),
]


def test_gdal_lists_every_layer(server):
    from town_model import LAYERS

    assert read(server) == list(LAYERS)


@pytest.mark.parametrize("layer", ["camera_sites", "roads", "key_areas", "buildings"])
def test_gdal_reads_what_is_stored(server, api_town, layer):
    stored = api_town.store.frame(layer, crs="wgs84")
    got = read(server, layer)
    assert got["ids"] == stored.index.tolist()
    assert got["shapes"] == [one.wkt for one in stored.geometry]
    for row, (_, kept) in zip(got["rows"], stored.iterrows(), strict=True):
        for name, value in row.items():
            if name == "revision":
                assert value == kept["revision"]
            elif kept[name] is None or kept[name] != kept[name]:
                assert value is None, (name, value)
            elif hasattr(kept[name], "isoformat"):
                assert str(value)[:10] == kept[name].date().isoformat()
            else:
                assert value == kept[name], name


def test_gdal_knows_numbers_from_text(server):
    (row, *_) = read(server, "camera_sites")["rows"]
    assert isinstance(row["mount_height_m"], float) and isinstance(row["name"], str)


def test_gdal_reads_layers_without_geometry(server, api_town):
    with api_town.store.change(actor="test") as change:
        change.insert("camera_models", [{"name": "一型枪机", "kind": "fixed"}])
    (row,) = read(server, "camera_models")["rows"]
    assert row["name"] == "一型枪机"


def test_gdal_gets_all_pages(server):
    assert len(read(server, "camera_sites", PAGE_SIZE=1)["ids"]) == 4


def test_gdal_gets_only_what_meets_a_box(server):
    """河街枪机 (at 0, -10 of the small town) and 石门路球机 (1, 1) lie within; the other two 180 m off and more."""
    got = read(server, "camera_sites", bbox=[118.7795, 32.0385, 118.7805, 32.0405])
    assert sorted(row["name"] for row in got["rows"]) == ["河街枪机", "石门路球机"]


def test_gdal_gets_nothing_with_a_wrong_token(server):
    done = read(server, "camera_sites", secret="geo_" + "x" * 43, check=False)
    assert done.returncode != 0 and "401" in done.stderr
