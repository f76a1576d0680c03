"""`clock`: how many minutes of a day each place is watched, patrolled, or neither."""

from __future__ import annotations

import datetime as dt
from typing import Any

import click
import pandas as pd

from geo_service.analysis.beats import DEFAULT_UNITS
from geo_service.analysis.clock import REQUIRED_SHARE, compute_clock
from geo_service.analysis.clock_days import MOST_DAYS
from geo_service.cli.session import Session
from geo_service.day_times import local_day, time_of_day
from geo_service.publications import plan_words
from geo_service.store import StoredResult
from geo_service.words import CLOCK_SAVERS
from town_model import LAYERS, Text

_MODE = LAYERS["patrol_units"].column("mode")
_HOURS = 5


@click.command("clock")
@click.option(
    "--date",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day, which decides sunrise and sunset; today by default. 日期（决定日出日落），默认今天。",
)
@click.option(
    "--share",
    type=click.FloatRange(0, 1, min_open=True),
    default=REQUIRED_SHARE,
    show_default=True,
    help="How much of a place cameras must see. 摄像机须看到该处的多大份额。",
)
@click.option(
    "--utc-offset",
    type=click.FloatRange(-12, 14),
    default=8.0,
    show_default=True,
    help="Hours ahead of UTC. 时区。",
)
@click.option(
    "--days",
    type=click.IntRange(1, MOST_DAYS),
    default=1,
    show_default=True,
    help="Days of the calendar from the date on, each with its own sun and published plan. 日历天数，逐日按日出日落和已发布方案。",
)
@click.option(
    "--savings/--no-savings",
    default=True,
    help="Also what each camera and one more patrol hour saves. 同时核算每台摄像机、多巡一小时各减少多少空档。",
)
@click.pass_obj
def clock_command(
    session: Session, *, date: dt.datetime | None, share: float, utc_offset: float, days: int, savings: bool
) -> None:
    """Read cameras and patrols on one clock. 把监控和巡逻放在同一时钟上核算防控空档。"""
    store = session.workspace.store
    day = date.date() if date else local_day()
    with session.progress("Reading the clock") as told:
        number = compute_clock(
            store,
            actor=session.actor,
            date=day,
            required_share=share,
            utc_offset_h=utc_offset,
            days=days,
            savings=savings,
            say_name={str(words): session.say(words) for *_, words in DEFAULT_UNITS},
            progress=told,
        )
    result = session.stored(number)
    summary = result.summary
    places = result.frame("places")
    lines: list[str | Text] = [
        Text.of(
            "{date}: sunrise {sunrise}, sunset {sunset}",
            date=day.isoformat(),
            sunrise=time_of_day(summary["sunrise_s"]),
            sunset=time_of_day(summary["sunset_s"]),
        ),
        Text.of(
            "{places} places are open for {open} h a day in all: {watched} h watched by cameras, {patrolled} h patrolled, {unwatched} h neither",
            places=summary["places"],
            open=f"{summary['open_min'] / 60:,.0f}",
            watched=f"{summary['watched_min'] / 60:,.1f}",
            patrolled=f"{summary['patrolled_min'] / 60:,.1f}",
            unwatched=f"{summary['unwatched_min'] / 60:,.1f}",
        ),
    ]
    lines.append(plan_words(summary["plan"], is_published=summary["plan_is_published"]))
    if days > 1:
        lines += session.emit_list(
            Text("Unwatched hours by day:"),
            [
                session.say("{date}: {hours} h", date=row["date"], hours=f"{row['unwatched_min'] / 60:,.1f}")
                for row in result.frame("calendar_days").to_dict("records")
            ],
        )
    late = places[places["unwatched_min"] >= 1]
    lines += session.emit_list(
        Text("Unwatched minutes a day, the most first:"),
        [
            session.say(
                "{place}: {minutes} min, the longest stretch {longest} min",
                place=row["name"] or row["place"],
                minutes=f"{row['unwatched_min']:.0f}",
                longest=f"{row['longest_unwatched_min']:.0f}",
            )
            for row in late.to_dict("records")
        ],
    )
    lines += _savings(session, result)
    rows = places.astype(object).where(places.notna(), None).to_dict("records")
    more: dict[str, Any] = {
        name: result.frame(name).astype(object).where(result.frame(name).notna(), None).to_dict("records")
        for name in ("savings", "hours", "villages", "calendar_days")
        if name in result.frame_names
    }
    session.emit({"result": number, "date": day.isoformat(), **summary, "by_place": rows, **more}, lines)


def _savings(session: Session, result: StoredResult) -> list[str | Text]:
    lines: list[str | Text] = []
    if "savings" in result.frame_names:
        cameras = result.frame("savings").query("weighted_min > 0")
        lines += session.emit_list(
            Text("Weighted minutes a day that each camera saves, the most first:"),
            [
                session.say(
                    "{camera} ({kind}): {minutes} min, most at {place}; private ground in view {private} m²",
                    camera=row["camera_name"] or f"#{row['camera']}",
                    kind=session.say(CLOCK_SAVERS[row["kind"]]),
                    minutes=f"{row['weighted_min']:,.0f}",
                    place=row["first_place"],
                    private=f"{row['private_m2']:,.0f}",
                )
                for row in cameras.to_dict("records")
            ],
        )
        lines += session.emit_list(
            Text("Weighted minutes a day that one more patrol hour saves, the most first:"),
            [
                session.say(
                    "{time} ({mode}): {minutes} min, {stops} stops",
                    time=time_of_day(row["start_s"]),
                    mode=_MODE.choice_title(str(row["mode"]).split("_")[0], session.language),
                    minutes=f"{row['weighted_min']:,.0f}",
                    stops=row["visits"],
                )
                for row in result.frame("hours").head(_HOURS).to_dict("records")
            ],
        )
    if "villages" in result.frame_names:
        lines += session.emit_list(
            Text("Patrol minutes for 100 households, the fewest first:"),
            [
                session.say(
                    "{village}: {per_100}, {minutes} min a day",
                    village=row["village_name"],
                    per_100="—" if pd.isna(row["per_100"]) else f"{row['per_100']:.1f}",
                    minutes=f"{row['patrol_min']:.0f}",
                )
                for row in result.frame("villages").to_dict("records")
            ],
        )
    return lines


COMMANDS = (clock_command,)
