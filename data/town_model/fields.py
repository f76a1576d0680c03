"""How a layer is declared: its columns with units, titles, aliases, ranges and choices.

Tables, import templates, forms, the API schema and the data page of the manual follow from these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "integer", "real", "boolean", "date", "datetime", "choice", "hours", "ref"]
GeometryKind = Literal["point", "line", "polygon", "line_or_polygon", "raster"]


@dataclass(frozen=True)
class Choice:
    """One allowed value of a column, its titles, and how else people write it."""

    value: str
    zh: str
    en: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """One column of a layer.

    Args:
        name: the name in tables, frames and the API; ends in its unit where it has one (``mount_height_m``).
        kind: the kind of value. ``hours`` is text such as ``07:00-08:10,16:30-18:00``; ``ref`` is the id of a row
            of the layer in `refers_to`.
        zh: title in Chinese.
        en: title in English.
        unit: unit as shown beside a number (``m``, ``°``), empty where there is none.
        aliases: other headers under which ledgers carry this column.
        minimum: smallest allowed value.
        maximum: largest allowed value.
        choices: the allowed values of a ``choice`` column.
        required: a row without it is refused.
        default: the value of a row that does not say.
        refers_to: the layer that a ``ref`` column points into.
        help_zh: one sentence for forms and templates.
        help_en: the same in English.
    """

    name: str
    kind: Kind
    zh: str
    en: str
    unit: str = ""
    aliases: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Choice, ...] = ()
    required: bool = False
    default: str | float | bool | None = None
    refers_to: str = ""
    help_zh: str = ""
    help_en: str = ""

    def title(self, language: str) -> str:
        """Return the title, with its unit, in ``zh`` or ``en``."""
        words = self.zh if language.startswith("zh") else self.en
        return f"{words} ({self.unit})" if self.unit else words

    def choice_title(self, value: str, language: str) -> str:
        """Return the title of one of the choices; the value itself where it is none of them."""
        for one in self.choices:
            if one.value == value:
                return one.zh if language.startswith("zh") else one.en
        return value


@dataclass(frozen=True)
class Layer:
    """One layer of a town: a table with or without a geometry.

    Args:
        name: the name in the store, the API and on the command line.
        geometry: which geometries it holds; None for a table without. Polygon layers also take
            multi-polygons, line layers multi-lines.
        zh: title in Chinese.
        en: title in English.
        columns: its columns, beside ``id``, ``revision`` and ``geometry``, which every table has.
        key: the column by which a second import recognises a row; empty where rows have no name.
        same_by: in a layer without key, the columns by which a second import recognises a row.
        sensitive: may not leave the inner workspace unasked (cameras, gaps, police routes).
        help_zh: one sentence on what belongs here.
        help_en: the same in English.
    """

    name: str
    geometry: GeometryKind | None
    zh: str
    en: str
    columns: tuple[Column, ...]
    key: str = ""
    same_by: tuple[str, ...] = ()
    sensitive: bool = False
    help_zh: str = ""
    help_en: str = ""

    def title(self, language: str) -> str:
        """Return the title in ``zh`` or ``en``."""
        return self.zh if language.startswith("zh") else self.en

    def column(self, name: str) -> Column:
        """Return the column of that name.

        Raises:
            KeyError: the layer has none.
        """
        for one in self.columns:
            if one.name == name:
                return one
        raise KeyError(name)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the declared columns, in order."""
        return tuple(one.name for one in self.columns)


def choices(*rows: tuple[str, str, str] | tuple[str, str, str, str]) -> tuple[Choice, ...]:
    """Return choices from rows of (value, Chinese, English[, aliases parted by |])."""
    return tuple(
        Choice(row[0], row[1], row[2], tuple(row[3].split("|")) if len(row) > 3 else ()) for row in rows
    )
