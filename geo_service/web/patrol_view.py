"""The patrol plan as its page shows it: verdict, breaches, timetables, idleness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo_service.analysis.camera_credit import credit_texts
from geo_service.analysis.staffing import staffing_texts
from geo_service.analysis.streets import STREET_FAULTS
from geo_service.duty.choice import day_words, planned_for
from geo_service.stop_words import stop_words
from geo_service.store import StoredResult
from geo_service.web import formats
from geo_service.web.codes import choice
from town_model import DAY_S, Text

REASONS = {
    "off_road": Text("no road near"),
    "no_unit": Text("no unit of this mode"),
    "no_way": Text("no way there by this mode"),
    "no_way_back": Text("no way back by this mode"),
    "out_of_range": Text("too far from the base"),
    "too_long": Text("too far for one shift"),
    **STREET_FAULTS,
}


@dataclass(frozen=True)
class Note:
    """A sentence of the verdict; `kind` is ``good``, ``stale`` or ``fault``, for its colour."""

    kind: str
    words: Text


@dataclass(frozen=True)
class Unit:
    """A unit in the choice of units, with the sums of its day."""

    key: str
    name: str
    mode: str
    kind: str
    base: str
    shifts: str
    visits: int
    driving: Text | str
    length: Text | str


@dataclass(frozen=True)
class Stop:
    """One stop of a timetable."""

    number: int
    place: Text | str
    arrive_s: float
    depart_s: float
    arrive: str
    depart: str
    stay: Text | str


@dataclass(frozen=True)
class Breach:
    """A place that was left alone for longer than its limit: its worst stretch, and how many there are.

    Args:
        place: name of the place.
        start: when the worst stretch begins.
        end: when it ends.
        gap: how long it is.
        limit: the limit.
        times: how many such stretches there are.
        visits: said where a window had too few visits instead: how many of how many.
    """

    place: str
    start: str
    end: str
    gap: Text | str
    limit: Text | str
    times: int
    visits: Text | str = ""


@dataclass(frozen=True)
class Place:
    """A place's longest time without a patrol against its limit; `ratio` is in per cent, None where unknown."""

    name: str
    visits: int
    worst: Text | str
    limit: Text | str
    ratio: int | None
    late: bool


@dataclass(frozen=True)
class Post:
    """A standing post of a place, or a time in which nobody is to come; `who` stands there, `late` where somebody lacks for a time."""

    place: str
    hours: str
    who: Text | str
    rule: str
    late: bool


@dataclass(frozen=True)
class Lost:
    """A place that no unit of a mode reaches."""

    name: str
    mode: str
    reason: Text | str


@dataclass(frozen=True)
class Plan:
    """Everything on the page of the patrol plan."""

    verdict: tuple[Note, ...]
    units: tuple[Unit, ...]
    chosen: Unit | None
    stops: tuple[Stop, ...]
    breaches: tuple[Breach, ...]
    unreachable: tuple[Lost, ...]
    places: tuple[Place, ...]
    posts: tuple[Post, ...] = ()


def units(result: StoredResult, language: str) -> list[Unit]:
    """Return the units of a plan in the order of their names; the shifts of one unit are drawn together.

    Args:
        result: a result of kind ``patrol``.
        language: ``zh`` or ``en``, for the titles of modes and kinds.
    """
    found = []
    for key, part in result.frame("units").groupby("unit", sort=False):
        first = part.iloc[0]
        spans = part.sort_values("start_s")[["start_s", "end_s"]].itertuples(index=False)
        found.append(
            Unit(
                key=str(key),
                name=str(first["unit_name"]),
                mode=choice("patrol_units", "mode", first["mode"], language),
                kind=choice("patrol_units", "kind", first["kind"], language),
                base=formats.DASH
                if formats.is_missing(first["base_name"])
                else str(first["base_name"]) or formats.DASH,
                shifts="、".join(f"{formats.clock(start)}–{formats.clock(end)}" for start, end in spans)
                if language == "zh"
                else ", ".join(f"{formats.clock(start)}–{formats.clock(end)}" for start, end in spans),
                visits=int(part["visits"].sum()),
                driving=formats.minutes(float(part["drive_s"].sum())),
                length=formats.length(float(part["length_m"].sum())),
            )
        )
    return found


def stops(result: StoredResult, unit: str) -> list[Stop]:
    """Return the stops of a unit in the order of time."""
    visits = result.frame("visits")
    mine = visits[visits["unit"].astype(str) == unit].sort_values(["arrive_s", "seq"])
    return [
        Stop(
            number=number,
            place=stop_words(row),
            arrive_s=float(row["arrive_s"]),
            depart_s=float(row["depart_s"]),
            arrive=formats.clock(row["arrive_s"]),
            depart=formats.clock(row["depart_s"]),
            stay=formats.minutes(row["depart_s"] - row["arrive_s"]),
        )
        for number, row in enumerate(mine.to_dict("records"), start=1)
    ]


def plan(result: StoredResult, language: str, *, unit: str | None = None) -> Plan:
    """Return the plan, with the timetable of one unit.

    Args:
        result: a result of kind ``patrol``.
        language: ``zh`` or ``en``.
        unit: key of the unit whose timetable is asked for; the first one by default.
    """
    listed = units(result, language)
    chosen = next((one for one in listed if one.key == unit), listed[0] if listed else None)
    breaches = result.frame("breaches")
    unreachable = result.frame("unreachable")
    return Plan(
        verdict=tuple(_verdict(result, breaches, unreachable, language)),
        units=tuple(listed),
        chosen=chosen,
        stops=tuple(stops(result, chosen.key)) if chosen else (),
        breaches=tuple(_breaches(breaches[breaches["kind"] != "post"] if "kind" in breaches else breaches)),
        unreachable=tuple(
            Lost(
                str(row.name_),
                choice("patrol_units", "mode", row.mode, language),
                REASONS.get(str(row.reason), str(row.reason)),
            )
            for row in unreachable.rename(columns={"name": "name_"}).itertuples()
        ),
        places=tuple(_places(result.frame("places"))),
        posts=tuple(_posts(result, language)),
    )


def _verdict(
    result: StoredResult, breaches: pd.DataFrame, unreachable: pd.DataFrame, language: str
) -> list[Note]:
    summary = result.summary
    notes = []
    if (planned := planned_for(result.options)) is not None:
        notes.append(Note("notice", Text.of("Made for: {day}", day=day_words(planned, language))))
    notes += [Note("notice", words) for words in credit_texts(result)]
    if summary.get("audit_passed"):
        notes.append(
            Note("good", Text("Checked by the auditor: every route can be driven as the timetable says."))
        )
    elif "audit_passed" in summary:
        notes.append(
            Note("fault", Text("The auditor found faults in this plan. Compute it again before you use it."))
        )
    posts = int((breaches["kind"] == "post").sum()) if "kind" in breaches else 0
    late = (
        breaches.loc[breaches["kind"] != "post", "place"].nunique() if posts else breaches["place"].nunique()
    )
    if late:
        notes.append(Note("fault", Text.of("{n} places are left alone for longer than their limit.", n=late)))
    elif len(result.frame("places")):
        notes.append(Note("good", Text("Every place that can be reached is visited in time.")))
    if posts:
        notes.append(Note("fault", Text.of("At {n} standing posts nobody stands for some time.", n=posts)))
    elif summary.get("posts"):
        notes.append(Note("good", Text.of("All {n} standing posts are manned.", n=summary["posts"])))
    notes += [Note("fault", words) for words in staffing_texts(summary, language)]
    if len(unreachable):
        lost = unreachable["place"].nunique()
        notes.append(Note("fault", Text.of("{n} places cannot be reached by some unit, see below.", n=lost)))
    if summary.get("default_units"):
        notes.append(
            Note(
                "stale",
                Text(
                    "No units have been entered yet: this plan uses made-up ones. Import the layer patrol_units, then plan again."
                ),
            )
        )
    if summary.get("places_without_interval"):
        n = summary["places_without_interval"]
        notes.append(
            Note("stale", Text.of("{n} places have no visit interval and are not in the plan.", n=n))
        )
    return notes


def _posts(result: StoredResult, language: str) -> list[Post]:
    if "posts" not in result.frame_names:
        return []
    found = []
    for row in result.frame("posts").to_dict("records"):
        who: Text | str = ("、" if language == "zh" else ", ").join(row["units"]) or formats.DASH
        if row["kind"] == "closed":
            who = Text("nobody is to come")
        elif row["alone_s"] > 0:
            who = Text.of("{units}; nobody for {time}", units=who, time=formats.minutes(row["alone_s"]))
        hours = f"{formats.clock(row['start_s'])}–{formats.clock(row['end_s'])}"
        found.append(Post(str(row["name"]), hours, who, str(row["rule_name"]), bool(row["alone_s"] > 0)))
    return found


def _breaches(breaches: pd.DataFrame) -> list[Breach]:
    if breaches.empty:
        return []
    rows = breaches.assign(over=breaches["gap_s"] - breaches["max_gap_s"])
    if "kind" not in rows:
        rows = rows.assign(kind="gap", visits=0, min_visits=0)
    rows["few"] = rows["kind"] == "visits"
    rows = rows.sort_values(["few", "over"], ascending=[True, False], kind="stable")
    times = rows.groupby("place").size()
    worst = rows.drop_duplicates("place")
    columns = ["place", "place_name", "start_s", "end_s", "gap_s", "max_gap_s", "few", "visits", "min_visits"]
    return [
        Breach(
            place=str(name),
            start=formats.clock(start % DAY_S),  # before 00:00: since the day before
            end=formats.clock(end),
            gap=formats.minutes(gap),
            limit=formats.minutes(limit),
            times=int(times[place]),
            visits=Text.of("{n} of {all} visits", n=int(visits), all=int(least)) if few else "",
        )
        for place, name, start, end, gap, limit, few, visits, least in worst[columns].to_numpy(dtype=object)
    ]


def _places(places: pd.DataFrame) -> list[Place]:
    ratio = (places["worst_gap_s"] / places["max_gap_s"]).sort_values(ascending=False, kind="stable")
    table = places.loc[ratio.index, ["name", "visits", "worst_gap_s", "max_gap_s"]]
    return [
        Place(
            name=str(name),
            visits=int(visits),
            worst=formats.minutes(worst),
            limit=formats.minutes(limit),
            ratio=round(100 * share) if np.isfinite(share) else None,
            late=bool(worst > limit + 0.5),
        )
        for (name, visits, worst, limit), share in zip(
            table.to_numpy(dtype=object), ratio.astype(float), strict=True
        )
    ]
