"""Claims about shapes as an editor sends them."""

import pytest
import shapely

from geo_service.edits.shapes import as_geojson, read_shape, weld
from geo_service.workspace import Workspace
from town_model import layer

TOWN = (118.78, 32.04)
BOX = [[118.78, 32.04], [118.79, 32.04], [118.79, 32.05], [118.78, 32.05], [118.78, 32.04]]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def fault(given, name="housing_zones", town=TOWN):
    shape, faults = read_shape(layer(name), given, town=town)
    assert shape is None and len(faults) == 1
    return faults[0]


def test_a_shape_goes_out_and_comes_back_with_every_bit():
    shape = shapely.Polygon([(118.78 + 1e-13, 32.04), (118.79, 1 / 3 + 32), (118.785, 32.1)])
    again, faults = read_shape(layer("housing_zones"), as_geojson(shape), town=TOWN)
    assert faults == () and shapely.equals_exact(again, shape, tolerance=0.0)


@pytest.mark.parametrize("heights", [[[5.0]], [[5.0], []], [["x"], [None]], [[{}], [1, 2, 3]]])
def test_heights_are_left_out_whatever_they_are(heights):
    corners = [one + heights[at % len(heights)] for at, one in enumerate(BOX)]
    shape, faults = read_shape(layer("housing_zones"), polygon(corners), town=TOWN)
    assert faults == () and shape.equals(shapely.Polygon(BOX)) and not shape.has_z


def test_parts_and_holes_are_kept():
    hole = [[118.782, 32.042], [118.784, 32.042], [118.784, 32.044], [118.782, 32.042]]
    far = [[one + 0.1 for one in place] for place in BOX]
    shape, _ = read_shape(layer("villages"), {"type": "MultiPolygon", "coordinates": [[BOX, hole], [far]]})
    assert [len(one.interiors) for one in shape.geoms] == [1, 0]


def test_an_outline_that_crosses_itself_says_where():
    # two triangles of a bow tie meet in the middle of the box
    found = fault(polygon([BOX[0], BOX[2], BOX[1], BOX[3], BOX[0]]))
    assert (found.lon, found.lat) == pytest.approx((118.785, 32.045))
    assert "crosses itself" in found.words.template


def test_a_hole_outside_its_area_says_where():
    found = fault(polygon(BOX, [[118.8, 32.04], [118.81, 32.04], [118.81, 32.05], [118.8, 32.04]]))
    assert found.lon is not None and "outside its area" in found.words.template


def test_a_corner_far_from_the_town_is_named():
    found = fault({"type": "LineString", "coordinates": [[118.78, 32.04], [18.78, 32.04]]}, "roads")
    assert (found.lon, found.lat) == (18.78, 32.04)


@pytest.mark.parametrize(
    "given",
    [
        None,
        "POLYGON EMPTY",
        {"type": "Point", "coordinates": [118.78, 32.04]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[["a", "b"]] * 4]},
        {"type": "Polygon", "coordinates": [[[118.78, float("nan")]] * 4]},
        {"type": "Polygon", "coordinates": [[[118.78, True]] * 4]},
        {"type": "Polygon", "coordinates": [[[118.78, 10**400]] * 4]},
        {"type": "Polygon", "coordinates": [BOX[:3]]},
        {"type": "Polygon", "coordinates": [BOX[:4]]},
        {"type": "Polygon", "coordinates": {"0": BOX}},
        {"type": "GeometryCollection", "geometries": []},
        {"type": "Polygon", "coordinates": [[[118.78 + n * 1e-7, 32.04] for n in range(20_001)]]},
    ],
)
def test_what_is_no_shape_of_the_layer_is_refused(given):
    assert fault(given).words.template


def test_a_line_without_length_is_refused():
    assert (
        "two different"
        in fault({"type": "LineString", "coordinates": [[118.78, 32.04]] * 2}, "roads").words.template
    )


class TestWeld:
    @pytest.fixture
    def store(self, tmp_path):
        with Workspace.create(tmp_path / "town") as made:
            made.store.place_town(*TOWN, actor="t")
            with made.store.change(actor="t") as change:
                line = shapely.LineString([(118.7800001, 32.0400004), (118.7812345, 32.0412344)])
                change.insert("roads", [{"highway": "primary", "geometry": line}])
            yield made.store

    def test_a_corner_taken_over_from_the_map_becomes_the_stored_one(self, store):
        """The map holds whole micro-degrees: 118.781235 stands for the stored 118.7812345."""
        drawn = shapely.LineString([(118.781235, 32.041234), (118.79, 32.05)])
        welded = weld(store, layer("roads"), drawn)
        assert list(welded.coords) == [(118.7812345, 32.0412344), (118.79, 32.05)]

    def test_a_corner_beside_it_stays(self, store):
        """A metre is 9e-6 degrees."""
        drawn = shapely.LineString([(118.781244, 32.041234), (118.79, 32.05)])
        assert weld(store, layer("roads"), drawn).equals(drawn)

    def test_a_corner_that_the_row_has_already_stays(self, store):
        row = store.frame("roads", crs="wgs84").geometry[1]
        with store.change(actor="t") as change:
            near = shapely.LineString([(118.7812343, 32.0412344), (118.77, 32.04)])
            (number,) = change.insert("roads", [{"highway": "primary", "geometry": near}])
        assert weld(store, layer("roads"), row, row_id=1).equals(row)
        assert weld(store, layer("roads"), near, row_id=number).equals(near)
