"""Rules that keep the store to places: no row stands for one person or one home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from geo_service.store.validation import Faults
from town_model import Layer


def check_rows(layer: Layer, data: Mapping[str, Sequence[Any]], faults: Faults) -> None:
    """Note the rows that stand for one person or home."""
