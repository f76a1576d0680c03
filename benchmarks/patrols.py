"""Patrol plans: ours beside a greedy planner by idleness, PyVRP and OR-Tools with slots, in one run.

    GEO_REAL_DATA=… python benchmarks/patrols.py [--seconds 10]

Patrol cases made for this project (3 units, 8 h, 20 places, every 120 minutes, 12 minutes dwell), patrol graphs (one unit; the reference is the
shortest closed walk), and days of mixed intervals with 8 units in a made town. Every plan of ours is audited but those of the graphs. The peers have the same time
limit; `narrow` is a second run of theirs, with windows narrowed around the times of the first one.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse.csgraph import shortest_path
from slot_peers import greedy_by_idleness, judge, peers, slots, tightened

from patrol_routing import PatrolProblem, audit_plan, plan_patrols, road_graph

CLOSED_WALK_M = {"cumberland": 387.1, "grid": 148.2, "DIAG_floor1": 413.4}


HEAD = f"{'case':<9}{'planner':<17}{'worst gap min':>14}{'worst ratio':>13}{'breaches':>10}{'s':>7}"


def row(case, planner, problem, visits, seconds, more=""):
    found = judge(problem, visits)
    print(
        f"{case:<9}{planner:<17}{found.worst_gap_s / 60:>14.1f}{found.worst_ratio:>13.3f}{found.breaches:>10}{seconds:>7.1f}{more}"
    )


def others(case, problem, limit_s):
    """Print what greedy and the peers with slots reach."""
    started = time.perf_counter()
    visits = greedy_by_idleness(problem)
    row(case, "greedy", problem, visits, time.perf_counter() - started)
    for name, solve in peers().items():
        if solve is None:
            continue
        plan = solve(problem, slots(problem), limit_s)
        row(case, name, problem, plan.visits(problem), plan.seconds)
        plan = tightened(problem, plan, solve, limit_s)
        row(case, f"{name} narrow", problem, plan.visits(problem), plan.seconds)


def ours(case, problem, limit_s):
    """Print what our planner reaches, with the bound on the ratio and the verdict of the audit."""
    started = time.perf_counter()
    plan = plan_patrols(problem, time_limit_s=limit_s)
    took = time.perf_counter() - started
    verdict = "passed" if audit_plan(problem, plan).is_sound else "FAILED"
    visits = {
        p.id: plan.visits.loc[plan.visits["place"] == p.id, ["arrive_s", "depart_s"]].to_numpy().tolist()
        for p in problem.place_list
    }
    row(case, "ours", problem, visits, took, f"  bound {plan.bound:.3f}, audit {verdict}")


def cases(folder, limit_s):
    print("patrol cases: from arrival to arrival, at most 120 minutes wanted")
    print(HEAD)
    for path in sorted(folder.glob("case-*.csv")):
        seconds = np.loadtxt(path, delimiter=",")
        places = pd.DataFrame({"node": range(1, len(seconds)), "dwell_s": 720.0, "max_gap_s": 7200.0})
        units = pd.DataFrame({"mode": ["car"] * 3, "base": 0, "start_s": 0, "end_s": 28_800})
        problem = PatrolProblem(places, units, (0, 28_800), travel={"car": seconds}, gap_from="arrival")
        others(path.stem, problem, limit_s)
        ours(path.stem, problem, limit_s)


def read_patrol_graph(path):
    """Return the walking distances in metres between the nodes of a patrolling_sim graph."""
    words = iter(path.read_text().split())
    size, _, _ = (int(next(words)) for _ in range(3))
    resolution = float(next(words))
    next(words), next(words)
    length = np.full((size, size), np.inf)
    for _ in range(size):
        node, _, _, degree = (int(next(words)) for _ in range(4))
        for _ in range(degree):
            other, _, cost = int(next(words)), next(words), float(next(words))
            length[node, other] = cost * resolution
    return shortest_path(np.where(np.isinf(length), 0, length), directed=True)


def graphs(folder, limit_s):
    print("\npatrol graphs: worst idleness of one unit at 1 m/s over six rounds")
    print(f"{'graph':<14}{'closed walk':>12}{'greedy':>9}{'ours':>9}{'over':>8}{'seconds':>9}")
    for name, reference in CLOSED_WALK_M.items():
        seconds = read_patrol_graph(folder / f"{name}.graph")
        horizon = 6 * reference
        places = pd.DataFrame({"node": range(len(seconds)), "dwell_s": 1e-3, "max_gap_s": reference})
        units = pd.DataFrame({"mode": ["car"], "base": 0, "start_s": 0, "end_s": horizon})
        problem = PatrolProblem(places, units, (0, horizon), travel={"car": seconds}, gap_from="arrival")
        plan = plan_patrols(problem, time_limit_s=limit_s)
        found = plan.worst_ratio * reference
        greedy = judge(problem, greedy_by_idleness(problem)).worst_gap_s
        print(
            f"{name:<14}{reference:>12.1f}{greedy:>9.1f}{found:>9.1f}{found / reference - 1:>8.1%}{plan.seconds:>9.1f}"
        )


def town():
    """Return the road graph of a made town, and a generator of random numbers."""
    side = 30
    lines = [shapely.LineString([(i * 110.0, k * 110.0) for i in range(side)]) for k in range(side)]
    lines += [shapely.LineString([(k * 110.0, j * 110.0) for j in range(side)]) for k in range(side)]
    graph = road_graph(
        gpd.GeoDataFrame({"highway": ["residential"] * len(lines)}, geometry=lines, crs="EPSG:4549")
    )
    return graph, np.random.default_rng(7)


def day(shifts, hours):
    """Return a day of 60 places with intervals of so many hours; shifts are (unit, mode, start_s, end_s)."""
    graph, rng = town()
    nodes = rng.choice(900, 60, replace=False)
    places = pd.DataFrame({"node": nodes, "dwell_s": 480.0, "max_gap_s": rng.choice(hours, 60) * 3600})
    units = pd.DataFrame(shifts, columns=["unit", "mode", "start_s", "end_s"]).assign(base=int(nodes[0]))
    middle = (units["start_s"] + units["end_s"]) // 2
    units["breaks"] = [[(at, at + 1_800)] for at in middle]
    return PatrolProblem(places, units, (0, 86_400), travel=graph)


def days(limit_s):
    modes = ["car"] * 4 + ["motorcycle"] * 2 + ["foot"] * 2
    spans = [(0, 43_200), (0, 43_200), (43_200, 86_400), (43_200, 86_400), (28_800, 72_000), (28_800, 72_000)]
    spans += [(28_800, 64_800)] * 2
    once = day([(k, m, *s) for k, (m, s) in enumerate(zip(modes, spans, strict=True))], [4.0, 6.0, 8.0, 12.0])
    print("\ndays of 60 places, from departure to arrival; greedy and the peers keep no breaks")
    print(HEAD)
    others("8 once", once, limit_s)
    ours("8 once", once, limit_s)
    starts = (0, 28_800, 57_600)
    always = day([(k, m, s, s + 28_800) for k, m in enumerate(modes) for s in starts], [2.0, 3.0, 4.0, 6.0])
    ours("8 always", always, limit_s)
    print(
        "8 once: one shift of 10 to 12 h each, intervals of 4 to 12 h; 8 always: three of 8 h each, 2 to 6 h"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="time limit of each plan")
    limit_s = parser.parse_args().seconds
    for name, solve in peers().items():
        if solve is None:
            print(
                f"{name} is not installed here: left out (make it so with `pip install -r requirements/dev.txt`)"
            )
    folder = os.environ.get("GEO_REAL_DATA")
    if folder:
        cases(Path(folder) / "benchmarks" / "patrol_cases", limit_s)
        graphs(Path(folder) / "benchmarks" / "patrol_graphs", limit_s)
    else:
        print("GEO_REAL_DATA names no folder: patrol cases and graphs are left out", file=sys.stderr)
    days(limit_s * 3)


if __name__ == "__main__":
    main()
