"""The targets as a layer of the map: how much of each is seen as required."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo_service.mapdata import MapAccessError, data_version, layer_data, map_layers
from geo_service.workspace import Workspace

LON, LAT = 118.78, 32.04
SEE = {"view_gaps"}


def fill(made):
    made.place_town(LON, LAT, actor="t")
    proper = {"category": "school", "reason": "r", "approver": "a", "review_date": "2027-01-01"}
    with made.change(actor="t") as change:
        change.insert(
            "key_areas",
            [
                {"name": f"学校{at}", "priority": "1", "geometry": shapely.box(LON + at * 0.002, LAT, LON + at * 0.002 + 0.001, LAT + 0.001), **proper}
                for at in range(4)
            ],
        )  # fmt: skip
        change.insert(
            "roads",
            [
                {
                    "name": "长街",
                    "highway": "primary",
                    "geometry": shapely.LineString([(LON, LAT), (LON + 0.01, LAT)]),
                }
            ],
        )
    shares = {
        "key_areas/1": 1.0,
        "key_areas/2": 0.42,
        "key_areas/3": 0.001,
        "key_areas/4": None,
        "roads/1": 0.996,
        "key_areas/99": 1.0,
    }
    rows = [
        {"target": key, "name": "长街" if key == "roads/1" else "", "kind": "road" if key == "roads/1" else "key_area", "priority": "1",
         "required_class": "observe", "share_day": share, "share_night": 0.0}
        for key, share in shares.items()
    ]  # fmt: skip
    made.save_result(
        "coverage",
        actor="t",
        options={},
        summary={},
        frames={
            "targets": pd.DataFrame(rows),
            "visible_areas": gpd.GeoDataFrame(geometry=[], crs=made.town.epsg),
        },
    )


@pytest.fixture
def store(tmp_path):
    with Workspace.create(tmp_path / "town", name="石门镇") as workspace:
        fill(workspace.store)
        yield workspace.store


def test_a_target_is_seen_in_part_or_not_by_its_share(store):
    data = layer_data(store, "targets_day", language="zh", permissions=SEE)
    # the one without a share is not judged by day, the last one is gone from the town
    assert {row[0]: row[1] for row in data["features"]} == {
        "key_areas/1": "all",
        "key_areas/2": "part",
        "key_areas/3": "none",
        "roads/1": "all",
    }
    values = {row[0]: row[4] for row in data["features"]}
    heads = [one["key"] for one in data["fields"]]
    assert values["key_areas/2"][heads.index("share")] == "42 %"
    assert values["roads/1"][heads.index("name")] == "长街"


def test_the_legend_counts_them(store):
    (day,) = [one for one in map_layers(store, language="zh", permissions=SEE) if one.key == "targets_day"]
    assert [(one.value, one.count) for one in day.legend] == [("all", 3), ("part", 1), ("none", 1)]
    assert not day.visible


def test_who_may_not_see_gaps_does_not_see_what_is_seen_of_targets(store):
    with pytest.raises(MapAccessError):
        layer_data(store, "targets_night", language="zh", permissions={"view_map", "view_cameras"})


def test_a_changed_shape_changes_what_a_browser_has_kept(store):
    before = data_version(store, "targets_day")
    with store.change(actor="t") as change:
        change.update("key_areas", 1, {"geometry": shapely.box(LON, LAT, LON + 0.0005, LAT + 0.0005)})
    assert data_version(store, "targets_day") != before
