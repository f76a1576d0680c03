"""The clock of a stored result as a file."""

from __future__ import annotations

from geo_service.day_times import time_of_day
from geo_service.exports.cells import about_sheet, plain, workbook
from geo_service.exports.frames import table
from geo_service.i18n import say
from geo_service.publications import plan_words
from geo_service.store import Store, StoredResult
from geo_service.words import CLOCK_STATES
from town_model import LAYERS, Text


def clock_workbook(store: Store, result: StoredResult, language: str = "zh") -> bytes:
    """Return the clock as an XLSX: places, stretches of their day, what cameras and patrol hours save, villages, and where it all comes from.

    Args:
        store: the town.
        result: a stored result of kind ``clock``.
        language: ``zh`` or ``en``.
    """
    places = result.frame("places")
    kinds = {one: LAYERS[one].title(language) if one in LAYERS else one for one in places["kind"].unique()}
    minutes = ["open_min", "watched_min", "patrolled_min", "unwatched_min", "longest_unwatched_min"]
    rows = [
        [plain(name) or place, kinds[kind], *(round(float(one), 1) for one in figures)]
        for place, name, kind, *figures in places[["place", "name", "kind", *minutes]].itertuples(
            index=False, name=None
        )
    ]
    names = {place: row[0] for place, row in zip(places["place"], rows, strict=True)}
    strips = [
        [names.get(place, place), time_of_day(start), time_of_day(end), round((end - start) / 60, 1), say(CLOCK_STATES[state], language)]
        for place, start, end, state in result.frame("strips")[["place", "start_s", "end_s", "state"]].itertuples(
            index=False, name=None
        )
    ]  # fmt: skip
    more = [
        (said.title, said.heads, said.rows)
        for name in ("savings", "hours", "hour_stops", "villages", "calendar_days", "calendar")
        if name in result.frame_names
        for said in [table(store, "clock", name, result.frame(name), language=language)]
    ]
    summary = result.summary
    counted = plan_words(summary["plan"], is_published=bool(summary.get("plan_is_published")))
    about = about_sheet(
        result,
        language,
        (say("Day", language), str(result.options["date"])),
        (say("Share that must be seen", language), float(result.options["required_share"])),
        (say("Sunrise", language), time_of_day(summary["sunrise_s"])),
        (say("Sunset", language), time_of_day(summary["sunset_s"])),
        (say("Patrol plan", language), say(counted, language)),
    )
    head = (
        Text("Place"),
        Text("Kind of place"),
        Text("Open (min)"),
        Text("Watched (min)"),
        Text("Patrolled (min)"),
        Text("Unwatched (min)"),
        Text("Longest unwatched (min)"),
    )
    stretches = (Text("Place"), Text("From"), Text("To"), Text("Minutes"), Text("State"))
    return workbook(
        [
            (say("Clock", language), [say(one, language) for one in head], rows),
            (say("Stretches", language), [say(one, language) for one in stretches], strips),
            *more,
            about,
        ]
    )
