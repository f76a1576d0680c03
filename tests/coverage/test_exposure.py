"""Claims about private ground, façades and masks, against figures worked out by hand."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from coverage_scenes import CRS, X, Y, obstacles, round_camera

from camera_coverage import ViewOptions, analyse, exposure, private_ground, repair_gains
from camera_coverage.masks import azimuths, join_sectors, sector
from town_model import ValueRangeError

CLASSES = ("monitor", "observe")


def at(*shapes):
    return gpd.GeoSeries([shapely.affinity.translate(one, X, Y) for one in shapes], crs=CRS)


def looked(dwellings, private, **values):
    camera = round_camera(**values)
    camera["resolution_px_h"] = 12_000  # 12.5 px/m as far as 150 m, 62.5 px/m as far as 30 m
    coverage = analyse(camera, dwellings, options=ViewOptions(), classes=("monitor",), night=(False,))
    return exposure(coverage, private, dwellings, classes=CLASSES, mask_class="monitor", join_deg=0.0)


class TestPrivateGround:
    def test_it_is_the_band_round_a_dwelling_without_its_footprint(self):
        """A 10 m square with 5 m round it: 4 × 50 m² and a quarter circle of 5 m at each corner."""
        found = private_ground(obstacles(shapely.box(0, 0, 10, 10)))
        assert found.area.sum() == pytest.approx(200 + np.pi * 25, rel=0.01)

    def test_public_ground_is_never_private(self):
        """A road along the south side takes that band and both lower corners: 150 m² and two quarters are left."""
        road = at(shapely.box(-20, -20, 30, 0))
        found = private_ground(obstacles(shapely.box(0, 0, 10, 10)), public=[road])
        assert found.area.sum() == pytest.approx(150 + np.pi * 25 / 2, rel=0.01)

    def test_bands_of_neighbours_count_once(self):
        near = obstacles(shapely.box(0, 0, 10, 10), shapely.box(14, 0, 24, 10))
        found = private_ground(near)
        assert found.area.sum() == pytest.approx(found.union_all().area)
        assert found.area.sum() < 2 * (200 + np.pi * 25) - 35

    def test_the_distance_can_be_set_and_is_checked(self):
        home = obstacles(shapely.box(0, 0, 10, 10))
        assert private_ground(home, distance_m=0).empty
        assert private_ground(home, distance_m=1).area.sum() == pytest.approx(40 + np.pi, rel=0.01)
        with pytest.raises(ValueRangeError):
            private_ground(home, distance_m=-1)


class TestExposure:
    def test_a_camera_sees_the_front_of_a_house_and_the_ground_before_it(self):
        """All round, 30 m away: the front of 10 m is seen, the sides and the back are not, the ground before it wholly."""
        house = obstacles(shapely.box(30, -5, 40, 5), height_m=[9.0])
        found = looked(house, at(shapely.box(25, -5, 30, 5)))
        row = found.cameras.iloc[0]
        assert row["facade_monitor_m"] == pytest.approx(10.0, abs=0.05)
        assert row["private_monitor_m2"] == pytest.approx(50.0, abs=0.01)

    def test_what_a_house_hides_is_not_exposed(self):
        house = obstacles(shapely.box(30, -5, 40, 5), height_m=[9.0])
        found = looked(house, at(shapely.box(42, -4, 45, 4)))
        assert found.cameras.iloc[0]["private_monitor_m2"] == 0
        assert found.masks.empty

    def test_two_sides_are_seen_from_a_corner(self):
        house = obstacles(shapely.box(20, 20, 30, 30), height_m=[9.0])
        assert looked(house, at()).cameras.iloc[0]["facade_monitor_m"] == pytest.approx(20.0, abs=0.1)

    def test_a_party_wall_is_no_facade(self):
        """Two houses side by side, each 5 m wide, with nothing between them."""
        pair = obstacles(shapely.box(30, -5, 40, 0), shapely.box(30, 0, 40, 5), height_m=[9.0, 9.0])
        assert looked(pair, at()).cameras.iloc[0]["facade_monitor_m"] == pytest.approx(10.0, abs=0.05)

    def test_a_higher_class_never_sees_more(self):
        house = obstacles(shapely.box(30, -5, 40, 5), height_m=[9.0])
        row = looked(house, at(shapely.box(25, -5, 30, 5))).cameras.iloc[0]
        assert row["private_observe_m2"] <= row["private_monitor_m2"]
        assert row["facade_observe_m"] <= row["facade_monitor_m"]


class TestMasks:
    def test_a_mask_is_the_sector_of_the_private_ground_and_no_wider(self):
        """Ground from 20 to 30 m east and 10 m to either side is seen from 90 − atan(10/20) to 90 + atan(10/20)."""
        open_air = obstacles(shapely.box(80, 80, 81, 81), height_m=[2.0])
        found = looked(open_air, at(shapely.box(20, -10, 30, 10)))
        (mask,) = found.masks.itertuples()
        half = np.degrees(np.arctan2(10, 20))
        assert (mask.from_deg, mask.to_deg) == pytest.approx((90 - half, 90 + half))
        assert mask.near_m == pytest.approx(20)
        assert mask.far_m == pytest.approx(np.hypot(30, 10))
        assert mask.private_m2 == pytest.approx(200, rel=1e-6)
        ring = half / 180 * np.pi * (1000 - 400)  # 2 · half degrees of the ring from 20 m to √1000 m
        assert mask.lost_m2 == pytest.approx(ring - 200, rel=0.002)

    def test_private_ground_on_two_sides_asks_for_two_masks_that_hide_all(self):
        open_air = obstacles(shapely.box(80, 80, 81, 81), height_m=[2.0])
        private = at(shapely.box(20, -2, 30, 2), shapely.box(-2, 20, 2, 30))
        found = looked(open_air, private)
        assert len(found.masks) == 2
        assert found.masks["private_m2"].sum() == pytest.approx(found.cameras["private_monitor_m2"].iloc[0])
        north = found.masks[found.masks["from_deg"] > found.masks["to_deg"]]
        assert len(north) == 1  # the one across north

    def test_a_camera_amid_private_ground_is_masked_all_round(self):
        ring = shapely.Point(0, 0).buffer(40).difference(shapely.Point(0, 0).buffer(20))
        open_air = obstacles(shapely.box(80, 80, 81, 81), height_m=[2.0])
        (mask,) = looked(open_air, at(ring)).masks.itertuples()
        assert (mask.from_deg, mask.to_deg) == (0, 360)

    @pytest.mark.parametrize(
        ("box", "expected"),
        [((1, -1, 2, 1), (45, 135)), ((-1, 1, 1, 2), (315, 405)), ((-2, -1, -1, 1), (225, 315))],
    )
    def test_azimuths_go_clockwise_from_north(self, box, expected):
        assert azimuths((0, 0), shapely.box(*box)) == pytest.approx(expected)

    def test_sectors_close_to_each_other_are_joined_across_north_too(self):
        assert join_sectors([(350, 365), (6, 20), (90, 100)], 2) == [(90, 100), (350, 380)]
        assert join_sectors([(0, 200), (190, 359)], 2) == [(0.0, 360.0)]
        assert join_sectors([(10, 20), (23, 30)], 2) == [(10, 20), (23, 30)]

    def test_the_area_of_a_sector_is_that_of_the_ring(self):
        assert sector((0, 0), 0, 90, 10, 20).area == pytest.approx(np.pi / 4 * 300, rel=0.001)
        assert sector((0, 0), 0, 360, 10, 20).area == pytest.approx(np.pi * 300, rel=0.001)


def test_a_repair_gains_what_no_working_camera_sees():
    """Two cameras on one spot: the broken one gains nothing; alone it gains the whole place."""
    target = gpd.GeoDataFrame(
        {"required_class": ["monitor"], "priority": ["1"], "hours": ["08:00-16:00"]},
        geometry=[shapely.box(X + 20, Y - 5, X + 30, Y + 5)],
        index=["square"],
        crs=CRS,
    )
    one = round_camera()
    one["resolution_px_h"] = 12_000
    pair = gpd.GeoDataFrame(np.repeat(one.to_numpy(), 2, axis=0), columns=one.columns).infer_objects()
    pair = gpd.GeoDataFrame(pair, geometry="geometry", crs=CRS)
    pair["status"] = ["working", "faulty"]
    assert repair_gains(target, analyse(pair)).empty
    pair["status"] = ["offline", "faulty"]
    found = repair_gains(target, analyse(pair))
    assert list(found["gained_area_m2"]) == pytest.approx([100, 100])
    assert list(found["best_share"]) == pytest.approx([1, 1])
    assert found.iloc[0]["targets"] == ["square"]
