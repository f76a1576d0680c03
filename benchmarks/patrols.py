"""Patrol plans: ours beside a greedy planner by idleness, in one run.

    GEO_REAL_DATA=… python benchmarks/patrols.py [--seconds 10]

Published patrol cases (3 units, 8 h, 20 places, every 120 minutes, 12 minutes dwell), patrol graphs (one unit; the reference is the shortest
closed walk), and a day of mixed intervals and shifts in a made town. Every plan of ours is audited.
"""

from __future__ import annotations

import argparse
import heapq
import os
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse.csgraph import shortest_path

from patrol_routing import PatrolProblem, account, audit_plan, plan_patrols, road_graph

CLOSED_WALK_M = {"cumberland": 387.1, "grid": 148.2, "DIAG_floor1": 413.4}


def greedy_by_idleness(seconds, dwell, units, horizon):
    """Return the worst gap from arrival to arrival when whoever is free goes to the place idle for longest.

    All units begin and end at row 0; a place that somebody is on the way to is left to them.
    """
    places = range(1, len(seconds))
    arrivals = {p: [0.0] for p in places}
    queue = [(0.0, k, 0) for k in range(units)]
    while queue:
        now, k, at = heapq.heappop(queue)
        open_ = [p for p in places if now + seconds[at, p] + dwell + seconds[p, 0] <= horizon and p != at]
        if not open_:
            continue
        p = min(open_, key=lambda p: arrivals[p][-1])
        arrive = now + seconds[at, p]
        arrivals[p].append(arrive)
        heapq.heappush(queue, (arrive + dwell, k, p))
    return max(np.diff([*sorted(times), horizon]).max() for times in arrivals.values())


def cases(folder, limit_s):
    print("patrol cases: worst gap in minutes from arrival to arrival (at most 120 wanted)")
    print(f"{'case':<8}{'greedy':>8}{'ours':>8}{'bound':>8}{'breaches':>10}{'seconds':>9}  audit")
    for path in sorted(folder.glob("case-*.csv")):
        seconds = np.loadtxt(path, delimiter=",")
        places = pd.DataFrame({"node": range(1, len(seconds)), "dwell_s": 720.0, "max_gap_s": 7200.0})
        units = pd.DataFrame({"mode": ["car"] * 3, "base": 0, "start_s": 0, "end_s": 28_800})
        problem = PatrolProblem(places, units, (0, 28_800), travel={"car": seconds}, gap_from="arrival")
        plan = plan_patrols(problem, time_limit_s=limit_s)
        greedy = greedy_by_idleness(seconds, 720.0, 3, 28_800) / 60
        verdict = "passed" if audit_plan(problem, plan).is_sound else "FAILED"
        print(
            f"{path.stem:<8}{greedy:>8.1f}{plan.worst_ratio * 120:>8.1f}{plan.bound * 120:>8.1f}"
            f"{len(plan.breaches):>10}{plan.seconds:>9.1f}  {verdict}"
        )


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
        ours = plan.worst_ratio * reference
        greedy = greedy_by_idleness(seconds, 1e-3, 1, horizon)
        print(
            f"{name:<14}{reference:>12.1f}{greedy:>9.1f}{ours:>9.1f}{ours / reference - 1:>8.1%}{plan.seconds:>9.1f}"
        )


def day(limit_s):
    rng = np.random.default_rng(7)
    side = 30
    lines = [shapely.LineString([(i * 110.0, k * 110.0) for i in range(side)]) for k in range(side)]
    lines += [shapely.LineString([(k * 110.0, j * 110.0) for j in range(side)]) for k in range(side)]
    graph = road_graph(
        gpd.GeoDataFrame({"highway": ["residential"] * len(lines)}, geometry=lines, crs="EPSG:4549")
    )
    nodes = rng.choice(side * side, 60, replace=False)
    places = pd.DataFrame(
        {"node": nodes, "dwell_s": 480.0, "max_gap_s": rng.choice([4.0, 6.0, 8.0, 12.0], 60) * 3600}
    )
    shifts = [("car", s, s + 28_800) for s in (0, 28_800, 57_600) for _ in range(2)]
    shifts += [("motorcycle", 28_800, 72_000)] * 2 + [("foot", 28_800, 64_800)] * 2
    units = pd.DataFrame(shifts, columns=["mode", "start_s", "end_s"]).assign(base=int(nodes[0]))
    units["breaks"] = [[(start + 14_400, start + 16_200)] for start in units["start_s"]]
    problem = PatrolProblem(places, units, (0, 86_400), travel=graph)
    started = time.perf_counter()
    plan = plan_patrols(problem, time_limit_s=limit_s)
    took = time.perf_counter() - started
    started = time.perf_counter()
    verdict = audit_plan(problem, plan)
    worst = max(
        account(p, v, problem.horizon, "departure").worst_ratio
        for p in problem.place_list
        for v in [plan.visits.loc[plan.visits["place"] == p.id, ["arrive_s", "depart_s"]].to_numpy().tolist()]
    )
    print(
        f"\na day: 60 places, intervals of 4 to 12 h, 10 shifts of 3 modes: {len(plan.visits)} visits, "
        f"{len(plan.breaches)} breaches, worst ratio {worst:.3f} (bound {plan.bound:.3f}), {took:.1f} s; "
        f"audit {'passed' if verdict.is_sound else 'FAILED'} in {time.perf_counter() - started:.2f} s"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="time limit of each plan")
    limit_s = parser.parse_args().seconds
    folder = os.environ.get("GEO_REAL_DATA")
    if folder:
        cases(Path(folder) / "benchmarks" / "patrol_cases", limit_s)
        graphs(Path(folder) / "benchmarks" / "patrol_graphs", limit_s)
    else:
        print("GEO_REAL_DATA names no folder: published cases are left out", file=sys.stderr)
    day(limit_s * 3)


if __name__ == "__main__":
    main()
