"""The page of the audit record: who did what, when, from where; for administrators alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from math import ceil

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from geo_service.exports import audit_csv, audit_workbook
from geo_service.store import AuditQuery
from geo_service.web.access import Permission, allow
from geo_service.web.attachments import attachment
from geo_service.web.languages import language, words
from geo_service.web.layer_rows import PAGE_ROWS, read_page
from geo_service.web.sessions import audit, audit_view, store
from geo_service.words import action_text
from town_model import InputError, Text

blueprint = Blueprint("audit", __name__)

EXPORTS = {
    "xlsx": (audit_workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (audit_csv, "text/csv; charset=utf-8"),
}


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What the address of the page asks for, as it was typed.

    Args:
        actor: who; empty for all.
        action: what was done; empty for all.
        since: first day, ISO; empty for no bound.
        until: last day, ISO; empty for no bound.
    """

    actor: str = ""
    action: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def read(cls, given: MultiDict[str, str]) -> Filters:
        """Return the filters of a request."""
        return cls(**{one: given.get(one, "").strip()[:100] for one in ("actor", "action", "since", "until")})

    @property
    def params(self) -> dict[str, str]:
        """The filters that are set, for an address."""
        return {key: value for key, value in vars(self).items() if value}

    def query(self) -> AuditQuery:
        """Return the query of the store; days are those of the station's clock.

        Raises:
            InputError: a day cannot be read.
        """
        since, until = _day(self.since), _day(self.until)
        return AuditQuery(
            actor=self.actor or None,
            action=self.action or None,
            since=None if since is None else since.astimezone(),
            until=None if until is None else (until + dt.timedelta(days=1)).astimezone(),
        )


def _day(typed: str) -> dt.datetime | None:
    if not typed:
        return None
    try:
        day = dt.date.fromisoformat(typed)
    except ValueError as error:
        raise InputError("{day} is no day: write it as 2026-05-04", day=typed) from error
    if not 2000 <= day.year <= 2999:
        raise InputError("{day} is no day: write it as 2026-05-04", day=typed)
    return dt.datetime.combine(day, dt.time())


@blueprint.get("/audit")
@allow(Permission.SEE_AUDIT)
def index() -> ResponseReturnValue:
    """Show the audit record, newest first."""
    filters, page = Filters.read(request.args), read_page(request.args.get("page"))
    query = filters.query()
    audit_view("view_audit", "")
    total = store().audit_count(query)
    pages = max(1, ceil(total / PAGE_ROWS))
    if page > pages:
        raise InputError("there is no page {page}", page=page)
    entries = store().audit_entries(**vars(query), limit=PAGE_ROWS, offset=(page - 1) * PAGE_ROWS)
    actors, actions = store().audit_known()
    return render_template(
        "audit.html",
        entries=entries,
        filters=filters,
        total=total,
        page=page,
        pages=pages,
        actors={one: one for one in actors},
        actions={one: action_text(one) for one in actions},
        action_text=action_text,
    )


@blueprint.get("/audit/export.<any(xlsx, csv):file_format>")
@allow(Permission.SEE_AUDIT)
def export(file_format: str) -> ResponseReturnValue:
    """Send the entries of the present filters as a file; the record keeps who took it."""
    filters = Filters.read(request.args)
    query = filters.query()
    audit("export_audit", f"{file_format} {filters.params}")
    entries = store().audit_entries(**vars(query), limit=None)
    write, media_type = EXPORTS[file_format]
    name = f"{words(Text('Audit record'))}-{dt.datetime.now().astimezone():%Y-%m-%d}.{file_format}"
    return attachment(write(entries, language()), media_type, name)
