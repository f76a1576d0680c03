"""Claims about layers as compact JSON."""

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from town_maps import layer_json
from town_model import CrsError


def frame(shapes, index=None):
    return gpd.GeoDataFrame(geometry=list(shapes), index=index, crs="EPSG:4326")


def decoded(layer):
    """Read the JSON by the rule of the module's first lines: id → list of parts of (lon, lat) in micro-degrees."""
    found = {}
    for row_id, _, _, parts, _ in json.loads(json.dumps(layer))["features"]:
        found[row_id] = [
            np.cumsum(np.array(part).reshape(-1, 2), axis=0) + np.array(layer["origin"]) for part in parts
        ]
    return found


def test_a_line_by_hand():
    line = shapely.LineString([(118.0, 32.0), (118.000002, 32.0), (118.000002, 31.999996)])
    layer = layer_json(
        "roads",
        frame([line], [7]),
        classes=["primary"],
        values=[["a"]],
        fields=[{"key": "name"}],
        label="name",
    )
    assert layer["origin"] == [118000001, 31999998]
    assert layer["features"] == [[7, "primary", 1, [[-1, 2, 2, 0, 0, -4]], ["a"]]]


def test_a_hole_is_wound_against_its_ring_however_it_came():
    outer = [(0, 0), (0, 4), (4, 4), (4, 0)]
    for hole in ([(1, 1), (1, 2), (2, 2), (2, 1)], [(1, 1), (2, 1), (2, 2), (1, 2)]):
        for ring in (outer, outer[::-1]):
            layer = layer_json("a", frame([shapely.Polygon(ring, [hole])]))
            shell, inner = decoded(layer)[0]
            assert shapely.LinearRing(shell).is_ccw != shapely.LinearRing(inner).is_ccw


def test_every_kind_of_geometry_keeps_its_parts():
    square = shapely.box(0, 0, 1, 1)
    shapes = [
        shapely.Point(1, 1), shapely.MultiPoint([(0, 0), (1, 1)]), shapely.LineString([(0, 0), (1, 1)]),
        shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3)]]), square,
        shapely.MultiPolygon([square, shapely.box(2, 2, 3, 3)]),
    ]  # fmt: skip
    layer = layer_json("a", frame(shapes))
    assert [row[2] for row in layer["features"]] == [0, 0, 1, 1, 2, 2]
    assert [len(row[3]) for row in layer["features"]] == [1, 2, 1, 2, 1, 2]


def test_what_has_no_place_is_left_out_and_the_others_keep_their_ids():
    shapes = [None, shapely.Point(), shapely.Point(1, 2), shapely.GeometryCollection([shapely.Point(0, 0)])]
    assert [row[0] for row in layer_json("a", frame(shapes, [5, 6, 7, 8]))["features"]] == [7]
    assert layer_json("a", frame([]))["features"] == []


def test_metres_are_refused():
    with pytest.raises(CrsError):
        layer_json("a", gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)], crs="EPSG:4549"))
    with pytest.raises(CrsError):
        layer_json("a", gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)]))


degrees = st.floats(-60, 60, allow_nan=False)


@given(st.lists(st.lists(st.tuples(degrees, degrees), min_size=2, max_size=8), min_size=1, max_size=4))
def test_every_vertex_comes_back_within_half_a_micro_degree(lines):
    layer = layer_json("a", frame([shapely.LineString(one) for one in lines]))
    for row, line in enumerate(lines):
        if row not in decoded(layer):
            continue
        got = decoded(layer)[row][0]
        want = np.rint(np.array(line) * 1e6)
        kept = np.r_[True, (want[1:] != want[:-1]).any(axis=1)]
        assert np.abs(got - np.array(line)[kept] * 1e6).max() <= 0.5 + 1e-3


def test_the_frame_is_not_changed():
    given_frame = frame([shapely.box(0, 0, 1, 1)])
    before = given_frame.to_wkt()
    layer_json("a", given_frame)
    assert given_frame.to_wkt().equals(before)
