"""What a stored patrol plan says where its units cannot be enough: proven, and in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo_service.day_times import time_of_day
from town_model import LAYERS, Text

_MODE = LAYERS["patrol_units"].column("mode")


def shortage_texts(summary: Mapping[str, Any], language: str) -> list[Text]:
    """Return that the intervals cannot be kept, and how many units are needed at least; nothing where that is not proven.

    Args:
        summary: the summary of a result of kind ``patrol``.
        language: ``zh`` or ``en``, for the titles of the modes.
    """
    if not summary.get("proven_impossible"):
        return []
    texts = [Text("With these units and shifts the intervals cannot be kept, whatever the plan.")]
    missing = summary.get("units_needed_at_least", ())
    for one in missing:
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
    if not missing:
        texts.append(Text("Change the hours of the shifts, the bases or the intervals, or add units."))
    return texts
