"""Planned sites as a workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from geo_service.exports.cells import workbook
from geo_service.i18n import say
from geo_service.sites import Site
from geo_service.words import SITE_STATES
from town_model import Text, layer

_STEPS = ("notified", "objections_handled", "built")


def sites_workbook(sites: Sequence[Site], language: str = "zh", *, today: dt.date) -> bytes:
    """Return planned sites with their steps, and objections as counts and places, as sheets of an XLSX.

    Args:
        sites: of `geo_service.sites`.
        language: ``zh`` or ``en``.
        today: the day to which the notices' days are compared.
    """
    notice = layer("site_notices").column
    named = (
        "purpose",
        "place",
        "unit",
        "phone",
        "object_at",
        "notice_from",
        "notice_until",
        "handled_on",
        "built_on",
    )
    head = [
        *(say(one, language) for one in (Text("Camera"), Text("State"), Text("Next step"))),
        *(notice(name).title(language) for name in named),
        *(say(one, language) for one in (Text("Objections"), Text("Open objections"))),
        *(say("Entered by: {step}", language, step=say(SITE_STATES[one], language)) for one in _STEPS),
    ]
    rows = []
    for one in sites:
        who = {step.state: step.actor for step in one.steps}
        values = [one.notice.get(name) or None for name in named]
        if values[0]:
            values[0] = notice("purpose").choice_title(str(values[0]), language)
        rows.append(
            [
                one.name, say(SITE_STATES[one.state], language), say(one.next_step(today), language), *values,
                one.received, one.open, *(who.get(state) for state in _STEPS),
            ]
        )  # fmt: skip
    objection = layer("site_objections").column
    columns = ("received_on", "place", "concern", "objections", "outcome", "settled_on")
    counted = [
        [
            site.name, one.received_on, one.place, objection("concern").choice_title(one.concern, language), one.count,
            objection("outcome").choice_title(one.outcome, language), one.settled_on,
        ]
        for site in sites
        for one in site.objections
    ]  # fmt: skip
    return workbook(
        [
            (say("Planned sites", language), head, rows),
            (
                layer("site_objections").title(language),
                [say("Camera", language), *(objection(name).title(language) for name in columns)],
                counted,
            ),
        ]
    )
