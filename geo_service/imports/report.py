"""What an import did, or would do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from shapely.geometry import mapping

from geo_service.i18n import say
from geo_service.imports.faults import Fault
from geo_service.imports.headers import ColumnMatch
from town_model import Text


@dataclass
class ImportRow:
    """One row of a file as values of a layer.

    Args:
        number: number of the row as people see it.
        cells: values by column; a refused cell is absent, an empty one None.
        geometry: its place in WGS-84, None for a layer without geometry.
        refused: the row is not stored.
        raw: longitude and latitude (or easting and northing) of a point as they stood in the file.
    """

    number: int
    cells: dict[str, Any]
    geometry: Any = None
    refused: bool = False
    raw: tuple[float, float] | None = None


@dataclass
class ImportTable:
    """A file read for a layer, before anything is stored.

    Args:
        layer: name of the layer.
        file: name of the file.
        kind: kind of the file.
        sheet: name of the sheet or layer that was read.
        header_rows: numbers of the header's rows; empty for features.
        matches: what was taken for what, and why.
        datum: datum or coordinate system the coordinates were read in.
        datum_source: where that was said.
        rows: all rows, also the refused.
        faults: all faults, by row.
        left_out: columns that were not taken, and why.
        skipped_rows: rows that are no data (footers, sums, the example row), and why.
        notes: what else was noticed.
    """

    layer: str
    file: str
    kind: str
    sheet: str = ""
    header_rows: list[int] = field(default_factory=list)
    matches: list[ColumnMatch] = field(default_factory=list)
    datum: str = ""
    datum_source: Text = field(default_factory=lambda: Text(""))
    rows: list[ImportRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    left_out: list[tuple[str, Text]] = field(default_factory=list)
    skipped_rows: list[tuple[int, Text]] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)

    @property
    def accepted(self) -> list[ImportRow]:
        """The rows that can be stored."""
        return [one for one in self.rows if not one.refused]

    def positions(self) -> dict[str, Any]:
        """Return a GeoJSON FeatureCollection with the place of every row that has one, and its state."""
        worst: dict[int, str] = {}
        order = {"warning": 0, "refused_cell": 1, "refused_row": 2}
        for one in self.faults:
            if one.row and order[one.severity] >= order.get(worst.get(one.row, ""), -1):
                worst[one.row] = one.severity
        return {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "geometry": mapping(one.geometry),
                    "properties": {
                        "row": one.number,
                        "name": one.cells.get("name") or "",
                        "state": worst.get(one.number, "ok"),
                        "refused": one.refused,
                    },
                }
                for one in self.rows
                if one.geometry is not None
            ],
        }


@dataclass
class ImportReport:
    """What an import stored, left out and refused.

    Args:
        table: the file as it was read.
        dry_run: nothing was stored.
        stored: False when nothing was stored, in a dry run or because of faulty rows; True also when all accepted rows
            were there already.
        inserted: rows that are new.
        updated: rows that were there and changed.
        unchanged: rows that were there and are the same.
        refused: rows that are not stored.
        batch: number of the batch in the change log, None when nothing changed.
        datum_medians_m: median distance of the points to the next road under each datum, where that was checked.
    """

    table: ImportTable
    dry_run: bool = False
    stored: bool = False
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    batch: int | None = None
    datum_medians_m: dict[str, float] = field(default_factory=dict)

    @property
    def faults(self) -> list[Fault]:
        """All faults of the file, by row."""
        return self.table.faults

    @property
    def warnings(self) -> list[Fault]:
        """The faults that refuse nothing."""
        return [one for one in self.faults if one.severity == "warning"]

    def summary(self, language: str = "zh") -> str:
        """Return the report as lines of text, without the faults."""
        table = self.table
        count = Counter(one.severity for one in self.faults)
        lines = [
            Text.of("{file}: {rows} rows read", file=table.file, rows=len(table.rows)),
            Text.of(
                "{inserted} new, {updated} changed, {unchanged} unchanged, {refused} refused",
                inserted=self.inserted,
                updated=self.updated,
                unchanged=self.unchanged,
                refused=self.refused,
            ),
            Text.of(
                "{rows} faults that refuse a row, {cells} that refuse a cell, {warnings} warnings",
                rows=count["refused_row"],
                cells=count["refused_cell"],
                warnings=count["warning"],
            ),
        ]
        if self.dry_run:
            lines.append(Text.of("a dry run: nothing was stored"))
        elif not self.stored:
            lines.append(Text.of("nothing was stored"))
        if table.datum:
            lines.append(
                Text.of(
                    "coordinates read as {datum} ({source})", datum=table.datum, source=table.datum_source
                )
            )
        lines += [
            Text.of("column “{title}” left out: {why}", title=title, why=why) for title, why in table.left_out
        ]
        lines += table.notes
        return "\n".join(say(one, language) for one in lines)

    def as_dict(self, language: str = "zh", *, positions: bool = False) -> dict[str, Any]:
        """Return the report as plain values for JSON, words in a language.

        Args:
            language: ``zh`` or ``en``.
            positions: add a GeoJSON of where every row lies.
        """
        table = self.table
        values: dict[str, Any] = {
            "layer": table.layer,
            "file": table.file,
            "kind": table.kind,
            "sheet": table.sheet,
            "header_rows": table.header_rows,
            "mapping": [
                {"cell": one.address, "title": one.title, "column": one.column, "why": say(one.why, language)}
                for one in table.matches
            ],
            "left_out": [{"title": title, "why": say(why, language)} for title, why in table.left_out],
            "skipped_rows": [{"row": row, "why": say(why, language)} for row, why in table.skipped_rows],
            "datum": table.datum,
            "datum_source": say(table.datum_source, language),
            "datum_medians_m": self.datum_medians_m,
            "dry_run": self.dry_run,
            "stored": self.stored,
            "batch": self.batch,
            "rows": len(table.rows),
            "inserted": self.inserted,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "faults": [one.as_dict(language) for one in self.faults],
            "notes": [say(one, language) for one in table.notes],
        }
        if positions:
            values["positions"] = table.positions()
        return values
