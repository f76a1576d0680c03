"""The sheets of cameras: one page of A4 a camera, with plan, section, settings, what it watches, and findings of the law report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from geo_service.analysis.camera_views import CameraView, CameraViews, ViewChoice
from geo_service.exports.files import whole_file
from geo_service.i18n import say
from geo_service.papers.camera_facts import camera_facts
from geo_service.papers.camera_plan import draw_plan
from geo_service.papers.press import compile_pdf
from geo_service.papers.section_drawing import draw_section
from geo_service.progress import Progress, silent
from geo_service.store import Store
from town_model import OBSERVATION_TABLES, InputError, Text

_WIDTH_MM = 190.0
_PLAN_MM = 86.0
_SECTION_HIGH_MM = 36.0
# so much of each table finds room on the page; what is left out is counted on it
_MOST = {"settings": 16, "obstacles": 5, "watched": 7, "findings": 4, "notes": 3}
_DRAWN = 0.75  # share of the work that drawing takes


@dataclass(frozen=True, kw_only=True)
class SheetOptions:
    """How sheets are made.

    Args:
        language: ``zh`` or ``en``.
        datum: of positions, see `camera_facts`.
        choice: light, bearing and target height of the drawings.
        user: who prints.
        now: the time that stands on them; now by default.
    """

    language: str = "zh"
    datum: str = "wgs84"
    choice: ViewChoice = field(default_factory=ViewChoice)
    user: str = ""
    now: datetime | None = None


def camera_sheets(
    store: Store,
    cameras: Sequence[int] | None = None,
    *,
    options: SheetOptions = SheetOptions(),
    progress: Progress = silent,
) -> tuple[bytes, int]:
    """Return the sheets of some cameras as one PDF, and how many pages it has. The caller enters it in the audit record.

    Args:
        store: the town.
        cameras: row ids; None takes all but removed ones.
        options: language, datum, light.
        progress: told how far it is.

    Raises:
        InputError: there are no such cameras, or the town has no data.
    """
    views = CameraViews(store, options.choice)
    chosen = views.ids(cameras)
    if not chosen:
        raise InputError("there are no cameras to print")
    moment = options.now or datetime.now().astimezone()
    pages: list[dict[str, Any]] = []
    files: dict[str, bytes] = {}
    for number, one in enumerate(views.each(chosen)):
        progress(_DRAWN * number / len(chosen), Text.of("drawing camera {number} of {count}", number=number + 1, count=len(chosen)))  # fmt: skip
        page, drawn = _page(store, one, options, number)
        pages.append(page)
        files |= drawn
    progress(_DRAWN, Text("setting the pages"))
    data = {
        "lang": "en" if options.language.startswith("en") else "zh",
        "pages": pages,
        **_frame(store, options, moment),
    }
    return compile_pdf("camera", data, files=files, made_at=moment.astimezone()), len(pages)


def write_camera_sheets(
    store: Store,
    out: Path,
    cameras: Sequence[int] | None = None,
    *,
    options: SheetOptions = SheetOptions(),
    overwrite: bool = False,
    progress: Progress = silent,
) -> int:
    """Write the sheets to a file, and enter them in the audit record before the file is there; return the number of pages.

    Args:
        store: the town.
        out: the file.
        cameras: row ids; None takes all but removed ones.
        options: language, datum, light, user.
        overwrite: replace a file that is there.
        progress: told how far it is.

    Raises:
        InputError: the file is there already, or the sheets cannot be made.
    """
    with whole_file(out, overwrite=overwrite) as part:
        made, pages = camera_sheets(store, cameras, options=options, progress=progress)
        part.write_bytes(made)
        store.audit(options.user, "print_camera_sheets", sheets_target(cameras, pages))
    return pages


def sheets_target(cameras: Sequence[int] | None, pages: int) -> str:
    """Return what the audit record says of sheets: which cameras, and how many pages."""
    which = "all" if cameras is None else " ".join(f"#{one}" for one in cameras[:20])
    return f"{which} ({pages})"


def _page(
    store: Store, one: CameraView, options: SheetOptions, number: int
) -> tuple[dict[str, Any], dict[str, bytes]]:
    language = options.language
    facts = camera_facts(store, one, language=language, datum=options.datum)
    plan = draw_plan(
        store, place=one.place, bands_of=one.bands, dead_zone=one.dead_zone, masks=one.masks, language=language,
        bearings_deg=[each - one.convergence_deg for each in one.axes_deg], reach_m=one.section.range_m,
        size_mm=(_WIDTH_MM, _PLAN_MM), title=facts.name,
    )  # fmt: skip
    cut = draw_section(
        one.section,
        language=language,
        names=one.obstacle_names,
        width_mm=_WIDTH_MM,
        highest_mm=_SECTION_HIGH_MM,
    )
    names = {"plan": f"plan-{number}.svg", "section": f"section-{number}.svg"}
    page = {
        **names,
        "name": facts.name,
        "under": "   ".join(each for each in (facts.status, facts.code) if each),
        "cut": _cut_words(one, language),
        "dead_zone": facts.dead_zone,
        "position": facts.position,
        "settings": facts.settings[: _MOST["settings"]],
        "limits": facts.limits,
        "obstacles": facts.obstacles[: _MOST["obstacles"]],
        "watched": [(*row[:1], *row[2:]) for row in facts.watched[: _MOST["watched"]]],
        "watched_more": _more(len(facts.watched) - _MOST["watched"], language),
        "findings": None if facts.findings is None else facts.findings[: _MOST["findings"]],
        "findings_more": _more(len(facts.findings or ()) - _MOST["findings"], language),
        "certainty": facts.certainty,
        "notes": facts.notes[: _MOST["notes"]],
    }
    return page, {names["plan"]: plan.encode(), names["section"]: cut.encode()}


def _cut_words(one: CameraView, language: str) -> str:
    azimuth = (one.section.bearing_deg + one.convergence_deg) % 360
    if abs(one.section.off_axis_deg) < 0.05:
        return say(
            Text.of("Section along its axis, true azimuth {azimuth}°", azimuth=f"{azimuth:.0f}"), language
        )
    return say(Text.of("Section towards true azimuth {azimuth}°", azimuth=f"{azimuth:.0f}"), language)


def _more(count: int, language: str) -> str:
    return say(Text.of("and {count} further entries", count=count), language) if count > 0 else ""


def _frame(store: Store, options: SheetOptions, moment: datetime) -> dict[str, Any]:
    """Return the words that stand on every page."""
    language = options.language

    def words(*texts: Text) -> list[str]:
        return [say(one, language) for one in texts]

    light = (
        Text("by night, by its own light and street lights")
        if options.choice.light == "night"
        else Text("by day")
    )
    return {
        "title": say(Text("Camera sheets"), language),
        "town": store.town.name,
        "printed": say(
            Text.of("Printed {time} by {user}", time=moment.strftime("%Y-%m-%d %H:%M"), user=options.user), language
        ),
        "confidential": say(Text("Internal use only: do not copy or pass on"), language),
        "heads": dict(
            zip(
                ("plan", "position", "settings", "limits", "obstacles", "watched", "law", "certainty", "notes"),
                words(
                    Text.of("What it sees, {light}", light=light), Text("Position"), Text("Settings"),
                    Text.of("Classes ({table})", table=OBSERVATION_TABLES[store.observation_table].name), Text("Obstacles along the section"),
                    Text("What it watches, at the class asked for"), Text("State Council Order 799"), Text("How sure"), Text("Remarks"),
                ),
                strict=True,
            )
        ),
        "limit_heads": words(Text("Class"), Text("px/m"), Text("Limit"), Text("Sees to"), Text("day"), Text("night")),
        "obstacle_heads": words(Text("Obstacle"), Text("At"), Text("Height"), Text("Hides")),
        "watched_heads": words(Text("Target"), Text("Class"), Text("Seen"), Text("day"), Text("night")),
        "not_judged": say(Text("The law report has not been computed yet."), language),
        "no_finding": say(Text("Nothing was found against the law."), language),
        "watches_nothing": say(Text("No target is seen at the class it asks for."), language),
    }  # fmt: skip
