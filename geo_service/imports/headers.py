"""Where a sheet's header is, and which of its columns is which of ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from geo_service.imports.reading.raw import Cell
from geo_service.imports.values.numbers import UNITS, unit_factor
from geo_service.imports.values.plain import fold
from town_model import Column, InputError, Layer, Text

# our words for where a row lies, beside the declared columns
POSITION_TITLES: dict[str, tuple[str, ...]] = {
    "lon": ("经度", "东经", "lng", "lon", "long", "longitude", "x", "x坐标", "坐标x", "横坐标", "东坐标", "经度坐标", "gps经度", "经度值", "easting", "point_x", "lng_x"),
    "lat": ("纬度", "北纬", "lat", "latitude", "y", "y坐标", "坐标y", "纵坐标", "北坐标", "纬度坐标", "gps纬度", "纬度值", "northing", "point_y"),
    "position": ("坐标", "经纬度", "位置坐标", "gps坐标", "gps", "坐标位置", "点位坐标", "经纬度坐标", "lnglat", "lonlat", "location", "coordinates", "地理坐标"),
    "wkt": ("wkt", "几何", "geometry", "geom", "the_geom", "shape", "空间信息", "wkt坐标"),
}  # fmt: skip
POSITION_NAMES = tuple(POSITION_TITLES)
# the first column of our templates: it marks the example row
MARK_TITLES = ("填写提示", "hint")
_ORDINAL = frozenset({"序号", "no", "no.", "#", "编号序", "行号", "顺序号", "index"})
_LEADING_OTHERS = re.compile(r"^(上级|父|原|旧|所属上级|平台|关联|对应|邻近|前端)")
_SEARCHED_ROWS = 40
_MAX_HEADER_ROWS = 3


def plain_title(title: object) -> str:
    """Return a header without what does not matter: full-width forms, blanks, colons, asterisks, letter case.

    >>> plain_title("* 安装高度(米):")
    '安装高度(米)'
    """
    return re.sub(r"[\s*::_\-★●]", "", fold(str(title))).lower().strip(".。、")


def split_unit(plain: str) -> tuple[str, str]:
    """Return a plain title without its brackets, and what stood in them.

    >>> split_unit("安装高度(cm)")
    ('安装高度', 'cm')
    """
    inside = "".join(re.findall(r"[(\[【〔<]([^)\]】〕>]*)[)\]】〕>]", plain))
    bare = re.sub(r"[(\[【〔<][^)\]】〕>]*[)\]】〕>]", "", plain)
    if not inside and "/" in bare:
        head, _, tail = bare.rpartition("/")
        if head and any(tail in spelled for spelled in UNITS.values()):
            return head, tail
    return bare, inside


@dataclass(frozen=True)
class ColumnMatch:
    """One column of a file, and what it was taken for.

    Args:
        index: its place among the columns of the file, from 0.
        address: its letter in a sheet, or its field name.
        title: its header as it stands.
        column: our column, ``lon``, ``lat``, ``position``, ``wkt``; empty where it was left out.
        why: why it was taken so, or left out.
        factor: what its bare numbers are multiplied with, because the header names another unit.
        bracket: what stood in brackets in the header.
    """

    index: int
    address: str
    title: str
    column: str
    why: Text
    factor: float = 1.0
    bracket: str = ""


@dataclass
class Header:
    """The header of a table.

    Args:
        rows: numbers of its rows as people see them; empty for features.
        first_data: index of the first row of data in the raw table.
        matches: one for every column with a title.
        score: how many of our columns were found.
    """

    rows: list[int] = field(default_factory=list)
    first_data: int = 0
    matches: list[ColumnMatch] = field(default_factory=list)
    score: int = 0

    def match(self, column: str) -> ColumnMatch | None:
        """Return the column of the file that was taken for one of ours."""
        return next((one for one in self.matches if one.column == column), None)


def letter(index: int) -> str:
    """Return the letters of a sheet's column, from 0.

    >>> letter(0), letter(26), letter(701)
    ('A', 'AA', 'ZZ')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _spellings(layer: Layer) -> dict[str, tuple[str, Text]]:
    """Return every title under which a column may stand, plain, the more certain first."""
    known: dict[str, tuple[str, Text]] = {}
    rounds: tuple[Callable[[Column], tuple[str, ...]], ...] = (
        lambda one: (one.name,),
        lambda one: (one.zh, one.en),
        lambda one: one.aliases,
    )
    for titles_of in rounds:
        for column in layer.columns:
            for words in titles_of(column):
                plain = plain_title(words)
                own = words in {column.name, column.zh, column.en}
                why = (
                    Text.of("by its title")
                    if own
                    else Text.of("“{alias}” is another word for it", alias=words)
                )
                known.setdefault(plain, (column.name, why))
                known.setdefault(split_unit(plain)[0], (column.name, why))
    if layer.geometry is not None:
        for name, titles in POSITION_TITLES.items():
            for words in titles:
                known.setdefault(plain_title(words), (name, Text.of("a position by its title")))
    return known


def _matched(plain: str, known: Mapping[str, tuple[str, Text]]) -> tuple[str, Text] | None:
    bare, _ = split_unit(plain)
    return known.get(plain) or known.get(bare)


def _by_ending(plain: str, known: Mapping[str, tuple[str, Text]]) -> tuple[str, Text] | None:
    """Return what a longer Chinese title ends in: its last word is what it is about."""
    bare, _ = split_unit(plain)
    if _LEADING_OTHERS.match(bare):
        return None
    found = [
        one for one in known if len(one) >= 2 and bare.endswith(one) and re.search(r"[\u4e00-\u9fff]", one)
    ]
    if not found:
        return None
    best = max(found, key=len)
    return known[best][0], Text.of("it ends in “{word}”", word=best)


def match_columns(
    titles: list[str], addresses: list[str], layer: Layer, columns: Mapping[str, str | int] | None = None
) -> list[ColumnMatch]:
    """Return what each column of a file is.

    Args:
        titles: headers of the file; empty where there is none.
        addresses: the letter or the field of each.
        layer: the layer.
        columns: given mapping, ours to theirs (header, letter, or place from 0); an empty header leaves ours out.

    Raises:
        InputError: the given mapping names a column that is not there.
    """
    known = _spellings(layer)
    plains = [plain_title(one) for one in titles]
    taken: dict[int, tuple[str, Text]] = {}
    used: set[str] = set()
    faults: list[Text] = []
    for ours, theirs in (columns or {}).items():
        if ours not in layer.column_names and ours not in POSITION_NAMES:
            faults.append(
                Text.of(
                    "the layer {layer} has no column {column!r}: use one of {known}",
                    layer=layer.name,
                    column=ours,
                    known=", ".join((*layer.column_names, *POSITION_NAMES)),
                )
            )
            continue
        used.add(ours)
        if theirs == "":
            continue
        places = _places(theirs, titles, plains, addresses)
        if not places:
            faults.append(
                Text.of(
                    "the file has no column {theirs!r} for {column}: it has {titles}",
                    theirs=theirs,
                    column=ours,
                    titles=", ".join(one for one in titles if one),
                )
            )
            continue
        taken[places[0]] = (ours, Text.of("as given"))
    if faults:
        raise InputError(faults)
    for finder in (_matched, _by_ending):
        for index, plain in enumerate(plains):
            if index in taken or not plain or plain in _ORDINAL or plain in MARK_TITLES:
                continue
            found = finder(plain, known)
            if found and found[0] not in used and found[0] not in {one for one, _ in taken.values()}:
                taken[index] = found
        used |= {one for one, _ in taken.values()}
    matches = []
    for index, title in enumerate(titles):
        if not title:
            continue
        bracket = split_unit(plains[index])[1]
        column, why = taken.get(index, ("", Text.of("no column of this layer")))
        if not column and plains[index] in _ORDINAL:
            why = Text.of("a running number")
        if not column and plains[index] in MARK_TITLES:
            why = Text.of("the hint column of the template")
        matches.append(
            ColumnMatch(index, addresses[index], title, column, why, _factor(column, bracket, layer), bracket)
        )
    return matches


def _places(theirs: str | int, titles: list[str], plains: list[str], addresses: list[str]) -> list[int]:
    """Return the columns that a given name may mean, the likeliest first."""
    if isinstance(theirs, int):
        return [theirs] if 0 <= theirs < len(titles) else []
    wanted = plain_title(theirs)
    places = [i for i, one in enumerate(titles) if one == theirs]
    places = places or [i for i, one in enumerate(plains) if one and one == wanted]
    places = places or [i for i, one in enumerate(plains) if one and split_unit(one)[0] == wanted]
    return places or [i for i, one in enumerate(addresses) if one.lower() == theirs.strip().lower()]


def _factor(column: str, bracket: str, layer: Layer) -> float:
    if not bracket or column not in layer.column_names:
        return 1.0
    declared = layer.column(column)
    if declared.kind not in {"integer", "real"}:
        return 1.0
    for part in re.split(r"[,,;/、\s]", bracket):
        factor = unit_factor(declared.unit, part) if part else None
        if factor is not None:
            return factor
    whole = unit_factor(declared.unit, bracket)
    return 1.0 if whole is None else whole


def _is_title_cell(cell: Cell) -> bool:
    return (
        isinstance(cell, str) and 0 < len(cell.strip()) <= 60 and not re.fullmatch(r"[\d.,\-+]+", fold(cell))
    )


def find_header(
    rows: list[list[Cell]],
    numbers: list[int],
    layer: Layer,
    columns: Mapping[str, str | int] | None = None,
    *,
    header_row: int | None = None,
) -> Header:
    """Return the header of a sheet: under title rows and grouped rows, of up to three rows.

    The block of rows wins under whose titles most of our columns are found. In a block of several rows the lowest
    title of each column counts, so that a merged group (位置 over 经度 and 纬度) and a title merged downwards both work.

    Args:
        rows: cells of the sheet.
        numbers: number of each row.
        layer: the layer.
        columns: given mapping, ours to theirs.
        header_row: number of the row right above the data; None finds it.

    Raises:
        InputError: the given mapping names a column that is not there, or there is no such row.
    """
    known = _spellings(layer)
    if header_row is not None and header_row not in numbers:
        raise InputError("the sheet has no row {row} with a header", row=header_row)
    given = {plain_title(one) for one in (columns or {}).values() if isinstance(one, str) and one}
    best: tuple[int, int, list[str]] | None = None
    best_score = 0
    for top in range(min(_SEARCHED_ROWS if header_row is None else len(rows), len(rows))):
        if header_row is not None and not header_row - _MAX_HEADER_ROWS < numbers[top] <= header_row:
            continue
        titles: list[str] = []
        for depth in range(_MAX_HEADER_ROWS):
            at = top + depth
            if at >= len(rows) or numbers[at] - numbers[top] != depth:
                break
            row = rows[at]
            texts = [one for one in row if _is_title_cell(one)]
            if not texts or len(texts) < len([one for one in row if one is not None]):
                break  # a number among the cells: data, not titles
            titles += [""] * (len(row) - len(titles))
            for index, cell in enumerate(row):
                if isinstance(cell, str) and cell.strip():
                    titles[index] = cell.strip()
            if header_row is not None and numbers[at] != header_row:
                continue
            plains = [plain_title(one) for one in titles]
            found = {match[0] for one in plains if one and (match := _matched(one, known))}
            score = (
                2 * len(found) + 2 * len(given.intersection(plains)) + sum(one in _ORDINAL for one in plains)
            )
            # the shorter block wins where a title row above adds nothing
            if score > best_score or (best is not None and score == best_score and at == best[1]):
                best, best_score = (top, at, list(titles)), score
    if best is None:
        best = _first_titles(rows) if header_row is None else _one_row(rows, numbers.index(header_row))
        if best is None:
            return Header()
    top, last, titles = best
    matches = match_columns(titles, [letter(index) for index in range(len(titles))], layer, columns)
    return Header(
        rows=numbers[top : last + 1],
        first_data=last + 1,
        matches=matches,
        score=len([one for one in matches if one.column]),
    )


def feature_header(fields: list[str], layer: Layer, columns: Mapping[str, str | int] | None = None) -> Header:
    """Return the header of a table of features, whose columns have names.

    Raises:
        InputError: the given mapping names a column that is not there.
    """
    matches = match_columns(fields, fields, layer, columns)
    return Header(matches=matches, score=len([one for one in matches if one.column]))


def _one_row(rows: list[list[Cell]], at: int) -> tuple[int, int, list[str]]:
    """Return a row that was named as the header, whatever stands in it."""
    return at, at, ["" if one is None else str(one).strip()[:60] for one in rows[at]]


def _first_titles(rows: list[list[Cell]]) -> tuple[int, int, list[str]] | None:
    """Return the first row of several texts: what a message can quote, and a mapping by letters can use."""
    for at, row in enumerate(rows[:_SEARCHED_ROWS]):
        if sum(_is_title_cell(one) for one in row) >= 2:
            return at, at, [one.strip() if isinstance(one, str) else "" for one in row]
    return None


_DATUM_WORDS: tuple[tuple[str, str], ...] = (
    (r"gcj-?0?2|火星坐标|高德坐标|腾讯坐标", "gcj02"),
    (r"bd-?0?9|百度坐标", "bd09"),
    (r"wgs-?(?:19)?84", "wgs84"),
    (r"cgcs-?2000|国家2000|2000(?:国家)?大地坐标", "cgcs2000"),
)


def named_datum(text: Any) -> str:
    """Return the datum that a title or header names; empty where it names none.

    >>> named_datum("位置(GCJ-02)")
    'gcj02'
    """
    plain = re.sub(r"\s", "", fold(str(text))).lower()
    return next((datum for pattern, datum in _DATUM_WORDS if re.search(pattern, plain)), "")
