"""`who-sees`: which cameras see a place, by day and by night, or why none does."""

from __future__ import annotations

import math
from typing import Any

import click

from geo_service.analysis.rows import each
from geo_service.analysis.sightings import Sighting, see_place
from geo_service.cause_words import cause_words
from geo_service.cli.session import Session
from geo_service.cure_words import cure_text
from geo_service.words import class_words
from town_model import Text


@click.command("who-sees", context_settings={"ignore_unknown_options": True})
@click.argument("lon", type=float)
@click.argument("lat", type=float)
@click.pass_obj
def who_sees_command(session: Session, lon: float, lat: float) -> None:
    """Say who sees a place (WGS-84 degrees), or why nobody does. 某个位置由谁看到。"""
    found = see_place(session.workspace.store, lon, lat)
    lines: list[str | Text] = []
    if found.targets:
        lines.append(
            Text.of(
                "this place belongs to {targets}; class asked for: {name}",
                targets=("、" if session.language == "zh" else ", ").join(found.targets),
                name=class_words(found.required_class or "", session.language),
            )
        )
    document: dict[str, Any] = {
        "lon": lon, "lat": lat, "targets": found.targets, "required_class": found.required_class,
    }  # fmt: skip
    for light, sighting, words in (
        ("day", found.day, Text("by day")),
        ("night", found.night, Text("by night")),
    ):
        lines += _lines(session, sighting, words)
        document[light] = _document(session, sighting)
    session.emit(document, lines)


def _lines(session: Session, found: Sighting, light: Text) -> list[str | Text]:
    lines: list[str | Text] = []
    if found.cameras.empty:
        lines.append(Text.of("{light}: no working camera sees it", light=light))
    else:
        lines.append(Text.of("{light}: seen by {count} cameras", light=light, count=len(found.cameras)))
        lines += [f"  {session.say(_camera(session, row))}" for row in each(found.cameras)]
    if found.cause is not None:
        lines += [
            Text.of("  why not: {cause}", cause=cause_words(found.cause, found.cause_name, found.cause_ref)),
            Text.of("  cure: {cure}", cure=_cure(found)),
        ]
    return lines


def _camera(session: Session, row: Any) -> Text:
    if row.observation_class is None or math.isnan(row.px_per_m):
        return Text.of(
            "{camera}, {distance} m away",
            camera=row.name or f"#{row.camera}",
            distance=f"{row.distance_m:.1f}",
        )
    return Text.of(
        "{camera}, {distance} m away: {name}, {density} px/m",
        camera=row.name or f"#{row.camera}",
        distance=f"{row.distance_m:.1f}",
        name=class_words(row.observation_class, session.language),
        density=f"{row.px_per_m:.0f}",
    )


def _cure(found: Sighting) -> Text:
    return cure_text(found.cure, found.cure_params, found.camera_name)


def _document(session: Session, found: Sighting) -> dict[str, Any]:
    cameras = found.cameras.astype(object).where(found.cameras.notna(), None).to_dict("records")
    if found.cause is None:
        return {"cameras": cameras, "cause": None}
    return {
        "cameras": cameras,
        "cause": found.cause,
        "cause_ref": found.cause_ref,
        "cause_words": session.say(cause_words(found.cause, found.cause_name, found.cause_ref)),
        "cause_camera": found.camera,
        "cause_camera_name": found.camera_name,
        "cure": found.cure,
        "cure_words": session.say(_cure(found)),
    }


COMMANDS = (who_sees_command,)
