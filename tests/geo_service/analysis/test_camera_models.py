"""What a camera's row does not say, its model does: from the store to the view."""

import math

import pytest

from geo_service.analysis.coverage import load_sight
from geo_service.analysis.scene import load_scene

BULLET = {
    "name": "枪机 6mm", "kind": "fixed", "sensor_width_mm": 5.4, "sensor_height_mm": 3.0, "focal_length_min_mm": 6.0,
    "focal_length_max_mm": 6.0, "resolution_px_h": 2560, "resolution_px_v": 1440, "ir_range_m": 40.0,
}  # fmt: skip


def model(town, **values):
    with town.store.change(actor="test", kind="edit") as change:
        return change.insert("camera_models", [BULLET | values])[0]


def bare(town, number, **values):
    """A camera of a model, whose row says nothing of its lens, unless told otherwise."""
    silent = {"hfov_deg": None, "ir_range_m": None, "resolution_px_h": None}
    return town.camera(0, 0, kind="fixed", azimuth_deg=90.0, model=number, **silent | values)


def test_a_silent_row_has_lens_resolution_and_infrared_of_its_model(town):
    row = bare(town, model(town))
    camera = load_scene(town.store).cameras.loc[row]
    assert (camera["resolution_px_h"], camera["resolution_px_v"], camera["ir_range_m"]) == (2560, 1440, 40.0)
    eyes = load_sight(town.store).coverage.eyes
    assert eyes.hfov_deg[0] == pytest.approx(2 * math.degrees(math.atan(5.4 / 12)))
    assert eyes.vfov_deg[0] == pytest.approx(2 * math.degrees(math.atan(3.0 / 12)))


def test_what_the_row_says_wins_and_a_lens_of_its_own_sits_on_the_sensor_of_the_model(town):
    number = model(town, hfov_deg=48.5)
    rows = [
        bare(town, number, hfov_deg=70.0), bare(town, number, focal_length_mm=2.7),
        bare(town, number, resolution_px_h=1280), bare(town, number),
    ]  # fmt: skip
    cameras = load_scene(town.store).cameras
    assert cameras.loc[rows[2], "resolution_px_h"] == 1280
    assert math.isnan(cameras.loc[rows[2], "resolution_px_v"])  # the pair of another resolution
    assert load_sight(town.store).coverage.eyes.hfov_deg == pytest.approx([70.0, 90.0, 48.5, 48.5], abs=1e-6)


def test_an_edit_of_the_model_shows_in_the_next_look(town):
    number = model(town)
    bare(town, number)
    before = load_sight(town.store).coverage.eyes.hfov_deg[0]
    with town.store.change(actor="test", kind="edit") as change:
        change.update("camera_models", number, {"focal_length_min_mm": 2.7})
    assert load_sight(town.store).coverage.eyes.hfov_deg[0] == pytest.approx(90.0)
    assert before == pytest.approx(48.46, abs=0.01)


def test_cameras_without_a_model_stay_as_they_are(town):
    row = bare(town, None)
    assert math.isnan(load_scene(town.store).cameras.loc[row, "resolution_px_h"])
