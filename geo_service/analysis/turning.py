"""Turning cameras of a town: reach, what is watched at one time, and the share of time of each place."""

from __future__ import annotations

import dataclasses
from typing import Any

import pandas as pd

from camera_coverage import CoverageResult, turning_cameras, watched_shares
from camera_coverage.turning import dwell_shares
from geo_service.analysis.scene import Scene


def turning_frames(
    scene: Scene, coverage: CoverageResult, observation_class: str
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Return the frames ``turning`` and ``watched_shares`` of a coverage result, and the figures that go with them.

    Only cameras that work count, by day.

    Args:
        scene: the town's cameras and views.
        coverage: with the obstacles and the options of looking.
        observation_class: at which class.
    """
    options = dataclasses.replace(coverage.options, observation_class=observation_class, night=False)
    working = scene.cameras[scene.cameras["status"] == "working"]
    table = turning_cameras(working, options=options, views=scene.views, scene=coverage.scene)
    if table.empty:
        return {}, {}
    names = scene.cameras["name"].fillna("")
    table = table.rename_axis("camera").reset_index()
    table.insert(1, "camera_name", table["camera"].map(names))
    in_turn = _in_turn(scene.views)
    table.insert(3, "preset_shares", [in_turn.get(one, "") for one in table["camera"]])
    pieces = watched_shares(working, options=options, views=scene.views, scene=coverage.scene)
    pieces.insert(1, "camera_name", pieces["camera"].map(names))
    figures = {
        "cameras": len(table),
        "without_presets": int((table["presets"] == 0).sum()),
        "reach_m2": float(table["reach_m2"].sum()),
        "watched_m2": float(table["watched_m2"].fillna(0).sum()),
    }
    return {"turning": table, "watched_shares": pieces}, figures


def _in_turn(views: pd.DataFrame) -> dict[Any, str]:
    """Return of each camera its presets in turn, each with its share of the time."""
    found: dict[Any, list[str]] = {}
    if len(views):
        for camera, name, share in zip(views["camera"], views["name"], dwell_shares(views), strict=True):
            some = found.setdefault(int(camera), [])
            called = name if isinstance(name, str) and name else f"#{len(some) + 1}"
            some.append(f"{called} {100 * share:.0f}%")
    return {camera: " · ".join(some) for camera, some in found.items()}
