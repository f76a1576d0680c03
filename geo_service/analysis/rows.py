"""Rows of a frame as named tuples whose fields are of any kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd


def each(frame: pd.DataFrame) -> Iterator[Any]:
    """Return the rows of a frame, ``Index`` first; the stubs of pandas take every field for every kind at once."""
    return frame.itertuples()
