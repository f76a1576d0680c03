"""Publications of patrol plans: from which day to which day the units go by a stored plan. Cadres see nothing else.

Where publications overlap, the one published last holds; a publication is never changed, only withdrawn.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from geo_service.analysis.days import DAYS_KIND, day_of
from geo_service.duty.day_types import DayProposal, propose_days
from geo_service.store import Store, StoredResult, audit
from geo_service.store.database import aware, now_utc
from geo_service.store.tables import publications, results
from town_model import InputError, Text

LONGEST_DAYS = 366


@dataclass(frozen=True, kw_only=True)
class Publication:
    """A plan that was published.

    Args:
        id: its number.
        result: number of the stored result of kind ``patrol`` or ``patrol_days``.
        planned_at: when that plan was computed, with zone UTC.
        first_day: the first day for which it holds.
        last_day: the last one.
        published_at: when it was published, with zone UTC.
        published_by: by whom.
        withdrawn_at: when it was withdrawn; None while it holds.
    """

    id: int
    result: int
    planned_at: dt.datetime
    first_day: dt.date
    last_day: dt.date
    published_at: dt.datetime
    published_by: str
    withdrawn_at: dt.datetime | None

    def covers(self, day: dt.date) -> bool:
        """Whether it was published for a day."""
        return self.first_day <= day <= self.last_day

    def overlap(self, other: Publication) -> tuple[dt.date, dt.date] | None:
        """Return the first and last day that it shares with another one; None for none."""
        first, last = max(self.first_day, other.first_day), min(self.last_day, other.last_day)
        return (first, last) if first <= last else None


def publish(
    store: Store, result: int, first_day: dt.date, last_day: dt.date, *, actor: str, today: dt.date
) -> int:
    """Publish a stored patrol plan for some days, and return the number of the publication.

    Args:
        store: the town.
        result: number of a stored result of kind ``patrol``, or of ``patrol_days``: its first day holds on the first day, and so on.
        first_day: the first day.
        last_day: the last day.
        actor: who publishes.
        today: the present day at the station.

    Raises:
        InputError: there is no such plan, or the days are in the past, the wrong way round or too many.
    """
    if last_day < first_day:
        raise InputError(
            "the last day {last} lies before the first day {first}", first=first_day, last=last_day
        )
    if last_day < today:
        raise InputError("these days are over: publish from {today} or later", today=today)
    if (last_day - first_day).days >= LONGEST_DAYS:
        raise InputError("publish for {days} days at most, and again later", days=LONGEST_DAYS)
    with store.writing() as connection:
        found = connection.execute(
            select(results.c.kind, results.c.summary).where(results.c.id == result)
        ).first()
        if found is None or found.kind not in ("patrol", DAYS_KIND):
            raise InputError("there is no patrol plan {number}", number=result)
        if found.kind == DAYS_KIND and (last_day - first_day).days >= (
            days := int(json.loads(found.summary)["days"])
        ):
            raise InputError(
                "plan {number} has {days} days: publish it until {last} at most",
                number=result,
                days=days,
                last=first_day + dt.timedelta(days=days - 1),
            )
        made = connection.execute(
            insert(publications).values(
                result=result,
                first_day=first_day,
                last_day=last_day,
                published_at=now_utc(),
                published_by=actor,
            )
        ).inserted_primary_key
        assert made is not None
        audit.add(
            connection, actor=actor, action="plan_published", target=f"plan {result}: {first_day}..{last_day}"
        )
        return int(made[0])


def withdraw(store: Store, number: int, *, actor: str) -> None:
    """Withdraw a publication: an earlier one that covers the same days holds again.

    Raises:
        InputError: there is no such publication, or it was withdrawn already.
    """
    with store.writing() as connection:
        found = [one for one in _read(connection) if one.id == number]
        if not found:
            raise InputError("there is no publication {number}, or it was withdrawn already", number=number)
        connection.execute(
            update(publications)
            .where(publications.c.id == number)
            .values(withdrawn_at=now_utc(), withdrawn_by=actor)
        )
        one = found[0]
        audit.add(
            connection,
            actor=actor,
            action="plan_withdrawn",
            target=f"plan {one.result}: {one.first_day}..{one.last_day}",
        )


def published(store: Store, *, since: dt.date | None = None) -> list[Publication]:
    """Return the publications that were not withdrawn, the latest first.

    Args:
        store: the town.
        since: only those that still hold on this day or later.
    """
    with store.reading() as connection:
        return [one for one in _read(connection) if since is None or one.last_day >= since]


def in_force(store: Store, day: dt.date) -> Publication | None:
    """Return the publication that holds on a day: the latest one that covers it; None for none."""
    return next((one for one in published(store, since=day) if one.covers(day)), None)


def plan_in_force(store: Store, day: dt.date) -> StoredResult | None:
    """Return the plan by which the units go on a day, of varied days the one of this day; None where none was published for it."""
    found = in_force(store, day)
    if found is None:
        return None
    plan = store.result(found.result)
    if plan is not None and plan.kind == DAYS_KIND:
        return day_of(plan, (day - found.first_day).days + 1)
    return plan


def plan_on(store: Store, day: dt.date) -> tuple[StoredResult | None, bool]:
    """Return the plan by which a day is judged, and whether it is published for it: the plan in force, else the latest draft.

    Args:
        store: the town.
        day: the day.
    """
    plan = plan_in_force(store, day)
    return (store.latest_result("patrol"), False) if plan is None else (plan, True)


def plan_words(number: int | None, *, is_published: bool) -> Text:
    """Return in words which plan a day was judged by.

    Args:
        number: number of the plan; None for none.
        is_published: whether it was published for the day.
    """
    if number is None:
        return Text("no patrol plan: only cameras count")
    if is_published:
        return Text.of("plan {number}, published for this day", number=number)
    return Text.of("plan {number}, the latest draft: none is published for this day", number=number)


def other_days(store: Store, plan: StoredResult, first_day: dt.date, last_day: dt.date) -> list[DayProposal]:
    """Return the days of a span that are of another type than the one a plan was made for; none where it was made for no type.

    Args:
        store: the town.
        plan: a result of kind ``patrol`` or ``patrol_days``.
        first_day: the first day.
        last_day: the last day.
    """
    made_for = plan.options.get("day_type")
    if not made_for:
        return []
    days = [first_day + dt.timedelta(days=n) for n in range((last_day - first_day).days + 1)]
    return [one for one in propose_days(store, days) if one.day_type != made_for]


def _read(connection: Connection) -> list[Publication]:
    rows = connection.execute(
        select(publications, results.c.created_at.label("planned_at"))
        .join(results, results.c.id == publications.c.result)
        .where(publications.c.withdrawn_at.is_(None))
        .order_by(publications.c.id.desc())
    )
    return [_publication(row) for row in rows]


def _publication(row: Any) -> Publication:
    return Publication(
        id=row.id,
        result=row.result,
        planned_at=aware(row.planned_at),
        first_day=row.first_day,
        last_day=row.last_day,
        published_at=aware(row.published_at),
        published_by=row.published_by,
        withdrawn_at=None if row.withdrawn_at is None else aware(row.withdrawn_at),
    )
