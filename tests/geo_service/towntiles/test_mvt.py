"""Vector tiles, read back by an independent library: the same features, wound as the format asks."""

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.towntiles import EXTENT, TileLayer, encode_layer


def read(shapes, **properties):
    """What the library makes of a layer: features in the order of the tile, y to the south."""
    layer = TileLayer("probe", np.arange(1, len(shapes) + 1), np.array(shapes, dtype=object), properties)
    content = encode_layer(layer)
    if not content:
        return []
    options = {"y_coord_down": True}
    return mapbox_vector_tile.decode(content, default_options=options)["probe"]["features"]


def shape(feature):
    return shapely.geometry.shape(feature["geometry"])


def test_a_square_comes_back_as_it_was():
    [one] = read([shapely.box(10, 20, 110, 220)])
    assert one["id"] == 1 and shape(one).equals(shapely.box(10, 20, 110, 220))


def test_outer_rings_have_a_positive_area_and_holes_a_negative_one():
    # section 4.3.3.3 of the specification, by the surveyor's formula with y to the south
    ring = [(0, 0), (100, 0), (100, 100), (0, 100)]
    hole = [(20, 20), (20, 60), (60, 60), (60, 20)]
    for outer in (ring, ring[::-1]):
        for inner in (hole, hole[::-1]):
            [one] = read([shapely.Polygon(outer, [inner])])
            first, second = one["geometry"]["coordinates"]
            areas = [shapely.LinearRing(part).is_ccw for part in (first, second)]
            # is_ccw is the sign of that very formula: a positive area counts as counter-clockwise there
            assert areas == [True, False]


def test_lines_points_and_several_parts_come_back():
    shapes = [
        shapely.LineString([(0, 0), (50, 30), (4096, 4096)]),
        shapely.MultiLineString([[(0, 0), (10, 0)], [(5, 5), (9, 9), (9, 20)]]),
        shapely.Point(7, 9),
        shapely.MultiPolygon([shapely.box(0, 0, 5, 5), shapely.box(10, 10, 30, 30)]),
        shapely.MultiPoint([(1, 2), (3, 4)]),
    ]
    for one, wanted in zip(read(shapes), shapes, strict=True):
        assert shape(one).equals(wanted)


def test_places_beyond_the_tile_may_be_negative():
    [one] = read([shapely.LineString([(-300, -5), (5000, 4100)])])
    assert shape(one).equals(shapely.LineString([(-300, -5), (5000, 4100)]))


def test_values_come_back_with_their_kinds_and_missing_ones_stay_away():
    found = read(
        [shapely.Point(0, 0)] * 3,
        name=["河街", None, "河街"],
        level=[-2, 3, None],
        share=[0.25, None, -1.5],
        bridge=[True, None, False],
    )
    assert [one["properties"] for one in found] == [
        {"name": "河街", "level": -2, "share": 0.25, "bridge": True},
        {"level": 3},
        {"name": "河街", "share": -1.5, "bridge": False},
    ]


def test_what_has_no_place_after_rounding_is_left_out():
    tiny = shapely.box(10.1, 10.1, 10.3, 10.3)
    flat = shapely.box(10.1, 10.1, 90, 10.3)
    hole_of_nothing = shapely.Polygon(shapely.box(0, 0, 50, 50).exterior, [tiny.exterior])
    found = read(
        [tiny, flat, None, shapely.Polygon(), shapely.LineString([(1, 1), (1.2, 1.1)]), hole_of_nothing]
    )
    assert [one["id"] for one in found] == [6]
    assert shape(found[0]).equals(shapely.box(0, 0, 50, 50))


def test_a_hole_goes_with_its_outer_ring():
    # the first part rounds away with its hole; the second one stays as it is
    lost = shapely.Polygon([(0.1, 0.1), (0.4, 0.1), (0.4, 0.4)], [[(0.2, 0.15), (0.3, 0.15), (0.3, 0.25)]])
    [one] = read([shapely.MultiPolygon([lost, shapely.box(10, 10, 20, 20)])])
    assert shape(one).equals(shapely.box(10, 10, 20, 20))


def test_an_empty_layer_takes_no_bytes():
    assert encode_layer(TileLayer("none", np.zeros(0, dtype=np.int64), np.zeros(0, dtype=object))) == b""


def test_large_ids_survive():
    layer = TileLayer("probe", np.array([2**40 + 5]), np.array([shapely.Point(1, 1)], dtype=object))
    assert mapbox_vector_tile.decode(encode_layer(layer))["probe"]["features"][0]["id"] == 2**40 + 5


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(-EXTENT, 2 * EXTENT), st.integers(-EXTENT, 2 * EXTENT)),
            min_size=3,
            max_size=12,
        ),
        min_size=1,
        max_size=6,
    )
)
def test_whole_numbers_are_never_changed(rings):
    shapes = [one for one in (shapely.Polygon(points) for points in rings) if one.is_valid and one.area > 0]
    found = read(shapes)
    assert len(found) == len(shapes)
    for one, wanted in zip(found, shapes, strict=True):
        assert shape(one).symmetric_difference(wanted).area == pytest.approx(0, abs=1e-6)
