"""Catalogues that ship as package data."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any


def camera_models() -> list[dict[str, Any]]:
    """Return generic camera models as rows of the layer ``camera_models``: price, sensor, lens, infrared, resolution."""
    text = resources.files("town_data").joinpath("camera_models.toml").read_text(encoding="utf-8")
    return [dict(one) for one in tomllib.loads(text)["model"]]
