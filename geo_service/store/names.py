"""The rows of a layer whose name or code holds some words, best first, with the box in which each one lies."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from geo_service.store.tables import LAYER_TABLES, rtree_name
from town_model import LAYERS

#: Columns in which words are looked for, as far as a layer has them.
NAMING = ("name", "code")
#: Layers whose rows are pieces of one thing under one name: a street comes in many.
IN_PIECES = frozenset({"roads", "water", "land_cover"})


@dataclass(frozen=True)
class NamedRow:
    """A row that was found.

    Args:
        layer: its layer.
        id: its number; that of the first piece for a layer `IN_PIECES`.
        name: its name; empty for none.
        code: its code; empty for none, or where the layer has no codes.
        bbox: west, south, east, north in degrees, of all its pieces.
        rank: how well it fits: 0 the whole name or code, 1 its beginning, 2 a part of it.
    """

    layer: str
    id: int
    name: str
    code: str
    bbox: tuple[float, float, float, float]
    rank: int


def find_names(connection: Connection, layer_name: str, words: str, *, limit: int) -> list[NamedRow]:
    """Return the rows of a layer whose name or code holds some words; see `Store.find_names`."""
    declared = LAYERS[layer_name]
    columns = [one for one in NAMING if one in declared.column_names]
    wanted = plain_words(words)
    if declared.geometry in (None, "raster") or not columns or not wanted:
        return []
    table, box = LAYER_TABLES[layer_name].name, rtree_name(layer_name)
    params: dict[str, Any] = {"whole": wanted, "limit": limit}
    if wanted.startswith("#") and wanted[1:].isdecimal() and len(wanted) < 19:
        where, rank = "t.id = :number", "0"
        params["number"] = int(wanted[1:])
    else:
        mask = _escaped(wanted)
        params |= {"part": f"%{mask}%", "start": f"{mask}%"}
        where = " OR ".join(f"t.{one} LIKE :part ESCAPE '\\'" for one in columns)
        whole = " OR ".join(f"t.{one} = :whole COLLATE NOCASE" for one in columns)
        start = " OR ".join(f"t.{one} LIKE :start ESCAPE '\\'" for one in columns)
        rank = f"MIN(CASE WHEN {whole} THEN 0 WHEN {start} THEN 1 ELSE 2 END)"
    code = "t.code" if "code" in columns else "NULL"
    together = "t.name" if layer_name in IN_PIECES else "t.id"
    found = connection.execute(
        text(
            f"SELECT MIN(t.id), t.name, {code}, {rank} AS fit,"  # noqa: S608 - names of declared tables and columns
            " MIN(b.west), MIN(b.south), MAX(b.east), MAX(b.north)"
            f" FROM {table} AS t JOIN {box} AS b ON b.id = t.id WHERE {where}"
            f" GROUP BY {together} ORDER BY fit, LENGTH(t.name), t.name, t.id LIMIT :limit"
        ),
        params,
    )
    return [
        NamedRow(
            layer_name, int(row[0]), row[1] or "", row[2] or "", (row[4], row[5], row[6], row[7]), int(row[3])
        )
        for row in found
    ]


def plain_words(words: str) -> str:
    """Return words as names are compared: without blanks round them, full-width letters and figures as plain ones.

    >>> plain_words(" ３号楼　")
    '3号楼'
    """
    return unicodedata.normalize("NFKC", words).strip()[:100]


def _escaped(words: str) -> str:
    for sign in "\\%_":
        words = words.replace(sign, "\\" + sign)
    return words
