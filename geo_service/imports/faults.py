"""What is wrong with a cell or a row, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from geo_service.i18n import say
from town_model import Text

Severity = Literal["refused_row", "refused_cell", "warning"]
SEVERITY_TEXTS: dict[str, Text] = {
    "refused_row": Text("row refused"),
    "refused_cell": Text("cell refused"),
    "warning": Text("warning"),
}
NO_TEXT = Text("")


@dataclass(frozen=True)
class Fault:
    """One fault of a file.

    Args:
        row: number of the row as people see it (the sheet's row, the CSV's line, the feature); 0 for the whole file.
        column: name of our column; empty where the fault is of the row or file.
        cell: address such as ``F12``, or ``bearing[12]`` in a file of features; empty for the whole file.
        severity: the row is not stored, the cell is not stored, or all is stored and somebody should look.
        message: what is wrong.
        remedy: what to do.
        title: the header under which the file carries the column.
        value: the cell as it stands, shortened; empty where it must not be repeated (personal data).
        sheet: name of the sheet or layer of the file; empty where it has none.
    """

    row: int
    column: str
    cell: str
    severity: Severity
    message: Text
    remedy: Text = NO_TEXT
    title: str = ""
    value: str = ""
    sheet: str = ""

    def say(self, language: str) -> str:
        """Return the fault as one line in a language."""
        where = self.cell or (f"{self.row}" if self.row else "")
        words = say(self.message, language)
        if self.remedy.template:
            words += ("；" if language.startswith("zh") else "; ") + say(self.remedy, language)
        separator = "：" if language.startswith("zh") else ": "
        return f"{where}{separator}{words}" if where else words

    def as_dict(self, language: str) -> dict[str, Any]:
        """Return the fault as plain values for JSON, in a language."""
        return {
            "row": self.row,
            "column": self.column,
            "title": self.title,
            "cell": self.cell,
            "severity": self.severity,
            "message": say(self.message, language),
            "remedy": say(self.remedy, language),
            "value": self.value,
        }


class CellError(Exception):
    """A cell cannot be read as a value of its column."""

    def __init__(self, message: Text, remedy: Text = NO_TEXT) -> None:
        super().__init__(str(message))
        self.message, self.remedy = message, remedy
