"""`response`: how soon somebody reaches each place through a day."""

from __future__ import annotations

import math
from typing import Any

import click
import geopandas as gpd

from geo_service.analysis.response import compute_response
from geo_service.cli.session import Session
from geo_service.day_times import time_of_day
from geo_service.response_limits import read_limits
from town_model import Text


@click.command("response")
@click.option(
    "--limits",
    help="Limits in minutes, such as 1,3,5 or 5,10,20; by default the setting response_limits_min. 到达时限（分钟），默认取设置 response_limits_min。",
)
@click.option(
    "--stations/--no-stations",
    default=True,
    show_default=True,
    help="Whether a car is ready at each police station. 各派出所是否各有一辆车待命。",
)
@click.option(
    "--every",
    "every_s",
    type=click.IntRange(60, 3600),
    default=600,
    show_default=True,
    help="Seconds between samples of the day. 全天取样间隔（秒）。",
)
@click.pass_obj
def response_command(session: Session, limits: str | None, stations: bool, every_s: int) -> None:
    """Say how soon patrols and station cars reach each place. 核算巡逻力量和派出所的车到各地点的时间。"""
    store = session.workspace.store
    minutes = read_limits(session.workspace.settings.response_limits_min if limits is None else limits)
    with session.progress("Computing response times") as told:
        number = compute_response(
            store,
            actor=session.actor,
            limits_min=minutes,
            stations=stations,
            every_s=every_s,
            progress=told,
        )
    result = session.stored(number)
    summary = result.summary
    lines: list[str | Text] = [
        Text.of(
            "{places} places; cars ready at police stations: {stations}, patrol shifts: {shifts}",
            places=summary["places"],
            stations=summary["stations"],
            shifts=summary["shifts"],
        )
    ]
    if summary["plan"] is None:
        lines.append(Text("there is no patrol plan yet: only police stations count"))
    if summary["plan_is_stale"]:
        lines.append(Text("the data have changed since the patrol plan was made"))
    for i, limit in enumerate(summary["limits_s"]):
        lines.append(
            Text.of(
                "within {limit} min: {share} of the places on average over the day, {first} of those of first priority",
                limit=f"{limit / 60:g}",
                share=_percent(summary["shares"][i]),
                first=_percent(summary["shares_priority_1"][i] if summary["shares_priority_1"] else None),
            )
        )
    if summary["longest_s"] is not None:
        lines.append(
            Text.of(
                "the longest: {place}, {minutes} min at {time}",
                place=summary["longest_name"] or summary["longest_place"],
                minutes=f"{summary['longest_s'] / 60:.1f}",
                time=time_of_day(summary["longest_at_s"]),
            )
        )
    places = result.frame("places").drop(columns="geometry")
    posts = result.frame("posts")
    lines += session.emit_list(
        Text("Places, the slowest first:"), [_place(session, one) for one in places.to_dict("records")]
    )
    lines += session.emit_list(
        Text("Best spots for one more post:"),
        [
            session.say(
                "{rank}. {road}: {places} more places within {limit} min, all places {saved} s sooner on average",
                rank=one["rank"],
                road=one["road"] or session.say("road without a name"),
                places=one["places"],
                limit=f"{summary['limits_s'][1] / 60:g}",
                saved=f"{one['saved_s'] / max(summary['places'], 1):,.0f}",
            )
            for one in posts.to_dict("records")
        ],
    )
    spots = gpd.GeoSeries(posts["geometry"], crs=store.town.epsg).to_crs(4326)
    told_posts = [
        {**_plain(row), "lon": round(spot.x, 6), "lat": round(spot.y, 6)}
        for row, spot in zip(posts.drop(columns="geometry").to_dict("records"), spots, strict=True)
    ]
    session.emit(
        {
            "result": number,
            **summary,
            "by_hour": [_plain(one) for one in result.frame("hours").to_dict("records")],
            "by_place": [_plain(one) for one in places.to_dict("records")],
            "posts": told_posts,
        },
        lines,
    )


def _place(session: Session, row: dict[Any, Any]) -> str:
    name = row["name"] or row["place"]
    if row["reached_share"] == 0:
        return session.say("{place}: nobody comes there by road", place=name)
    if math.isinf(row["worst_s"]):
        return session.say(
            "{place}: {mean} min on average, at times ({time}) nobody comes",
            place=name,
            mean=f"{row['mean_s'] / 60:.1f}",
            time=time_of_day(row["worst_at_s"]),
        )
    return session.say(
        "{place}: {mean} min on average, at worst {worst} min at {time}",
        place=name,
        mean=f"{row['mean_s'] / 60:.1f}",
        worst=f"{row['worst_s'] / 60:.1f}",
        time=time_of_day(row["worst_at_s"]),
    )


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    """Return a row with null in place of what is endless or unknown: JSON has no such numbers."""
    return {
        str(key): None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in row.items()
    }


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"


COMMANDS = (response_command,)
