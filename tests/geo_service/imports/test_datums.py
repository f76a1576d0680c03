"""GCJ-02 and BD-09 agree with an independent implementation, and their inverses are exact."""

import numpy as np
import prcoords
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from geo_service.imports import datums
from town_model import CrsError

IN_CHINA = {"lon": st.floats(75.0, 134.0), "lat": st.floats(18.5, 53.0)}
MILLIMETRE_DEG = 1e-3 / 111_000
rng = np.random.default_rng(7)
LON, LAT = rng.uniform(75, 134, 500), rng.uniform(18.5, 53, 500)


def test_gcj02_is_that_of_an_independent_library():
    ours = np.column_stack(datums.wgs84_to_gcj02(LON, LAT))
    theirs = [prcoords.wgs_gcj((lat, lon), check_china=True) for lon, lat in zip(LON, LAT, strict=True)]
    np.testing.assert_allclose(ours, [(one.lon, one.lat) for one in theirs], atol=MILLIMETRE_DEG)


def test_bd09_is_that_of_an_independent_library():
    ours = np.column_stack(datums.gcj02_to_bd09(LON, LAT))
    theirs = [prcoords.gcj_bd((lat, lon)) for lon, lat in zip(LON, LAT, strict=True)]
    np.testing.assert_allclose(ours, [(one.lon, one.lat) for one in theirs], atol=MILLIMETRE_DEG)


@given(**IN_CHINA)
def test_the_inverse_of_gcj02_is_right_to_a_millimetre(lon, lat):
    back = datums.gcj02_to_wgs84(*datums.wgs84_to_gcj02(lon, lat))
    np.testing.assert_allclose(back, (lon, lat), atol=MILLIMETRE_DEG)


@given(**IN_CHINA)
def test_the_inverse_of_bd09_is_right_to_a_millimetre(lon, lat):
    back = datums.bd09_to_wgs84(*datums.wgs84_to_bd09(lon, lat))
    np.testing.assert_allclose(back, (lon, lat), atol=MILLIMETRE_DEG)


def test_outside_china_nothing_moves():
    lon, lat = np.array([2.35, -74.0, 151.2]), np.array([48.85, 40.7, -33.9])
    for bend in (
        datums.wgs84_to_gcj02,
        datums.gcj02_to_wgs84,
        datums.wgs84_to_bd09,
        datums.bd09_to_wgs84,
    ):
        np.testing.assert_array_equal(bend(lon, lat), (lon, lat))


def test_a_missing_coordinate_stays_missing_and_spoils_no_other():
    lon, _ = datums.to_wgs84([np.nan, 118.78267], [32.0, 32.047943], "gcj02")
    assert np.isnan(lon[0])
    assert lon[1] == pytest.approx(118.7774602, abs=1e-6)


def test_cgcs2000_passes_unchanged():
    np.testing.assert_array_equal(datums.to_wgs84([118.7], [32.0], "cgcs2000"), ([118.7], [32.0]))


@pytest.mark.parametrize(("code", "easting"), [(4549, 479_600.0), (4528, 40_479_600.0)])
def test_gauss_krueger_is_read_with_and_without_zone_prefix(code, easting):
    """The same place in the 3-degree zone 40 of 120° E: EPSG:4528 carries the zone in the easting, 4549 does not."""
    lon, lat = datums.to_wgs84(easting, 3_547_000.0, f"EPSG:{code}")
    plain = Transformer.from_crs(4549, 4326, always_xy=True).transform(479_600.0, 3_547_000.0)
    np.testing.assert_allclose((lon, lat), plain, atol=1e-9)
    assert 119 < lon < 120


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("GCJ-02", "gcj02"),
        ("WGS84", "wgs84"),
        ("bd_09", "bd09"),
        ("CGCS2000", "cgcs2000"),
        ("EPSG:4490", "cgcs2000"),
        (4326, "wgs84"),
        ("4549", "EPSG:4549"),
        ("epsg:4528", "EPSG:4528"),
    ],
)
def test_names_of_datums_are_understood(text, name):
    assert datums.parse_datum(text) == name


@pytest.mark.parametrize("text", ["gcj03", "EPSG:999999", "", "beijing"])
def test_an_unknown_datum_is_refused(text):
    with pytest.raises(CrsError):
        datums.parse_datum(text)
