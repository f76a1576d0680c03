"""The schema of a layer says what its declaration says."""

import json

import pytest

from town_model import LAYERS, layer, layer_schema


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_column_stands_in_the_schema(name, language):
    schema = json.loads(json.dumps(layer_schema(layer(name), language)))
    declared = layer(name)
    with_place = {"geometry"} if declared.geometry not in (None, "raster") else set()
    assert set(schema["properties"]) == set(declared.column_names) | with_place
    assert set(schema["required"]) == {one.name for one in declared.columns if one.required} | with_place


def test_ranges_units_choices_and_references_are_told():
    """By hand, from the declaration of camera sites."""
    properties = layer_schema(layer("camera_sites"), "zh")["properties"]
    assert properties["azimuth_deg"]["minimum"] == 0
    assert properties["azimuth_deg"]["maximum"] == 360
    assert properties["azimuth_deg"]["x-unit"] == "°"
    assert properties["azimuth_deg"]["type"] == ["number", "null"]
    assert properties["kind"]["x-choice-titles"]["ptz"] == "球机"
    assert None in properties["kind"]["enum"]
    assert properties["model"]["x-refers-to"] == "camera_models"
    assert properties["filing_date"]["format"] == "date"
    assert properties["name"]["type"] == "string"
    assert properties["geometry"]["properties"]["type"]["enum"] == ["Point"]
