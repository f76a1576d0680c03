"""Planned sites as their pages show them: the list, one site with its forms, what a form sends."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app

from geo_service import sites
from geo_service.sites import Site
from geo_service.store import Store, StoredResult
from geo_service.web import formats, layer_forms
from geo_service.web.languages import language, words
from geo_service.words import SITE_STATES
from town_model import InputError, Text, TownError, layer
from town_model.layers.sites import SITE_STATES as ORDER

TEXTS = ("place", "unit", "phone", "object_at")
DAYS = ("notice_from", "notice_until")
#: What is the same for all notices of a station.
SHARED = ("purpose", "unit", "phone", "object_at", *DAYS)
_TAGS = {"planned": "third", "notified": "second", "objections_handled": "day", "built": "night"}


@dataclass(frozen=True)
class SiteLine:
    """One site in the list, in words.

    Args:
        camera: row of the camera.
        name: its name.
        state: code of its state.
        state_words: the state.
        tag: class of the tag.
        place: the public place.
        days: of the notice.
        objections: how many, and how many are open.
        next: what comes next.
        done: whether nothing comes.
        law: errors and warnings of the law report; None where it was not judged.
        complete: whether the notice can be printed.
    """

    camera: int
    name: str
    state: str
    state_words: str
    tag: str
    place: str
    days: str
    objections: str
    next: str
    done: bool
    law: tuple[int, int] | None
    complete: bool


def findings_by_camera(law: StoredResult | None) -> dict[int, tuple[int, int]]:
    """Return errors and warnings of each judged camera."""
    if law is None:
        return {}
    rows = law.frame("findings")
    counts = Counter(zip(rows["camera"].tolist(), rows["severity"].tolist(), strict=True))
    return {
        int(one): (counts[one, "error"], counts[one, "warning"]) for one in law.frame("cameras")["camera"]
    }


def site_line(site: Site, today: dt.date, law: Mapping[int, tuple[int, int]]) -> SiteLine:
    """Return a site in words.

    Args:
        site: the site.
        today: the day to which the notice's days are compared.
        law: of `findings_by_camera`.
    """
    first, last = site.notice.get("notice_from"), site.notice.get("notice_until")
    received = Text.of("{count}, {open} open", count=site.received, open=site.open)
    return SiteLine(
        camera=site.camera,
        name=site.name,
        state=site.state,
        state_words=words(SITE_STATES[site.state]),
        tag=_TAGS[site.state],
        place=site.notice.get("place") or formats.DASH,
        days=f"{first}–{last}" if first and last else formats.DASH,
        objections=words(received) if site.open else str(site.received or formats.DASH),
        next=words(site.next_step(today)),
        done=site.done(),
        law=law.get(site.camera),
        complete=not site.missing,
    )


def track(site: Site) -> list[dict[str, Any]]:
    """Return the four steps of a site: what, when and by whom it was done, which one is next."""
    reached = ORDER.index(site.state)
    done = {one.state: one for one in site.steps}
    result = []
    for number, state in enumerate(ORDER):
        step = done.get(state)
        result.append(
            {
                "title": words(SITE_STATES[state]),
                "done": number <= reached,
                "here": number == reached,
                "day": step.day.isoformat() if step and step.day else "",
                "actor": step.actor if step else "",
                "at": step.at if step else None,
            }
        )
    return result


def notice_values(store: Store, site: Site, today: dt.date) -> dict[str, str]:
    """Return what the form of a notice shows at first: what was entered, else what other notices of the station say."""
    usual = shared_values(store, today)
    own = {name: str(value) for name, value in site.notice.items() if value not in (None, "")}
    place = own.get("place") or sites.public_place(store, site.camera)
    return {**usual, "place": place, **{name: own[name] for name in (*SHARED, "place") if name in own}}


def shared_values(store: Store, today: dt.date) -> dict[str, str]:
    """Return what a new notice says like the newest one of the station; it hangs from today on for the days of the settings."""
    notices = store.frame("site_notices", crs="wgs84")
    days = current_app.extensions["workspace"].settings.notice_days
    values = {
        "purpose": "public_order",
        "notice_from": today.isoformat(),
        "notice_until": (today + dt.timedelta(days=days - 1)).isoformat(),
    }
    for name in ("purpose", "unit", "phone", "object_at"):
        known = [one for one in notices[name].tolist() if isinstance(one, str) and one]
        values[name] = known[-1] if known else values.get(name, "")
    return values


def choices(column: str, layer_name: str = "site_notices") -> list[tuple[str, str]]:
    """Return the choices of a column with their titles."""
    declared = layer(layer_name).column(column)
    return [(one.value, declared.choice_title(one.value, language())) for one in declared.choices]


def titles(layer_name: str = "site_notices") -> dict[str, str]:
    """Return the titles of the columns of a layer."""
    return {one.name: one.title(language()) for one in layer(layer_name).columns}


def hints() -> dict[str, str]:
    """Return the help of the columns of a notice."""
    chinese = language() == "zh"
    return {one.name: one.help_zh if chinese else one.help_en for one in layer("site_notices").columns}


def sent_notice(form: Mapping[str, str], names: tuple[str, ...]) -> dict[str, Any]:
    """Return what a form says of a notice.

    Args:
        form: words by column.
        names: the columns that the form has.

    Raises:
        InputError: a day is none.
    """
    values: dict[str, Any] = {}
    for name in names:
        sent = form.get(name, "").strip()
        values[name] = (read_day(sent) if sent else None) if name in DAYS else sent[:200]
    return values


def read_day(sent: str) -> dt.date:
    """Return a day that was typed.

    Raises:
        InputError: it is none.
    """
    try:
        return dt.date.fromisoformat(sent.strip())
    except ValueError as error:
        raise InputError("{day} is no day: write it as 2026-05-04", day=sent[:40] or "—") from error


def read_count(sent: str) -> int:
    """Return a number of objections that was typed.

    Raises:
        InputError: it is none.
    """
    if not sent.isascii() or not sent.isdecimal() or len(sent) > 6:
        raise InputError("{value} is no number of objections", value=sent[:20] or "—")
    return int(sent)


def fault_words(error: TownError, layer_name: str = "site_notices") -> list[str]:
    """Return what is wrong in the reader's words."""
    return [layer_forms.fault_words(one, layer(layer_name), language()) for one in error.messages]
