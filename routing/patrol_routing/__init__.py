"""Patrol routes over a road graph, so that every place is visited in time."""

from patrol_routing.audit import audit_plan
from patrol_routing.graph import edge_geometry, node_positions, road_graph
from patrol_routing.idleness import account
from patrol_routing.modes import DEFAULT_MODES, Mode
from patrol_routing.plan import PLAN_STATUS, UNREACHABLE_REASONS, PatrolPlan, UnitsNeeded
from patrol_routing.planner import PlanProgress, plan_patrols
from patrol_routing.problem import PatrolProblem
from patrol_routing.reachability import nearest_nodes, reachability
from patrol_routing.times import travel_times
from patrol_routing.unpredictability import Unpredictability, entropy, unpredictability
from patrol_routing.variation import vary_plan
from patrol_routing.verdict import Finding, PlanAudit

__all__ = [
    "DEFAULT_MODES",
    "PLAN_STATUS",
    "UNREACHABLE_REASONS",
    "Finding",
    "Mode",
    "PatrolPlan",
    "PatrolProblem",
    "PlanAudit",
    "PlanProgress",
    "UnitsNeeded",
    "Unpredictability",
    "account",
    "audit_plan",
    "edge_geometry",
    "entropy",
    "nearest_nodes",
    "node_positions",
    "plan_patrols",
    "reachability",
    "road_graph",
    "travel_times",
    "unpredictability",
    "vary_plan",
]
