"""Cells of frames as words and numbers that a page can show."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from geo_service.i18n import say
from geo_service.store import Store
from town_model import EN_62676_4_2015, Column, Text

# Not for readers: keys of other systems. The osm_id stays in the store and in exports.
HIDDEN = frozenset({"osm_id"})


def plain(value: Any) -> Any:
    """Return a cell as JSON can hold it: text, a number, a truth value, or None where there is nothing."""
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool | str):
        return value
    if isinstance(value, dt.datetime | pd.Timestamp):
        midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
        return value.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if value.is_integer() else round(value, 3)
    if isinstance(value, int):
        return value
    return None if pd.isna(value) else str(value)


def column_values(column: Column, cells: Sequence[Any], language: str, store: Store) -> list[Any]:
    """Return the cells of a declared column as a reader sees them: titles of choices, names of rows referred to.

    Args:
        column: its declaration.
        cells: its values.
        language: ``zh`` or ``en``.
        store: where references lead.
    """
    values = [plain(one) for one in cells]
    if column.kind == "choice":
        return [None if one is None else column.choice_title(str(one), language) for one in values]
    if column.kind == "ref":
        wanted = sorted({int(one) for one in values if one is not None})
        names: Mapping[int, Any] = {}
        if wanted:
            rows = store.frame(column.refers_to, ids=wanted, crs="wgs84")
            names = dict(zip(rows.index.tolist(), rows["name"].tolist(), strict=True))
        return [None if one is None else plain(names.get(int(one))) or str(one) for one in values]
    return values


def field(column: Column, language: str) -> dict[str, str]:
    """Return the heading of a declared column for the page."""
    title = column.zh if language.startswith("zh") else column.en
    return {"key": column.name, "title": title, "unit": _unit(column.unit, language)}


def heading(key: str, title: Text, language: str, unit: str = "") -> dict[str, str]:
    """Return a heading for the page; the unit follows the values."""
    return {"key": key, "title": say(title, language), "unit": _unit(unit, language)}


def _unit(unit: str, language: str) -> str:
    if not language.startswith("zh"):
        return unit
    return {
        "m": "米",
        "m²": "平方米",
        "min": "分钟",
        "km/h": "公里/小时",
        "d": "天",
        "px": "像素",
        "s": "秒",
    }.get(unit, unit)


def class_title(name: str, language: str) -> str:
    """Return the title of an observation class."""
    return EN_62676_4_2015.zh.get(name, name) if language.startswith("zh") else name.capitalize()
