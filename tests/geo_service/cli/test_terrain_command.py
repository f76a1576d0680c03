"""`import-terrain`: what it tells, what it keeps, how it refuses."""

import json

import shapely
from click.testing import CliRunner

from geo_service.cli import main
from geo_service.terrain import town_terrain
from geo_service.workspace import Workspace


def run(folder, *words):
    done = CliRunner().invoke(main, ["--workspace", str(folder), *map(str, words)])
    return done.exit_code, done.output


def test_a_raster_is_told_kept_and_refused(tmp_path):
    folder, file = tmp_path / "town", tmp_path / "dem.asc"
    rows = "\n".join(" ".join(["12.5"] * 20) for _ in range(20))
    file.write_text(f"ncols 20\nnrows 20\nxllcorner 118.77\nyllcorner 32.03\ncellsize 0.001\n{rows}\n")
    with Workspace.create(folder) as made:
        made.store.place_town(118.78, 32.04, actor="test")
        road = {
            "highway": "residential",
            "geometry": shapely.LineString([(118.778, 32.038), (118.782, 32.042)]),
        }
        with made.store.change(actor="test") as change:
            change.insert("roads", [road])
    code, said = run(folder, "import-terrain", file)
    assert code == 2 and "EPSG" in said
    code, said = run(folder, "--json", "import-terrain", file, "--epsg", 4326, "--dry-run")
    told = json.loads(said)
    assert (code, told["row"], told["lowest_m"], told["highest_m"], told["known_share"]) == (
        0,
        None,
        12.5,
        12.5,
        1.0,
    )
    code, said = run(folder, "import-terrain", file, "--epsg", 4326, "--name", "裸地")
    assert code == 0 and "裸地" in said and "12.5" in said
    with Workspace.open(folder) as opened:
        assert town_terrain(opened.store) is not None
