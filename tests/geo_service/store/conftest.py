"""A workspace with a placed town, and rows of its layers."""

import shutil

import pytest
import shapely

from geo_service.workspace import Workspace

LON, LAT = 118.78, 32.04


@pytest.fixture(scope="session")
def empty_workspace(tmp_path_factory):
    """Made once and copied for every test."""
    folder = tmp_path_factory.mktemp("made") / "town"
    with Workspace.create(folder, name="石门镇") as made:
        made.store.place_town(LON, LAT, actor="tester")
    return folder


@pytest.fixture
def workspace(tmp_path, empty_workspace):
    with Workspace.open(shutil.copytree(empty_workspace, tmp_path / "town")) as opened:
        yield opened


@pytest.fixture
def store(workspace):
    return workspace.store


def square(lon=LON, lat=LAT, size=1e-3):
    """A square whose south-west corner is at a position."""
    return shapely.box(lon, lat, lon + size, lat + size)
