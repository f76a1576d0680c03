"""Forbidden turns are driven by nobody who is bound by them, and the audit refuses them for itself.

A cross at (0, 0) with arms of 100 m: west (way/1), east (way/2), north (way/3), south (way/4), and a detour (way/5) from the
east end to the north end. Cars drive 10 m a second, people walk 1.
"""

import dataclasses
import heapq
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from patrol_routing import (
    Mode,
    PatrolProblem,
    Start,
    audit_plan,
    plan_patrols,
    response_roads,
    response_times,
    road_graph,
    travel_times,
)
from town_model import CrsError

CRS = "EPSG:4549"
CAR, MOTORCYCLE, FOOT = Mode("car", 36.0), Mode("motorcycle", 36.0), Mode("foot", 3.6)
ENDS = {"west": (-100, 0), "east": (100, 0), "north": (0, 100), "south": (0, -100)}


def cross(*turns, modes=(CAR, FOOT), lines=None):
    lines = lines or [[ENDS[one], (0, 0)] for one in ENDS] + [[(100, 0), (100, 100), (0, 100)]]
    roads = gpd.GeoDataFrame(
        {"highway": "residential", "osm_id": [f"way/{i + 1}" for i in range(len(lines))]},
        geometry=[shapely.LineString(one) for one in lines],
        crs=CRS,
    )
    rows = [{"kind": k, "from_road": a, "to_road": b, **rest} for k, a, b, rest in turns]
    points = [shapely.Point(row.pop("at", (0, 0))) for row in rows]
    table = gpd.GeoDataFrame(rows, geometry=points, crs=CRS) if rows else None
    return road_graph(roads, modes=modes, turns=table)


def at(graph, x, y):
    return next(n for n, d in graph.nodes(data=True) if (d["x"], d["y"]) == (x, y) and "junction" not in d)


def seconds(graph, a, b, mode="car"):
    nodes = [at(graph, *ENDS[one]) for one in (a, b)]
    return float(travel_times(graph, nodes[:1], nodes[1:], mode=mode)[0, 0])


def test_without_restrictions_a_left_turn_takes_twenty_seconds():
    assert seconds(cross(), "west", "north") == pytest.approx(20)


def test_a_forbidden_left_turn_is_driven_round():
    graph = cross(("no_left_turn", "way/1", "way/3", {}))
    # on to the east, and by the detour of 200 m
    assert seconds(graph, "west", "north") == pytest.approx(40)
    assert seconds(graph, "west", "south") == pytest.approx(20)
    assert seconds(graph, "north", "west") == pytest.approx(20)
    assert seconds(graph, "south", "north") == pytest.approx(20)


def test_people_on_foot_are_not_bound():
    graph = cross(("no_left_turn", "way/1", "way/3", {}))
    assert seconds(graph, "west", "north", "foot") == pytest.approx(200)


def test_the_only_turn_forbids_all_others():
    graph = cross(("only_straight_on", "way/1", "way/2", {}))
    assert seconds(graph, "west", "east") == pytest.approx(20)
    assert seconds(graph, "west", "north") == pytest.approx(40)
    # to the east, back at its end, and left
    assert seconds(graph, "west", "south") == pytest.approx(40)


def test_an_excepted_mode_turns_freely():
    graph = cross(
        ("no_left_turn", "way/1", "way/3", {"binds_car": True, "binds_motorcycle": False}),
        modes=(CAR, MOTORCYCLE),
    )
    assert seconds(graph, "west", "north", "car") == pytest.approx(40)
    assert seconds(graph, "west", "north", "motorcycle") == pytest.approx(20)


def test_a_forbidden_u_turn_and_several_roads_in_one_restriction():
    lines = [[(-100, 0), (0, 0)], [(0, 0), (100, 0)], [(0, 0), (0, 100)]]
    graph = cross(("no_u_turn", "way/1", "way/1", {}), lines=lines)
    (twin,) = [n for n, d in graph.nodes(data=True) if "junction" in d]
    assert {graph.edges[e]["osmid"] for e in graph.out_edges(twin, keys=True)} == {"way/2", "way/3"}
    graph = cross(("no_entry", "way/1;way/4", "way/3", {}))
    assert seconds(graph, "west", "north") == seconds(graph, "south", "north") == pytest.approx(40)


def test_junctions_next_to_each_other_are_split_together():
    """West to north is barred at (0, 0) and again at (50, 0): the way leads back and up from the east."""
    lines = [[(-100, 0), (0, 0)], [(0, 0), (50, 0)], [(50, 0), (100, 0)]]
    lines += [[(x, 0), (x, 100)] for x in (0, 50, 100)] + [[(0, 100), (50, 100)], [(50, 100), (100, 100)]]
    turns = [
        ("no_left_turn", "way/1", "way/4", {"at": (0, 0)}),
        ("no_left_turn", "way/2", "way/5", {"at": (50, 0)}),
    ]
    graph = cross(*turns, lines=lines)
    nodes = [at(graph, -100, 0), at(graph, 0, 100)]
    # 150 m along, turned round at (50, 0), 50 m back, 100 m up by a turn to the right, which is free
    assert travel_times(graph, nodes[:1], nodes[1:], mode="car")[0, 0] == pytest.approx(30)


def test_what_fits_no_junction_is_named():
    graph = cross(
        ("no_left_turn", "way/1", "way/3", {"at": (40, 0)}),
        ("no_left_turn", "way/1", "way/9", {}),
        ("no_left_turn_at_night", "way/1", "way/3", {}),
        ("no_left_turn", "way/1", "way/2", {}),
    )
    assert [one for one, _ in graph.graph["turns_left_out"]] == [0, 1, 2]
    assert len(graph.graph["turns"]) == 1
    through = cross(
        ("no_left_turn", "way/1", "way/2", {}), lines=[[(-100, 0), (0, 0), (100, 0)], [(0, 0), (0, 100)]]
    )
    assert "runs through" in str(through.graph["turns_left_out"][0][1])


def test_restrictions_in_other_coordinates_are_refused():
    roads = gpd.GeoDataFrame(
        {"highway": ["residential"]}, geometry=[shapely.LineString([(0, 0), (9, 0)])], crs=CRS
    )
    turns = gpd.GeoDataFrame(
        {"kind": ["no_u_turn"], "from_road": ["a"], "to_road": ["a"]},
        geometry=[shapely.Point(0, 0)],
        crs="EPSG:32650",
    )
    with pytest.raises(CrsError):
        road_graph(roads, turns=turns)


def planned(graph):
    places = pd.DataFrame(
        {
            "node": [at(graph, *ENDS[one]) for one in ("north", "south", "east")],
            "dwell_s": 10,
            "max_gap_s": 600,
        }
    )
    units = pd.DataFrame(
        {"mode": ["car"], "base": at(graph, *ENDS["west"]), "start_s": 0, "end_s": 1200}, index=["u"]
    )
    problem = PatrolProblem(places, units, (0, 1200), travel=graph)
    return problem, plan_patrols(problem, max_iterations=300)


def turns_taken(graph, plan):
    legs = [(row.u, row.v, row.key) for row in plan.legs.itertuples()]
    return [(graph.edges[a]["osmid"], graph.edges[b]["osmid"]) for a, b in pairwise(legs)]


def test_plans_keep_to_the_restriction_and_pass_the_audit():
    graph = cross(("no_left_turn", "way/1", "way/3", {}))
    problem, plan = planned(graph)
    assert audit_plan(problem, plan).is_sound
    assert ("way/1", "way/3") not in turns_taken(graph, plan)
    assert plan.unreachable.empty


def test_the_audit_refuses_a_forbidden_turn_in_a_plan_made_without_the_restriction():
    free = cross()
    problem, plan = planned(free)
    assert any(a == "way/1" and b in {"way/3", "way/4"} for a, b in turns_taken(free, plan))
    assert audit_plan(problem, plan).is_sound
    # the same roads and nodes, and the restrictions beside them, whatever the graph's junctions look like
    bound = cross(("only_straight_on", "way/1", "way/2", {}))
    told = free.copy()
    told.graph["turns"] = bound.graph["turns"]
    verdict = audit_plan(dataclasses.replace(problem, travel=told), plan)
    assert {one.kind for one in verdict.findings} == {"forbidden_turn"}


@pytest.mark.parametrize("seed", range(4))
def test_random_restrictions_agree_with_a_search_over_pairs_of_edges(seed):
    """The peer is a plain Dijkstra over edges, which forbids pairs of roads at a junction one by one."""
    rng = np.random.default_rng(seed)
    lines, spots = [], range(4)
    lines += [[(100 * x, 100 * y), (100 * x + 100, 100 * y)] for x in range(3) for y in spots]
    lines += [[(100 * x, 100 * y), (100 * x, 100 * y + 100)] for x in spots for y in range(3)]
    ways = {f"way/{i + 1}": [tuple(map(float, p)) for p in line] for i, line in enumerate(lines)}
    turns = []
    for x, y in [(1, 1), (2, 1), (1, 2), (2, 2), (0, 1), (3, 2)]:
        here = (100.0 * x, 100.0 * y)
        meeting = [name for name, ends in ways.items() if here in ends]
        a, b = rng.choice(meeting, 2, replace=False)
        kind = "only_straight_on" if rng.random() < 0.3 else "no_left_turn"
        turns.append((kind, str(a), str(b), {"at": here}))
    graph = cross(*turns, lines=lines)
    barred = {(row[3]["at"], row[0], row[1], row[2]) for row in turns}
    expected = _by_pairs(ways, barred, (0.0, 0.0))
    nodes = {xy: at(graph, *xy) for xy in expected}
    twins = {xy: [n for n, d in graph.nodes(data=True) if (d["x"], d["y"]) == xy] for xy in expected}
    for xy, least in expected.items():
        found = travel_times(graph, [nodes[0.0, 0.0]], twins[xy], mode="car").min()
        assert found == pytest.approx(least), xy


def _by_pairs(ways, barred, start):
    queue = [(0.0, i, start, None) for i in range(1)]
    best, done, count = {start: 0.0}, set(), 1
    while queue:
        now, _, here, came = heapq.heappop(queue)
        if (here, came) in done:
            continue
        done.add((here, came))
        best.setdefault(here, now)
        for name, ends in ways.items():
            if here not in ends:
                continue
            rules = [(kind, b) for place, kind, a, b in barred if place == here and a == came]
            if any((b == name) != kind.startswith("only") for kind, b in rules):
                continue
            count += 1
            there = ends[0] if ends[1] == here else ends[1]
            heapq.heappush(queue, (now + 10.0, count, there, name))
    return best


def test_roads_of_response_are_drawn_once_and_reached_by_the_way_that_is_allowed():
    """From the west the north arm is reached by the detour: in 30 s only from the north end, 10 s up to it."""
    graph = cross(("no_left_turn", "way/1", "way/3", {}), modes=(CAR,))
    times = response_times(graph, [Start(at(graph, *ENDS["west"]))], mode="car")
    bands = response_roads(graph, {"car": times}, limits_s=[30.0, 40.0])
    # all five roads are 600 m; the north arm and the last half of the detour come after 30 s
    assert bands["length_m"].sum() == pytest.approx(600)
    assert bands["length_m"].iloc[0] == pytest.approx(400)
