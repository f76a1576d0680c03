"""The error root, and the kinds of bad input that every library meets.

Each error carries one or more `Text` messages, so that a page can say it in Chinese. A message names
what is wrong, where, and what to do. A function that checks an input collects all its faults and raises once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from town_model.text import Text


class TownError(Exception):
    """Root of all errors that are raised on purpose.

    Args:
        message: an English template, a finished `Text`, or several of them when several faults were found.
        params: values for the fields of an English template.
    """

    def __init__(self, message: str | Text | Iterable[Text], **params: Any) -> None:
        if isinstance(message, str):
            self.messages: tuple[Text, ...] = (Text(message, params),)
        elif isinstance(message, Text):
            self.messages = (message,)
        else:
            self.messages = tuple(message)
        super().__init__("\n".join(str(one) for one in self.messages))


class InputError(ValueError, TownError):
    """What came from outside (a file, an argument, a form) cannot be used. Exit code 2, HTTP 4xx."""

    def __init__(self, message: str | Text | Iterable[Text], **params: Any) -> None:
        TownError.__init__(self, message, **params)


class CrsError(InputError):
    """A frame has no coordinate system, a geographic one, or another than its fellows."""


class ColumnError(InputError):
    """A frame lacks a column, or a column has the wrong kind of values."""


class GeometryError(InputError):
    """A geometry is missing, empty, invalid, or of the wrong type."""


class ValueRangeError(InputError):
    """A value lies outside the range in which it has a meaning."""


class LayerError(InputError):
    """No layer has that name."""
