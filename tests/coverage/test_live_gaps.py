"""Gaps kept up to date edit by edit are those of a computation of the whole town."""

import numpy as np
import pandas as pd
import pytest
import shapely
from coverage_scenes import X, Y
from test_trials import SIDE_M, random_town

from camera_coverage import LiveGaps, analyse, blind_spots
from town_model import ValueRangeError

WORDS = ["target", "light", "cause", "cause_ref", "cause_camera", "cure", "nearest_camera"]


def ordered(pieces):
    frame = pieces.assign(
        size=pieces["area_m2"].fillna(0) + pieces["length_m"].fillna(0), x=pieces.bounds["minx"], y=pieces.bounds["miny"]
    )  # fmt: skip
    return frame.sort_values(["target", "light", "cause", "x", "y", "size"]).reset_index(drop=True)


def same(one, other):
    one, other = ordered(one), ordered(other)
    assert len(one) == len(other)
    pd.testing.assert_frame_equal(one[WORDS].astype(str), other[WORDS].astype(str))
    for column in ("size", "distance_m"):
        np.testing.assert_allclose(one[column].astype(float), other[column].astype(float), atol=1e-6)
    apart = shapely.area(shapely.symmetric_difference(one.geometry.to_numpy(), other.geometry.to_numpy()))
    assert apart.max() < 1e-4


def moved(rng, cameras, row):
    some = cameras.loc[[row]].copy()
    some["azimuth_deg"], some["max_range_m"] = rng.uniform(0, 360), rng.uniform(20, 120)
    some.geometry = [shapely.Point(X + rng.uniform(0, SIDE_M), Y + rng.uniform(0, SIDE_M))]
    return some


@pytest.mark.parametrize("seed", range(3))
def test_edits_one_after_the_other_equal_a_computation_of_the_whole(seed):
    """Cameras are moved and turned, broken, taken away and added."""
    rng, cameras, scene, targets = random_town(seed)
    live = LiveGaps(targets, cameras, scene=scene)
    same(live.pieces(), blind_spots(targets, analyse(cameras, scene=scene, classes=())))
    for step in range(6):
        row = int(rng.choice(live.cameras.index))
        edited = moved(rng, live.cameras, row)
        if step == 2:
            live.change(removed=[row])
        elif step == 3:
            live.change(edited.set_axis([1000]))
        elif step == 4:
            live.change(edited.assign(status="faulty"))
        else:
            live.change(edited)
        same(live.pieces(), blind_spots(targets, analyse(live.cameras, scene=scene, classes=())))
    assert len(live.cameras) == len(cameras)


def test_only_targets_in_reach_are_judged_anew():
    _, cameras, scene, targets = random_town(1)
    live = LiveGaps(targets, cameras, scene=scene)
    before = live.pieces()
    west = cameras.index[cameras.geometry.x == cameras.geometry.x.min()][0]
    change = live.change(cameras.loc[[west]].assign(max_range_m=20.0))
    # the third target begins 300 m further east
    assert 0 < len(change.targets) < len(targets) and 2 not in change.targets
    assert set(change.pieces["target"]) <= set(change.targets)
    far = ordered(before[before["target"] == 2])
    same(far, live.pieces().loc[lambda frame: frame["target"] == 2])


def test_rows_without_meaning_change_nothing():
    _, cameras, scene, targets = random_town(1)
    live = LiveGaps(targets, cameras, scene=scene)
    before = live.pieces()
    with pytest.raises(ValueRangeError):
        live.change(cameras.loc[[3]].assign(mount_height_m=-5.0))
    assert live.cameras.equals(cameras)
    same(before, live.pieces())


def test_cameras_on_one_pole_are_told_apart_by_their_order_after_every_edit():
    """Which of two cameras is the closest, and by which a cause is judged, must not hang on what was computed before."""
    rng, cameras, scene, targets = random_town(2)
    poles = cameras.iloc[:6].set_axis(range(2000, 2006)).assign(azimuth_deg=rng.uniform(0, 360, 6))
    cameras = pd.concat([cameras, poles])
    live = LiveGaps(targets, cameras, scene=scene)
    for row in (2001, int(cameras.index[1]), 2004):
        live.change(live.cameras.loc[[row]].assign(azimuth_deg=rng.uniform(0, 360)))
        same(live.pieces(), blind_spots(targets, analyse(live.cameras, scene=scene, classes=())))


def test_many_edits_between_two_looks_at_the_whole():
    """What edits found is put together late: of a target that several edits reached, the last counts."""
    rng, cameras, scene, targets = random_town(0)
    live = LiveGaps(targets, cameras, scene=scene)
    for _ in range(4):
        found = live.change(moved(rng, live.cameras, int(rng.choice(live.cameras.index))))
    whole = live.pieces()
    same(whole, blind_spots(targets, analyse(live.cameras, scene=scene, classes=())))
    same(whole[whole["target"].isin(found.targets)], found.pieces)
