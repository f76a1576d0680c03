"""What a unit does at a stop of its plan, in words: it visits a place, drives a street, or stands a post."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from town_model import Text

STREET, POST = "street", "post"


def stop_words(visit: Mapping[Any, Any]) -> Text | str:
    """Return the name of a stop, with what is done there where that is not a visit.

    Args:
        visit: a row of the frame ``visits``: ``place_name`` and, in newer plans, ``task``.
    """
    name = str(visit["place_name"])
    if visit.get("task") == STREET:
        return Text.of("along {street}", street=name)
    if visit.get("task") == POST:
        return Text.of("{place} (standing post)", place=name)
    return name
