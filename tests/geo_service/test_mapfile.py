"""Claims about the stand-alone map: what it leaves out, what it is marked with, what is logged."""

import re
from datetime import date, datetime

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo_service.mapfile import write_town_map
from geo_service.workspace import Workspace
from town_model import InputError

LON, LAT = 118.78, 32.04
NOW = datetime(2026, 5, 6, 8, 30).astimezone()


@pytest.fixture
def store(tmp_path):
    with Workspace.create(tmp_path / "town", name="石门镇") as made:
        made.store.place_town(LON, LAT, actor="tester")
        with made.store.change(actor="tester") as change:
            change.insert(
                "roads",
                [
                    {
                        "name": "ROADNAME",
                        "highway": "primary",
                        "geometry": shapely.LineString([(LON, LAT), (LON + 0.01, LAT)]),
                    }
                ],
            )
            point = shapely.Point(LON, LAT)
            change.insert(
                "camera_sites",
                [
                    {
                        "name": "CAMERANAME",
                        "code": "CODE34020000001320000001",
                        "kind": "fixed",
                        "status": "working",
                        "geometry": point,
                    }
                ],
            )
            change.insert("mounting_points", [{"name": "POLENAME", "geometry": point}])
            change.insert("patrol_points", [{"name": "POINTNAME", "geometry": point}])
            change.insert(
                "patrol_units",
                [
                    {
                        "name": "UNITNAME",
                        "mode": "car",
                        "kind": "police",
                        "shifts": "08:00-16:00",
                        "geometry": point,
                    }
                ],
            )
            change.insert("checkpoints", [{"name": "CHECKNAME", "geometry": point}])
        square = shapely.box(0, 0, 50, 50)
        crs = made.store.frame("roads").crs
        ground = lambda row: gpd.GeoDataFrame([row], geometry="geometry", crs=crs)  # noqa: E731
        place = made.store.frame("camera_sites").geometry.iloc[0]
        square = shapely.box(place.x, place.y, place.x + 50, place.y + 50)
        made.store.save_result(
            "coverage",
            actor="t",
            options={},
            summary={},
            frames={
                "visible_areas": ground(
                    {
                        "camera": 1,
                        "camera_name": "SEENNAME",
                        "status": "working",
                        "observation_class": "observe",
                        "light": "day",
                        "area_m2": 1.0,
                        "geometry": square,
                    }
                )
            },
        )
        made.store.save_result(
            "gaps",
            actor="t",
            options={},
            summary={},
            frames={
                "pieces": ground(
                    {
                        "target": "t",
                        "target_name": "GAPNAME",
                        "target_kind": "key_area",
                        "light": "day",
                        "priority": "1",
                        "required_class": "observe",
                        "cause": "dark",
                        "cause_ref": None,
                        "cause_name": "CAUSENAME",
                        "nearest_camera": 1,
                        "nearest_camera_name": "NEARNAME",
                        "distance_m": 1.0,
                        "area_m2": 2.0,
                        "length_m": 0.0,
                        "geometry": square,
                    }
                )
            },
        )
        unit = {
            "unit": "patrol_units/1",
            "unit_name": "ROUTENAME",
            "mode": "car",
            "kind": "police",
            "village": None,
        }
        made.store.save_result(
            "patrol",
            actor="t",
            options={},
            summary={},
            frames={
                "routes": ground(
                    {
                        **unit,
                        "length_m": 1.0,
                        "geometry": shapely.LineString([(place.x, place.y), (place.x + 9, place.y)]),
                    }
                ),
                "places": ground(
                    {
                        "place": "p/1",
                        "name": "VISITNAME",
                        "max_gap_s": 1.0,
                        "dwell_s": 1.0,
                        "visits": 1,
                        "worst_gap_s": 1.0,
                        "geometry": place,
                    }
                ),
                "visits": pd.DataFrame(
                    [
                        {
                            **unit,
                            "seq": 0,
                            "place": "p/1",
                            "place_name": "VISITNAME",
                            "arrive_s": 0.0,
                            "depart_s": 1.0,
                        }
                    ]
                ),
                "unreachable": pd.DataFrame({"place": pd.Series([], dtype=object)}),
            },
        )
        yield made.store  # fmt: skip


SECRET = [b"CAMERANAME", b"3402000000132", b"POLENAME", b"POINTNAME", b"UNITNAME", b"CHECKNAME", b"SEENNAME", b"GAPNAME",
          b"CAUSENAME", b"NEARNAME", b"ROUTENAME", b"VISITNAME"]  # fmt: skip


def exports(store):
    return [one for one in store.audit_entries() if one.action == "export_map"]


def test_without_leave_nothing_sensitive_is_in_the_bytes(store, tmp_path):
    content = write_town_map(store, tmp_path / "town.html").read_bytes()
    assert b"ROADNAME" in content
    assert [one for one in SECRET if one in content] == []
    for title in ("监控点位", "盲区", "巡逻", "内部使用"):
        assert title.encode() not in content
    described = content[
        content.index(b'id="town-map-spec"') : content.index(
            b"<script>", content.index(b'id="town-map-data"')
        )
    ]
    for key in (b"camera_sites", b"coverage_", b"gaps_", b"patrol_", b"mounting_points", b"checkpoints"):
        assert key not in described
    assert exports(store) == []


def test_without_leave_a_place_says_nothing_of_what_cameras_and_patrols_owe_it(store, tmp_path):
    """How often a patrol comes by, and which class a camera must reach, tell when and where nobody looks."""
    with store.change(actor="tester") as change:
        change.insert(
            "key_areas",
            [
                {
                    "name": "AREANAME", "category": "government", "priority": "1", "required_class": "recognise",
                    "visit_interval_min": 117, "reason": "REASONWORDS", "approver": "APPROVERPOST",
                    "review_date": date(2027, 3, 1), "geometry": shapely.box(LON, LAT, LON + 0.001, LAT + 0.001),
                }
            ],
        )  # fmt: skip
    words = ("visit_interval_min", "117", "REASONWORDS", "APPROVERPOST", "required_class", "2027-03-01")
    page = write_town_map(store, tmp_path / "plain.html").read_text(encoding="utf-8")
    data = re.search(r'id="town-map-data[^>]*>(.*?)</script>', page, re.DOTALL)[1]
    assert "AREANAME" in data and [one for one in words if one in data] == []
    full = write_town_map(store, tmp_path / "full.html", with_sensitive=True, user="planner")
    assert all(one in full.read_text(encoding="utf-8") for one in words)


def test_with_leave_everything_is_there_marked_and_logged(store, tmp_path):
    content = write_town_map(
        store, tmp_path / "town.html", with_sensitive=True, user="planner", now=NOW
    ).read_bytes()
    # What was seen by which camera, and the plain code, are no fields of a drawn area.
    assert [one for one in SECRET if one not in content] == [b"SEENNAME"]
    assert "内部使用 · planner · 2026-05-06 08:30".encode() in content
    (entry,) = exports(store)
    assert (entry.actor, entry.target) == ("planner", "town.html")


def test_an_export_without_a_name_is_refused_before_anything_is_written(store, tmp_path):
    with pytest.raises(InputError, match="name the user"):
        write_town_map(store, tmp_path / "town.html", with_sensitive=True, user=" ")
    assert list(tmp_path.glob("*.html")) == []
    assert exports(store) == []


def test_a_file_that_is_there_is_replaced_only_when_asked(store, tmp_path):
    out = tmp_path / "town.html"
    out.write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        write_town_map(store, out)
    assert out.read_text() == "mine"
    write_town_map(store, out, overwrite=True)
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_a_missing_folder_and_a_town_without_map_are_told(store, tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        write_town_map(store, tmp_path / "no" / "town.html")
    with Workspace.create(tmp_path / "empty") as empty, pytest.raises(InputError, match="has no map yet"):
        write_town_map(empty.store, tmp_path / "town.html")


def test_the_file_is_in_the_language_asked_for(store, tmp_path):
    content = write_town_map(store, tmp_path / "town.html", language="en").read_text(encoding="utf-8")
    assert '<html lang="en">' in content
    assert "Base map" in content
    assert "底图" not in content
