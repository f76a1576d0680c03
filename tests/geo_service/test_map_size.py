"""Claims about the size of real towns' maps: what a browser must fetch before it can show them."""

import pytest

from geo_service.imports.osm import import_osm
from geo_service.mapdata import SOURCES, encode, layer_data, map_spec
from geo_service.workspace import Workspace
from town_maps import asset, page_parts
from town_maps.assets import SCRIPTS, STYLES

LIMIT = 1_500_000
ALL = {one.permission for one in SOURCES.values()}


def bytes_of_page(store):
    """Return the bytes of everything that the page fetches at once, and the layers that wait for a closer view."""
    spec = map_spec(store, language="zh", permissions=ALL, url=lambda key: f"/d/{key}")
    parts = page_parts(spec)
    total = sum(len(one.encode()) for one in (parts.head, parts.body, parts.script))
    total += sum(len(asset(one).content) for one in (*SCRIPTS, *STYLES))
    shown = [one for one in spec.layers if one.visible and not one.by_view]
    total += sum(len(encode(layer_data(store, one.key, language="zh", permissions=ALL))) for one in shown)
    return total, [one for one in spec.layers if one.by_view]


@pytest.mark.real_data
@pytest.mark.slow
def test_monaco_comes_in_less_than_a_megabyte_and_a_half_and_so_does_every_view(real_data, tmp_path):
    with Workspace.create(tmp_path / "monaco") as made:
        import_osm(made.store, real_data / "monaco.osm.pbf", actor="tester")
        total, later = bytes_of_page(made.store)
        assert total < LIMIT
        assert [(one.key, one.min_zoom) for one in later] == [("buildings", 15)]
        # A screen of 1,440 × 900 pixels with its margin, over the densest part of the town.
        for zoom in (15, 16, 17, 18):
            wide, high = (0.5 * 1.7 * pixels * 360 / 256 / 2**zoom for pixels in (1440, 900))
            box = (7.4246 - wide, 43.7385 - high, 7.4246 + wide, 43.7385 + high)
            view = layer_data(made.store, "buildings", language="zh", permissions=ALL, bbox=box, zoom=zoom)
            assert len(view["features"]) > 500
            assert len(encode(view)) < LIMIT


@pytest.mark.real_data
@pytest.mark.slow
def test_the_centre_of_nanjing_comes_whole(real_data, tmp_path):
    with Workspace.create(tmp_path / "nanjing") as made:
        import_osm(made.store, real_data / "nanjing-xinjiekou.osm", actor="tester")
        total, later = bytes_of_page(made.store)
        assert total < LIMIT
        assert later == []
        roads = layer_data(made.store, "roads", language="zh", permissions=ALL)
        assert "中山路" in {row[4][0] for row in roads["features"]}
