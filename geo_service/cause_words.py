"""Why ground is blind, in words."""

from __future__ import annotations

import pandas as pd

from geo_service.words import cause_text
from town_model import Text


def cause_words(cause: object, name: object, ref: object) -> Text:
    """Return the cause of a blind spot in words that say who hides it, or which camera it is.

    Args:
        cause: code of the cause.
        name: name of what the cause refers to; may be missing, or its number (``#17``).
        ref: key of what the cause refers to (``buildings/17``), said where it has no name; may be missing.
    """
    code = str(cause)
    words = cause_text(code)
    if _given(name) and not str(name).startswith("#"):
        who: Text | str = str(name)
    elif _given(ref):
        who = _unnamed(str(ref))
    else:
        return words
    if code == "hidden":
        return Text.of("hidden by {name}", name=who)
    return Text.of("{cause}: {name}", cause=words, name=who)


def _unnamed(ref: str) -> Text | str:
    layer_name, _, row = ref.rpartition("/")
    if layer_name == "buildings":
        return Text.of("building no. {row}", row=row)
    if layer_name == "obstacles":
        return Text.of("wall or tree no. {row}", row=row)
    return Text.of("camera no. {row}", row=row)


def _given(cell: object) -> bool:
    """Return whether a cell of a frame holds anything."""
    return cell != "" and not bool(pd.isna(cell))  # type: ignore[call-overload]
