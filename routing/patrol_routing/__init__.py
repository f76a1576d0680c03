"""Patrol routes over a road graph, so that every place is visited in time."""

from patrol_routing.audit import audit_plan
from patrol_routing.graph import edge_geometry, node_positions, road_graph
from patrol_routing.idleness import account
from patrol_routing.modes import DEFAULT_MODES, Mode
from patrol_routing.plan import PLAN_STATUS, UNREACHABLE_REASONS, PatrolPlan, UnitsNeeded
from patrol_routing.planner import PlanProgress, plan_patrols
from patrol_routing.problem import PatrolProblem
from patrol_routing.reachability import nearest_nodes, reachability
from patrol_routing.reading import read_problem
from patrol_routing.response import (
    COUNTRY_LIMITS_S,
    TOWN_LIMITS_S,
    Start,
    best_post,
    places_in_time,
    response_roads,
    response_times,
    starts_at,
)
from patrol_routing.times import travel_times
from patrol_routing.unpredictability import Unpredictability, entropy, unpredictability
from patrol_routing.variation import vary_plan
from patrol_routing.verdict import Finding, PlanAudit

__all__ = [
    "COUNTRY_LIMITS_S",
    "DEFAULT_MODES",
    "PLAN_STATUS",
    "TOWN_LIMITS_S",
    "UNREACHABLE_REASONS",
    "Finding",
    "Mode",
    "PatrolPlan",
    "PatrolProblem",
    "PlanAudit",
    "PlanProgress",
    "Start",
    "UnitsNeeded",
    "Unpredictability",
    "account",
    "audit_plan",
    "best_post",
    "edge_geometry",
    "entropy",
    "nearest_nodes",
    "node_positions",
    "places_in_time",
    "plan_patrols",
    "reachability",
    "read_problem",
    "response_roads",
    "response_times",
    "road_graph",
    "starts_at",
    "travel_times",
    "unpredictability",
    "vary_plan",
]
