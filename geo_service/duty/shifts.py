"""Shifts of units that hold on some days or at a duty level alone."""

from __future__ import annotations

from geo_service.analysis.rows import each
from geo_service.duty.intervals import Duty
from geo_service.store import Store


def shifts_on(store: Store, duty: Duty | None) -> dict[int, str | None]:
    """Return the shifts by row of a unit where those of the day are other than its usual ones; None: off duty.

    Of several rows the one of the day type holds before that of any day, then the one of the duty level, then the later entered.

    Args:
        store: the town.
        duty: the day; None for no particular one.
    """
    if duty is None:
        return {}
    best: dict[int, tuple[tuple[int, int, int], str | None]] = {}
    for row in each(store.frame("unit_shifts")):
        rank = duty.rank(row.day_type, row.duty_level)
        if rank is None:
            continue
        order, unit = (*rank, int(row.Index)), int(row.unit)
        if unit not in best or order > best[unit][0]:
            best[unit] = (order, None if row.off_duty else row.shifts)
    return {unit: shifts for unit, (_, shifts) in best.items()}
