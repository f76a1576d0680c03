"""Tiles of a town: each feature where it stands, nothing that cannot be seen, fresh after an edit."""

import math

import mapbox_vector_tile
import numpy as np
import pytest
import shapely

from geo_service.towntiles import LAYERS, MAX_ZOOM, TownTiles, tile_box

LON, LAT = 118.78, 32.04


def tile_of(z, lon=LON, lat=LAT):
    # https://wiki.openstreetmap.org/wiki/Slippy_map_tilenames
    n = 2**z
    return int((lon + 180) / 360 * n), int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)


def decode(content):
    return mapbox_vector_tile.decode(content, default_options={"y_coord_down": True}) if content else {}


def back(points, z, x, y):
    """Longitude and latitude of places in a tile, by the formula of slippy maps turned round."""
    n = 2**z
    return [
        (
            (x + px / 4096) / n * 360 - 180,
            math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (y + py / 4096) / n)))),
        )
        for px, py in points
    ]


def found(store, name, z):
    """Ids of a layer in all tiles round the middle of the town."""
    x, y = tile_of(z)
    tiles = TownTiles(store)
    ids = set()
    for column in range(x - 1, x + 2):
        for row in range(y - 1, y + 2):
            ids |= {
                one["id"]
                for one in decode(tiles.tile(z, column, row)).get(name, {"features": []})["features"]
            }
    return ids


def test_a_house_stands_where_it_stands_to_some_centimetres(town):
    house = town.add("buildings", shapely.box(0, 0, 12, 9), name="镇政府", use="public", height_m=12.0)
    x, y = tile_of(MAX_ZOOM)
    [one] = decode(TownTiles(town.store).tile(MAX_ZOOM, x, y))["buildings"]["features"]
    assert (one["id"], one["properties"]) == (house, {"class": "public", "name": "镇政府"})
    wanted = np.array(town.place(shapely.box(0, 0, 12, 9)).exterior.coords)
    got = np.array(back(one["geometry"]["coordinates"][0], MAX_ZOOM, x, y))
    for corner in got:
        metres = np.hypot(*((wanted - corner) * (111_320 * math.cos(math.radians(LAT)), 111_000)).T)
        # half a unit in x and y: 0.5 × 0.13 m × √2
        assert metres.min() < 0.1


def test_what_is_smaller_than_two_pixels_waits_for_a_closer_look(town):
    hut = town.add("buildings", shapely.box(0, 0, 3, 3), height_m=3.0)
    hall = town.add("buildings", shapely.box(20, 0, 120, 100), height_m=10.0)
    assert found(town.store, "buildings", 13) == {hall}
    assert found(town.store, "buildings", MAX_ZOOM) == {hut, hall}
    assert found(town.store, "buildings", 10) == set()  # houses are not drawn before zoom 13.5


def test_small_roads_wait_as_the_map_draws_them(town):
    lane = town.road((0, 0), (900, 0), highway="service")
    main = town.road((0, 50), (900, 50), highway="primary")
    assert found(town.store, "roads", 11) == {main}
    assert found(town.store, "roads", 14) == {main, lane}


def test_a_shape_over_several_tiles_is_in_each_whole_or_cut(town):
    z = MAX_ZOOM
    lake = town.add("water", shapely.box(-3000, -3000, 3000, 3000), kind="lake")
    house = town.add("buildings", shapely.box(-600, -600, 600, 600), height_m=9.0)
    x, y = tile_of(z)
    tiles = TownTiles(town.store)
    one, two = (decode(tiles.tile(z, column, y)) for column in (x, x + 1))
    assert [each["water"]["features"][0]["properties"].get("cut") for each in (one, two)] == [True, True]
    ring = np.array(one["water"]["features"][0]["geometry"]["coordinates"][0])
    assert ring.min() == -128 and ring.max() == 4096 + 128
    both = [each["buildings"]["features"][0] for each in (one, two)]
    assert [each["id"] for each in both] == [house, house] and "cut" not in both[0]["properties"]
    areas = [shapely.geometry.shape(each["geometry"]).area for each in both]
    assert areas[0] == pytest.approx(areas[1], rel=1e-3) and lake


def test_an_edit_shows_in_the_next_tile(town):
    tiles = TownTiles(town.store)
    at = (MAX_ZOOM, *tile_of(MAX_ZOOM))
    assert tiles.tile(*at) == b""
    town.add("buildings", shapely.box(0, 0, 12, 9), height_m=12.0)
    assert len(decode(tiles.tile(*at))["buildings"]["features"]) == 1


def test_only_the_layers_asked_for_are_in_it(town):
    town.add("buildings", shapely.box(0, 0, 12, 9), height_m=12.0)
    town.road((0, 0), (90, 0))
    at = (MAX_ZOOM, *tile_of(MAX_ZOOM))
    tiles = TownTiles(town.store)
    assert set(decode(tiles.tile(*at))) == {"buildings", "roads"}
    assert set(decode(tiles.tile(*at, layers=["roads"]))) == {"roads"}
    assert tiles.tile(*at, layers=["camera_sites"]) == b""


def test_no_layer_of_the_tiles_is_sensitive():
    from town_model import LAYERS as DECLARED

    assert not [name for name in LAYERS if DECLARED[name].sensitive]


def test_what_is_kept_stays_within_its_size(town):
    for step in range(6):
        town.add("buildings", shapely.box(step * 20, 0, step * 20 + 12, 9), height_m=12.0)
    x, y = tile_of(MAX_ZOOM)
    tiles = TownTiles(town.store, keep_bytes=300)
    for column in range(x - 2, x + 3):
        tiles.tile(MAX_ZOOM, column, y)
    assert tiles._size <= 300 and sum(map(len, tiles._kept.values())) == tiles._size


@pytest.mark.parametrize("z", [0, 5, 16])
def test_the_box_of_a_tile_is_that_of_slippy_maps(z):
    x, y = tile_of(z)
    west, south, east, north = tile_box(z, x, y)
    assert west <= LON < east and south < LAT <= north
    assert tile_of(z, west + 1e-9, north - 1e-9) == (x, y)
