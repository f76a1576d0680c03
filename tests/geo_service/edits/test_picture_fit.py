"""Claims about placing a picture by control points, held against hand values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.edits.picture_fit import fit_picture
from town_model import InputError


def test_two_points_turn_and_scale_a_picture():
    """A hundred pixels rightwards are fifty metres northwards: a quarter turn to the left at half a metre a pixel.

    Downwards in the picture is then eastwards.
    """
    fit = fit_picture([(0, 0), (100, 0)], [(500, 1000), (500, 1050)])
    assert (fit.kind, fit.is_exact) == ("similarity", True)
    assert fit.to_ground([(0, 100), (100, 100), (50, 0)]) == pytest.approx(
        np.array([(550, 1000), (550, 1050), (500, 1025)])
    )


def test_three_points_give_their_own_scale_to_each_side():
    """Half a metre a pixel eastwards, two metres a pixel southwards."""
    fit = fit_picture([(0, 0), (100, 0), (0, 100)], [(10, 10), (60, 10), (10, -190)])
    assert (fit.kind, fit.is_exact) == ("affine", True)
    assert fit.to_ground([(40, 30)])[0] == pytest.approx((30, -50))


def test_a_fourth_point_that_is_four_metres_off_spreads_to_one_metre_each():
    """Least squares on a square: an error d at one corner leaves d/4 at each, by symmetry."""
    fit = fit_picture([(0, 0), (100, 0), (0, 100), (100, 100)], [(0, 0), (100, 0), (0, -100), (104, -100)])
    assert (
        fit.residuals_m == pytest.approx((1, 1, 1, 1)) and fit.rms_m == pytest.approx(1) and not fit.is_exact
    )


def test_a_photograph_taken_askew_is_straightened():
    """Points of a known projective map come back, far from the origin as town coordinates are."""
    matrix = np.array([[2, 0.1, 500_000], [0.2, -2, 3.5e6], [1e-4, 2e-4, 1]])
    pixels = np.array([(0, 0), (1000, 0), (0, 800), (1000, 800), (400, 300)], dtype=float)
    rows = np.column_stack([pixels, np.ones(5)]) @ matrix.T
    ground = rows[:, :2] / rows[:, 2:]
    fit = fit_picture(pixels, ground, kind="projective")
    assert max(fit.residuals_m) < 1e-6
    there = np.array([700, 650, 1]) @ matrix.T
    assert fit.to_ground([(700, 650)])[0] == pytest.approx(there[:2] / there[2], abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0.01, 50), st.floats(-np.pi, np.pi), st.floats(-1e6, 1e6), st.floats(-1e6, 5e6),
    st.lists(st.tuples(st.floats(0, 4000), st.floats(0, 4000)), min_size=1, max_size=5),
)  # fmt: skip
def test_a_similarity_is_found_whatever_it_is(scale, turn, east, north, more):
    pixels = np.array([(0, 0), (4000, 0), *more])
    turned = scale * np.exp(1j * turn) * np.conj(pixels @ np.array([1, 1j]))
    ground = np.column_stack([turned.real + east, turned.imag + north])
    fit = fit_picture(pixels, ground, kind="similarity")
    assert max(fit.residuals_m) < 1e-6 * max(1, scale * 4000)


@pytest.mark.parametrize(
    ("pixels", "ground", "kind", "words"),
    [
        ([(0, 0)], [(0, 0)], None, "2 control points"),
        ([(0, 0), (1, 0)], [(0, 0), (1, 0)], "affine", "3 control points"),
        ([(5, 5), (5, 5)], [(0, 0), (9, 9)], None, "on one another"),
        ([(0, 0), (9, 9)], [(5, 5), (5, 5)], None, "on one another"),
        ([(0, 0), (50, 50), (100, 100)], [(0, 0), (1, 1), (2, 2)], None, "on one line"),
        ([(0, 0), (50, 0), (100, 0), (7, 0)], [(0, 0), (1, 0), (2, 0), (3, 0)], "projective", "on one"),
        ([(0, 0), (float("nan"), 0)], [(0, 0), (1, 0)], None, "no numbers"),
    ],
)  # fmt: skip
def test_points_that_do_not_place_a_picture_are_refused(pixels, ground, kind, words):
    with pytest.raises(InputError, match=words):
        fit_picture(pixels, ground, kind=kind)
