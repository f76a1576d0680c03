"""Forms that follow from the declaration of a layer: fields, what a browser sends back, and faults beside their field.

A field shows a stored value as words; only fields whose words came back different are changes, so that a value which
a browser shows more coarsely than it is stored does not change by being looked at. What cannot be read as the kind of
its column is handed to the store as it is: the store alone says what is wrong with it.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import shapely

from geo_service.i18n import say
from geo_service.imports.persons import KIND_TEXTS
from geo_service.imports.privacy import personal_kinds
from geo_service.mapdata.values import plain
from geo_service.store.tables import always_present
from geo_service.store.validation import LONGEST_TEXT, Faults, check_values
from town_model import LAYERS, Column, Layer, Text

Options = Mapping[str, Sequence[tuple[int, str]]]
#: The position of a point as two fields, WGS-84.
POSITION = (
    Column(
        "lon", "real", "经度", "Longitude", unit="°", minimum=-180, maximum=180, required=True,
        help_zh="WGS-84 十进制度，如 118.780123。", help_en="Decimal degrees, WGS-84, such as 118.780123.",
    ),
    Column(
        "lat", "real", "纬度", "Latitude", unit="°", minimum=-90, maximum=90, required=True,
        help_zh="WGS-84 十进制度，如 32.040123。", help_en="Decimal degrees, WGS-84, such as 32.040123.",
    ),
)  # fmt: skip
# a centimetre on the ground
_DEGREE_DIGITS = 7
# A point this far from the town, in degrees, is a slip of the pen.
FARTHEST_DEG = 1.0
_LONG_TEXTS = frozenset({"note", "reason"})
_WHOLE = re.compile(r"[+-]?\d{1,18}")
_REAL = re.compile(r"[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,3})?")
_FILE_ONLY = re.compile("也可|understood")
_YES_NO = {"yes": True, "no": False}
_NAMED_ROW = re.compile(rf"\b({'|'.join(sorted(LAYERS, key=len, reverse=True))})\b(?= \d)")


@dataclass(frozen=True)
class Field:
    """One field of a form.

    Args:
        name: name of the column.
        label: its title with the unit.
        widget: ``text``, ``long``, ``number``, ``date``, ``datetime-local`` or ``select``.
        value: what the field shows.
        hint: what may be entered.
        required: whether it may not be left empty.
        minimum: smallest number, as an attribute of the input; empty for none.
        maximum: largest number.
        step: ``1`` for whole numbers, ``any`` otherwise.
        length: longest text.
        options: value and words of each choice of a ``select``.
        faults: what is wrong with what was sent.
    """

    name: str
    label: str
    widget: str
    value: str
    hint: str = ""
    required: bool = False
    minimum: str = ""
    maximum: str = ""
    step: str = ""
    length: int = LONGEST_TEXT
    options: tuple[tuple[str, str], ...] = ()
    faults: tuple[str, ...] = ()


def form_columns(declared: Layer) -> tuple[Column, ...]:
    """Return the columns of a layer's form: the position of a point stands after the first declared column."""
    if declared.geometry != "point":
        return declared.columns
    return (*declared.columns[:1], *POSITION, *declared.columns[1:])


def shown_values(declared: Layer, row: Mapping[str, Any] | None) -> dict[str, str]:
    """Return what each field of a form shows of a row; the defaults for a new row.

    Args:
        declared: the layer.
        row: values by column, with ``geometry`` in longitude, latitude; None for a new row.
    """
    if row is None:
        return {one.name: as_input(one, one.default) for one in form_columns(declared)}
    values = {one.name: as_input(one, row.get(one.name)) for one in declared.columns}
    if declared.geometry == "point":
        place = row.get("geometry")
        if place is None or place.is_empty:
            values |= {"lon": "", "lat": ""}
        else:
            values |= {"lon": _degrees(place.x), "lat": _degrees(place.y)}
    return values


def asked_references(declared: Layer, given: Mapping[str, str]) -> dict[str, str]:
    """Return the rows to which a new row shall refer, as the address of its form says: ``?camera=3``.

    Args:
        declared: the layer.
        given: arguments of the address; all but numbers of rows are passed over.
    """
    return {
        one.name: given[one.name]
        for one in declared.columns
        if one.refers_to and _WHOLE.fullmatch(given.get(one.name, "")) and given[one.name].isdecimal()
    }


def as_input(column: Column, value: Any) -> str:
    """Return a stored value as the field of its column takes it.

    Args:
        column: the column.
        value: a cell of a frame, or a value of the change log.
    """
    if plain(value) is None:
        return ""
    if column.kind == "boolean":
        return "yes" if value else "no"
    if column.kind in ("integer", "ref"):
        return str(int(value))
    if column.kind == "real":
        number = float(value)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    if column.kind in ("date", "datetime"):
        when = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
        if column.kind == "date":
            return when.strftime("%Y-%m-%d")
        return str(when.isoformat(timespec="auto" if when.second or when.microsecond else "minutes"))
    return str(value)


def sent_values(declared: Layer, form: Mapping[str, str]) -> dict[str, str]:
    """Return what a form sent, by column; a field that is not in it counts as empty."""
    return {one.name: _one_break(form.get(one.name, "")).strip() for one in form_columns(declared)}


def changed_columns(sent: Mapping[str, str], shown: Mapping[str, str]) -> list[str]:
    """Return the columns whose field came back other than it was shown."""
    return [name for name, words in sent.items() if words != _one_break(shown.get(name, "")).strip()]


def parse(column: Column, words: str) -> Any:
    """Return what the words of a field mean: None where there are none, and the words where they cannot be read.

    >>> parse(POSITION[0], " 118.5 "), parse(POSITION[0], "east"), parse(POSITION[0], "")
    (118.5, 'east', None)
    """
    if not words.strip():
        return None
    if column.kind == "boolean":
        return _YES_NO.get(words, words)
    if column.kind in ("integer", "ref", "real"):
        number = unicodedata.normalize("NFKC", words).strip()
        if column.kind != "real" and _WHOLE.fullmatch(number):
            return int(number)
        return float(number) if _REAL.fullmatch(number) else words
    return words


def row_values(
    declared: Layer,
    sent: Mapping[str, str],
    changed: Iterable[str],
    *,
    town: tuple[float, float] | None = None,
) -> tuple[dict[str, Any], list[Text]]:
    """Return the values that a form changes, for `geo_service.store.Change`, and what only the form can find wrong.

    Args:
        declared: the layer.
        sent: words by field.
        changed: names of the fields that changed; all of them for a new row.
        town: longitude and latitude of the town in degrees.

    Returns:
        Values by column, with ``geometry`` where the position of a point changed; and the faults: personal data in a
        text, a position that is none.
    """
    wanted = set(changed)
    values: dict[str, Any] = {}
    faults: list[Text] = []
    for one in declared.columns:
        if one.name in wanted:
            values[one.name] = parse(one, sent[one.name])
            faults += personal_faults(declared, one, sent[one.name])
    if declared.geometry == "point" and wanted & {"lon", "lat"}:
        place, wrong = _place(declared, sent, town)
        faults += wrong
        values["geometry"] = place
    return values, faults


def personal_faults(declared: Layer, column: Column, words: str) -> list[Text]:
    """Return a fault where a free text holds an identity number, a phone number or a number plate."""
    if column.kind != "text":
        return []
    return [
        Text.of("{column} holds {kind}: places may be kept, persons may not", column=column.name, kind=KIND_TEXTS[one])
        for one in personal_kinds(words, column, declared)
    ]  # fmt: skip


def fields(
    declared: Layer,
    values: Mapping[str, str],
    *,
    language: str,
    options: Options,
    faults: Iterable[Text] = (),
) -> tuple[tuple[Field, ...], tuple[str, ...]]:
    """Return the fields of a form, and the faults that belong to none of them.

    Args:
        declared: the layer.
        values: what each field shows.
        language: ``zh`` or ``en``.
        options: by layer referred to, the id and name of each row that may be chosen.
        faults: what is wrong with what was sent.
    """
    columns = form_columns(declared)
    found: dict[str, list[str]] = {one.name: [] for one in columns}
    rest: list[str] = []
    for fault in faults:
        words = fault_words(fault, declared, language)
        name = _field_of(fault, found)
        (found[name] if name else rest).append(words)
    made = tuple(
        replace(
            _field(one, values.get(one.name, ""), language=language, options=options),
            faults=tuple(dict.fromkeys(found[one.name])),
        )
        for one in columns
    )
    return made, tuple(dict.fromkeys(rest))


def fault_words(fault: Text, declared: Layer | None, language: str) -> str:
    """Return a fault of the store in a reader's words: titles instead of the names of columns and layers.

    Args:
        fault: a message of the store.
        declared: the layer that it is about, for the titles of its columns.
        language: ``zh`` or ``en``.
    """
    titles = {one.name: one.zh if language.startswith("zh") else one.en for one in POSITION}
    if declared is not None:
        titles |= {one.name: one.zh if language.startswith("zh") else one.en for one in declared.columns}
    params: dict[str, Any] = {}
    for key, value in fault.params.items():
        if key == "column" and value in titles:
            params[key] = titles[value]
        elif key in ("layer", "refers_to") and value in LAYERS:
            params[key] = LAYERS[value].title(language)
        elif key in ("rows", "users") and isinstance(value, str):
            params[key] = _NAMED_ROW.sub(lambda found: LAYERS[found[1]].title(language), value)
        elif isinstance(value, Text):
            params[key] = fault_words(value, declared, language)
        else:
            params[key] = value
    return say(Text(fault.template, params), language)


def _field(column: Column, value: str, *, language: str, options: Options) -> Field:
    chinese = language.startswith("zh")
    number = column.kind in ("integer", "real")
    hints = [_form_help(column, chinese=chinese)]
    if number and column not in POSITION and None not in (column.minimum, column.maximum):
        hints.append(
            say(Text.of("from {low:g} to {high:g}", low=column.minimum, high=column.maximum), language)
        )
    elif column.kind == "hours" and not hints[0]:
        hints.append(say(Text("such as 08:00-12:00,14:00-18:00"), language))
    field = Field(
        name=column.name,
        label=column.title(language),
        widget=_widget(column, value),
        value=value,
        hint=" ".join(one for one in hints if one),
        required=column.required,
        minimum="" if column.minimum is None or not number else f"{column.minimum:.15g}",
        maximum="" if column.maximum is None or not number else f"{column.maximum:.15g}",
        step={"integer": "1", "real": "any"}.get(column.kind, ""),
    )
    if field.widget != "select":
        return field
    return replace(field, options=_options(column, value, language, options))


def _form_help(column: Column, *, chinese: bool) -> str:
    """Return the help of a column without what only a file may say, such as words for figures."""
    words = column.help_zh if chinese else column.help_en
    if column.kind not in ("integer", "real"):
        return words
    parts = [one for one in re.split(r"[；;。]\s*|\.(?:\s+|$)", words) if one and not _FILE_ONLY.search(one)]
    mark, end = ("；", "。") if chinese else ("; ", ".")
    return mark.join(parts) + end if parts else ""


def _widget(column: Column, value: str) -> str:
    if column.kind in ("choice", "ref", "boolean"):
        return "select"
    if column.kind in ("integer", "real"):
        # a field for numbers throws away what is none; what was sent wrong stays in sight
        return "number" if not value or isinstance(parse(column, value), int | float) else "text"
    if column.kind in ("date", "datetime"):
        try:
            dt.datetime.fromisoformat(value or "2026-01-01")
        except ValueError:
            return "text"
        return "date" if column.kind == "date" else "datetime-local"
    # a field of one line loses the breaks of a text
    return "long" if column.name in _LONG_TEXTS or "\n" in value else "text"


def _options(column: Column, value: str, language: str, options: Options) -> tuple[tuple[str, str], ...]:
    if column.kind == "boolean":
        known = [("yes", say(Text("Yes"), language)), ("no", say(Text("No"), language))]
    elif column.kind == "choice":
        known = [(one.value, column.choice_title(one.value, language)) for one in column.choices]
    else:
        known = [(str(number), name) for number, name in options.get(column.refers_to, ())]
    if value and value not in {one for one, _ in known}:
        known.append((value, value))
    # a required choice is left open until somebody makes it
    return tuple(known) if always_present(column) and value else (("", "—"), *known)


def _field_of(fault: Text, known: Mapping[str, Any]) -> str | None:
    name = fault.params.get("column")
    if name in known:
        return str(name)
    if "name" in known and "name" in fault.params:
        return "name"
    if "lon" in known and fault.template.startswith(("geometry", "the position")):
        return "lon"
    return None


def _place(
    declared: Layer, sent: Mapping[str, str], town: tuple[float, float] | None
) -> tuple[shapely.Point | None, list[Text]]:
    found = Faults(declared, single=True)
    lon, lat = (check_values(one, [parse(one, sent[one.name])], found)[0] for one in POSITION)
    if found.found or lon is None or lat is None:
        return None, found.found
    if town is not None and max(abs(lon - town[0]), abs(lat - town[1])) > FARTHEST_DEG:
        return None, [
            Text.of(
                "the position lies far from the town ({lon:.4f}, {lat:.4f}): check longitude and latitude",
                lon=town[0],
                lat=town[1],
            )
        ]
    return shapely.Point(lon, lat), []


def _degrees(value: float) -> str:
    return f"{value:.{_DEGREE_DIGITS}f}"


def _one_break(words: str) -> str:
    return words.replace("\r\n", "\n").replace("\r", "\n")
