"""A small town whose figures can be worked out by hand."""

import datetime as dt
import sys
from pathlib import Path

import pytest
import shapely
import shapely.affinity
from pyproj import Transformer

from geo_service.workspace import Workspace

sys.path.insert(
    0, str(Path(__file__).parent)
)  # for the helper modules of this folder, however pytest is started

LON, LAT = 118.78, 32.04


class Builder:
    """Rows of a store from metres east and north of the middle of the town."""

    def __init__(self, store):
        self.store = store
        crs = store.town.epsg
        to_metric = Transformer.from_crs(4326, crs, always_xy=True)
        self.x, self.y = to_metric.transform(LON, LAT)
        self._back = Transformer.from_crs(crs, 4326, always_xy=True)

    def place(self, shape):
        """The shape, given in metres round the middle, in longitude and latitude."""
        moved = shapely.affinity.translate(shape, self.x, self.y)
        return shapely.transform(moved, self._back.transform, interleaved=False)

    def add(self, layer, shape=None, **values):
        """Store a row and return its id."""
        row = dict(values)
        if shape is not None:
            row["geometry"] = self.place(shape)
        with self.store.change(actor="test") as change:
            return change.insert(layer, [row])[0]

    def road(self, *points, highway="residential", **values):
        return self.add("roads", shapely.LineString(points), highway=highway, **values)

    def area(self, shape, name="广场", **values):
        given = {
            "category": "square",
            "reason": "人流集中",
            "approver": "镇派出所",
            "review_date": dt.date(2027, 1, 1),
            "required_class": "monitor",
        }
        return self.add("key_areas", shape, name=name, **{**given, **values})

    def camera(self, x, y, name="1号", **values):
        given = {
            "kind": "fisheye",
            "mount_height_m": 6.0,
            "hfov_deg": 360.0,
            "resolution_px_h": 32000,
            "max_range_m": 20.0,
            "ir_range_m": 10.0,
        }
        return self.add("camera_sites", shapely.Point(x, y), name=name, **{**given, **values})

    def unit(self, x, y, name="1组", **values):
        given = {"mode": "foot", "shifts": "00:00-24:00"}
        return self.add("patrol_units", shapely.Point(x, y), name=name, **{**given, **values})


@pytest.fixture
def empty_workspace(tmp_path):
    with Workspace.create(tmp_path / "town", name="石门镇") as made:
        yield made


@pytest.fixture
def drawn_town(empty_workspace):
    """A builder on a placed town without rows."""
    empty_workspace.store.place_town(LON, LAT, actor="test")
    return Builder(empty_workspace.store)


@pytest.fixture
def town(drawn_town):
    """The same."""
    return drawn_town
