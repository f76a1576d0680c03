"""Notes: what a computation assumed, moved or left out, as data."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import pandas as pd

from town_model import Text


@dataclass(frozen=True)
class Note:
    """One remark on one camera or obstacle.

    Args:
        subject: index of the camera (or of the obstacle, for codes that begin with ``obstacle``).
        code: short name of the remark, from the list in the manual.
        text: the remark in words.
    """

    subject: Hashable
    code: str
    text: Text


def notes_frame(notes: Iterable[Note]) -> pd.DataFrame:
    """Return notes as a table: subject, code, text (English)."""
    rows = [(one.subject, one.code, str(one.text)) for one in notes]
    return pd.DataFrame(rows, columns=["subject", "code", "text"])
