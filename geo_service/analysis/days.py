"""The stored result ``patrol_days``: some days, each with a plan of its own, and one of them as a plan."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from geo_service.store import StoredResult
from town_model import InputError

DAYS_KIND = "patrol_days"


def day_of(result: StoredResult, day: int) -> StoredResult:
    """Return one of the days as a plan: with the frames of the result ``patrol``, holding that day alone.

    Args:
        result: a result of kind ``patrol_days``.
        day: which day, 1 for the first.

    Raises:
        InputError: it has no such day.
    """
    days = int(result.summary["days"])
    if not 1 <= day <= days:
        raise InputError("these are {days} days: there is no day {day}", days=days, day=day)

    def load(_number: int, name: str) -> pd.DataFrame:
        frame = result.frame(name)
        if name == "places" and "day_places" in result.frame_names:
            own = result.frame("day_places").query("day == @day").set_index("place")
            told = {one: frame["place"].map(own[one]) for one in ("visits", "worst_gap_s", "max_gap_s")}
            return frame.assign(**told)
        if "day" not in frame:
            return frame
        own = frame[frame["day"] == day]
        return own.drop(columns="day").reset_index(drop=True)

    return replace(result, _load=load)
