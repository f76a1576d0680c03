"""What pages say about the publication of plans, and which plan the page of routes goes by."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask import current_app, request

from geo_service.other_days import other_days_text
from geo_service.publications import Publication, plan_in_force, published
from geo_service.store import Store, StoredResult
from geo_service.web import formats
from geo_service.web.access import Permission
from geo_service.web.languages import language
from geo_service.web.sessions import may, store
from town_model import Text

_USUAL_DAYS = 7


@dataclass(frozen=True)
class Line:
    """A publication in the list of the planner.

    Args:
        number: its number.
        days: for which days it was published.
        plan: which plan it is.
        notes: what else there is to say: whether it holds today, where a later one holds instead.
        today: whether it holds today.
    """

    number: int
    days: Text
    plan: Text
    notes: tuple[Text, ...]
    today: bool


@dataclass(frozen=True)
class Publishing:
    """What the page of the plan says about publication.

    Args:
        is_published: whether the shown plan holds today or on a later day.
        verdict: the same in words, with its days.
        lines: all publications from today on, the latest first.
        first: the first day that the form proposes, ISO.
        last: the last one.
        result: number of the shown plan.
    """

    is_published: bool
    verdict: Text
    lines: tuple[Line, ...]
    first: str
    last: str
    result: int


def today() -> dt.date:
    """Return the present day at the station."""
    now: dt.datetime = current_app.config["NOW"]()
    return now.date()


def publishing(town: Store, shown: StoredResult, day: dt.date) -> Publishing:
    """Return what there is to say about the publication of the shown plan.

    Args:
        town: the store.
        shown: the plan on the page.
        day: the present day.
    """
    found = published(town, since=day)
    now = next((one for one in found if one.covers(day)), None)
    own = [one for one in found if one.result == shown.id]
    if own:
        verdict = Text.of("This plan is published: {days}.", days=_days(own[0]))
    elif now is not None:
        verdict = Text.of(
            "This plan is not published. Today cadres see the plan of {when}.",
            when=formats.moment(now.planned_at),
        )
    else:
        verdict = Text("This plan is not published. Cadres see no route today.")
    return Publishing(
        is_published=bool(own),
        verdict=verdict,
        lines=tuple(
            _line(
                one,
                found[:place],
                now,
                shown,
                other_days_text(town, one.result, max(day, one.first_day), one.last_day, language()),
            )
            for place, one in enumerate(found)
        ),
        first=day.isoformat(),
        last=(day + dt.timedelta(days=_USUAL_DAYS - 1)).isoformat(),
        result=shown.id,
    )


def _line(
    one: Publication,
    later: list[Publication],
    now: Publication | None,
    shown: StoredResult,
    others: Text | None,
) -> Line:
    notes = [Text("holds today")] if one == now else []
    notes += [
        Text.of("a later one holds instead: {days}", days=_span(*shared))
        for other in later
        if (shared := one.overlap(other))
    ]
    notes += [] if others is None else [others]
    plan = Text.of("plan of {when}", when=formats.moment(one.planned_at))
    return Line(
        number=one.id,
        days=_days(one),
        plan=Text.of("{plan} (the one shown here)", plan=plan) if one.result == shown.id else plan,
        notes=tuple(notes),
        today=one == now,
    )


def _days(one: Publication) -> Text:
    return _span(one.first_day, one.last_day)


def _span(first: dt.date, last: dt.date) -> Text:
    if first == last:
        return Text.of("{day}", day=first.isoformat())
    return Text.of("{first} to {last}", first=first.isoformat(), last=last.isoformat())


def is_preview() -> bool:
    """Return whether the request asks for the latest plan, published or not, and its user may see that."""
    return bool(request.args.get("preview")) and may(Permission.SEE_PLAN)


def route_plan() -> StoredResult | None:
    """Return the plan that routes are shown by: the one published for today, or the latest as a planner's preview."""
    return store().latest_result("patrol") if is_preview() else plan_in_force(store(), today())
