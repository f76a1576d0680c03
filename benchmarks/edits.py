"""How soon the coverage of a town answers: all of it from the command line, after an edit, while a camera is dragged.

    GEO_REAL_DATA=/path/to/data python benchmarks/edits.py [--edits 30] [--json]

The town is Nanjing's Xinjiekou with its ledger of 160 cameras, imported into a new workspace. CPU and wall milliseconds, the median and the
slowest of all runs; the machine may be busy with other work, so CPU is what counts. "gaps after an edit" is what the next look
at the store costs after one camera was moved and turned in it: reading, visible areas, all blind pieces with causes and cures. "changed gaps" are
those of the targets in reach of an edit (`LiveGaps`), without a store: of this town, and of the sample town copied side by side.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import shapely

from camera_coverage import LiveGaps, build_scene
from geo_service.analysis.coverage import gap_pieces, load_sight
from geo_service.analysis.kept import kept_town
from geo_service.analysis.sightings import see_place
from geo_service.analysis.trial import try_camera
from geo_service.workspace import Workspace

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "coverage"))
import coverage_copies as copies

BUDGET_MS = {
    "review from the command line": 3000,
    "gaps after an edit": 50,
    "changed gaps of 160 cameras": 50,
    "changed gaps of 10,000 cameras": 150,
    "step of a trial": 200,
    "first step after a save": 200,
    "first step after a key area changed": 200,
}
_TIME_LIMIT_S = 600


def command(folder: Path, *words: str) -> None:
    """Run a command of geo-service."""
    subprocess.run(
        [sys.executable, "-m", "geo_service", "--workspace", str(folder), "--quiet", *words],
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=_TIME_LIMIT_S,
    )


def measured(
    work: Callable[[int], object], runs: int, before: Callable[[int], object] | None = None
) -> dict[str, float]:
    """CPU and wall milliseconds of some runs."""
    cpu, wall = [], []
    for run in range(runs):
        if before is not None:
            before(run)
        begun, spent = time.perf_counter(), time.process_time()
        work(run)
        wall.append(1000 * (time.perf_counter() - begun))
        cpu.append(1000 * (time.process_time() - spent))
    return {"cpu_ms": float(np.median(cpu)), "slowest_cpu_ms": max(cpu), "wall_ms": float(np.median(wall))}


def reviewed(folder: Path) -> dict[str, float]:
    """The command `review` in a process of its own, nothing computed before."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    command(folder, "review")
    wall, after = 1000 * (time.perf_counter() - begun), resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = 1000 * (after.ru_utime + after.ru_stime - spent.ru_utime - spent.ru_stime)
    return {"cpu_ms": cpu, "slowest_cpu_ms": cpu, "wall_ms": wall}


def changed(town: LiveGaps, edits: int) -> dict[str, float]:
    """Cameras moved and turned in memory: the blind pieces of all targets in reach, with causes and cures."""
    cameras = town.cameras
    cameras = cameras[cameras["status"] == "working"]
    rng = np.random.default_rng(1)

    def change(_run: int) -> None:
        row = cameras.iloc[[int(rng.integers(len(cameras)))]].copy()
        row["azimuth_deg"] = rng.uniform(0, 360)
        town.change(row.set_geometry(row.geometry.translate(1.0, 0.0)))

    return measured(change, edits)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--edits", type=int, default=30)
    parser.add_argument(
        "--cameras", type=int, default=10_000, help="of the sample town copied side by side; 0: none"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    data = os.environ.get("GEO_REAL_DATA")
    if not data:
        sys.exit("set GEO_REAL_DATA to the folder of real towns")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "nanjing"
        command(folder, "init", "--name", "新街口")
        command(folder, "import-osm", f"{data}/nanjing-xinjiekou.osm", "--accept-proposals")
        command(folder, "import", "camera_sites", f"{data}/nanjing-cameras-ledger.xlsx", "--datum", "gcj02")
        found = {"review from the command line": reviewed(folder)}
        with Workspace.open(folder) as workspace:
            found |= look(workspace, options.edits)
            kept = kept_town(workspace.store)
            scene, walls, targets = kept.load(workspace.store)
            town = LiveGaps(
                targets, scene.cameras, scene=walls, options=kept.options(workspace.store), views=scene.views
            )
            found["changed gaps of 160 cameras"] = changed(town, options.edits)
    if options.cameras:
        copied = copies.copied_town(options.cameras)
        town = LiveGaps(
            copied.targets, copied.cameras, scene=build_scene(copied.obstacles), views=copied.views
        )
        found[f"changed gaps of {options.cameras:,} cameras"] = changed(town, options.edits)
    if options.json:
        print(json.dumps(found, indent=1))
        return
    print(f"{'':30} {'CPU ms':>8} {'slowest':>8} {'wall ms':>8} {'budget':>8}")
    for name, one in found.items():
        told = " ".join(f"{value:8.0f}" for value in one.values())
        print(f"{name:30} {told} {BUDGET_MS.get(name, '–'):>8}")


def look(workspace: Workspace, edits: int) -> dict[str, dict[str, float]]:
    """Edits, trials and questions in this process."""
    store = workspace.store
    sites = store.frame("camera_sites", crs="wgs84")
    sites = sites[sites["status"] == "working"]

    def edit(run: int) -> None:
        row = sites.index[7 * run % len(sites)]
        spot = sites.geometry[row]
        with store.change(actor="benchmark") as change:
            change.update(
                "camera_sites",
                int(row),
                {
                    "geometry": shapely.Point(spot.x + 1e-6 * run, spot.y),
                    "azimuth_deg": float(37 * run % 360),
                },
            )

    def drag(run: int) -> None:
        row = sites.index[20]
        spot = sites.geometry[row]
        values = {"lon": spot.x + 1e-5 * run, "lat": spot.y, "azimuth_deg": float(5 * run % 360)}
        try_camera(store, values, camera=int(row), light="night" if run % 2 else "day")

    def ask(run: int) -> None:
        spot = sites.geometry.iloc[7 * run % len(sites)]
        see_place(store, spot.x + 1e-4, spot.y)

    def gaps(_run: int) -> None:
        gap_pieces(load_sight(store))

    gaps(0)
    found = {"gaps after an edit": measured(gaps, edits, edit)}
    drag(0), drag(1)
    found["step of a trial"] = measured(drag, edits)
    found["first step after a save"] = measured(drag, edits, lambda run: edit(run + edits))

    def redraw(run: int) -> None:
        areas = store.frame("key_areas")
        with store.change(actor="benchmark") as change:
            row = int(areas.index[run % len(areas)])
            change.update("key_areas", row, {"required_class": ("detect", "observe")[run % 2]})

    found["first step after a key area changed"] = measured(drag, edits, redraw)
    found["who sees a place"] = measured(ask, edits)
    return found


if __name__ == "__main__":
    main()
