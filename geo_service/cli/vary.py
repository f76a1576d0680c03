"""`vary`: another audited plan for each day, so that patrols cannot be guessed."""

from __future__ import annotations

from typing import Any

import click

from geo_service.analysis.beats import DEFAULT_UNITS
from geo_service.analysis.variation import MOST_DAYS, compute_variation
from geo_service.cli.session import Session
from geo_service.day_times import time_of_day
from patrol_routing.variation import STEPS
from town_model import Text


@click.command("vary")
@click.option(
    "--days",
    type=click.IntRange(1, MOST_DAYS),
    default=14,
    show_default=True,
    help="How many days. 天数。",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    help="For trials that must repeat; a secret drawn anew by default, kept nowhere. 随机种子，仅供复现试算；默认随机产生且不保存。",
)
@click.option(
    "--steps",
    type=click.IntRange(1),
    default=STEPS,
    show_default=True,
    help="Changes to try for each day. 每天尝试的改动次数。",
)
@click.option(
    "--time-limit",
    "time_limit_s",
    type=click.FloatRange(0.1, 3600),
    help="Seconds to search for the plan that is varied; as the latest plan by default. 基准方案的求解秒数，默认同最新方案。",
)
@click.option("--max-iterations", type=click.IntRange(1), help="Reproducible with --seed. 最大迭代次数。")
@click.pass_obj
def vary_command(
    session: Session,
    days: int,
    seed: int | None,
    steps: int,
    time_limit_s: float | None,
    max_iterations: int | None,
) -> None:
    """Vary the patrol plan from day to day within its guarantee. 在保证间隔的前提下，编排每天不同的巡逻。"""
    store = session.workspace.store
    with session.progress("Varying patrols") as told:
        number = compute_variation(
            store,
            actor=session.actor,
            days=days,
            seed=seed,
            steps=steps,
            time_limit_s=time_limit_s,
            max_iterations=max_iterations,
            say_name={str(words): session.say(words) for *_, words in DEFAULT_UNITS},
            progress=told,
        )
    result = session.stored(number)
    summary = result.summary
    lines: list[str | Text] = [
        Text.of(
            "{days} days, all audited; the longest window at a place is {after} min, with the one plan every day {before} min",
            days=summary["days"],
            before=round(summary["longest_window_before_s"] / 60),
            after=round(summary["longest_window_s"] / 60),
        ),
        Text.of("days with a visit too late: {late}", late=summary["days_with_breaches"]),
        Text.of(
            "entropy of the time of day {time} of at most {most}, of the return time {back} nats",
            time=_figure(summary["mean_time_entropy"]),
            most=_figure(summary["greatest_time_entropy"]),
            back=_figure(summary["mean_return_entropy"]),
        ),
    ]
    places = result.frame("places").sort_values(["window_s", "place"], ascending=[False, True])
    columns = ["place", "name", "before_window_s", "window_start_s", "window_s", "window_chance"]
    shown = places[columns].astype(object)
    rows: Any = shown.where(places[columns].notna(), None).to_dict("records")
    lines += session.emit_list(
        Text("The burglar's best window of each place, the longest first:"),
        [_line(session, one) for one in rows if one["window_s"] is not None],
    )
    session.emit({"result": number, **summary, "by_place": rows}, lines)


def _line(session: Session, row: dict[str, Any]) -> str:
    chance = row["window_chance"]
    return session.say(
        "{place}: {after} min from {start}, chance {chance}; {before} min with the one plan",
        place=row["name"] or row["place"],
        after=round(row["window_s"] / 60),
        start=time_of_day(row["window_start_s"]),
        chance="–" if chance is None else f"{100 * chance:.0f} %",
        before=round(row["before_window_s"] / 60),
    )


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


COMMANDS = (vary_command,)
