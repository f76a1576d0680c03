"""What a stored patrol plan says of how many units there would have to be: found by planning, or proven, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo_service.day_times import time_of_day
from town_model import LAYERS, Text

_MODE = LAYERS["patrol_units"].column("mode")


def staffing_texts(summary: Mapping[str, Any], language: str) -> list[Text]:
    """Return with how many units it would hold, and how many are needed at least; nothing where every interval is kept.

    Args:
        summary: the summary of a result of kind ``patrol``.
        language: ``zh`` or ``en``, for the titles of the modes.
    """
    impossible, needed = bool(summary.get("proven_impossible")), summary.get("needed_units")
    if not (impossible or summary.get("breaches")):
        return []
    have, bound = int(summary.get("units") or 0), int(summary.get("units_bound") or 0)
    texts = []
    if impossible:
        texts.append(Text("With these units and shifts the intervals cannot be kept, whatever the plan."))
    if needed:
        texts.append(
            Text.of(
                "With {needed} units it would hold: {more} more of the kinds there are. Such a plan was made.",
                needed=needed,
                more=max(int(needed) - have, 0),
            )
        )
    if bound > have:
        texts.append(
            Text.of(
                "At least {bound} units are needed, there are {have}: that is proven.", bound=bound, have=have
            )
        )
    missing = _missing(summary, language)
    texts += missing
    if impossible and not (needed or missing or bound > have):
        texts.append(Text("Change the hours of the shifts, the bases or the intervals, or add units."))
    elif not needed and not impossible:
        texts.append(
            Text(
                "No number of units was found with which it would hold: allow more time, or change shifts, bases or intervals."
            )
        )
    return texts


def _missing(summary: Mapping[str, Any], language: str) -> list[Text]:
    """Return when how many units of which modes are missing at once, as far as it is proven."""
    texts = []
    for one in summary.get("units_needed_at_least", ()) if summary.get("proven_impossible") else ():
        # a unit with a speed of its own has a mode of its own: car_40
        kinds = dict.fromkeys(str(mode).split("_")[0] for mode in one["modes"])
        titles = [_MODE.choice_title(kind, language) for kind in kinds]
        texts.append(
            Text.of(
                "From {start} to {end} at least {needed} units ({modes}) must be on duty at once, there are {on_duty}; even so many may not be enough.",
                start=time_of_day(one["start_s"], nearest=True),
                end=time_of_day(one["end_s"], nearest=True),
                needed=one["at_least"],
                modes=("、" if language == "zh" else ", ").join(titles),
                on_duty=one["on_duty"],
            )
        )
    return texts
