"""Street lights: at night ground is seen where the camera's own infrared light or a lamp reaches."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from coverage_scenes import CRS, X, Y, along_axis, camera, obstacles, round_camera

from camera_coverage import StreetLights, ViewOptions, analyse, blind_spots, camera_keys, visible_areas
from town_model import CrsError, ValueRangeError


def lamps(*feet, reach_m=15.0, **columns):
    places = [shapely.Point(X + x, Y + y) for x, y in feet]
    values = {"reach_m": reach_m} | columns
    return gpd.GeoDataFrame(values, index=range(len(feet)), geometry=places, crs=CRS)


def at_night(lights, walls=None, cameras=None, observation_class=None):
    options = ViewOptions(observation_class=observation_class, night=True, street_lights=lights)
    return visible_areas(round_camera() if cameras is None else cameras, walls, options=options).iloc[0]


def test_a_lamp_lights_a_disk_beyond_the_infrared_reach():
    """Infrared 30 m, range 100 m, a lamp at 60 m with 15 m: seen 0–30 m and 45–75 m along the axis."""
    area = at_night(lamps((60, 0)))
    line = shapely.LineString([(X, Y), (X + 100, Y)]).intersection(area)
    spans = [(part.bounds[0] - X, part.bounds[2] - X) for part in shapely.get_parts(line)]
    assert np.ravel(sorted(spans)) == pytest.approx([0, 30, 45, 75], abs=0.02)
    assert area.area == pytest.approx(np.pi * (30**2 + 15**2), rel=2e-3)


def test_a_lamp_beyond_the_range_of_the_camera_lights_nothing_for_it():
    """Range 100 m: a lamp at 110 m with 15 m shows the lens of both circles, one at 120 m nothing."""
    alone = at_night(None).area
    r, s, d = 100.0, 15.0, 110.0
    one = (d * d + r * r - s * s) / (2 * d * r)
    two = (d * d + s * s - r * r) / (2 * d * s)
    root = np.sqrt((-d + r + s) * (d + r - s) * (d - r + s) * (d + r + s))
    lens = r * r * np.arccos(one) + s * s * np.arccos(two) - root / 2
    assert at_night(lamps((110, 0))).area - alone == pytest.approx(lens, rel=0.01)
    assert at_night(lamps((120, 0))).area == pytest.approx(alone, abs=1e-6)


def test_a_wall_hides_lit_ground_as_by_day():
    """A wall of unknown height at 50 m: of a lamp at 60 m only what lies before the wall is seen."""
    wall = obstacles(shapely.LineString([(50, -100), (50, 100)]))
    area = at_night(lamps((60, 0)), wall)
    assert along_axis(area)[1] == pytest.approx(50, abs=1e-6)


def test_a_lamp_out_of_order_and_an_empty_layer_change_nothing():
    alone = at_night(None)
    assert at_night(lamps((60, 0), working=False)).equals(alone)
    assert at_night(lamps((60, 0)).iloc[:0]).equals(alone)
    assert not at_night(lamps((60, 0), working=[None])).equals(alone)


def test_by_day_lamps_change_nothing():
    for lights in (None, lamps((60, 0))):
        area = visible_areas(
            round_camera(), options=ViewOptions(observation_class=None, street_lights=lights)
        ).iloc[0]
        assert area.area == pytest.approx(np.pi * 100**2, rel=1e-3)


def test_the_pixel_limit_holds_under_a_lamp():
    """1920 px at 90° give 25 px/m at a depth of 38.4 m, on the axis x = 38.4 / cos 45° − 4.5 = 49.81 m: no farther under a lamp."""
    frame = camera(tilt_deg=45.0, vfov_deg=89.0)
    area = at_night(lamps((60, 0)), cameras=frame, observation_class="detect")
    assert along_axis(area)[1] == pytest.approx(38.4 / np.cos(np.pi / 4) - 4.5, abs=1e-6)
    too_far = at_night(lamps((70, 0)), cameras=frame, observation_class="detect")
    assert too_far.equals(at_night(None, cameras=frame, observation_class="detect"))


def test_only_cameras_near_a_changed_lamp_are_computed_again():
    frame = gpd.GeoDataFrame(
        [dict(round_camera().drop(columns="geometry").iloc[0])] * 2,
        geometry=[shapely.Point(X, Y), shapely.Point(X + 1000, Y)],
        crs=CRS,
    )
    night = [
        camera_keys(frame, options=ViewOptions(night=True, street_lights=one)).tolist()
        for one in (lamps((60, 0)), lamps((60, 0), reach_m=16.0))
    ]
    assert night[0][0] != night[1][0] and night[0][1] == night[1][1]
    day = [
        camera_keys(frame, options=ViewOptions(street_lights=one)).tolist() for one in (None, lamps((60, 0)))
    ]
    assert day[0] == day[1]


def test_a_gap_between_infrared_and_lamp_is_dark_and_the_lit_place_is_no_gap():
    road = gpd.GeoDataFrame(
        {"required_class": ["monitor"], "hours": ["20:00-23:00"]},
        geometry=[shapely.LineString([(X, Y), (X + 75, Y)])],
        crs=CRS,
    )
    frame = round_camera().assign(status="working", resolution_px_h=20_000)
    town = analyse(frame, options=ViewOptions(street_lights=lamps((60, 0))), classes=("monitor",))
    gaps = blind_spots(road, town)
    assert gaps["cause"].tolist() == ["dark"]
    assert gaps["length_m"].tolist() == pytest.approx([15.0], abs=0.05)


def test_lamps_without_meaning_are_refused():
    with pytest.raises(ValueRangeError, match="reach -3"):
        StreetLights.read(lamps((0, 0), reach_m=-3.0))
    with pytest.raises(CrsError):
        at_night(lamps((0, 0)).to_crs("EPSG:4547"))
