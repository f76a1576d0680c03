"""Lenses: view angles from sensor and focal length, or one angle from the other and the format of the picture.

``HFOV = 2·atan(w / 2f)``, ``VFOV = 2·atan(h / 2f)``; with one angle only, ``tan(VFOV/2) = tan(HFOV/2) · R_v / R_h``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from camera_coverage.frames import Flags, Floats

#: Width of the sensor where a ledger gives the focal length alone: 1/2.8″, the commonest of street cameras.
DEFAULT_SENSOR_WIDTH_MM = 5.4
#: Height of a picture over its width where no resolution says it.
DEFAULT_FORMAT = 9 / 16
#: A stated angle that differs from sensor and focal length by more than this is remarked on.
CONTRADICTION_DEG = 10.0
WIDEST_STRAIGHT_DEG = 179.0


def view_angle_deg(sensor_mm: Floats | float, focal_length_mm: Floats | float) -> Floats:
    """Return the view of a rectilinear lens over one side of its sensor.

    Args:
        sensor_mm: width of the sensor for the horizontal view, height for the vertical one.
        focal_length_mm: of the lens.

    >>> float(view_angle_deg(5.4, 2.7))
    90.0
    """
    return np.degrees(2 * np.arctan(np.asarray(sensor_mm) / (2 * np.asarray(focal_length_mm))))


def other_angle_deg(angle_deg: Floats, ratio: Floats) -> Floats:
    """Return the view across the other side of a picture whose sides have a ratio (other over this one)."""
    narrow = np.radians(np.minimum(angle_deg, WIDEST_STRAIGHT_DEG)) / 2
    return np.degrees(2 * np.arctan(np.tan(narrow) * ratio))


@dataclass(frozen=True)
class LensAngles:
    """View angles of lenses.

    Args:
        hfov_deg: horizontal view.
        vfov_deg: vertical view.
        view_assumed: the horizontal view is the default, since nothing tells it.
        sensor_assumed: the horizontal view is that of a sensor of `DEFAULT_SENSOR_WIDTH_MM`.
        by_lens_deg: horizontal view by sensor and focal length where a different one is stated, otherwise NaN.
    """

    hfov_deg: Floats
    vfov_deg: Floats
    view_assumed: Flags
    sensor_assumed: Flags
    by_lens_deg: Floats


def lens_angles(
    *,
    hfov_deg: Floats,
    vfov_deg: Floats,
    focal_length_mm: Floats,
    sensor_width_mm: Floats,
    sensor_height_mm: Floats,
    pixels_h: Floats,
    pixels_v: Floats,
    rectilinear: Flags,
    default_hfov_deg: Floats,
) -> LensAngles:
    """Return view angles from all that is stated of lenses; NaN is what is not.

    A stated angle wins. Then come sensor and focal length, the other stated angle, and the default.

    Args:
        hfov_deg: stated horizontal view.
        vfov_deg: stated vertical view.
        focal_length_mm: of the lens.
        sensor_width_mm: of the sensor.
        sensor_height_mm: of the sensor.
        pixels_h: of the picture.
        pixels_v: of the picture.
        rectilinear: lenses to which a focal length applies: no fisheye, and no picture put together from several.
        default_hfov_deg: where nothing tells the horizontal view.
    """
    picture = pixels_v / pixels_h
    ratio = np.where(np.isnan(picture), sensor_height_mm / sensor_width_mm, picture)
    ratio = np.where(np.isnan(ratio), DEFAULT_FORMAT, ratio)
    focal = np.where(rectilinear, focal_length_mm, np.nan)
    width = np.where(np.isnan(sensor_width_mm), sensor_height_mm / ratio, sensor_width_mm)
    known = ~np.isnan(width)
    by_lens = view_angle_deg(np.where(known, width, DEFAULT_SENSOR_WIDTH_MM), focal)
    hfov = np.where(np.isnan(hfov_deg), by_lens, hfov_deg)
    assumed = np.isnan(hfov_deg) & ~np.isnan(focal) & ~known
    # a sensor of unknown size tells less than a stated angle
    across = rectilinear & ~np.isnan(vfov_deg) & (np.isnan(hfov) | assumed)
    hfov = np.where(across, other_angle_deg(vfov_deg, 1 / ratio), hfov)
    unknown = np.isnan(hfov)
    hfov = np.where(unknown, default_hfov_deg, hfov)
    apart = known & ~np.isnan(hfov_deg) & (np.abs(by_lens - hfov_deg) > CONTRADICTION_DEG)
    vfov = vfov_deg
    lens_made = np.isnan(hfov_deg) & ~np.isnan(focal)
    vfov = np.where(np.isnan(vfov) & lens_made, view_angle_deg(sensor_height_mm, focal), vfov)
    vfov = np.where(np.isnan(vfov), other_angle_deg(hfov, ratio), vfov)
    return LensAngles(hfov, vfov, unknown, assumed & ~across, np.where(apart, by_lens, np.nan))
