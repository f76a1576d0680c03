"""Visible areas side by side in one run: ours, Shapely as a GIS user writes it, CGAL (pyvispoly), pysovist, a ray caster.

    GEO_REAL_DATA=/path/to/data python benchmarks/visibility.py [--eyes 1000] [--peers 200] [--cameras 50000] [--json]

Real buildings, eyes at random places outside of them, 80 m reach, one thread, all walls of full height. Peers find a search
tree built, as we do; preparing ours (repairing, uniting, the tree) is timed on its own. Peers run on the first ``--peers`` eyes
and their time is scaled to all of them. "differs" is the largest difference as a share of the area: of CGAL the area between the
two outlines, of pysovist (left out where it is not installed: ``pip install pysovist``) and of the caster of one ray a degree the
difference of the areas.
"tagged" and "drawn" are ours again with the lens's ground view, the pixel limit of a class, and heights: those that the
buildings' tags give (few), and 1 to 7 storeys drawn for every building.

A second table copies the sample town side by side until it has ``--cameras`` cameras and says what one camera costs: with heights,
lens, pixel limit, in a town of 1,000, 10,000 and all cameras; 0 leaves it out.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from camera_coverage import ViewOptions, build_scene, isovists, open_sectors, visible_areas

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "coverage"))
import coverage_copies as copies
import coverage_towns as towns

try:
    import pysovist
except ImportError:  # a peer, no dependency
    pysovist = None

REACH_M = 80.0
TOWNS = {"Nanjing": "nanjing-xinjiekou.osm", "Monaco": "monaco.osm.pbf"}
BUDGET = {"naive": 40, "cgal": 25, "heights": 2}


def naive_shapely(
    eyes: gpd.GeoSeries, sectors: gpd.GeoSeries, buildings: np.ndarray, tree: shapely.STRtree
) -> list[shapely.Geometry]:
    """Shadow quads: each wall throws its shadow over the disk; what is left of the sector is seen."""
    seen = []
    for eye, sector in zip(eyes, sectors, strict=True):
        near = buildings[tree.query(sector, predicate="intersects")]
        if not len(near):
            seen.append(sector)
            continue
        corners, ring = shapely.get_coordinates(shapely.get_rings(near), return_index=True)
        a, b = corners[:-1][ring[1:] == ring[:-1]], corners[1:][ring[1:] == ring[:-1]]
        foot = np.array([eye.x, eye.y])
        far_a, far_b = (
            one + (one - foot) * (4 * REACH_M / np.maximum(np.hypot(*(one - foot).T), 1e-6))[:, None]
            for one in (a, b)
        )
        quads = shapely.polygons(np.stack([a, b, far_b, far_a], 1))
        quads = quads[shapely.is_valid(quads)]
        seen.append(sector.difference(shapely.unary_union([*near, *quads])))
    return seen


def cgal(
    eyes: gpd.GeoSeries,
    sectors: gpd.GeoSeries,
    disks: gpd.GeoSeries,
    buildings: np.ndarray,
    tree: shapely.STRtree,
) -> list[shapely.Geometry]:
    """CGAL's visibility polygon, cut to the sector where the eye is a corner of it."""
    return [
        seen if sector is disk else seen.intersection(sector)
        for eye, sector, disk in zip(eyes, sectors, disks, strict=True)
        for seen in [towns.cgal_isovist(eye, disk, buildings, tree)]
    ]


def segments(buildings: np.ndarray) -> np.ndarray:
    """The walls of buildings, as begin and end."""
    corners, ring = shapely.get_coordinates(shapely.get_rings(buildings), return_index=True)
    same = ring[1:] == ring[:-1]
    return np.stack([corners[:-1][same], corners[1:][same]], 1)


def exact_isovists(
    eyes: gpd.GeoSeries, azimuth: np.ndarray, hfov: np.ndarray, buildings: np.ndarray, tree: shapely.STRtree
) -> list[float]:
    """Areas by pysovist, which gets the walls in reach of each eye."""
    found = []
    for eye, towards, angle in zip(eyes, azimuth, hfov, strict=True):
        near = buildings[tree.query(eye, predicate="dwithin", distance=REACH_M)]
        walls = segments(near) if len(near) else np.empty((0, 2, 2))
        seen = pysovist.isovist(
            walls,
            (eye.x, eye.y),
            max_distance=REACH_M,
            fov=math.radians(angle),
            direction=math.remainder(math.radians(90 - towards), math.tau),
        )
        found.append(seen.area)
    return found


def ray_caster(
    eyes: gpd.GeoSeries, azimuth: np.ndarray, hfov: np.ndarray, buildings: np.ndarray, tree: shapely.STRtree
) -> list[float]:
    """Areas by one ray a degree against all walls in reach, as tools for security planning draw them."""
    found = []
    for eye, towards, angle in zip(eyes, azimuth, hfov, strict=True):
        turn = np.radians(90 - towards + np.linspace(-angle / 2, angle / 2, round(angle) + 1))
        ray = np.stack([np.cos(turn), np.sin(turn)], 1)
        reach = np.full(len(turn), REACH_M)
        near = buildings[tree.query(eye, predicate="dwithin", distance=REACH_M)]
        if len(near):
            walls = segments(near) - (eye.x, eye.y)
            a, along = walls[:, 0], walls[:, 1] - walls[:, 0]
            cross = ray[:, None, 0] * along[None, :, 1] - ray[:, None, 1] * along[None, :, 0]
            with np.errstate(divide="ignore", invalid="ignore"):
                far = (a[:, 0] * along[:, 1] - a[:, 1] * along[:, 0])[None, :] / cross
                share = (a[None, :, 0] * ray[:, None, 1] - a[None, :, 1] * ray[:, None, 0]) / cross
            hit = np.where((far > 0) & (share >= 0) & (share <= 1), far, np.inf)
            reach = np.minimum(reach, hit.min(axis=1))
        outline = ray * reach[:, None]
        ring = outline if angle >= 360 else np.vstack([outline, [(0.0, 0.0)]])
        found.append(float(shapely.area(shapely.Polygon(ring).buffer(0))))
    return found


def seconds(work: Callable[[], object], runs: int = 1) -> float:
    """CPU seconds of the fastest run; the machine may be busy with other work."""
    times = []
    for _ in range(runs):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return min(times)


def with_heights(
    buildings: gpd.GeoDataFrame, eyes: gpd.GeoSeries, azimuth: np.ndarray, hfov: np.ndarray
) -> float:
    """Our own time with building heights, the vertical view and the pixel limit of a class."""
    scene = build_scene(buildings)
    frame = gpd.GeoDataFrame(
        {
            "kind": np.where(hfov >= 360, "fisheye", "fixed"), "mount_height_m": 6.0, "azimuth_deg": azimuth, "tilt_deg": 15.0,
            "hfov_deg": hfov, "resolution_px_h": np.where(hfov >= 360, 8000.0, 3840.0), "resolution_px_v": 2160.0, "max_range_m": REACH_M, "ir_range_m": 30.0,
        },
        geometry=eyes.to_numpy(), crs=eyes.crs,
    )  # fmt: skip
    options = ViewOptions(observation_class="monitor" if hfov.min() >= 360 else "detect")
    return seconds(lambda: visible_areas(frame, scene=scene, options=options), 5)


def measure(name: str, path: Path, count: int, peers: int) -> list[dict[str, object]]:
    """One row a kind of view."""
    buildings = towns.buildings(path)
    buildings = buildings[buildings.is_valid]
    flat = buildings.drop(columns="height_m")
    prepare = seconds(lambda: build_scene(flat))
    scene = build_scene(flat)
    single = flat.geometry.to_numpy()
    tree = shapely.STRtree(single)
    eyes = towns.eyes_outside(flat, count, seed=1)
    rng = np.random.default_rng(2)
    azimuth, lens = rng.uniform(0, 360, count), rng.uniform(60, 110, count)
    drawn = 3.0 * rng.integers(1, 8, len(buildings))
    some = eyes.iloc[:peers]
    rows = []
    for view, hfov in (("sector", lens), ("360", np.full(count, 360.0))):
        whole = {"radius_m": REACH_M, "azimuth_deg": azimuth, "hfov_deg": hfov}
        part = {"radius_m": REACH_M, "azimuth_deg": azimuth[:peers], "hfov_deg": hfov[:peers]}
        ours = seconds(lambda view=whole: isovists(eyes, scene=scene, **view), 5)
        sectors = open_sectors(some, **part)
        # CGAL asks for an eye inside its frame: for a sector it gets a slightly wider disk
        disks = sectors if view == "360" else open_sectors(some, radius_m=REACH_M + 0.5)
        got = isovists(some, scene=scene, **part)
        row: dict[str, object] = {"town": name, "buildings": len(buildings), "view": view, "eyes": count}
        row |= {"prepare_s": prepare, "ours_s": ours}
        found: dict[str, list[shapely.Geometry]] = {}
        for peer, work in (
            ("naive", lambda s=sectors: naive_shapely(some, s, single, tree)),
            ("cgal", lambda s=sectors, d=disks: cgal(some, s, d, single, tree)),
        ):
            taken = (
                seconds(lambda peer=peer, work=work, found=found: found.update({peer: work()}))
                * count
                / peers
            )
            difference = gpd.GeoSeries(found[peer], index=got.index, crs=got.crs).symmetric_difference(got)
            row |= {f"{peer}_s": taken, f"{peer}_times_ours": taken / ours}
            row[f"{peer}_worst_difference"] = float((difference.area / got.area).max())
        areas = isovists(some, scene=scene, arc_tolerance_m=1e-4, **part).area.to_numpy()
        for peer, tool in (("pysovist", exact_isovists if pysovist else None), ("rays", ray_caster)):
            if tool is None:
                continue
            told: dict[str, list[float]] = {}
            taken = seconds(
                lambda tool=tool, told=told, angle=hfov[:peers]: told.update(
                    a=tool(some, azimuth[:peers], angle, single, tree)
                )
            )
            taken *= count / peers
            row |= {f"{peer}_s": taken, f"{peer}_times_ours": taken / ours}
            row[f"{peer}_worst_difference"] = float(np.abs(np.array(told["a"]) / areas - 1).max())
        for label, heights in (("tagged", buildings["height_m"]), ("drawn", drawn)):
            taken = with_heights(buildings.assign(height_m=heights), eyes, azimuth, hfov)
            row |= {f"{label}_s": taken, f"{label}_times_ours": taken / ours}
        rows.append(row)
    return rows


def measure_copies(cameras: int) -> list[dict[str, object]]:
    """What a camera costs in towns of 1,000, 10,000 and all cameras."""
    rows = []
    for count in sorted({min(one, cameras) for one in (1000, 10_000, cameras)}):
        town = copies.copied_town(count)
        prepare = seconds(lambda town=town: build_scene(town.obstacles))
        scene = build_scene(town.obstacles)
        taken = seconds(
            lambda town=town, scene=scene: visible_areas(town.cameras, scene=scene, views=town.views),
            3 if count < 20_000 else 1,
        )
        rows.append(
            {"cameras": count, "obstacles": len(town.obstacles), "prepare_s": prepare, "visible_s": taken, "ms_a_camera": 1000 * taken / count}
        )  # fmt: skip
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--eyes", type=int, default=1000)
    parser.add_argument(
        "--peers", type=int, default=200, help="eyes on which the peers run; their time is scaled"
    )
    parser.add_argument(
        "--cameras", type=int, default=50_000, help="of the sample town copied side by side; 0: none"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = os.environ.get("GEO_REAL_DATA")
    if not folder:
        sys.exit("set GEO_REAL_DATA to the folder of real towns")
    rows = [
        row
        for name, file in TOWNS.items()
        for row in measure(name, Path(folder) / file, options.eyes, min(options.peers, options.eyes))
    ]
    if options.json:
        print(json.dumps({"towns": rows, "copies": measure_copies(options.cameras)}, indent=1))
        return
    print(
        f"{options.eyes} eyes, {REACH_M:g} m reach, CPU seconds. Budgets: naive ≥ {BUDGET['naive']} × ours, "
        f"CGAL ≥ {BUDGET['cgal']} × ours, with heights ≤ {BUDGET['heights']} × ours."
    )
    print(
        f"{'town':8} {'view':7} {'ours':>7} {'naive':>7} {'×':>5} {'CGAL':>7} {'×':>5} {'differs':>8} "
        f"{'pysovist':>8} {'×':>5} {'differs':>8} {'1° rays':>8} {'×':>5} {'differs':>8} "
        f"{'tagged':>7} {'×':>5} {'drawn':>7} {'×':>5} {'prepare':>8}"
    )
    for row in rows:
        print(
            f"{row['town']:8} {row['view']:7} {row['ours_s']:7.4f} {row['naive_s']:7.2f} {row['naive_times_ours']:5.0f} "
            f"{row['cgal_s']:7.2f} {row['cgal_times_ours']:5.0f} {row['cgal_worst_difference']:8.0e} "
            + "".join(
                f"{row[f'{peer}_s']:8.2f} {row[f'{peer}_times_ours']:5.0f} {row[f'{peer}_worst_difference']:8.0e} "
                if f"{peer}_s" in row
                else f"{'–':>8} {'–':>5} {'–':>8} "
                for peer in ("pysovist", "rays")
            )
            + f"{row['tagged_s']:7.4f} {row['tagged_times_ours']:5.2f} "
            f"{row['drawn_s']:7.4f} {row['drawn_times_ours']:5.2f} {row['prepare_s']:8.3f}"
        )
    if options.cameras:
        print(f"\n{'cameras':>8} {'obstacles':>9} {'prepare s':>9} {'visible s':>9} {'ms a camera':>11}")
        for one in measure_copies(options.cameras):
            print(
                f"{one['cameras']:8d} {one['obstacles']:9d} {one['prepare_s']:9.2f} {one['visible_s']:9.2f} {one['ms_a_camera']:11.3f}"
            )


if __name__ == "__main__":
    main()
