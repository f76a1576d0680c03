"""From a file to the ground under the cameras: placed, kept, used by coverage and gaps, taken away and brought back."""

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from camera_coverage import ViewOptions, visible_areas
from geo_service.analysis.coverage import compute_coverage, compute_gaps, load_sight
from geo_service.analysis.kept import kept_town
from geo_service.terrain import import_terrain, remove_terrain, town_terrain
from geo_service.terrain.placing import place_raster
from geo_service.terrain.raster import Raster
from town_model import InputError

ALL = ViewOptions(observation_class=None)


def grid(tmp_path, town, height, *, cell=1.0, half=700, name="hills.asc"):
    """An ASCII grid round the middle of the town, in its own system; height by metres east and north."""
    n = int(2 * half / cell) + 1
    at = cell * (np.arange(n) - n // 2)
    east, north = np.meshgrid(at, -at)
    heights = np.broadcast_to(height(east, north), (n, n))
    head = f"ncols {n}\nnrows {n}\nxllcenter {town.x + at[0]:.3f}\nyllcenter {town.y + at[0]:.3f}\ncellsize {cell}\nnodata_value -9999\n"
    path = tmp_path / name
    with path.open("w") as target:
        target.write(head)
        np.savetxt(target, np.where(np.isnan(heights), -9999, heights), fmt="%.3f")
    return path


def bring(tmp_path, town, height, **options):
    path = grid(tmp_path, town, height, **{k: v for k, v in options.items() if k in ("cell", "half", "name")})
    rest = {k: v for k, v in options.items() if k not in ("cell", "half", "name")}
    return import_terrain(town.store, path, actor="test", **{"epsg": town.store.town.epsg} | rest)


def far_camera(town, **values):
    town.area(shapely.box(-150, -150, 150, 150))
    return town.camera(0, 0, max_range_m=100.0, **values)


def test_a_raster_in_the_towns_own_system_keeps_its_heights(tmp_path, town):
    far_camera(town)
    report = bring(tmp_path, town, lambda x, y: 20 + 0.01 * x + 0.02 * y)
    ground = town_terrain(town.store)
    x, y = np.array([0.0, 30.0, -44.0]), np.array([0.0, 12.0, 61.0])
    assert ground.ground(town.x + x, town.y + y) == pytest.approx(20 + 0.01 * x + 0.02 * y, abs=2e-3)
    assert (report.cell_m, report.cameras, report.cameras_on_it) == (1.0, 1, 1)
    assert report.known_share == pytest.approx(1.0)


def test_coverage_sees_past_a_ridge_as_similar_triangles_say(tmp_path, town):
    """A ridge of 3 m at 20 m east hides to 20·4.5/3 = 30 m from 6 m; the store's coverage has that gap behind it, and none before."""
    row = far_camera(town)
    before = load_sight(town.store).coverage.visible(None)[row]
    bring(tmp_path, town, lambda x, y: np.where(np.abs(x - 20) < 0.5, 3.0, 0.0))
    after = load_sight(town.store).coverage.visible(None)[row]
    axis = shapely.LineString([(town.x, town.y), (town.x + 60, town.y)])
    hidden = axis.difference(after)
    assert (hidden.bounds[0] - town.x, hidden.bounds[2] - town.x) == pytest.approx((20.5, 30), abs=1.0)
    assert axis.difference(before).is_empty
    compute_gaps(town.store, actor="test")
    pieces = town.store.latest_result("gaps").frame("pieces")
    assert "terrain" in set(pieces["cause_ref"])


def test_a_level_raster_changes_nothing(tmp_path, town):
    row = far_camera(town)
    town.add("buildings", shapely.box(10, -20, 30, 5), height_m=4.0)
    before = load_sight(town.store).coverage.visible(None)[row]
    bring(tmp_path, town, lambda x, y: 37.0 + 0 * x)
    after = load_sight(town.store).coverage.visible(None)[row]
    assert after.symmetric_difference(before).area < 1e-6


def test_an_import_makes_results_stale_and_undo_takes_the_ground_away(tmp_path, town):
    far_camera(town)
    compute_coverage(town.store, actor="test")
    report = bring(tmp_path, town, lambda x, y: 0.1 * x)
    assert town.store.latest_result("coverage").is_stale
    assert kept_town(town.store).options(town.store).terrain is not None
    remove_terrain(town.store, report.row, actor="test")
    assert kept_town(town.store).options(town.store).terrain is None
    batch = town.store.changes(layer="terrain", limit=1)[0].batch
    town.store.undo(batch, actor="test")
    back = kept_town(town.store).options(town.store).terrain
    assert back.ground(np.array([town.x + 50]), np.array([town.y]))[0] == pytest.approx(5.0, abs=0.01)


def test_a_dry_run_keeps_nothing(tmp_path, town):
    far_camera(town)
    report = bring(tmp_path, town, lambda x, y: 5 + 0 * x, dry_run=True)
    assert (report.row, report.lowest_m, report.highest_m) == (None, 5.0, 5.0)
    assert town_terrain(town.store) is None


def test_a_raster_in_degrees_lands_where_it_belongs(tmp_path, town):
    """A plane by longitude and latitude: at any place of the town the height is that of its own longitude and latitude."""
    far_camera(town)
    back = Transformer.from_crs(town.store.town.epsg, 4326, always_xy=True)
    lon, lat = back.transform(town.x, town.y)
    step, n = 1 / 3600, 120
    west, south = lon - n / 2 * step, lat - n / 2 * step
    at = np.arange(n)
    heights = (
        100
        + 5000 * (west + (at + 0.5) * step - lon)[None, :]
        + 8000 * (south + (n - at - 0.5) * step - lat)[:, None]
    )
    path = tmp_path / "degrees.asc"
    head = f"ncols {n}\nnrows {n}\nxllcorner {west!r}\nyllcorner {south!r}\ncellsize {step!r}\n"
    path.write_text(head + "\n".join(" ".join(f"{one:.6f}" for one in row) for row in heights))
    import_terrain(town.store, path, actor="test", epsg=4326)
    ground = town_terrain(town.store)
    x, y = np.array([0.0, 90.0, -200.0]), np.array([0.0, 150.0, -77.0])
    u, v = back.transform(town.x + x, town.y + y)
    assert ground.ground(town.x + x, town.y + y) == pytest.approx(
        100 + 5000 * (u - lon) + 8000 * (v - lat), abs=0.01
    )
    assert 20 < ground.cell_m < 32


def test_a_finer_raster_counts_before_a_coarser_one(tmp_path, town):
    far_camera(town)
    bring(tmp_path, town, lambda x, y: 3 + 0 * x, half=40, name="fine.asc")
    bring(tmp_path, town, lambda x, y: 9 + 0 * x, cell=10.0, name="coarse.asc")
    ground = town_terrain(town.store)
    heights = ground.ground(town.x + np.array([0.0, 20.0, 200.0]), town.y + np.array([0.0, -20.0, 0.0]))
    assert heights == pytest.approx([3, 3, 9], abs=1e-5)


def test_cells_without_a_height_are_unknown_and_told(tmp_path, town):
    far_camera(town)
    report = bring(tmp_path, town, lambda x, y: np.where(x < 10, np.nan, 5.0))
    assert report.cameras_on_it == 0
    assert 0.3 < report.known_share < 0.6
    notes = load_sight(town.store).coverage.notes
    assert "terrain_unknown" in [one.code for one in notes]


def test_what_does_not_fit_is_refused_and_nothing_kept(tmp_path, town):
    far_camera(town)
    good = grid(tmp_path, town, lambda x, y: 5 + 0 * x)
    for epsg, fault in ((None, "give its EPSG code"), (32631, "over the town"), (99_999, "no known")):
        with pytest.raises(InputError, match=fault):
            import_terrain(town.store, good, actor="test", epsg=epsg)
    with pytest.raises(InputError, match="no height in metres"):
        bring(tmp_path, town, lambda x, y: np.where(x > 0, 30_000.0, 0.0))
    assert town.store.frame("terrain").empty
    with pytest.raises(InputError, match="no raster 7"):
        remove_terrain(town.store, 7, actor="test")


def test_a_town_without_a_position_is_told_what_to_do_first(tmp_path, empty_workspace):
    path = tmp_path / "a.asc"
    path.write_text("ncols 1\nnrows 1\nxllcorner 0\nyllcorner 0\ncellsize 1\n1\n")
    with pytest.raises(InputError, match="no position yet"):
        import_terrain(empty_workspace.store, path, actor="test", epsg=4326)


def test_a_system_that_contradicts_the_file_is_refused():
    from geo_service.terrain.placing import settle_epsg

    assert (settle_epsg(4326, None), settle_epsg(None, 4549), settle_epsg(4549, 4549)) == (4326, 4549, 4549)
    with pytest.raises(InputError, match="not EPSG:4326"):
        settle_epsg(4549, 4326)


def test_a_raster_of_too_many_cells_is_made_coarser():
    fine = Raster(np.arange(64, dtype="f4").reshape(8, 8), 0.0, 8000.0, 1000.0, 1000.0, 4549)
    placed = place_raster(fine, 4549, 4549, (0.0, 0.0, 8000.0, 8000.0), cell_m=0.25)
    assert placed.heights.size <= 9_100_000
    assert placed.width == pytest.approx(2.67, abs=0.01)


@pytest.mark.real_data
def test_srtm_under_monaco_gives_steep_ground_and_views_that_differ(real_data, empty_workspace):
    """A smoke test: the harbour lies at sea level, the Tête de Chien (550 m) stands above it, and hills hide what a plain shows."""
    store = empty_workspace.store
    store.place_town(7.42, 43.735, actor="test")
    spots = [shapely.Point(7.4265, 43.735), shapely.Point(7.4045, 43.7305), shapely.Point(7.415, 43.74)]
    rows = [
        {"name": f"{i}", "kind": "ptz", "mount_height_m": 8.0, "max_range_m": 400.0, "resolution_px_h": 30_000, "hfov_deg": 60.0, "geometry": spot}
        for i, spot in enumerate(spots)
    ]  # fmt: skip
    with store.change(actor="test") as change:
        change.insert("camera_sites", rows)
    report = import_terrain(store, real_data / "N43E007.hgt.zip", actor="test")
    assert report.epsg == 4326 and report.cameras_on_it == 3
    ground = town_terrain(store)
    feet = store.frame("camera_sites").geometry
    heights = ground.ground(feet.x.to_numpy(), feet.y.to_numpy())
    assert heights[0] < 30 and 300 < heights[1] < 700
    flat = visible_areas(store.frame("camera_sites"), options=ALL)
    hilly = load_sight(store).coverage.visible(None)
    assert hilly.is_valid.all()
    assert (hilly.area.to_numpy() <= flat.area.to_numpy() + 1).all()
    assert (hilly.area.to_numpy() < 0.9 * flat.area.to_numpy()).any()
