"""The public notice of planned sites on A4, a page a site: purpose, place, unit, phone, days, where to object.

A small map shows the ground and the point of the site. It carries neither coverage nor direction, model, height nor the name of the camera: what the public must know helps no burglar.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from geo_service.i18n import say
from geo_service.papers.location_map import draw_location
from geo_service.papers.press import compile_pdf
from geo_service.sites import Site
from geo_service.store import Store
from town_model import InputError, Text, layer


def notices_pdf(
    sites: Sequence[Site], *, store: Store | None = None, language: str = "zh", now: dt.datetime | None = None
) -> bytes:
    """Return the public notices of sites as one PDF, a page a site.

    Args:
        sites: of `geo_service.sites`; a site that was not posted yet is marked as a draft.
        store: the town, for a small map with nothing but the ground and the point of the site; None leaves it out.
        language: ``zh`` or ``en``.
        now: the time that the file says it was made at; now by default.

    Raises:
        InputError: there is no site, or a notice lacks something; all such are named.
    """
    if not sites:
        raise InputError("there is no planned site with a notice yet")
    titles = layer("site_notices")
    faults = [
        Text.of(
            "the notice of {site} lacks: {missing}",
            site=one.name,
            missing=", ".join(titles.column(name).title(language) for name in one.missing),
        )
        for one in sites
        if one.missing
    ]
    if faults:
        raise InputError(faults)
    data: dict[str, Any] = {
        "lang": "en" if language.startswith("en") else "zh",
        "title": say("Public notice of planned cameras", language),
        "head": say("NOTICE", language),
        "subject": say("Cameras for public safety are planned here", language),
        "seal": say("(seal)", language),
        "where": say("Where it is planned", language),
        "notices": [_page(one, language) | {"map": ""} for one in sites],
    }
    files: dict[str, bytes] = {}
    if store is not None:
        places = store.frame("camera_sites", ids=[one.camera for one in sites]).geometry
        for one, page in zip(sites, data["notices"], strict=True):
            page["map"] = f"where-{len(files)}.svg"
            drawn = draw_location(store, places[one.camera], language=language, title=data["where"])
            files[page["map"]] = drawn.encode()
    return compile_pdf("site_notice", data, files=files, made_at=now)


def _page(site: Site, language: str) -> dict[str, Any]:
    notice = site.notice
    first, last = notice["notice_from"], notice["notice_until"]
    purpose = layer("site_notices").column("purpose").choice_title(notice["purpose"], language)
    days = Text.of(
        "{first} to {last} ({days} days)", first=_day(first, language), last=_day(last, language), days=(last - first).days + 1
    )  # fmt: skip
    columns = layer("site_notices").column
    facts = [
        (columns("purpose").title(language), purpose),
        (columns("place").title(language), notice["place"]),
        (columns("unit").title(language), notice["unit"]),
        (say(Text("Time to object"), language), say(days, language)),
        (columns("object_at").title(language), notice["object_at"]),
        (columns("phone").title(language), notice["phone"]),
    ]
    opening = Text.of(
        "{unit} plans to set up a camera for public safety at the public place named below. In accordance with the Regulations on Public Security Video and Image Information Systems (State Council Order 799) and the Personal Information Protection Law this is made public, and objections are heard.",
        unit=notice["unit"],
    )
    rules = (
        Text(
            "1. Position, angle and range are limited to what public safety needs; private places are not filmed; a conspicuous sign is posted on the spot; recordings are kept and deleted as the law says."
        ),
        Text(
            "2. Whoever objects to this place may say so within the time above, in person, in writing or by phone, at the place named. Objections are counted and answered by place and concern."
        ),
    )
    return {
        "draft": say("Draft, not posted yet", language) if site.state == "planned" else "",
        "opening": say(opening, language),
        "facts": [list(one) for one in facts],
        "rules": [say(one, language) for one in rules],
        "unit": notice["unit"],
        "day": _day(first, language),
    }


def _day(day: dt.date, language: str) -> str:
    return f"{day:%Y-%m-%d}" if language.startswith("en") else f"{day.year}年{day.month}月{day.day}日"
