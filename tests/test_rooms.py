"""The direction of imports, and that each library stands on its own."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = {
    "geo_service": ROOT / "geo_service",
    "camera_coverage": ROOT / "coverage" / "camera_coverage",
    "patrol_routing": ROOT / "routing" / "patrol_routing",
    "town_maps": ROOT / "maps" / "town_maps",
    "town_model": ROOT / "data" / "town_model",
    "town_data": ROOT / "data" / "town_data",
}
MAY_IMPORT = {
    "geo_service": set(ROOMS) - {"geo_service"},
    "camera_coverage": {"town_model"},
    "patrol_routing": {"town_model"},
    "town_maps": {"town_model"},
    "town_model": set(),
    "town_data": {"town_model"},
}
WEB_AND_STORE = {"flask", "sqlalchemy", "alembic", "waitress", "flask_wtf", "wtforms", "werkzeug"}
FOREIGN = {room: WEB_AND_STORE | {"folium", "branca"} for room in ROOMS} | {
    "geo_service": {"folium", "branca"},
    "town_maps": WEB_AND_STORE,
}


def _imports(folder):
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [one.name for one in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            for name in names:
                yield path.relative_to(ROOT), name.split(".")[0]


@pytest.mark.parametrize("room", ROOMS)
def test_imports_run_one_way(room):
    """geo_service → libraries → town_model; no library knows another, the web or the store."""
    forbidden = (set(ROOMS) - MAY_IMPORT[room] - {room}) | FOREIGN[room]
    assert [(str(path), name) for path, name in _imports(ROOMS[room]) if name in forbidden] == []


@pytest.mark.parametrize("room", [one for one in ROOMS if one != "geo_service"])
def test_a_library_imports_with_web_and_store_absent(room):
    absent = sorted(FOREIGN[room])
    code = f"import sys\nfor name in {absent!r}: sys.modules[name] = None\nimport {room}"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd="/", check=False
    )
    assert done.returncode == 0, done.stderr


def test_coverage_py_is_not_hidden_by_the_folder_of_that_name():
    """From the root, where `python -m` puts this folder on the path."""
    code = "import coverage, pytest_cov; print(coverage.Coverage)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert "coverage.control.Coverage" in done.stdout, done.stderr


def test_no_top_level_folder_is_a_package_of_a_taken_name():
    assert [
        one for one in ("coverage", "routing", "maps", "data") if (ROOT / one / "__init__.py").exists()
    ] == []


def test_modules_are_small_rooms():
    """About 400 lines at most; a few more are no crime, half as much again is."""
    long = {
        str(path.relative_to(ROOT)): lines
        for folder in ROOMS.values()
        for path in folder.rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 480
    }
    assert long == {}
