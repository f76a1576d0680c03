"""The declarations, coordinate systems and checks that every room relies on."""

import doctest

import geopandas as gpd
import pytest
import shapely
from pyproj import CRS

from town_model import (
    DAY_S,
    DEFAULT_OBSERVATION_TABLE,
    EN_62676_4_2015,
    LAYERS,
    OBSERVATION_TABLES,
    ColumnError,
    CrsError,
    GeometryError,
    LayerError,
    Text,
    TownError,
    ValueRangeError,
    check_frame,
    check_same_crs,
    in_china,
    layer,
    meridian_convergence_deg,
    parse_hours,
    town_crs,
)
from town_model import crs as crs_module
from town_model import days as days_module
from town_model import hours as hours_module
from town_model import text as text_module

DESIGN_LAYERS = """villages grids roads buildings obstacles terrain key_areas housing_zones entrances camera_models
camera_sites camera_views camera_status_log street_lights mounting_points no_camera_zones patrol_points patrol_units
notice_boards checkpoints area_index""".split()


@pytest.mark.parametrize("module", [crs_module, days_module, hours_module, text_module])
def test_the_examples_in_docstrings_hold(module):
    assert doctest.testmod(module).failed == 0


def test_all_layers_of_the_design_are_declared():
    assert set(DESIGN_LAYERS) <= set(LAYERS)


@pytest.mark.parametrize("name", LAYERS)
def test_a_declaration_is_consistent(name):
    """Keys and references point somewhere, names are unique, choices and defaults agree, titles are in both languages."""
    declared = layer(name)
    assert declared.zh and declared.en and declared.help_zh and declared.help_en
    assert len(set(declared.column_names)) == len(declared.column_names)
    assert not {"id", "revision", "geometry"} & set(declared.column_names)
    assert not declared.key or declared.key in declared.column_names
    for column in declared.columns:
        assert column.zh and column.en
        assert (column.kind == "choice") == bool(column.choices)
        assert (column.kind == "ref") == bool(column.refers_to)
        assert not column.refers_to or column.refers_to in LAYERS
        if column.kind == "choice" and column.default is not None:
            assert column.default in {one.value for one in column.choices}
        for unit, ending in (
            ("m", "_m"),
            ("°", "_deg"),
            ("px", ("_px_h", "_px_v")),
            ("min", "_min"),
            ("km/h", "_kmh"),
        ):
            if column.unit == unit:
                assert column.name.endswith(ending)


@pytest.mark.parametrize("name", LAYERS)
def test_no_header_means_two_columns_of_a_layer(name):
    """An import could not tell them apart."""
    seen = {}
    for column in layer(name).columns:
        for word in {column.name, column.zh, column.en, *column.aliases}:
            assert seen.setdefault(word.lower(), column.name) == column.name


def test_a_residential_key_area_or_zone_asks_for_ten_dwellings_and_no_category_is_worship_or_petitioning():
    assert layer("housing_zones").column("households").minimum == 10
    words = "".join(
        one.zh + one.en + "".join(one.aliases) for one in layer("key_areas").column("category").choices
    )
    assert not any(word in words for word in ("宗教", "寺", "教堂", "清真", "信访", "上访", "worship"))


def test_an_unknown_layer_is_refused_with_those_there_are():
    with pytest.raises(LayerError, match="camera_sites"):
        layer("cameras")


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [
        (114.0, 30.5, 4547),  # the facts page: 114° E is EPSG:4547
        (118.78, 32.04, 4549),  # central meridian 120° E
        (87.6, 43.8, 4538),  # Ürümqi, 87° E
        (130.9, 47.0, 4553),  # 132° E
        (7.42, 43.73, 32632),  # Monaco
        (151.2, -33.9, 32756),  # Sydney
        (126.98, 37.57, 32652),  # Seoul is not in China
        (139.7, 35.7, 32654),
    ],
)
def test_the_metric_system_of_a_town(lon, lat, epsg):
    assert town_crs(lon, lat).to_epsg() == epsg


def test_a_gauss_krueger_zone_has_the_town_near_its_central_meridian():
    for lon in range(76, 135):
        if in_china(lon, 42.0):
            crs = town_crs(lon, 42.0)
            central = next(
                one.value for one in crs.coordinate_operation.params if "longitude" in one.name.lower()
            )
            assert abs(lon - central) <= 1.5


def test_positions_off_the_globe_are_refused():
    with pytest.raises(CrsError):
        town_crs(32.04, 118.78)


def test_convergence_as_measured_for_the_two_real_towns():
    """The facts page: −0.65° in the Nanjing file, −1.09° in Monaco."""
    assert meridian_convergence_deg(118.78, 32.0435, town_crs(118.78, 32.04)) == pytest.approx(
        -0.65, abs=0.01
    )
    assert meridian_convergence_deg(7.42, 43.74, town_crs(7.42, 43.74)) == pytest.approx(-1.09, abs=0.01)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("07:00-08:10,16:30-18:00", [(25200, 29400), (59400, 64800)]),
        ("19:00-06:00", [(0, 21600), (68400, DAY_S)]),
        ("全天", [(0, DAY_S)]),
        ("", [(0, DAY_S)]),
        ("8-12,11-14", [(28800, 50400)]),
        ("7:00至8:10、16:30~18:00", [(25200, 29400), (59400, 64800)]),
        ("22-24", [(79200, DAY_S)]),
        ("20:00-24:00,00:00-02:00", [(0, 7200), (72000, DAY_S)]),
        ("22:00-00:00", [(79200, DAY_S)]),
    ],
)
def test_hours_are_read_as_stations_write_them(text, spans):
    assert parse_hours(text) == spans


@pytest.mark.parametrize("text", ["7", "25:00-26:00", "08:00-08:00", "08:70-09:00", "morning"])
def test_hours_that_mean_nothing_are_refused(text):
    with pytest.raises(ValueRangeError):
        parse_hours(text)


def test_classes_carry_the_published_densities():
    assert EN_62676_4_2015.density("observe") == 62.5
    assert EN_62676_4_2015.density(None) == 0
    with pytest.raises(ValueRangeError, match="observe"):
        EN_62676_4_2015.density("recognize")


def test_an_error_says_all_its_messages_and_keeps_them_translatable():
    error = TownError([Text.of("row {row}: no position", row=3), Text.of("row {row}: no name", row=4)])
    assert str(error) == "row 3: no position\nrow 4: no name"
    assert error.messages[0].template == "row {row}: no position"


def _frame(geometries, crs="EPSG:4549", **columns):
    return gpd.GeoDataFrame(columns, geometry=geometries, crs=crs)


def test_the_door_refuses_degrees_and_nothing():
    point = [shapely.Point(0, 0)]
    with pytest.raises(CrsError, match="metres"):
        check_frame(_frame(point, "EPSG:4326"), "cameras")
    with pytest.raises(CrsError, match="no coordinate system"):
        check_frame(_frame(point, None), "cameras")
    with pytest.raises(CrsError):
        check_same_crs(a=_frame(point), b=_frame(point, CRS.from_epsg(32632)))


def test_the_door_names_all_faults_at_once():
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    frame = _frame([bow_tie, None, shapely.Point(0, 0)], name=["a", "b", "c"])
    with pytest.raises(GeometryError) as caught:
        check_frame(frame, "buildings", geometry_types=("Polygon",))
    assert "no geometry at 1" in str(caught.value)
    assert "invalid geometries at 0" in str(caught.value)
    assert "must hold Polygon only: see 2" in str(caught.value)
    with pytest.raises(ColumnError, match="height_m"):
        check_frame(frame, "buildings", columns=("height_m",))


def test_the_door_refuses_numbers_that_are_none():
    with pytest.raises(GeometryError, match="no numbers at 1"):
        check_frame(_frame([shapely.Point(0, 0), shapely.Point(float("nan"), 1)]), "cameras")


def test_a_station_may_go_by_the_table_of_2025_under_the_names_of_its_places():
    """IEC 62676-4:2025 by the facts page: 20, 40, 80, 125, 250, 1500 px/m in the places of the six classes of 2015."""
    table = OBSERVATION_TABLES["iec_62676_4_2025"]
    assert [table.density(name) for name in EN_62676_4_2015.px_per_m] == [20, 40, 80, 125, 250, 1500]
    assert OBSERVATION_TABLES[DEFAULT_OBSERVATION_TABLE] is EN_62676_4_2015
    assert "2025" in table.name and "secondary" in table.source
