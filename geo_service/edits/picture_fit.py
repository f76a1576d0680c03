"""Where a picture lies on the ground, from control points: pixels to metres, with what does not fit in metres.

Two points give a similarity (moved, turned, scaled), three or more an affine map by least squares, and a projective
one where it is asked for with four or more, for photographs of maps taken askew. Pixels count from the upper left
corner, rightwards and downwards.

Formulas: similarity as one complex factor and shift, w = a·conj(z) + b; affine by linear least squares; projective by
the direct linear transformation with normalised coordinates (Hartley and Zisserman, Multiple View Geometry, 2nd ed.,
algorithm 4.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from town_model import InputError

Kind = Literal["similarity", "affine", "projective"]
LEAST: dict[str, int] = {"similarity": 2, "affine": 3, "projective": 4}


@dataclass(frozen=True)
class PictureFit:
    """A map from pixels to the ground.

    Args:
        kind: ``similarity``, ``affine`` or ``projective``.
        matrix: three rows of three: (x, y, 1) in pixels gives (east, north, w) in metres, to be divided by w.
        residuals_m: how far each control point lies from where the map puts it, in metres.
    """

    kind: Kind
    matrix: tuple[tuple[float, float, float], ...]
    residuals_m: tuple[float, ...]

    @property
    def is_exact(self) -> bool:
        """Whether there are only as many points as the map needs, so that residuals say nothing."""
        return len(self.residuals_m) <= LEAST[self.kind]

    @property
    def rms_m(self) -> float:
        """Root mean square of the residuals in metres."""
        return float(np.sqrt(np.mean(np.square(self.residuals_m))))

    def to_ground(self, pixels: Sequence[Sequence[float]]) -> NDArray[np.float64]:
        """Return the places of pixels on the ground, in metres."""
        rows = np.column_stack([np.asarray(pixels, dtype=float), np.ones(len(pixels))])
        ground = rows @ np.asarray(self.matrix).T
        return np.asarray(ground[:, :2] / ground[:, 2:], dtype=np.float64)


def fit_picture(
    pixels: Sequence[Sequence[float]], ground: Sequence[Sequence[float]], *, kind: Kind | None = None
) -> PictureFit:
    """Return the map that fits control points best.

    Args:
        pixels: (x, y) of each point in the picture, y downwards.
        ground: (east, north) of each point in metres.
        kind: None takes a similarity for two points and an affine map for more.

    Raises:
        InputError: too few points for the map, or points so placed that they do not fix it.
    """
    source, target = np.asarray(pixels, dtype=float), np.asarray(ground, dtype=float)
    wanted: Kind = kind or ("similarity" if len(source) < 3 else "affine")
    if len(source) != len(target) or len(source) < LEAST[wanted]:
        raise InputError("this kind of placing needs {least} control points at least", least=LEAST[wanted])
    if not (np.isfinite(source).all() and np.isfinite(target).all()):
        raise InputError("a control point has coordinates that are no numbers")
    centre = target.mean(axis=0)
    solve = {"similarity": _similarity, "affine": _affine, "projective": _projective}[wanted]
    matrix = np.array([[1, 0, centre[0]], [0, 1, centre[1]], [0, 0, 1.0]]) @ solve(source, target - centre)
    matrix = matrix / matrix[2, 2]
    rows = np.column_stack([source, np.ones(len(source))]) @ matrix.T
    off = np.hypot(*(rows[:, :2] / rows[:, 2:] - target).T)
    rows_of: Any = tuple(tuple(float(cell) for cell in row) for row in matrix)
    return PictureFit(wanted, rows_of, tuple(float(one) for one in off))


def _similarity(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """Least squares of w = a·conj(z) + b over complex numbers; the conjugate turns pixels' y upwards."""
    z = np.conj(source[:, 0] + 1j * source[:, 1])
    w = target[:, 0] + 1j * target[:, 1]
    spread = np.sum(np.abs(z - z.mean()) ** 2)
    if spread < 1e-6 or np.sum(np.abs(w - w.mean()) ** 2) < 1e-6:
        raise InputError("the control points lie on one another: put them far apart")
    a = np.sum(np.conj(z - z.mean()) * (w - w.mean())) / spread
    b = w.mean() - a * z.mean()
    return np.array([[a.real, a.imag, b.real], [a.imag, -a.real, b.imag], [0, 0, 1]])


def _affine(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    middle = source.mean(axis=0)
    scale = float(np.abs(source - middle).max()) or 1.0
    rows = np.column_stack([(source - middle) / scale, np.ones(len(source))])
    found, _, rank, singular = np.linalg.lstsq(rows, target, rcond=None)
    if rank < 3 or singular[-1] < 1e-3 * singular[0]:
        raise InputError("the control points lie on one line: put one of them aside of it")
    unit = np.array([[1 / scale, 0, -middle[0] / scale], [0, 1 / scale, -middle[1] / scale], [0, 0, 1]])
    return np.asarray(np.vstack([found.T, [0, 0, 1]]) @ unit, dtype=np.float64)


def _projective(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    one, other = _normaliser(source), _normaliser(target)
    a = np.column_stack([source, np.ones(len(source))]) @ one.T
    b = np.column_stack([target, np.ones(len(target))]) @ other.T
    rows = []
    for p, q in zip(a, b, strict=True):
        rows += [[*np.zeros(3), *-p, *(q[1] * p)], [*p, *np.zeros(3), *(-q[0] * p)]]
    _, singular, vectors = np.linalg.svd(np.asarray(rows))
    # eight numbers are looked for: a ninth small singular value means that the points do not fix them
    if singular[7] < 1e-6 * singular[0]:
        raise InputError("the control points lie on one line: put one of them aside of it")
    matrix = np.linalg.inv(other) @ vectors[-1].reshape(3, 3) @ one
    matrix = matrix / matrix[2, 2] if abs(matrix[2, 2]) > 1e-12 else matrix
    depth = np.column_stack([source, np.ones(len(source))]) @ matrix[2]
    if depth.min() * depth.max() <= 0:
        raise InputError("no view of the ground fits these control points: check them one by one")
    return np.asarray(matrix)


def _normaliser(points: NDArray[np.float64]) -> NDArray[np.float64]:
    middle = points.mean(axis=0)
    spread = float(np.mean(np.hypot(*(points - middle).T)))
    if spread < 1e-9:
        raise InputError("the control points lie on one another: put them far apart")
    scale = np.sqrt(2) / spread
    return np.array([[scale, 0, -scale * middle[0]], [0, scale, -scale * middle[1]], [0, 0, 1]])
