"""Goals of a build-out, met or missed: key places, main entrances, cameras in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo_service.analysis.rows import each
from geo_service.settings import Settings
from geo_service.store import Store, StoredResult

#: Which goals there are, in the order of the report.
GOALS = ("key_places", "entrances", "working")
_FRAMES = frozenset({"targets", "entrances", "roads", "critical"})
_FIGURES = frozenset({"cameras", "working", "shares"})


@dataclass(frozen=True, kw_only=True)
class Goals:
    """What is asked of a town; all shares 0 to 1. The defaults are those of the nine-ministry opinion of 2015 and of common practice.

    Args:
        key_places: share of the key areas that must be covered.
        entrances: share of the main entrances that must be watched.
        working: share of the cameras that must be in order.
        place_share: a key area is covered where at least this share of its open ground is seen at its class.
        entrance_class: the least class at which an entrance must be watched.
        entrance_ways: "both" (who comes in and who goes out, each from the front), "in" (who comes in), or "any".
    """

    key_places: float = 1.0
    entrances: float = 1.0
    working: float = 0.98
    place_share: float = 0.95
    entrance_class: str = "recognise"
    entrance_ways: str = "both"

    @classmethod
    def of(cls, settings: Settings) -> Goals:
        """Return the goals that the settings of a workspace ask for."""
        return cls(
            key_places=settings.goal_key_places_percent / 100,
            entrances=settings.goal_entrances_percent / 100,
            working=settings.goal_working_percent / 100,
            place_share=settings.goal_place_share_percent / 100,
            entrance_class=settings.goal_entrance_class,
            entrance_ways=settings.goal_entrance_ways,
        )


@dataclass(frozen=True)
class Verdict:
    """One goal in one light.

    Args:
        goal: one of `GOALS`.
        light: "day", "night", or "" where light does not matter.
        wanted: share that is asked for.
        reached: how many reach it.
        of: of how many.
        missed: (name, share seen or None) of those that do not, the worst first.
    """

    goal: str
    light: str
    wanted: float
    reached: int
    of: int
    missed: tuple[tuple[str, float | None], ...]

    @property
    def share(self) -> float | None:
        """The share that reaches it; None where there is nothing to judge."""
        return self.reached / self.of if self.of else None

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is met; None where there is nothing to judge."""
        return None if self.share is None else self.share >= self.wanted - 1e-9

    def as_json(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return {
            "goal": self.goal, "light": self.light or None, "wanted": self.wanted, "reached": self.reached, "of": self.of, "share": self.share,
            "met": self.is_met, "missed": [{"name": name, "share": share} for name, share in self.missed],
        }  # fmt: skip


def newest_report(store: Store) -> StoredResult | None:
    """Return the newest stored coverage; None where there is none, or one of an earlier release that lacks what goals are judged by."""
    result = store.latest_result("coverage")
    if result is None or not _FRAMES.issubset(result.frame_names) or not _FIGURES.issubset(result.summary):
        return None
    return result


def judge_goals(coverage: StoredResult, goals: Goals) -> tuple[Verdict, ...]:
    """Return the goals met or missed by a stored result of kind ``coverage``.

    Args:
        coverage: of `newest_report`.
        goals: what is asked for.
    """
    verdicts = [_places(coverage.frame("targets"), light, goals) for light in ("day", "night")]
    order = {name: rank for rank, name in enumerate(coverage.options["class_order"])}
    entrances = coverage.frame("entrances")
    main = entrances[entrances["kind"] == "main"]
    verdicts += [_entrances(main, light, goals, order) for light in ("day", "night")]
    cameras, working = int(coverage.summary["cameras"]), int(coverage.summary["working"])
    verdicts.append(Verdict("working", "", goals.working, working, cameras, ()))
    return tuple(verdicts)


def _places(targets: pd.DataFrame, light: str, goals: Goals) -> Verdict:
    judged = targets[(targets["kind"] == "key_area") & targets[f"share_{light}"].notna()]
    share = judged[f"share_{light}"]
    short = judged[share < goals.place_share - 1e-9].sort_values(
        ["priority", f"share_{light}"], kind="stable"
    )
    missed = tuple(
        (str(row.name or row.target), float(getattr(row, f"share_{light}"))) for row in each(short)
    )
    return Verdict("key_places", light, goals.key_places, len(judged) - len(short), len(judged), missed)


def watches(row: Any, light: str, goals: Goals, order: dict[str, int]) -> bool:
    """Return whether an entrance is watched in a light as the goals ask.

    Args:
        row: of the frame ``entrances``.
        light: "day" or "night".
        goals: what is asked for.
        order: rank of each class, the coarsest is 0.
    """
    sides = {"both": ("in", "out"), "in": ("in",), "any": ("class",)}[goals.entrance_ways]
    if not row.directed:
        sides = ("class",)
    least = order.get(goals.entrance_class, len(order))
    return all(order.get(str(getattr(row, f"{side}_{light}")), -1) >= least for side in sides)


def _entrances(main: pd.DataFrame, light: str, goals: Goals, order: dict[str, int]) -> Verdict:
    missed = tuple(
        (" ".join(one for one in (row.place_name, row.name) if one) or f"#{row.entrance}", None)
        for row in each(main)
        if not watches(row, light, goals, order)
    )
    return Verdict("entrances", light, goals.entrances, len(main) - len(missed), len(main), missed)
