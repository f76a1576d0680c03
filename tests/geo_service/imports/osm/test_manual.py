"""The manual says what the code does, in both languages."""

from pathlib import Path

import pytest

from geo_service.imports.osm import town
from geo_service.imports.osm.ground import BARRIERS, building_row
from geo_service.imports.osm.housing import CLUSTER_GAP_M
from geo_service.imports.osm.key_areas import STREET_LENGTH_M, STREET_WIDTH_M
from geo_service.imports.osm.presets import BY_TAG, PRESETS
from geo_service.imports.osm.source import ReadLimits
from town_model import LAYERS

DOCS = Path(__file__).resolve().parents[4] / "docs"


@pytest.fixture(params=["zh", "en"])
def manual(request):
    return request.param, (DOCS / request.param / "import-osm.md").read_text(encoding="utf-8")


def test_the_table_of_proposals_is_that_of_the_code(manual):
    language, text = manual
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"
    ]
    titles = LAYERS["key_areas"].column("category")
    for category, preset in PRESETS.items():
        title = category if language == "en" else titles.choice_title(category, "zh")
        (row,) = [one for one in rows if one[0] == title and len(one) == 8]
        hours = preset.hours or {"zh": "全天", "en": "whole day"}[language]
        numbers = [
            preset.priority,
            preset.required_class,
            str(preset.visit_interval_min),
            str(preset.dwell_min),
            hours,
        ]
        assert row[2:7] == numbers
        if category != "pedestrian_street":
            assert row[7] == f"{preset.radius_m:g}"
        assert all(value in row[1] for (_, value), of in BY_TAG.items() if of == category)


def test_every_layer_and_barrier_that_is_read_is_named(manual):
    _, text = manual
    assert all(f"`{name}`" in text for name in town.LAYER_NAMES)
    assert all(value in text for value in BARRIERS if value != "wire_fence")


def test_figures_of_the_manual_are_those_of_the_code(manual):
    _, text = manual
    limits = ReadLimits()
    for figure in (limits.memory_mb, limits.seconds, limits.file_mb):
        assert str(figure) in text
    for metres in (CLUSTER_GAP_M, STREET_LENGTH_M, STREET_WIDTH_M):
        assert f"{metres:g}" in text
    assert f"{town.FARTHEST_KM:g}" in text
    # 2 storeys of 3.0 m and a roof of 1.0 m
    assert building_row({"building": "yes", "building:levels": "2"})[0]["height_m"] == 7.0
    assert "3.0" in text and "1.0" in text
