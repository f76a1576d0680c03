"""Peers that know no idleness: one visit of each place in each slot of its interval, planned by PyVRP and by OR-Tools.

"At least every 120 minutes" becomes one visit between 0:00 and 2:00, one between 2:00 and 4:00, and so on: two of them may lie nearly 240
minutes apart. `tightened` narrows the windows around when the first plan came, so that two of them lie closer together, which is as far as slots go.
Visits are optional at a price far above any way, so that a plan always comes out. Breaks are left out, to the peers' favour.
"""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from itertools import pairwise

import numpy as np

from patrol_routing import PatrolProblem, account, travel_times

MISSED = 1_000_000  # the price of a slot without a visit, in seconds of driving
NARROWER = (0.5, 0.35, 0.25)  # shares of a slot that are left to its visit when windows are tightened


@dataclass(frozen=True)
class Slot:
    """A visit that is wanted: the number of its place, the slot, and the times (s) between which it begins."""

    place: int
    start_s: float
    end_s: float
    earliest_s: float
    latest_s: float


@dataclass(frozen=True)
class SlotPlan:
    """What a peer found: for each shift its stops as (slot, arrive_s, depart_s), and the wall time it took."""

    routes: list[list[tuple[Slot, float, float]]]
    wanted: int
    seconds: float

    @property
    def missed(self) -> int:
        """How many slots got no visit."""
        return self.wanted - sum(map(len, self.routes))

    def visits(self, problem: PatrolProblem) -> dict[Hashable, list[tuple[float, float]]]:
        """Return the visits of each place."""
        found = {place.id: [] for place in problem.place_list}
        for route in self.routes:
            for slot, arrive, depart in route:
                found[problem.place_list[slot.place].id].append((arrive, depart))
        return found


@dataclass(frozen=True)
class Judgement:
    """Longest idleness (s), the worst ratio of idleness to limit, and how many stretches and windows break it."""

    worst_gap_s: float
    worst_ratio: float
    breaches: int


def judge(problem: PatrolProblem, visits: dict[Hashable, list[tuple[float, float]]]) -> Judgement:
    """Return what the visits of each place amount to, by the account that our own plans are judged by."""
    accounts = [account(p, visits[p.id], problem.horizon, problem.gap_from) for p in problem.place_list]
    return Judgement(
        max(stretch.gap_s for one in accounts for stretch in one.stretches),
        max(one.worst_ratio for one in accounts),
        sum(sum(s.is_breach for s in one.stretches) + len(one.too_few) for one in accounts),
    )


def slots(problem: PatrolProblem) -> list[Slot]:
    """Return the slots of all places: each window cut into the fewest equal parts that are no longer than the interval."""
    found = []
    for p, place in enumerate(problem.place_list):
        for window in place.windows:
            count = math.ceil((window.end_s - window.start_s) / window.max_gap_s - 1e-9)
            edges = np.linspace(window.start_s, window.end_s, count + 1).tolist()
            found += [Slot(p, a, b, a, b) for a, b in pairwise(edges)]
    return found


def tables(problem: PatrolProblem) -> dict[str, np.ndarray]:
    """Return for each mode the seconds between the places, in order, followed by the base of each shift."""
    nodes = [place.nodes[0] for place in problem.place_list] + [shift.base for shift in problem.shift_list]
    found = {}
    for mode in dict.fromkeys(shift.mode for shift in problem.shift_list):
        if problem.has_graph:
            found[mode] = travel_times(problem.graph, nodes, nodes, mode=mode)
        else:
            found[mode] = np.asarray(problem.travel[mode], float)[np.ix_(nodes, nodes)]
    return found


def greedy_by_idleness(problem: PatrolProblem) -> dict[Hashable, list[tuple[float, float]]]:
    """Return the visits when whoever is free goes to the place that is idle for longest, measured by its limit.

    A place that somebody is on the way to is left to them.
    """
    places, shifts, seconds = problem.place_list, problem.shift_list, tables(problem)
    limit = [place.windows[0].max_gap_s for place in places]
    since = [problem.horizon[0]] * len(places)
    visits: dict[Hashable, list[tuple[float, float]]] = {place.id: [] for place in places}
    queue = [(shift.start_s, k, len(places) + k) for k, shift in enumerate(shifts)]
    heapq.heapify(queue)
    while queue:
        now, k, at = heapq.heappop(queue)
        rows, base = seconds[shifts[k].mode], len(places) + k
        can = [
            p
            for p, place in enumerate(places)
            if p != at and now + rows[at, p] + place.dwell_s + rows[p, base] <= shifts[k].end_s
        ]
        if not can:
            continue
        p = max(can, key=lambda p: (now - since[p]) / limit[p])
        arrive = now + rows[at, p]
        depart = arrive + places[p].dwell_s
        since[p] = max(since[p], arrive)
        visits[places[p].id].append((arrive, depart))
        heapq.heappush(queue, (depart, k, p))
    return visits


def with_pyvrp(problem: PatrolProblem, wanted: list[Slot], limit_s: float) -> SlotPlan:
    """Return the plan of PyVRP: a hybrid genetic or iterated local search over routes with time windows."""
    import pyvrp  # noqa: PLC0415 - a peer may be missing
    from pyvrp.stop import MaxRuntime  # noqa: PLC0415

    started = time.perf_counter()
    places, shifts = problem.place_list, problem.shift_list
    model = pyvrp.Model()
    spots = [model.add_location(0, 0) for _ in range(len(places) + len(shifts))]
    profiles = {}
    for mode, seconds in tables(problem).items():
        profiles[mode] = model.add_profile()
        whole = _whole(seconds)
        for a, frm in enumerate(spots):
            for b, to in enumerate(spots):
                model.add_edge(frm, to, whole[a][b], whole[a][b], profiles[mode])
    for k, shift in enumerate(shifts):
        depot = model.add_depot(spots[len(places) + k])
        span = {"tw_early": math.ceil(shift.start_s), "tw_late": math.floor(shift.end_s)}
        model.add_vehicle_type(start_depot=depot, end_depot=depot, profile=profiles[shift.mode], **span)
    for slot in wanted:
        model.add_client(
            spots[slot.place],
            service_duration=math.ceil(places[slot.place].dwell_s),
            tw_early=math.ceil(slot.earliest_s),
            tw_late=max(math.ceil(slot.earliest_s), math.floor(slot.latest_s)),
            prize=MISSED,
            required=False,
        )
    best = model.solve(MaxRuntime(limit_s), seed=1, display=False).best
    routes: list[list[tuple[Slot, float, float]]] = [[] for _ in shifts]
    # a plan that breaks windows or shifts is none
    for route in best.routes() if best.is_feasible() else ():
        routes[route.vehicle_type()] = [
            (wanted[one.idx], one.start_time, one.end_time) for one in route.schedule() if one.is_client()
        ]
    return SlotPlan(routes, len(wanted), time.perf_counter() - started)


def with_ortools(problem: PatrolProblem, wanted: list[Slot], limit_s: float) -> SlotPlan:
    """Return the plan of OR-Tools: cheapest insertion, then guided local search."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2  # noqa: PLC0415 - a peer may be missing

    started = time.perf_counter()
    places, shifts = problem.place_list, problem.shift_list
    spots = [slot.place for slot in wanted] + list(range(len(places), len(places) + len(shifts)))
    ends = list(range(len(wanted), len(spots)))
    manager = pywrapcp.RoutingIndexManager(len(spots), len(shifts), ends, ends)
    routing = pywrapcp.RoutingModel(manager)
    stay = np.array([math.ceil(places[slot.place].dwell_s) for slot in wanted] + [0] * len(shifts))
    ways, times = {}, {}
    for mode, seconds in tables(problem).items():
        whole = np.array(_whole(seconds))[np.ix_(spots, spots)]
        ways[mode] = routing.RegisterTransitMatrix(whole.tolist())
        times[mode] = routing.RegisterTransitMatrix((whole + stay[:, None]).tolist())
    latest = math.floor(problem.horizon[1])
    from_zero = False  # a shift begins when it begins
    routing.AddDimensionWithVehicleTransits(
        [times[s.mode] for s in shifts], latest, latest, from_zero, "time"
    )
    clock = routing.GetDimensionOrDie("time")
    for k, shift in enumerate(shifts):
        routing.SetArcCostEvaluatorOfVehicle(ways[shift.mode], k)
        for end in (routing.Start(k), routing.End(k)):
            clock.CumulVar(end).SetRange(math.ceil(shift.start_s), math.floor(shift.end_s))
    for i, slot in enumerate(wanted):
        low = math.ceil(slot.earliest_s)
        clock.CumulVar(manager.NodeToIndex(i)).SetRange(low, max(low, math.floor(slot.latest_s)))
        routing.AddDisjunction([manager.NodeToIndex(i)], MISSED)
    options = pywrapcp.DefaultRoutingSearchParameters()
    options.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    options.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    options.time_limit.FromMilliseconds(int(1000 * limit_s))
    found = routing.SolveWithParameters(options)
    routes: list[list[tuple[Slot, float, float]]] = [[] for _ in shifts]
    for k in range(len(shifts)) if found else ():
        index = found.Value(routing.NextVar(routing.Start(k)))
        while not routing.IsEnd(index):
            i = manager.IndexToNode(index)
            arrive = found.Min(clock.CumulVar(index))
            routes[k].append((wanted[i], arrive, arrive + places[wanted[i].place].dwell_s))
            index = found.Value(routing.NextVar(index))
    return SlotPlan(routes, len(wanted), time.perf_counter() - started)


def tightened(
    problem: PatrolProblem,
    plan: SlotPlan,
    solve: Callable[[PatrolProblem, list[Slot], float], SlotPlan],
    limit_s: float,
) -> SlotPlan:
    """Return the best of plans whose windows are narrower, around when in its slot a place was visited first.

    Where every slot keeps its visit, two of them lie at most 1 + share slots apart. Best is the smallest worst ratio.
    """
    started = time.perf_counter()
    came: dict[int, float] = {}
    for slot, arrive, _ in sorted(
        (stop for route in plan.routes for stop in route), key=lambda stop: stop[1]
    ):
        came.setdefault(slot.place, (arrive - slot.start_s) / (slot.end_s - slot.start_s))
    best = plan
    for share in NARROWER:
        wanted = []
        for slot in slots(problem):
            length = slot.end_s - slot.start_s
            low = slot.start_s + length * min(max(came.get(slot.place, 0.5) - share / 2, 0.0), 1.0 - share)
            wanted.append(replace(slot, earliest_s=low, latest_s=low + share * length))
        found = solve(problem, wanted, limit_s / len(NARROWER))
        best = min((best, found), key=lambda one: judge(problem, one.visits(problem)).worst_ratio)
    return replace(best, seconds=time.perf_counter() - started)


def peers() -> dict[str, Callable[[PatrolProblem, list[Slot], float], SlotPlan] | None]:
    """Return the peers by name, None for one that is not installed."""
    return {
        "PyVRP": with_pyvrp if find_spec("pyvrp") else None,
        "OR-Tools": with_ortools if find_spec("ortools") else None,
    }


def _whole(seconds: np.ndarray) -> list[list[int]]:
    """Return travel times rounded up, so that what a peer plans can be driven; where there is no way, a very long one."""
    return np.where(np.isfinite(seconds), np.ceil(seconds - 1e-9), 10_000_000).astype(np.int64).tolist()
