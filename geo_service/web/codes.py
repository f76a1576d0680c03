"""Codes of results in words: priorities, kinds of targets, light, causes of blind spots, modes, kinds of units."""

from __future__ import annotations

from geo_service.web.formats import is_missing
from geo_service.words import TARGET_KINDS
from town_model import EN_62676_4_2015, Text, layer

PRIORITIES = {"1": Text("priority 1"), "2": Text("priority 2"), "3": Text("priority 3")}
LIGHTS = {"day": Text("day"), "night": Text("night")}


def priority(value: object) -> Text | str:
    """Return a priority in words."""
    return PRIORITIES.get(_key(value), _key(value))


def kind(value: object) -> Text | str:
    """Return the kind of a target in words."""
    return TARGET_KINDS.get(str(value), str(value))


def light(value: object) -> Text | str:
    """Return day or night in words."""
    return LIGHTS.get(str(value), str(value))


def choice(layer_name: str, column: str, value: object, language: str) -> str:
    """Return the title of a choice of a declared column; a dash where there is none."""
    return "—" if is_missing(value) else layer(layer_name).column(column).choice_title(str(value), language)


def observation_class(value: object, language: str) -> str:
    """Return the name of an observation class."""
    name = str(value)
    return EN_62676_4_2015.zh.get(name, name) if language == "zh" else name


def _key(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)
