"""The column tables of the manual and of the templates, made from the declarations of the layers."""

from __future__ import annotations

from geo_service.i18n import say
from town_model import LAYERS, Column, Layer, Text

KIND_TEXTS: dict[str, Text] = {
    "text": Text("text"),
    "integer": Text("whole number"),
    "real": Text("number"),
    "boolean": Text("yes or no"),
    "date": Text("date"),
    "datetime": Text("date and time"),
    "choice": Text("choice"),
    "hours": Text("hours of the day"),
    "ref": Text("name of a row"),
}
GEOMETRY_TEXTS: dict[str, Text] = {
    "point": Text("points: columns with longitude and latitude, or a map file"),
    "line": Text("lines: a map file, or a column WKT"),
    "polygon": Text("areas: a map file, or a column WKT"),
    "line_or_polygon": Text("lines or areas: a map file, or a column WKT"),
    "raster": Text("raster: not imported from tables"),
    "": Text("a table without places"),
}
_HEADS = (
    Text("Column"),
    Text("Title"),
    Text("Kind"),
    Text("Needed"),
    Text("Range or default"),
    Text("Allowed values"),
    Text("Other headers, help"),
)


def _extent(column: Column, language: str) -> str:
    parts = []
    if column.minimum is not None or column.maximum is not None:
        low = "" if column.minimum is None else f"{column.minimum:.10g}"
        high = "" if column.maximum is None else f"{column.maximum:.10g}"
        parts.append(f"{low}–{high} {column.unit}".strip())
    if column.default is not None:
        default = column.choice_title(str(column.default), language)
        if isinstance(column.default, bool):
            default = say(Text("yes") if column.default else Text("no"), language)
        parts.append(say(Text.of("default {value}", value=default), language))
    return ("；" if language.startswith("zh") else "; ").join(parts)


def _allowed(column: Column, language: str) -> str:
    if column.kind == "ref":
        target = LAYERS[column.refers_to]
        return f"{target.title(language)} ({target.name})"
    chinese = language.startswith("zh")
    return ("、" if chinese else ", ").join(
        f"{one.zh if chinese else one.en}" + (f" ({'/'.join(one.aliases)})" if one.aliases else "")
        for one in column.choices
    )


def column_rows(layer: Layer, language: str) -> tuple[list[str], list[list[str]]]:
    """Return the heads and rows of the table that explains the columns of a layer.

    Args:
        layer: the layer.
        language: ``zh`` or ``en``.
    """
    rows = []
    for one in layer.columns:
        comma, stop = ("、", "；") if language.startswith("zh") else (", ", "; ")
        more = [comma.join(one.aliases), one.help_zh if language.startswith("zh") else one.help_en]
        rows.append(
            [
                one.name,
                one.title(language),
                say(KIND_TEXTS[one.kind], language),
                say(Text("yes"), language) if one.required else "",
                _extent(one, language),
                _allowed(one, language),
                stop.join(part for part in more if part),
            ]
        )
    return [say(one, language) for one in _HEADS], rows


def layer_manual(language: str = "zh") -> str:
    """Return the chapter of the manual with a table of columns for every layer, as Markdown.

    Args:
        language: ``zh`` or ``en``.
    """
    lines: list[str] = []
    for layer in LAYERS.values():
        heads, rows = column_rows(layer, language)
        lines += [
            f"## {layer.title(language)} `{layer.name}`",
            "",
            (layer.help_zh if language.startswith("zh") else layer.help_en),
            "",
            say(Text.of("Geometry: {geometry}.", geometry=GEOMETRY_TEXTS[layer.geometry or ""]), language)
            + (
                say(Text.of(" A row is recognised by `{key}`.", key=layer.key), language) if layer.key else ""
            ),
            "",
            "| " + " | ".join(heads) + " |",
            "|" + "---|" * len(heads),
            *("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows),
            "",
        ]
    return "\n".join(lines)
