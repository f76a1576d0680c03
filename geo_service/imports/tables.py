"""From the raw cells of a file to rows of a layer, with every fault at its cell."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np
import shapely

from geo_service.imports.datums import DATUM_NAMES, is_geographic
from geo_service.imports.faults import NO_TEXT, CellError, Fault, Severity
from geo_service.imports.headers import Header, letter, named_datum, plain_title
from geo_service.imports.persons import KIND_TEXTS, names_a_home
from geo_service.imports.positions import (
    Place,
    choose_datum,
    convert_places,
    convert_shapes,
    parse_coordinate,
    parse_pair,
)
from geo_service.imports.privacy import personal_kinds
from geo_service.imports.reading.raw import RawTable
from geo_service.imports.report import ImportRow, ImportTable
from geo_service.imports.shapes import fit_shape
from geo_service.imports.values import Hints, parse_cell
from geo_service.imports.values.plain import fold, is_empty
from town_model import Column, CrsError, InputError, Layer, Text

_FOOTER = re.compile(
    r"^(填表|填报|制表|审核|审批|复核|负责人|合计|总计|小计|共计|统计|备注[::]|说明[::]|注[::]|注$|打印|联系|日期[::]|第\s*\d+\s*页|单位负责|盖章|以上|以下空白)"
)
_PANORAMA = frozenset({"全景", "全景摄像机", "全景相机", "全景机"})
EXAMPLE_MARKS = ("示例行,", "example row,")
_PERSONS_REMEDY = Text("remove it: this system holds places only, no persons")
_SHOWN = 60


class TableReader:
    """Reads one raw table for one layer.

    Args:
        raw: the table.
        header: its header.
        layer: the layer.
        table: takes the rows and faults.
    """

    def __init__(self, raw: RawTable, header: Header, layer: Layer, table: ImportTable) -> None:
        self.raw, self.header, self.layer, self.table = raw, header, layer, table
        self.by_column = {one.column: one for one in header.matches if one.column}
        self.data = list(range(header.first_data, len(raw.rows)))

    def cell(self, at: int, column: str) -> Any:
        """Return the raw cell of a row under one of our columns; None where there is none."""
        match = self.by_column.get(column)
        row = self.raw.rows[at]
        return row[match.index] if match is not None and match.index < len(row) else None

    def address(self, at: int, column: str) -> str:
        """Return the address of a cell, such as ``F12``."""
        match = self.by_column.get(column)
        number = self.raw.numbers[at]
        if match is None:
            return "" if self.raw.fields is None else f"[{number}]"
        return f"{match.address}{number}" if self.raw.fields is None else f"{match.address}[{number}]"

    def fault(
        self,
        at: int,
        column: str,
        severity: Severity,
        message: Text,
        remedy: Text = NO_TEXT,
        *,
        show: bool = True,
        cell_of: str | None = None,
    ) -> None:
        """Note a fault at a cell."""
        place = cell_of or column
        match = self.by_column.get(place)
        value = self.cell(at, place)
        self.table.faults.append(
            Fault(
                row=self.raw.numbers[at],
                column=column,
                cell=self.address(at, place),
                severity=severity,
                message=message,
                remedy=remedy,
                title=match.title if match else "",
                sheet=self.raw.name,
                value="" if value is None or not show else str(value)[:_SHOWN],
            )
        )

    # rows that are no data

    def _is_skipped(self, at: int) -> Text | None:
        row = self.raw.rows[at]
        texts = [fold(one) for one in row if isinstance(one, str) and one.strip()]
        if not any(one is not None for one in row):
            return Text.of("empty")
        if any(one.lower().startswith(EXAMPLE_MARKS) for one in texts[:3]):
            return Text.of("the example row of the template")
        if self.raw.fields is not None:
            return None
        titles = {plain_title(one.title) for one in self.header.matches}
        if len(texts) >= 2 and all(plain_title(one) in titles for one in texts):
            return Text.of("the header again")
        filled = [
            name
            for name in self.by_column
            if (cell := self.cell(at, name)) is not None and not is_empty(fold(str(cell)))
        ]
        if texts and _FOOTER.match(texts[0]) and 2 * len(filled) <= len(self.by_column):
            return Text.of("a line below the table")
        needed = {one.name for one in self.layer.columns if one.required} | {self.layer.key}
        needed |= {"lon", "lat", "position", "wkt"}
        if not needed.intersection(filled) and len(filled) <= 2:
            return Text.of("a line without name, key and place")
        return None

    def read(self, datum: str | int | None) -> None:
        """Read every row: places, values, personal data, keys.

        Raises:
            CrsError: the datum is unknown, or the file contradicts it.
        """
        kept = []
        for at in self.data:
            why = self._is_skipped(at)
            if why is None:
                kept.append(at)
            elif why.template != "empty":
                self.table.skipped_rows.append((self.raw.numbers[at], why))
        self.data = kept
        self.table.rows = [ImportRow(self.raw.numbers[at], {}) for at in kept]
        if self.layer.geometry is not None:
            self._read_places(datum)
        self._read_values()
        self._check_keys()
        refused = {one.row for one in self.table.faults if one.severity == "refused_row"}
        for row in self.table.rows:
            row.refused = row.number in refused
        self.table.faults.sort(key=lambda one: (one.row, one.cell))

    # places

    def _read_places(self, datum: str | int | None) -> None:
        if self.raw.geometry is not None and any(one is not None for one in self.raw.geometry):
            shapes = shapely.from_wkb(np.array([self.raw.geometry[at] for at in self.data], dtype=object))
            self._read_shapes(np.asarray(shapes, dtype=object), self.raw.crs, datum)
        elif "wkt" in self.by_column:
            texts = [self.cell(at, "wkt") for at in self.data]
            shapes = shapely.from_wkt(
                [None if one is None else str(one) for one in texts], on_invalid="ignore"
            )
            self._read_shapes(np.asarray(shapes, dtype=object), "", datum)
        elif self.layer.geometry == "point":
            self._read_points(datum)
        else:
            raise InputError(
                "the layer {layer} holds lines or areas: give GeoJSON, GeoPackage, Shapefile, KML or DXF, or a sheet with a column WKT",
                layer=self.layer.name,
            )

    def _datum(self, carried: str, declared: str | int | None, sample: np.ndarray[Any, Any]) -> Any:
        hint, place = self._named_datum()
        try:
            datum, name, source = choose_datum(carried, declared, self.table.kind, sample)
        except CrsError as error:
            if hint and declared in (None, "") and not carried:
                raise CrsError(
                    [
                        *error.messages,
                        Text.of(
                            "its header names {datum} ({place}): declare that if it is true",
                            datum=hint,
                            place=place,
                        ),
                    ]
                ) from None
            raise
        self.table.datum, self.table.datum_source = name, source
        same = {"wgs84", "cgcs2000"}
        if (
            hint
            and hint != datum
            and not (hint in same and datum in same)
            and not (hint in same and not isinstance(datum, str))
        ):
            self.table.faults.append(
                Fault(
                    row=0, column="", cell=place, severity="warning",
                    message=Text.of("the header names {hint}, but the coordinates were read as {datum}", hint=DATUM_NAMES[hint], datum=name),
                    remedy=Text.of("declare the right datum, and import again"),
                )
            )  # fmt: skip
        return datum

    def _named_datum(self) -> tuple[str, str]:
        """Return the datum that title, group or header cells name, and the address of that cell."""
        if self.raw.fields is not None:
            return "", ""
        for at in range(self.header.first_data):
            for index, cell in enumerate(self.raw.rows[at]):
                if isinstance(cell, str) and (datum := named_datum(cell)):
                    return datum, f"{letter(index)}{self.raw.numbers[at]}"
        return "", ""

    def _read_shapes(self, shapes: np.ndarray[Any, Any], carried: str, declared: str | int | None) -> None:
        coordinates = shapely.get_coordinates(shapes)
        datum = self._datum(carried, declared, coordinates[:100])
        finite = np.array(
            [one is None or bool(np.isfinite(shapely.get_coordinates(one)).all()) for one in shapes],
            dtype=bool,
        )
        place = "wkt" if "wkt" in self.by_column else "geometry"
        if self.layer.geometry == "point" and is_geographic(datum):
            points = [
                one if one is not None and one.geom_type == "Point" and not one.is_empty else None
                for one in shapes
            ]
            self._place_points(
                [Place(one.x, one.y) if one is not None else Place() for one in points], datum, place, points
            )
            for row, one in enumerate(shapes):
                if points[row] is None:
                    self._fit(row, one, place)
            return
        bent = shapes.copy()
        bent[finite] = convert_shapes(shapes[finite], datum)
        for row, one in enumerate(bent):
            self._fit(row, one, place)

    def _fit(self, row: int, shape: shapely.Geometry | None, place: str) -> None:
        try:
            fitted, warnings = fit_shape(shape, self.layer)
        except CellError as error:
            self.fault(self.data[row], "geometry", "refused_row", error.message, error.remedy, cell_of=place)
            return
        self.table.rows[row].geometry = fitted
        for one in warnings:
            self.fault(self.data[row], "geometry", "warning", one, cell_of=place)

    def _read_points(self, declared: str | int | None) -> None:
        pair = "position" in self.by_column and not {"lon", "lat"} <= set(self.by_column)
        if not pair and not {"lon", "lat"} <= set(self.by_column):
            raise InputError(
                "no columns with longitude and latitude were found: name them with --columns lon=…,lat=… (the file has {titles})",
                titles=", ".join(one.title for one in self.header.matches),
            )
        datum = self._datum("", declared, np.empty((0, 2)))
        geographic = is_geographic(datum)
        places: list[Place] = []
        broken: set[int] = set()
        for row, at in enumerate(self.data):
            part = "position"
            try:
                if pair:
                    places.append(parse_pair(self.cell(at, "position"), geographic))
                    continue
                values = {}
                for part in ("lon", "lat"):
                    values[part] = parse_coordinate(self.cell(at, part), geographic)
                places.append(Place(values["lon"], values["lat"]))
            except CellError as error:
                broken.add(row)
                places.append(Place())
                self.fault(at, "geometry", "refused_row", error.message, error.remedy, cell_of=part)
        self._place_points(places, datum, "position" if pair else "", broken=broken)

    def _place_points(
        self,
        places: list[Place],
        datum: Any,
        place: str,
        points: list[Any] | None = None,
        broken: set[int] | None = None,
    ) -> None:
        lonlat, faults, notes = convert_places(places, datum)
        self.table.notes += notes
        for row, one in faults.items():
            if row in (broken or ()) or (points is not None and points[row] is None):
                continue
            severity: Severity = "refused_row" if one.refuses else "warning"
            self.fault(
                self.data[row], "geometry", severity, one.message, one.remedy, cell_of=place or one.part
            )
        there = ~np.isnan(lonlat).any(axis=1)
        made: Any = shapely.points(lonlat)
        for row, place_ in enumerate(places):
            if there[row]:
                self.table.rows[row].geometry = made[row]
            self.table.rows[row].raw = (place_.x, place_.y)

    # values

    def _hints(self, column: Column) -> Hints:
        match = self.by_column[column.name]
        codes = False
        if column.name == "azimuth_deg":
            cells = [fold(str(cell)) for at in self.data if (cell := self.cell(at, column.name)) is not None]
            codes = len(set(cells)) >= 3 and all(re.fullmatch(r"[1-8](\.0)?", one) for one in cells)
            codes = codes or (
                bool(cells)
                and "28181" in match.title
                and all(re.fullmatch(r"[1-8](\.0)?", one) for one in cells)
            )
        return Hints(self.layer.name, match.factor, codes, megapixels="万" in match.bracket)

    def _read_values(self) -> None:
        for column in self.layer.columns:
            match = self.by_column.get(column.name)
            if match is None:
                continue
            hints = self._hints(column)
            for at, row in zip(self.data, self.table.rows, strict=True):
                self._read_value(at, row, column, hints)
        self._settle_panoramas()
        needed = [one.name for one in self.layer.columns if one.required and one.default is None]
        told = {(one.row, one.column) for one in self.table.faults if one.severity != "warning"}
        for at, row in zip(self.data, self.table.rows, strict=True):
            for name in needed:
                if row.cells.get(name) is None and (row.number, name) not in told:
                    self.fault(
                        at, name, "refused_row", Text.of("a value is needed here"), Text.of("fill it in")
                    )

    def _settle_panoramas(self) -> None:
        """Take 全景 for a fisheye unless a view of less than a full turn is given: ledgers call both kinds so."""
        if "kind" not in self.by_column or "hfov_deg" not in self.layer.column_names:
            return
        for at, row in zip(self.data, self.table.rows, strict=True):
            said = self.cell(at, "kind")
            if (
                isinstance(said, str)
                and fold(said) in _PANORAMA
                and (row.cells.get("hfov_deg") or 360) >= 360
            ):
                row.cells["kind"] = "fisheye"

    def _read_value(self, at: int, row: ImportRow, column: Column, hints: Hints) -> None:
        cell = self.cell(at, column.name)
        if cell is None:
            row.cells.setdefault(column.name, None)
            return
        severity: Severity = "refused_row" if column.required else "refused_cell"
        if kinds := personal_kinds(cell, column, self.layer):
            self.fault(
                at,
                column.name,
                severity,
                Text.of("the cell holds {kind}", kind=KIND_TEXTS[kinds[0]]),
                _PERSONS_REMEDY,
                show=False,
            )
            return
        try:
            parsed = parse_cell(cell, column, hints)
        except CellError as error:
            self.fault(at, column.name, severity, error.message, error.remedy)
            return
        for name, value in parsed.values.items():
            if name == column.name or row.cells.get(name) is None:
                row.cells[name] = value
        for one in parsed.warnings:
            self.fault(at, column.name, "warning", one)
        value = row.cells.get(column.name)
        if column.name == "name" and isinstance(value, str) and names_a_home(value):
            row.cells[column.name] = None
            self.fault(
                at, column.name, severity,
                Text.of("the name stands for one person's home"), Text.of("name the place, not who lives there"), show=False,
            )  # fmt: skip

    # keys

    def _check_keys(self) -> None:
        key = self.layer.key
        if key not in self.by_column:
            return
        counts = Counter(row.cells.get(key) for row in self.table.rows)
        seen: dict[Any, int] = {}
        for at, row in zip(self.data, self.table.rows, strict=True):
            value = row.cells.get(key)
            if value is None or counts[value] < 2:
                continue
            if value not in seen:
                seen[value] = row.number
                continue
            self.fault(
                at, key, "refused_row" if self.layer.column(key).required else "refused_cell",
                Text.of("{value} stands in row {first} already", value=value, first=seen[value]),
                Text.of("give each row its own"),
            )  # fmt: skip
            row.cells.pop(key, None)
