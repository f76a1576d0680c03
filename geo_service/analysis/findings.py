"""What somebody should look at: one thing, its place, its remedy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from geo_service.analysis.rows import each
from town_model import Text

SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True)
class Finding:
    """One thing that somebody should look at.

    Args:
        severity: ``error`` (a rule is broken, or the row cannot be used), ``warning`` or ``note``.
        layer: the layer.
        row: its row id, None where the finding is about the layer as a whole.
        name: the name of the row.
        message: what is wrong.
        remedy: what to do.
        article: of State Council Order 799, where one is broken; 0 for none.
    """

    severity: str
    layer: str
    row: int | None
    name: str
    message: Text
    remedy: Text
    article: int = 0


def findings_of(
    frame: pd.DataFrame,
    mask: pd.Series,
    layer: str,
    severity: str,
    message: Text,
    remedy: Text,
    article: int = 0,
) -> Iterator[Finding]:
    """Return the same finding for each row of a frame that a mask chooses."""
    for row in each(frame[mask.fillna(value=False).astype(bool)]):
        name = row.name if isinstance(row.name, str) else ""
        yield Finding(severity, layer, int(row.Index), name, message, remedy, article)
