"""Claims about the files that come with the map pages."""

import hashlib
import shutil

import pytest

from town_maps import asset, asset_names, vendored
from town_maps.assets import FOLDER, SCRIPTS, STYLES
from town_maps.vendor import faults
from town_model import InputError


def test_every_vendored_file_is_byte_for_byte_what_was_published():
    assert faults() == []


def test_a_changed_file_is_noticed(tmp_path):
    folder = tmp_path / "assets"
    shutil.copytree(FOLDER, folder)
    script = folder / "leaflet" / "leaflet.js"
    script.write_bytes(script.read_bytes() + b" ")
    (folder / "extra.js").write_text("1")
    assert faults(folder) == [
        "extra.js: not recorded in ASSETS.toml",
        "leaflet/leaflet.js: is not what leaflet 1.9.4 published",
    ]


def test_leaflet_is_a_1_9_release_with_its_licence_text():
    (package,) = vendored()
    assert package.name == "leaflet"
    assert package.version.startswith("1.9.")
    assert package.licence == "BSD-2-Clause"
    assert "Volodymyr Agafonkin" in (FOLDER / package.licence_file).read_text()


@pytest.mark.parametrize("name", [*SCRIPTS, *STYLES])
def test_every_file_that_a_page_asks_for_can_be_served(name):
    one = asset(name)
    assert name in asset_names()
    assert one.content
    assert one.media_type == {"js": "text/javascript", "css": "text/css"}[name.rsplit(".", 1)[1]]
    assert one.digest == hashlib.sha256(one.content).hexdigest()


@pytest.mark.parametrize("name", ["../page.py", "ASSETS.toml", "leaflet/../../spec.py", "/etc/passwd", ""])
def test_nothing_but_the_listed_files_is_given_out(name):
    with pytest.raises(InputError):
        asset(name)


@pytest.mark.parametrize("name", sorted(one for one in asset_names() if one.startswith("town-map")))
def test_our_scripts_stay_short_and_set_no_markup(name):
    words = asset(name).content.decode()
    assert len(words.splitlines()) <= 400
    for banned in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "DOMParser",
    ):
        assert banned not in words
