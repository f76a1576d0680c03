"""`map --pdf`: a sheet from the command line."""

import json

import pytest
import shapely
from click.testing import CliRunner

from geo_service.cli import main
from geo_service.workspace import Workspace


@pytest.fixture
def run(town):
    """Call the command on a small town; returns (exit code, standard output, standard error)."""
    town.road((-300, 0), (300, 0), name="石门路", highway="primary")
    town.add("buildings", shapely.box(20, 20, 60, 50), height_m=9.0)
    town.camera(0, 0)
    folder = town.store.path.parent

    def call(*words):
        done = CliRunner().invoke(main, ["--workspace", str(folder), *map(str, words)])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.stdout, done.stderr

    return call


def test_a_sheet_is_written_and_entered_in_the_record(run, town, tmp_path):
    out = tmp_path / "图.pdf"
    code, said, _ = run("--json", "map", "--pdf", out, "--paper", "a3", "--scale", 2000, "--title", "石门镇")
    told = json.loads(said)
    assert code == 0 and told["scale"] == 2000 and out.read_bytes().startswith(b"%PDF")
    assert "camera_sites" not in told["layers"] and "roads" in told["layers"]
    [entry] = town.store.audit_entries(limit=1)
    assert entry.action == "print_map" and entry.target.startswith("1:2000 ")


def test_cameras_come_only_on_demand(run, tmp_path):
    refused = run("map", "--pdf", tmp_path / "a.pdf", "--layers", "roads,camera_sites")
    assert refused[0] != 0 and not (tmp_path / "a.pdf").exists()
    code, said, _ = run(
        "--json", "map", "--pdf", tmp_path / "b.pdf", "--layers", "roads,camera_sites", "--with-sensitive"
    )
    assert code == 0 and json.loads(said)["layers"] == ["roads", "camera_sites"]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--out", "a.html", "--pdf", "a.pdf"),
        ("--pdf", "a.pdf", "--scale", "1"),
        ("--pdf", "a.pdf", "--layers", "nonsense"),
        ("--pdf", "no/such/folder/a.pdf"),
    ],
)
def test_what_is_wrong_ends_with_two_and_leaves_no_file(run, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    code, _, said = run("map", *words)
    assert code == 2 and said.strip() and not list(tmp_path.glob("a.*"))


def test_a_file_is_not_replaced_unasked(run, tmp_path):
    out = tmp_path / "a.pdf"
    out.write_bytes(b"mine")
    assert run("map", "--pdf", out)[0] == 2 and out.read_bytes() == b"mine"
    assert run("map", "--pdf", out, "--overwrite")[0] == 0 and out.read_bytes() != b"mine"


def test_a_workspace_without_a_town_says_so(tmp_path):
    with Workspace.create(tmp_path / "empty"):
        pass
    done = CliRunner().invoke(
        main, ["--workspace", str(tmp_path / "empty"), "map", "--pdf", str(tmp_path / "a.pdf")]
    )
    assert done.exit_code == 2 and not (tmp_path / "a.pdf").exists()
