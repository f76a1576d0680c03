"""Claims about the command that counts by grid cell."""

import json

import openpyxl
import shapely
from click.testing import CliRunner

from geo_service.cli import main
from geo_service.workspace import Workspace


def test_cells_are_counted_listed_and_written_once(tmp_path):
    folder, file = tmp_path / "town", tmp_path / "cells.xlsx"
    with Workspace.create(folder) as made:
        made.store.place_town(118.78, 32.04, actor="t")
        with made.store.change(actor="t") as change:
            change.insert(
                "grids", [{"name": "=一网格", "geometry": shapely.box(118.78, 32.04, 118.79, 32.05)}]
            )
            change.insert("camera_sites", [{"name": "甲", "geometry": shapely.Point(118.785, 32.045)}])

    def run(*arguments):
        return CliRunner().invoke(main, ["--workspace", str(folder), *arguments])

    told = json.loads(run("--json", "grids").output)
    assert [(one["name"], one["cameras"], one["roads_seen_day"]) for one in told["cells"]] == [
        ("=一网格", 1, None)
    ]
    assert "监控在用 1/1" in run("grids").output
    assert run("grids", "--out", str(file)).exit_code == 0
    sheet = openpyxl.load_workbook(file).active
    assert sheet["A2"].value == "'=一网格" and sheet["D2"].value == 1
    assert run("grids", "--out", str(file)).exit_code == 2
    assert run("grids", "--out", str(file), "--overwrite").exit_code == 0
