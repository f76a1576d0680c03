"""A workspace with a placed town, and rows of its layers."""

import pytest
import shapely

from geo_service.workspace import Workspace

LON, LAT = 118.78, 32.04


@pytest.fixture
def workspace(tmp_path):
    with Workspace.create(tmp_path / "town", name="石门镇") as made:
        made.store.place_town(LON, LAT, actor="tester")
        yield made


@pytest.fixture
def store(workspace):
    return workspace.store


def square(lon=LON, lat=LAT, size=1e-3):
    """A square whose south-west corner is at a position."""
    return shapely.box(lon, lat, lon + size, lat + size)
