"""Claims about the command `routes`: each file it writes, by which plan, and what it refuses."""

import io
import runpy
from pathlib import Path

import openpyxl
import pypdf
import pytest
from click.testing import CliRunner

from geo_service.cli import main

TOWN = runpy.run_path(str(Path(__file__).parents[1] / "web" / "small_town.py"))


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("routes") / "station"
    TOWN["build"](folder).close()
    return folder


def run(town, *given):
    return CliRunner().invoke(main, ["--workspace", str(town), "routes", *map(str, given)])


def test_it_writes_sheets_workbook_card_and_track(town, tmp_path):
    for option, name, start in (
        ("--pdf", "a.pdf", b"%PDF"),
        ("--xlsx", "a.xlsx", b"PK"),
        ("--card", "a.png", b"\x89PNG"),
        ("--gpx", "a.gpx", b"<?xml"),
    ):
        unit = () if option in ("--pdf", "--xlsx") else ("--unit", "上河巡逻队")
        done = run(town, option, tmp_path / name, "--day", "2026-05-04", *unit)
        assert done.exit_code == 0, done.output
        assert (tmp_path / name).read_bytes().startswith(start)
    assert len(pypdf.PdfReader(tmp_path / "a.pdf").pages) == 3
    book = openpyxl.load_workbook(io.BytesIO((tmp_path / "a.xlsx").read_bytes()))
    assert len(book.worksheets) == 5


@pytest.mark.parametrize(
    "given",
    [
        (),
        ("--pdf", "x.pdf", "--xlsx", "x.xlsx"),
        ("--pdf", "x.pdf", "--day", "2020-01-01"),
        ("--pdf", "x.pdf", "--day", "2026-05-04", "--varied", "1"),
        ("--xlsx", "x.xlsx", "--varied", "all"),
        ("--card", "x.png"),
        ("--gpx", "x.gpx", "--unit", "没有这支队伍"),
    ],
)
def test_what_cannot_be_written_is_refused_with_words_and_leaves_no_file(town, tmp_path, monkeypatch, given):
    monkeypatch.chdir(tmp_path)
    done = run(town, *given)
    assert done.exit_code == 2 and done.output.strip()
    assert not list(tmp_path.iterdir())
