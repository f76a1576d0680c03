"""`law` and `health`: what breaks the law, camera by camera, and which cameras were online and in order."""

from __future__ import annotations

from typing import Any

import click
import pandas as pd

from geo_service.analysis.camera_health import WINDOW_DAYS, compute_health
from geo_service.analysis.compliance import DUPLICATE_SHARE
from geo_service.analysis.law import CLASSES, LawOptions, class_title, compute_law, message_of, of_group
from geo_service.analysis.rows import each
from geo_service.cli.session import Session
from geo_service.day_times import local_day
from geo_service.words import CAMERA_STATES, SEVERITIES
from town_model import Text


@click.command("law")
@click.option(
    "--private-distance",
    type=click.FloatRange(0, 100),
    default=5.0,
    show_default=True,
    help="Ground within so many metres of a dwelling is private. 住宅外多少米内算私域。",
)
@click.option(
    "--zones-private",
    is_flag=True,
    help="Ground inside housing zones counts as private, too. 集中居住区内的地面也算私域。",
)
@click.option(
    "--mask-class",
    type=click.Choice(CLASSES),
    default="observe",
    show_default=True,
    help="Masks hide what is seen at this class. 遮挡达到该等级的私域。",
)
@click.option(
    "--duplicate-share",
    type=click.FloatRange(0, 1, min_open=True),
    default=DUPLICATE_SHARE,
    show_default=True,
    help="Share of a camera's ground that another one sees. 与另一台重复到多大份额算重复建设。",
)
@click.option(
    "--planned",
    is_flag=True,
    help="Judge only what is planned, before it is built. 只看拟建点位，建之前先核对。",
)
@click.pass_obj
def law_command(
    session: Session,
    *,
    private_distance: float,
    zones_private: bool,
    mask_class: str,
    duplicate_share: float,
    planned: bool,
) -> None:
    """Compare cameras and plans with State Council Order 799. 对照条例检查监控点位和拟建点位。"""
    options = LawOptions(
        private_m=private_distance,
        zones_shared=not zones_private,
        mask_class=mask_class,
        duplicate_share=duplicate_share,
    )
    with session.progress("Comparing with the law") as told:
        number = compute_law(
            session.workspace.store, actor=session.actor, today=local_day(), options=options, progress=told
        )
    result = session.stored(number)
    summary = result.summary
    group = "planned" if planned else ""
    figures = summary["groups"]["planned"] if planned else summary
    rows, exposed = (of_group(result.frame(name), group) for name in ("findings", "cameras"))
    findings = [(one, session.say(message_of(one)), session.say(one.remedy)) for one in each(rows)]
    masks = result.frame("masks")
    masks = masks[masks["camera"].isin(exposed["camera"])]
    lines: list[str | Text] = []
    if planned:
        lines.append(
            Text.of(
                "{cameras} planned cameras, {clean} of them without errors and warnings",
                cameras=figures["cameras"],
                clean=figures["clean"],
            )
        )
    lines += [
        Text.of(
            "{errors} errors, {warnings} warnings, {notes} notes",
            errors=figures["findings"]["error"],
            warnings=figures["findings"]["warning"],
            notes=figures["findings"]["note"],
        ),
        Text.of(
            "{exposing} of {cameras} cameras see private ground at class {name}: {area} m², and {length} m of façades; {masks} masks would hide it",
            exposing=figures["exposing"],
            cameras=figures["cameras"],
            name=class_title(mask_class, session.language),
            area=f"{figures['exposed_m2']:,.0f}",
            length=f"{figures['facade_m']:,.0f}",
            masks=figures["masks"],
        ),
        Text.of(
            "by night: {area} m², and {length} m of façades",
            area=f"{figures['exposed_night_m2']:,.0f}",
            length=f"{figures['facade_night_m']:,.0f}",
        ),
    ]
    if not summary["dwellings"]:
        lines.append(Text("no building is marked as residential: private ground is not known"))
    if not planned:
        lines.append(
            Text.of(
                "not entered: sign of {sign}, filing of {filing}, retention of {retention} cameras",
                **summary["unknown"],
            )
        )
    lines += session.emit_list(
        Text("Findings:"),
        [
            session.say(
                "[{severity}] {camera}: {problem}; {remedy}",
                severity=SEVERITIES[one.severity],
                camera=one.camera_name or f"#{one.camera}",
                problem=problem,
                remedy=remedy,
            )
            for one, problem, remedy in findings
        ],
    )
    lines += session.emit_list(
        Text("Proposed privacy masks (azimuths from true north):"),
        [session.say(_mask(one)) for one in each(masks)],
    )
    data = {
        "result": number,
        **summary,
        **({"group": group} if group else {}),
        "findings_by_camera": [
            {"article": one.article, "severity": one.severity, "camera": one.camera, "status": one.status, "name": one.camera_name, "message": problem, "remedy": remedy}
            for one, problem, remedy in findings
        ],
        "exposure": _records(exposed),
        "masks_by_camera": _records(pd.DataFrame(masks.drop(columns="geometry"))),
    }  # fmt: skip
    session.emit(data, lines)


def _mask(one: Any) -> Text:
    return Text.of(
        "{camera}: {start}° to {end}°, {near} to {far} m away, hides {area} m² of private and {lost} m² of other ground",
        camera=one.camera_name or f"#{one.camera}",
        start=f"{one.from_deg:.0f}",
        end=f"{one.to_deg:.0f}",
        near=f"{one.near_m:.0f}",
        far=f"{one.far_m:.0f}",
        area=f"{one.private_m2:,.0f}",
        lost=f"{one.lost_m2:,.0f}",
    )


@click.command("health")
@click.option(
    "--days",
    type=click.IntRange(1, 3660),
    default=WINDOW_DAYS,
    show_default=True,
    help="Length of the window up to today. 统计最近多少天。",
)
@click.pass_obj
def health_command(session: Session, days: int) -> None:
    """Share of cameras online and in order; repairs by what they gain. 在线率、完好率和报修次序。"""
    with session.progress("Reading the status log") as told:
        number = compute_health(
            session.workspace.store,
            actor=session.actor,
            today=local_day(),
            days=days,
            goal=session.workspace.settings.goal_working_percent / 100,
            progress=told,
        )
    result = session.stored(number)
    summary = result.summary
    repairs, units = result.frame("repairs"), result.frame("units")
    lines: list[str | Text] = [
        Text.of(
            "{working} of {cameras} cameras work now ({share} %, the goal is {goal} %)",
            working=summary["working"],
            cameras=summary["cameras"],
            share=_percent(summary["share_now"]),
            goal=f"{100 * summary['goal']:.0f}",
        )
    ]
    if summary["recorded"]:
        lines.append(
            Text.of(
                "{first} to {last}: online {online} %, in order {order} % of the recorded days ({count} cameras with records)",
                first=summary["first_day"],
                last=summary["last_day"],
                online=_percent(summary["share_online"]),
                order=_percent(summary["share_in_order"]),
                count=summary["recorded"],
            )
        )
    else:
        lines.append(Text("no records in this time: import the daily sheet of the operations platform"))
    if summary["differing"]:
        lines.append(
            Text.of(
                "the ledger says otherwise of {count} cameras: bring their status up to date",
                count=summary["differing"],
            )
        )
    lines += session.emit_list(
        Text("By unit that maintains them, the worst first:"),
        [
            session.say(
                "{unit}: {cameras} cameras, {out} out of order, online {online} %, in order {order} %",
                unit=one.maintained_by or session.say("not entered"),
                cameras=one.cameras,
                out=one.out_of_order,
                online=_percent(one.share_online),
                order=_percent(one.share_in_order),
            )
            if one.recorded_days
            else session.say(
                "{unit}: {cameras} cameras, {out} out of order, no records of these yet",
                unit=one.maintained_by or session.say("not entered"),
                cameras=one.cameras,
                out=one.out_of_order,
            )
            for one in each(units)
        ],
    )
    lines += session.emit_list(
        Text("Repair in this order, by priority and gain:"),
        [session.say(_repair(one)) for one in each(repairs)],
    )
    data = {
        "result": number,
        **summary,
        "repairs": _records(repairs),
        "units": _records(units),
        "by_day": _records(result.frame("days")),
    }
    session.emit(data, lines)


def _repair(one: Any) -> Text:
    return Text.of(
        "{camera} ({state}, {unit}): {area} m² of areas and {length} m of roads are seen again",
        camera=one.camera_name or f"#{one.camera}",
        state=CAMERA_STATES[one.state],
        unit=one.maintained_by or Text("not entered"),
        area=f"{one.gained_area_m2:,.0f}",
        length=f"{one.gained_length_m:,.0f}",
    )


def _percent(share: float | None) -> str:
    return "–" if share is None or share != share else f"{100 * share:.1f}"  # noqa: PLR0124 - NaN


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows: Any = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return list(rows)


COMMANDS = (law_command, health_command)
