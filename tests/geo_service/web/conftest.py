"""The small town for the tests of the pages."""

import runpy
from pathlib import Path

import pytest

TOWN = runpy.run_path(str(Path(__file__).with_name("small_town.py")))


@pytest.fixture(scope="session")
def small_town():
    """What `small_town.py` defines, by name."""
    return TOWN


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """The workspace of the small town with results; tests leave it as it is."""
    with TOWN["build"](tmp_path_factory.mktemp("town") / "station") as workspace:
        yield workspace


@pytest.fixture
def empty_town(tmp_path, small_town):
    """A workspace in which nothing was imported or computed yet."""
    from geo_service.workspace import Workspace

    with Workspace.create(tmp_path / "station", name="石门镇") as workspace:
        yield workspace
