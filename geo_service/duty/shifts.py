"""Shifts of units that hold on some days or at a duty level alone."""

from __future__ import annotations

from typing import Any

from geo_service.analysis.rows import each
from geo_service.duty.intervals import Duty
from geo_service.store import Store
from town_model import parse_hours


def shifts_on(store: Store, duty: Duty | None) -> dict[int, str | None]:
    """Return the shifts by row of a unit where those of the day are other than its usual ones; None: off duty.

    Args:
        store: the town.
        duty: the day; None for no particular one.
    """
    return {unit: None if row.off_duty else row.shifts for unit, row in _rows_on(store, duty).items()}


def breaks_on(store: Store, duty: Duty | None) -> dict[int, str]:
    """Return the breaks by row of a unit where those of the day are other than its usual ones. Parameters as of `shifts_on`."""
    return {
        unit: row.breaks
        for unit, row in _rows_on(store, duty).items()
        if isinstance(row.breaks, str) and row.breaks
    }


def within(breaks: str | None, start_s: float, end_s: float) -> list[tuple[float, float]]:
    """Return the parts of breaks that lie in a shift, in seconds since midnight.

    Args:
        breaks: as people write them; empty or None for none.
        start_s: begin of the shift.
        end_s: its end.
    """
    if not isinstance(breaks, str) or not breaks.strip():
        return []
    cut = [(max(float(a), start_s), min(float(b), end_s)) for a, b in parse_hours(breaks)]
    return [(a, b) for a, b in cut if a < b]


def _rows_on(store: Store, duty: Duty | None) -> dict[int, Any]:
    """Return the row of the layer that holds on a day, by row of its unit.

    Of several rows the one of the day type holds before that of any day, then the one of the duty level, then the later entered.
    """
    if duty is None:
        return {}
    best: dict[int, tuple[tuple[int, int, int], Any]] = {}
    for row in each(store.frame("unit_shifts")):
        rank = duty.rank(row.day_type, row.duty_level)
        if rank is None:
            continue
        order, unit = (*rank, int(row.Index)), int(row.unit)
        if unit not in best or order > best[unit][0]:
            best[unit] = (order, row)
    return {unit: row for unit, (_, row) in best.items()}
