"""Whatever a declaration allows comes back as it went in; whatever it forbids is refused."""

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo_service.store.rows import row_from_json, row_to_json
from geo_service.store.rules import names_a_home
from town_model import LAYERS, InputError

from .conftest import LAT, LON, square

POINT = shapely.Point(LON, LAT)
QUICK = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

words = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30
).filter(lambda text: text.strip() and not names_a_home(text))
lon = st.floats(-180, 180)
lat = st.floats(-80, 80)
points = st.builds(shapely.Point, lon, lat)
lines = st.lists(st.tuples(lon, lat), min_size=2, max_size=6, unique=True).map(shapely.LineString)
areas = st.builds(
    lambda x, y, w, h: shapely.box(x, y, x + w, y + h),
    st.floats(-170, 170), st.floats(-70, 70), st.floats(1e-6, 5), st.floats(1e-6, 5),
)  # fmt: skip
many_areas = st.builds(
    lambda x, y: shapely.MultiPolygon([shapely.box(x, y, x + 1, y + 1), shapely.box(x + 2, y, x + 3, y + 1)]),
    st.floats(-170, 170), st.floats(-70, 70),
)  # fmt: skip
SHAPES = {
    "point": points,
    "line": lines,
    "polygon": areas | many_areas,
    "line_or_polygon": lines | areas,
    "raster": areas | st.none(),
}


def values(column):
    if column.kind == "choice":
        one = st.sampled_from([choice.value for choice in column.choices])
    elif column.kind == "text":
        one = words
    elif column.kind == "hours":
        one = st.sampled_from(["07:00-22:00", "19:00-06:00,12:00-13:00", "全天"])
    elif column.kind == "boolean":
        one = st.booleans()
    elif column.kind == "date":
        one = st.dates(dt.date(1950, 1, 1), dt.date(2100, 1, 1))
    elif column.kind == "datetime":
        one = st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2100, 1, 1))  # noqa: DTZ001 - local by declaration
    else:
        low = -1e6 if column.minimum is None else column.minimum
        high = 1e6 if column.maximum is None else column.maximum
        whole = column.kind == "integer"
        one = st.integers(math.ceil(low), math.floor(high)) if whole else st.floats(low, high)
    return one if column.required else st.none() | one


def rows(layer):
    columns = {one.name: values(one) for one in layer.columns if one.kind != "ref"}
    if layer.geometry is not None:
        columns["geometry"] = SHAPES[layer.geometry]
    return st.fixed_dictionaries(columns)


LINKED = {one.name for one in LAYERS.values() if any(c.kind == "ref" and c.required for c in one.columns)}


@pytest.mark.parametrize("name", sorted(set(LAYERS) - LINKED))
@QUICK
@given(data=st.data())
def test_rows_that_the_declaration_allows_come_back_unchanged(store, name, data):
    layer = LAYERS[name]
    given_rows = data.draw(st.lists(rows(layer), min_size=1, max_size=4))
    if name == "key_areas":
        given_rows = [{**one, "dwellings": max(one["dwellings"] or 0, 10)} for one in given_rows]
    if name == "patrol_points":
        given_rows = [{**one, "private_door": False} for one in given_rows]
    if name == "entrances":
        given_rows = [{**one, "private_door": None} for one in given_rows]
    if name == "obstacles":
        given_rows = [
            {**one, "height_m": 100.0, "clear_height_m": min(one["clear_height_m"] or 0, 99)}
            for one in given_rows
        ]
    if name == "day_rules":  # by dates, whose order holds and which name no other days
        day = dt.date(2026, 5, 4)
        given_rows = [
            {**one, "rule": "dates", "days": None, "first_day": day, "last_day": day} for one in given_rows
        ]
    if name == "patrol_rules":
        given_rows = [
            {**one, "demand": None, "interval_min": one["interval_min"] or 5, "interval_percent": None}
            for one in given_rows
        ]
    with store.change(actor="a") as change:
        ids = change.insert(name, given_rows)
    frame = store.frame(name, ids=ids, crs="wgs84")
    assert frame.index.tolist() == ids
    for row_id, row in zip(ids, given_rows, strict=True):
        for column in layer.columns:
            sent, got = row.get(column.name), frame.loc[row_id, column.name]
            wanted = column.default if sent is None else sent
            if wanted is None:
                assert got is None or pd.isna(got)
            elif column.kind in ("date", "datetime"):
                assert got == pd.Timestamp(wanted)
            else:
                assert got == wanted
        if layer.geometry is not None:
            got = frame.geometry.loc[row_id]
            assert got is None if row["geometry"] is None else got.wkb == row["geometry"].wkb
    (entry, *_) = store.changes(batch=change.batch_id)
    assert row_to_json(row_from_json(layer, row_to_json(entry.after))) == row_to_json(entry.after)


def test_dtypes_follow_from_the_declaration_alone(store):
    """An empty frame has the dtypes of a full one."""
    empty = store.frame("camera_sites")
    with store.change(actor="a") as change:
        change.insert("camera_sites", [{"name": "校门", "geometry": POINT}])
    full = store.frame("camera_sites")
    assert full.dtypes.equals(empty.dtypes)
    assert full.crs == empty.crs
    assert full["mount_height_m"].dtype == np.float64
    assert full["note"].iloc[0] is None
    assert full["filing_date"].dtype == "datetime64[us]"


@pytest.mark.parametrize(
    ("layer", "values", "said"),
    [
        ("camera_sites", {"mount_height_m": "6"}, "must be a number"),
        ("camera_sites", {"mount_height_m": True}, "must be a number"),
        ("camera_sites", {"mount_height_m": math.inf}, "finite"),
        ("camera_sites", {"mount_height_m": 0.4}, "outside 0.5 to 200 m"),
        ("camera_sites", {"azimuth_deg": 360.1}, "outside 0 to 360"),
        ("camera_sites", {"resolution_px_h": 1920.5}, "whole number"),
        ("camera_sites", {"sign_posted": 1}, "true or false"),
        ("camera_sites", {"filing_date": "31.3.2026"}, "date such as"),
        ("camera_sites", {"name": "  "}, "name is missing"),
        ("camera_sites", {"name": 7}, "must be text"),
        ("camera_sites", {"name": "a\0b"}, "no text"),
        ("camera_sites", {"name": "\ud800"}, "no text"),
        ("camera_sites", {"note": "x" * 10_001}, "longer than 10000"),
        ("camera_sites", {"status": "在用"}, "not allowed"),
        ("camera_sites", {"village": 99}, "villages has no row 99"),
        ("camera_sites", {"village": "石门村"}, "must be the id of a row of layer villages"),
        ("camera_sites", {"colour": "red"}, "no column colour"),
        ("patrol_units", {"shifts": "morning"}, "shifts: hours 'morning' cannot be read"),
        ("camera_sites", {"geometry": None}, "geometry is missing"),
        ("camera_sites", {"geometry": "POINT (1 2)"}, "must be a Shapely geometry"),
        ("camera_sites", {"geometry": shapely.Point()}, "geometry is missing"),
        ("camera_sites", {"geometry": square()}, "is a Polygon"),
        ("camera_sites", {"geometry": shapely.Point(math.nan, 1)}, "geometry"),
        ("camera_sites", {"geometry": shapely.Point(32, 118)}, "swapped"),
        ("camera_sites", {"geometry": shapely.Point(380_000, 3_540_000)}, "in metres"),
    ],
)
def test_a_wrong_value_is_refused_with_its_column_and_remedy(store, layer, values, said):
    good = {"name": "甲", "mode": "car", "shifts": "08:00-20:00", "geometry": POINT}
    columns = {*LAYERS[layer].column_names, "geometry"}
    row = {key: value for key, value in good.items() if key in columns} | values
    with pytest.raises(InputError, match=said), store.change(actor="a") as change:
        change.insert(layer, [row])
    assert store.count(layer) == 0


def test_a_bow_tie_is_refused_with_the_reason(store):
    tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    with pytest.raises(InputError, match="Self-intersection"), store.change(actor="a") as change:
        change.insert("water", [{"geometry": tie}])


def test_a_line_of_one_place_is_refused(store):
    with pytest.raises(InputError, match="invalid"), store.change(actor="a") as change:
        change.insert("roads", [{"highway": "path", "geometry": shapely.LineString([(1, 1), (1, 1)])}])


def test_heights_of_a_geometry_are_left_out(store):
    with store.change(actor="a") as change:
        change.insert("notice_boards", [{"geometry": shapely.Point(LON, LAT, 17)}])
    assert not store.frame("notice_boards").geometry.has_z.any()


def test_numbers_of_numpy_and_pandas_are_taken_and_missing_ones_left_out(store):
    row = {
        "name": np.str_("甲"), "mount_height_m": np.float32(6.5), "resolution_px_h": np.int64(1920),
        "sign_posted": np.bool_(1), "hfov_deg": np.nan, "filing_date": pd.Timestamp(2026, 3, 31),
        "owner": pd.NA, "in_use_since": pd.NaT, "geometry": POINT,
    }  # fmt: skip
    with store.change(actor="a") as change:
        change.insert("camera_sites", [row])
    (kept,) = store.frame("camera_sites").to_dict("records")
    assert (kept["name"], kept["mount_height_m"], kept["resolution_px_h"]) == ("甲", 6.5, 1920)
    assert kept["sign_posted"] is True
    assert kept["owner"] is None
    assert pd.isna(kept["hfov_deg"])
    assert pd.isna(kept["in_use_since"])
    assert kept["filing_date"] == pd.Timestamp(2026, 3, 31)


def test_a_default_stands_in_for_what_a_row_leaves_out_or_an_update_empties(store):
    with store.change(actor="a") as change:
        (row,) = change.insert("street_lights", [{"geometry": POINT, "reach_m": 20}])
        change.update("street_lights", row, {"reach_m": None})
    assert store.frame("street_lights")["reach_m"].tolist() == [15.0]


def test_inputs_are_not_changed(store):
    row = {"name": "甲", "note": None, "geometry": POINT}
    copy = dict(row)
    with store.change(actor="a") as change:
        change.insert("camera_sites", [row])
    assert row == copy


def test_many_faults_are_cut_to_two_hundred_and_counted(store):
    with pytest.raises(InputError) as caught, store.change(actor="a") as change:
        change.insert("notice_boards", [{"geometry": None}] * 500)
    assert len(caught.value.messages) == 201
    assert "300 more" in str(caught.value.messages[-1])


def test_rows_without_a_town_position_are_refused(tmp_path):
    from geo_service.store import Store

    store = Store(tmp_path / "town.db")
    with pytest.raises(InputError, match="place it first"), store.change(actor="a") as change:
        change.insert("notice_boards", [{"geometry": POINT}])
    with store.change(actor="a") as change:
        change.insert("camera_models", [{"name": "筒机"}])
    assert store.town.epsg is None
    assert len(store.frame("notice_boards")) == 0
    store.close()


def test_a_town_is_not_moved_away_from_its_rows(store):
    from geo_service.store import ConflictError

    store.place_town(7.42, 43.74, actor="a")
    assert store.town.epsg == 32632, "empty: Monaco is in UTM zone 32 north"
    store.place_town(LON, LAT, actor="a")
    with store.change(actor="a") as change:
        change.insert("notice_boards", [{"geometry": POINT}])
    with pytest.raises(ConflictError, match="cannot be placed elsewhere"):
        store.place_town(7.42, 43.74, actor="a")
    assert store.place_town(LON + 0.01, LAT, "石门", actor="a").name == "石门"


def test_frames_are_metric_by_default_and_degrees_on_demand(store):
    # two points one arc second of latitude apart: 30.8 m on the ellipsoid at 32° N
    with store.change(actor="a") as change:
        change.insert(
            "notice_boards", [{"geometry": POINT}, {"geometry": shapely.Point(LON, LAT + 1 / 3600)}]
        )
    metric = store.frame("notice_boards").geometry
    assert metric.iloc[0].distance(metric.iloc[1]) == pytest.approx(30.8, abs=0.02)
    assert store.frame("notice_boards", crs="wgs84").geometry.iloc[0] == POINT
    with pytest.raises(InputError, match="metric or wgs84"):
        store.frame("notice_boards", crs="gcj02")
