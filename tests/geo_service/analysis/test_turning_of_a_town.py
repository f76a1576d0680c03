"""Turning cameras in the stored coverage: reach, what is watched at one time, and shares of time."""

import pytest
import shapely

from geo_service.analysis.coverage import compute_coverage


def test_a_town_with_a_turning_camera_is_told_reach_and_what_is_watched_at_once(town):
    """Two presets of 40 s and 60 s that do not overlap: on average 0.4 of one and 0.6 of the other."""
    town.area(shapely.box(-50, -50, 50, 50))
    row = town.camera(0, 0, kind="ptz", hfov_deg=60.0, tilt_deg=10.0, max_range_m=30.0)
    for azimuth, dwell in ((0.0, 40.0), (180.0, 60.0)):
        with town.store.change(actor="test") as change:
            change.insert("camera_views", [{"camera": row, "azimuth_deg": azimuth, "dwell_s": dwell}])
    compute_coverage(town.store, actor="test")
    result = town.store.latest_result("coverage")
    table, pieces = result.frame("turning"), result.frame("watched_shares")
    assert table["camera"].tolist() == [row] and table["presets"].tolist() == [2]
    assert sorted(pieces["share"]) == pytest.approx([0.4, 0.6])
    assert table["watched_m2"].iloc[0] == pytest.approx((pieces["share"] * pieces["area_m2"]).sum(), rel=1e-6)
    assert result.summary["turning"]["watched_m2"] < result.summary["turning"]["reach_m2"]


def test_a_town_without_turning_cameras_is_told_nothing_of_them(town):
    town.camera(0, 0)
    compute_coverage(town.store, actor="test")
    result = town.store.latest_result("coverage")
    assert "turning" not in result.summary and "turning" not in result.frame_names
