"""Patrol routes over a road graph, so that every place is visited in time."""

from patrol_routing.audit import Finding, PlanAudit, audit_plan
from patrol_routing.graph import edge_geometry, node_positions, road_graph
from patrol_routing.modes import DEFAULT_MODES, Mode
from patrol_routing.plan import PatrolPlan
from patrol_routing.planner import plan_patrols
from patrol_routing.problem import PatrolProblem
from patrol_routing.times import travel_times

__all__ = [
    "DEFAULT_MODES",
    "Finding",
    "Mode",
    "PatrolPlan",
    "PatrolProblem",
    "PlanAudit",
    "audit_plan",
    "edge_geometry",
    "node_positions",
    "plan_patrols",
    "road_graph",
    "travel_times",
]
