"""How long work tells of itself: a fraction and a sentence."""

from __future__ import annotations

from collections.abc import Callable

from town_model import Text

Progress = Callable[[float, Text], None]


def silent(fraction: float, words: Text) -> None:
    """Tell nobody."""


def part(progress: Progress, start: float, end: float) -> Progress:
    """Return a progress that fills only the stretch from `start` to `end` of another one."""

    def told(fraction: float, words: Text) -> None:
        progress(start + (end - start) * min(max(fraction, 0.0), 1.0), words)

    return told
