"""The part of the audit that follows a unit along its legs: roads, directions, speed, shift and breaks.

Like `audit`, it shares no code with the planner.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np

from patrol_routing.problem import PatrolProblem
from patrol_routing.records import Shift
from patrol_routing.verdict import Finding, time_of_day
from town_model import Text

TOLERANCE_S = 0.01


@dataclass(frozen=True)
class Stay:
    """Where a unit stood still, and from when to when."""

    node: Any
    start_s: float
    end_s: float


class RouteAudit:
    """Follows units along their legs and notes what cannot be.

    Args:
        problem: the problem that the legs belong to.
    """

    def __init__(self, problem: PatrolProblem) -> None:
        self.problem = problem
        self.findings: list[Finding] = []

    def note(
        self,
        kind: str,
        message: Text,
        *,
        unit: Hashable | None = None,
        place: Hashable | None = None,
        time_s: float | None = None,
    ) -> None:
        """Add a finding."""
        self.findings.append(Finding(kind, message, unit, place, time_s))

    def drive(self, shift: Shift, rows: list[dict[str, Any]]) -> list[Stay]:
        """Check the legs of a shift and return where the unit stood in between."""
        stays = []
        before: dict[str, Any] | None = None
        at, clock = shift.base, shift.start_s
        for row in rows:
            enter, leave = float(row["enter_s"]), float(row["leave_s"])
            if row["u"] != at:
                self.note(
                    "broken_route",
                    Text.of(
                        "{unit}: at {time} it goes on from {u}, but stood at {at}",
                        unit=shift.id,
                        time=time_of_day(enter),
                        u=row["u"],
                        at=at,
                    ),
                    unit=shift.id,
                    time_s=enter,
                )
            if enter < clock - TOLERANCE_S or leave < enter:
                early = clock == shift.start_s and at == shift.base
                self.note(
                    "shift" if early and leave >= enter else "broken_route",
                    Text.of(
                        "{unit}: the leg at {time} begins before the one before it ended",
                        unit=shift.id,
                        time=time_of_day(enter),
                    )
                    if not early
                    else Text.of(
                        "{unit}: it drives at {time}, before its shift begins",
                        unit=shift.id,
                        time=time_of_day(enter),
                    ),
                    unit=shift.id,
                    time_s=enter,
                )
            self._edge(shift, row, leave - enter)
            self._turn(shift, before, row)
            before = row
            if row["u"] == at:
                stays.append(Stay(at, clock, enter))
            self.rest(shift, enter, leave)
            at, clock = row["v"], leave
        if at != shift.base:
            self.note(
                "broken_route",
                Text.of("{unit}: it does not come back to its base", unit=shift.id),
                unit=shift.id,
                time_s=clock,
            )
        if clock > shift.end_s + TOLERANCE_S:
            self.note(
                "shift",
                Text.of(
                    "{unit}: it drives until {time}, after its shift ended",
                    unit=shift.id,
                    time=time_of_day(clock),
                ),
                unit=shift.id,
                time_s=clock,
            )
        stays.append(Stay(at, clock, shift.end_s))
        return stays

    def rest(self, shift: Shift, start: float, end: float) -> None:
        """Note work in a break."""
        for begin, stop in shift.breaks:
            if start < stop - TOLERANCE_S and end > begin + TOLERANCE_S:
                self.note(
                    "break",
                    Text.of(
                        "{unit}: it is at work at {time}, in its break",
                        unit=shift.id,
                        time=time_of_day(max(start, begin)),
                    ),
                    unit=shift.id,
                    time_s=max(start, begin),
                )

    def _turn(self, shift: Shift, before: dict[str, Any] | None, row: dict[str, Any]) -> None:
        """Note a turn that is forbidden, also after a stay at the junction."""
        if before is None or not self.problem.has_graph:
            return
        coming, going = ((one["u"], one["v"], one["key"]) for one in (before, row))
        if _is_forbidden_turn(self.problem.graph, shift.mode, coming, going):
            self.note(
                "forbidden_turn",
                Text.of(
                    "{unit}: at {time} it takes a turn at {junction} that is forbidden",
                    unit=shift.id,
                    time=time_of_day(float(row["enter_s"])),
                    junction=row["u"],
                ),
                unit=shift.id,
                time_s=float(row["enter_s"]),
            )

    def _edge(self, shift: Shift, row: dict[str, Any], seconds: float) -> None:
        u, v, key, when = row["u"], row["v"], row["key"], float(row["enter_s"])

        def note(kind: str, message: Text) -> None:
            self.note(kind, message, unit=shift.id, time_s=when)

        least: float | None
        if self.problem.has_graph:
            graph = self.problem.graph
            attribute = f"travel_time_{shift.mode}"
            if not graph.has_edge(u, v, key):
                back = graph.get_edge_data(v, u) or {}
                if any(attribute in data for data in back.values()) and not graph.has_edge(u, v):
                    note(
                        "against_oneway",
                        Text.of("{unit}: from {u} to {v} is against the one-way", unit=shift.id, u=u, v=v),
                    )
                else:
                    note(
                        "no_road",
                        Text.of(
                            "{unit}: there is no road {key} from {u} to {v}", unit=shift.id, u=u, v=v, key=key
                        ),
                    )
                return
            least = graph.edges[u, v, key].get(attribute)
            if least is None:
                back = graph.get_edge_data(v, u) or {}
                kind = "against_oneway" if any(attribute in data for data in back.values()) else "no_access"
                note(
                    kind,
                    Text.of(
                        "{unit}: the road from {u} to {v} is not open to it that way", unit=shift.id, u=u, v=v
                    ),
                )
                return
        else:
            matrix = np.asarray(self.problem.travel[shift.mode])
            if not all(isinstance(n, int | np.integer) and 0 <= n < len(matrix) for n in (u, v)):
                note(
                    "no_road",
                    Text.of(
                        "{unit}: there is no road {key} from {u} to {v}", unit=shift.id, u=u, v=v, key=key
                    ),
                )
                return
            least = float(matrix[u, v])
            if math.isinf(least):
                note(
                    "no_road",
                    Text.of(
                        "{unit}: there is no road {key} from {u} to {v}", unit=shift.id, u=u, v=v, key=key
                    ),
                )
                return
        if seconds < least - TOLERANCE_S:
            note(
                "too_fast",
                Text.of(
                    "{unit}: from {u} to {v} in {seconds} s, which takes {least} s",
                    unit=shift.id,
                    u=u,
                    v=v,
                    seconds=round(seconds, 1),
                    least=round(least, 1),
                ),
            )


def _is_forbidden_turn(
    graph: nx.MultiDiGraph[Any],
    mode: str,
    coming: tuple[Any, Any, int],
    going: tuple[Any, Any, int],
) -> bool:
    """Return whether a mode must not go on from one edge to the next, whatever the graph makes of its junctions.

    Args:
        graph: a road graph with the restrictions in its attribute ``turns``.
        mode: the mode of travel.
        coming: an edge that is in the graph.
        going: an edge that begins where the other ends.
    """
    if not (graph.has_edge(*coming) and graph.has_edge(*going)):
        return False
    here = graph.nodes[coming[1]]
    from_road, to_road = graph.edges[coming].get("osmid"), graph.edges[going].get("osmid")
    for turn in graph.graph.get("turns", ()):
        there = graph.nodes[turn.junction]
        if (there["x"], there["y"]) != (here["x"], here["y"]) or mode not in turn.modes:
            continue
        if from_road in turn.coming and (to_road in turn.going) != turn.is_only:
            return True
    return False
