"""Claims about page parts and stand-alone files."""

import base64
import hashlib
import json
import re

import pytest

from town_maps import (
    OSM_ATTRIBUTION,
    LegendItem,
    MapLayer,
    MapSpec,
    PageParts,
    inert_json,
    page_parts,
    stand_alone,
)
from town_maps.assets import SCRIPTS, STYLES
from town_maps.spec import STYLES as LOOKS
from town_maps.spec import WORDS
from town_model import InputError

HOSTILE = "{{7*7}}</script><script>alert(1)</script><img src=x onerror=alert(1)>\u2028`${7*7}`"


def spec(**more):
    layer = MapLayer(key="roads", title=HOSTILE, group=HOSTILE, style="roads", url="/data/roads",
                     legend=(LegendItem("primary", HOSTILE, 3),))  # fmt: skip
    return MapSpec(title=HOSTILE, layers=(layer,), watermark=HOSTILE, attribution=(OSM_ATTRIBUTION,), **more)


def told(markup, element_id):
    return json.loads(re.search(rf'id="{element_id}">(.*?)</script>', markup, re.DOTALL).group(1))


def test_parts_hold_no_inline_code_and_hostile_words_stay_data():
    parts = page_parts(spec(), asset_url="/maps/")
    assert isinstance(parts, PageParts)
    assert parts.head.count("<link ") == len(STYLES)
    assert parts.script.count("<script ") == parts.script.count("<script src=") == len(SCRIPTS)
    assert parts.body.count("<script") == 1
    assert "<img" not in parts.body
    assert "\u2028" not in parts.body
    found = told(parts.body, "town-map-spec")
    assert (
        found["title"] == found["layers"][0]["title"] == found["layers"][0]["legend"][0]["title"] == HOSTILE
    )


def test_addresses_of_files_may_come_from_a_function():
    parts = page_parts(spec(), asset_url=lambda name: f"/v1/{name}?d=1&e=2")
    assert 'src="/v1/leaflet/leaflet.js?d=1&amp;e=2"' in parts.script


def test_an_asset_address_of_another_host_is_refused():
    with pytest.raises(InputError):
        page_parts(spec(), asset_url="https://cdn.example.org/")


def test_a_file_carries_the_hash_of_each_script_and_style_and_allows_no_other():
    page = stand_alone(spec(), {"roads": {"name": HOSTILE}})
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page).group(1)
    rules = dict(one.split(" ", 1) for one in policy.split("; "))
    for tag, rule in (("script", "script-src"), ("style", "style-src")):
        inline = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        hashes = {
            "'sha256-" + base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() + "'"
            for one in inline
        }
        assert len(inline) >= 3
        assert set(rules[rule].split()) == hashes
    assert rules["default-src"] == "'none'"
    assert "unsafe" not in policy
    assert told(page, "town-map-data") == {"roads": {"name": HOSTILE}}


def test_every_tag_of_a_file_stands_before_its_data():
    """No byte of data can open a tag: the data has no < at all."""
    for value in (HOSTILE, "</SCRIPT ", "<!--<script>", "]]>", "\u2029&lt;"):
        words = inert_json({"a": value}, element_id="x")
        assert words.count("<") == 2
        assert told(words, "x") == {"a": value}


def test_numbers_that_json_does_not_know_are_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        inert_json(float("nan"), element_id="x")


def test_every_style_is_known_to_the_script_and_the_other_way_round():
    from town_maps import asset

    words = asset("town-map-styles.js").content.decode()
    table = words[words.index("TM.styles = {") : words.index("/* A better class is darker")]
    assert set(re.findall(r"^    (\w+): \{", table, re.MULTILINE)) == set(LOOKS)


def test_every_word_that_the_scripts_use_is_there():
    from town_maps import asset, asset_names

    scripts = "".join(
        asset(one).content.decode()
        for one in asset_names()
        if one.startswith("town-map") and one.endswith("js")
    )
    used = set(re.findall(r"\bwords\.(\w+)", scripts)) - {"slice", "reduce", "replace", "length"}
    assert used <= set(WORDS)
    assert set(WORDS) - used == {"needs_script"}


@pytest.mark.parametrize(
    ("bounds", "good"),
    [((118, 32, 119, 33), True), (None, True), ((119, 32, 118, 33), False), ((0, 0, float("nan"), 1), False),
     ((-181, 0, 1, 1), False), ((0, 0, 0, 0), True)],
)  # fmt: skip
def test_bounds_must_be_a_box_on_the_globe(bounds, good):
    if good:
        assert MapSpec(title="", layers=(), bounds=bounds).bounds == bounds
    else:
        with pytest.raises(InputError):
            MapSpec(title="", layers=(), bounds=bounds)


def test_two_layers_of_one_key_are_refused():
    one = MapLayer(key="roads", title="", group="", style="roads")
    with pytest.raises(InputError, match="same key: roads"):
        MapSpec(title="", layers=(one, one))


@pytest.mark.parametrize("change", [{"key": "Roads <b>"}, {"style": "neon"}, {"key": ""}])
def test_a_layer_without_a_proper_key_or_style_is_refused(change):
    with pytest.raises(InputError):
        MapLayer(**{"key": "roads", "title": "", "group": "", "style": "roads", **change})
