"""`patrol`: a day of patrols over the real roads."""

from __future__ import annotations

from typing import Any

import click

from geo_service.analysis.beats import DEFAULT_UNITS
from geo_service.analysis.camera_credit import credit_texts
from geo_service.analysis.patrol import compute_patrol
from geo_service.analysis.rows import each
from geo_service.analysis.staffing import staffing_texts
from geo_service.analysis.streets import STREET_FAULTS
from geo_service.cli.session import Session
from geo_service.day_times import time_of_day
from geo_service.duty.cameras import PERCENTS, WHICH, camera_credit
from geo_service.duty.choice import choose_day, day_words
from geo_service.duty.day_types import DAY_TYPE_NAMES, DUTY_LEVEL_NAMES
from patrol_routing.plan import UNREACHABLE_REASONS
from town_model import LAYERS, Text

SHORT_DAY_TYPES = {one.removesuffix("_day"): one for one in DAY_TYPE_NAMES if one.endswith("_day")}
_MODE = LAYERS["patrol_units"].column("mode")
_REASONS = {**UNREACHABLE_REASONS, **STREET_FAULTS}


@click.command("patrol")
@click.option(
    "--time-limit",
    "time_limit_s",
    type=click.FloatRange(0.1, 3600),
    default=30.0,
    show_default=True,
    help="Seconds to search. 求解秒数。",
)
@click.option("--max-iterations", type=click.IntRange(1), help="Reproducible with --seed. 最大迭代次数。")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the search. 随机种子。")
@click.option("--date", help="Date of the plan, such as 2026-12-01. 日期。")
@click.option(
    "--day-type",
    type=click.Choice([*DAY_TYPE_NAMES, *SHORT_DAY_TYPES]),
    help="Type of the day; what the date is by default. 日子类型，默认按日期判断。",
)
@click.option(
    "--duty-level",
    type=click.Choice(DUTY_LEVEL_NAMES),
    help="Duty level, 1 is the highest. 勤务等级，1 为最高。",
)
@click.option(
    "--cameras-count",
    type=click.Choice(WHICH),
    help="Longer intervals where cameras watch, shorter ones where they are blind; needs --date. planned: planned cameras as if built. "
    "监控计入间隔：看护到位处放宽，盲区收紧；planned 表示拟建摄像机视同建成。须给出 --date。",
)
@click.option(
    "--watched-percent",
    type=click.IntRange(100, 400),
    help="Interval where cameras watch, in %. 监控看护处间隔的百分比。",
)
@click.option(
    "--watched-from",
    type=click.IntRange(50, 100),
    help="Share of a place from which on cameras watch it, in %; 95 by default. 看到多大份额（%）起算看护到位，默认 95。",
)
@click.option(
    "--blind-below",
    type=click.IntRange(0, 95),
    help="Share below which it is blind, in %; 50 by default. 看到不足多大份额（%）算盲区，默认 50。",
)
@click.option(
    "--blind-percent",
    type=click.IntRange(25, 100),
    help="Interval where they are blind, in %. 监控盲区间隔的百分比。",
)
@click.pass_obj
def patrol_command(
    session: Session,
    *,
    time_limit_s: float,
    max_iterations: int | None,
    seed: int,
    date: str | None,
    day_type: str | None,
    duty_level: str | None,
    cameras_count: str | None,
    watched_percent: int | None,
    blind_percent: int | None,
    watched_from: int | None,
    blind_below: int | None,
) -> None:
    """Plan a day of patrols over the real roads, and audit the plan. 编排一天的巡逻并复核。

    Without a date, day type or duty level the places' own intervals hold, and no rules.
    """
    store = session.workspace.store
    chosen = SHORT_DAY_TYPES.get(day_type, day_type) if day_type else None
    percents = {"watched": watched_percent, "blind": blind_percent}
    asked: dict[str, Any] = {name: percents[name.partition("_")[0]] for name in PERCENTS} | {
        "cameras_count": cameras_count
    }
    asked |= {"watched_from_percent": watched_from, "blind_below_percent": blind_below}
    cameras = camera_credit(session.workspace.settings, asked)
    planned = choose_day(store, date=date, day_type=chosen, duty_level=duty_level, cameras=cameras)
    names = {str(words): session.say(words) for *_, words in DEFAULT_UNITS}
    with session.progress("Planning patrols") as told:
        number = compute_patrol(
            store,
            actor=session.actor,
            planned=planned,
            time_limit_s=time_limit_s,
            max_iterations=max_iterations,
            seed=seed,
            say_name=names,
            progress=told,
        )
    result = session.stored(number)
    summary = result.summary
    lines: list[str | Text] = []
    if planned is not None:
        lines.append(Text.of("planned for {day}", day=day_words(planned, session.language)))
        lines += () if planned.proposal is None else planned.proposal.reasons
    lines += credit_texts(result)
    if summary["default_units"]:
        lines.append(
            Text(
                "No patrol units are entered yet, so the plan uses two cars, a motorcycle and three foot pairs from the police station."
            )
        )
    for count, words in (
        ("streets", Text.of("required streets: {n}", n=summary["streets"])),
        ("posts", Text.of("standing posts: {n}", n=summary["posts"])),
    ):
        lines += [words] if summary[count] else []
    lines += [
        Text.of(
            "{visits} visits to {places} places by {units} units in {shifts} shifts",
            **{key: summary[key] for key in ("visits", "places", "units", "shifts")},
        ),
        Text.of(
            "longest wait {ratio} times its limit; no plan can do better than {bound}",
            ratio=f"{summary['worst_ratio']:.2f}",
            bound=f"{summary['bound']:.2f}",
        ),
        Text("The audit found the plan sound: recomputed from its legs and the roads alone."),
        *staffing_texts(summary, session.language),
    ]
    breaches = result.frame("breaches")
    open_posts = breaches[breaches["kind"] == "post"]
    lines += session.emit_list(
        Text.of("{count} standing posts where nobody stands for some time:", count=len(open_posts)),
        [
            session.say(
                "{place}, {start}–{end}: {minutes} min",
                place=row.place_name, start=time_of_day(row.start_s), end=time_of_day(row.end_s), minutes=f"{row.gap_s / 60:.0f}",
            )
            for row in each(open_posts)
        ],
    )  # fmt: skip
    breaches = breaches[breaches["kind"] != "post"]
    late = breaches.groupby("place_name")["gap_s"].max().sort_values(ascending=False)
    lines += session.emit_list(
        Text.of("{count} places are not visited in time:", count=len(late)),
        [
            session.say("{place}: up to {minutes} min", place=name, minutes=f"{gap / 60:.0f}")
            for name, gap in late.items()
        ],
    )
    unreachable = result.frame("unreachable")
    lines += session.emit_list(
        Text("Places that no unit can reach:"),
        [
            session.say(
                "{place} ({mode})", place=row.name, mode=_MODE.choice_title(str(row.mode), session.language)
            )
            if row.mode
            else session.say(
                "{place}: {reason}", place=row.name, reason=session.say(_REASONS.get(row.reason, row.reason))
            )
            for row in each(unreachable)
        ],
    )
    document = {"result": number, **summary}
    session.emit(document if planned is None else {**document, **planned.options()}, lines)


COMMANDS = (patrol_command,)
