"""How files show what cameras and patrol hours save on the clock, and the patrol minutes of villages."""

from __future__ import annotations

from typing import Any

from geo_service.duty.choice import day_title, level_title
from geo_service.exports.columns import Shown, clock_words, codes
from geo_service.i18n import say
from geo_service.words import CLOCK_SAVERS
from town_model import LAYERS, Text

_MODES = LAYERS["patrol_units"].column("mode")


def _mode(value: Any, language: str) -> str:
    # a unit with a speed of its own has a mode of its own: car_40
    return _MODES.choice_title(str(value).split("_")[0], language)


CLOCK_SAVINGS = {
    "kind": Shown(Text("Camera is"), codes(CLOCK_SAVERS)),
    "saved_min": Shown(Text("Saves (place-minutes a day)"), digits=1),
    "weighted_min": Shown(Text("Saves, weighted by priority"), digits=1),
    "places": Shown(Text("Places that gain")),
    "first_place": Shown(Text("Gained most at")),
    "share_without": Shown(Text("Seen there without it"), digits=4),
    "share_with": Shown(Text("Seen there with it"), digits=4),
    "private_m2": Shown(Text("Private ground in its view (m²)"), digits=1),
    "mode": Shown(Text("Mode"), _mode),
    "unit_name": Shown(Text("From the base of")),
    "visits": Shown(Text("Stops")),
    "route": Shown(Text("Route")),
    "seq": Shown(Text("No.")),
    "arrive_s": Shown(Text("Arrive"), lambda value, _language: _clock(value)),
    "depart_s": Shown(Text("Leave"), lambda value, _language: _clock(value)),
    "place": Shown(Text("Key of the place")),
    "village": Shown(Text("Row id of the village")),
    "village_name": Shown(Text("Village")),
    "households": Shown(Text("Households"), digits=0),
    "stay_min": Shown(Text("Stays (min)"), digits=1),
    "way_min": Shown(Text("On its roads (min)"), digits=1),
    "patrol_min": Shown(Text("Patrol minutes a day"), digits=1),
    "date": Shown(Text("Day")),
    "plan": Shown(Text("Number of the plan"), digits=0),
    "is_published": Shown(
        Text("Published for the day"),
        lambda value, language: say(Text("yes") if value else Text("no"), language),
    ),
    "day_type": Shown(Text("Day type"), lambda value, language: day_title(str(value), language)),
    "duty_level": Shown(Text("Duty level"), lambda value, language: level_title(str(value), language)),
    "sunrise_s": Shown(Text("Sunrise"), clock_words),
    "sunset_s": Shown(Text("Sunset"), clock_words),
    "never_unwatched": Shown(Text("Places never unwatched")),
    "per_100": Shown(Text("For 100 households (min)"), digits=1),
}


def _clock(seconds: Any) -> str:
    hours, rest = divmod(round(float(seconds)), 3600)
    return f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
