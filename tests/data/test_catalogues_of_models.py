"""The catalogue of camera models."""

import math

from town_data import camera_models
from town_model import LAYERS


def test_the_catalogue_has_about_ten_models_of_every_kind():
    models = camera_models()
    assert 9 <= len(models) <= 13
    kinds = {one.value for one in LAYERS["camera_models"].column("kind").choices}
    assert {one["kind"] for one in models} == kinds


def test_the_view_of_each_plain_lens_follows_from_sensor_and_focal_length():
    for one in camera_models():
        if one["kind"] not in {"fisheye", "multi_sensor"}:
            view = 2 * math.degrees(math.atan(one["sensor_width_mm"] / (2 * one["focal_length_min_mm"])))
            assert abs(one["hfov_deg"] - view) < 0.06


def test_every_model_states_price_sensor_lens_infrared_and_resolution():
    for one in camera_models():
        assert set(one) == set(LAYERS["camera_models"].column_names)
        assert one["price_yuan"] > 0
