"""Blind spots of a real town with 160 cameras: complete, without overlap, and the same after an edit as from scratch."""

import coverage_towns as towns
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from camera_coverage import MemoryCache, analyse, apply_cure, blind_spots, build_scene, coverage_summary


@pytest.fixture(scope="module")
def nanjing(real_data):
    frame = towns.buildings(real_data / "nanjing-xinjiekou.osm")
    table = pd.read_csv(real_data / "nanjing-cameras-truth.csv", index_col="id")
    pixels = table["resolution"].str.split("x", expand=True).astype(float)
    table = table.assign(resolution_px_h=pixels[0], resolution_px_v=pixels[1])
    cameras = gpd.GeoDataFrame(
        table, geometry=gpd.points_from_xy(table.lon, table.lat), crs="EPSG:4326"
    ).to_crs(frame.crs)
    west, south, east, north = cameras.total_bounds
    rng = np.random.default_rng(4)
    places = [
        shapely.box(x, y, x + 120, y + 90)
        for x, y in zip(rng.uniform(west, east - 120, 40), rng.uniform(south, north - 90, 40), strict=True)
    ]
    streets = [shapely.LineString([(west, y), (east, y)]) for y in np.linspace(south, north, 12)]
    targets = gpd.GeoDataFrame(geometry=places + streets, crs=frame.crs).assign(required_class="detect")
    return cameras, build_scene(frame), targets


@pytest.mark.real_data
def test_pieces_and_seen_ground_make_up_each_target(nanjing):
    cameras, scene, targets = nanjing
    coverage = analyse(cameras, scene=scene, classes=("detect",))
    gaps = blind_spots(targets, coverage, min_width_m=0.0)
    summary = coverage_summary(targets, coverage)
    assert len(gaps) > 200
    assert gaps.is_valid.all()
    for light in ("day", "night"):
        measured = gaps[gaps.light == light].groupby("target")[["area_m2", "length_m"]].sum().sum(axis=1)
        unseen = summary["size"] * (1 - summary[f"share_{light}"])
        difference = (measured.reindex(summary.index, fill_value=0.0) - unseen).abs()
        assert difference.max() < 1e-3
        seen = coverage.visible("detect", light)
        tree = shapely.STRtree(seen.buffer(-1e-3).to_numpy())
        middle = gaps[gaps.light == light].representative_point()
        assert len(tree.query(middle.to_numpy(), predicate="intersects")[0]) == 0


@pytest.mark.real_data
def test_after_an_edit_the_gaps_are_those_of_a_fresh_run(nanjing):
    cameras, scene, targets = nanjing
    kept = {"scene": scene, "classes": ("detect",), "cache": MemoryCache(), "memo": {}}
    blind_spots(targets, analyse(cameras, **kept))
    edited = cameras.copy()
    edited.loc[cameras.index[[7, 90]], "azimuth_deg"] += 25
    edited.loc[cameras.index[30], "status"] = "offline"
    second = analyse(edited, **kept)
    assert (
        0 < second.computed <= 2 * 4
    )  # two cameras; detect by day and night, no class by day (for the causes)
    again, fresh = (
        blind_spots(targets, second),
        blind_spots(targets, analyse(edited, scene=scene, classes=("detect",))),
    )
    assert again.drop(columns="geometry").equals(fresh.drop(columns="geometry"))
    assert again.geom_equals(fresh).all()


@pytest.mark.real_data
def test_cures_of_a_real_town_hold_when_carried_out(nanjing):
    """Fifteen of each kind, each carried out on its camera alone: the middle of the piece is then seen, and as much of it as was said."""
    cameras, scene, targets = nanjing
    gaps = blind_spots(targets, analyse(cameras, scene=scene, classes=("detect",)))
    changed = gaps[~gaps["cure"].isin(["new_camera", "position"])]
    assert len(changed) > 100
    for piece in changed.groupby("cure").head(15).itertuples():
        cured, _ = apply_cure(cameras, piece.cause_camera, piece.cure, piece.cure_params)
        alone = analyse(cured.loc[[piece.cause_camera]], scene=scene, classes=())
        area = alone.visible(piece.required_class, piece.light).iloc[0]
        middle = (
            piece.geometry.interpolate(0.5, normalized=True)
            if piece.geometry.geom_type == "LineString"
            else piece.geometry.point_on_surface()
        )
        assert area.intersects(middle), (piece.cure, piece.cure_params)
        inside = piece.geometry.intersection(area)
        share = (
            inside.length / piece.geometry.length
            if piece.geometry.geom_type == "LineString"
            else inside.area / piece.geometry.area
        )
        assert share == pytest.approx(piece.cure_share, abs=2e-3), (piece.cure, piece.cure_params)
