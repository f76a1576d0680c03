"""The report on targets on A4: goals met or missed on the first page, then the figures behind them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from geo_service.analysis.goals import Goals
from geo_service.exports.targets import NOT_MODELLED, TargetTable, said, target_tables
from geo_service.i18n import say
from geo_service.papers.press import compile_pdf
from geo_service.store import StoredResult
from town_model import Text

_MOST_ROWS = 40
_DASH = "—"


def targets_pdf(
    town: str,
    coverage: StoredResult,
    goals: Goals,
    *,
    language: str = "zh",
    user: str = "",
    now: datetime | None = None,
) -> bytes:
    """Return the report as a PDF to print and sign; cameras stand on it: the caller checks who may have it.

    Args:
        town: name of the town.
        coverage: a stored result of kind ``coverage``.
        goals: what is asked for.
        language: ``zh`` or ``en``.
        user: who prints.
        now: the time that stands on it; now by default.
    """
    moment = now or datetime.now().astimezone()
    flagged = sum(one.get("unmodelled", 0) for one in coverage.summary["shares"].values())
    printed = Text.of("Printed {time} by {user}", time=moment.strftime("%Y-%m-%d %H:%M"), user=user)
    state = Text("out of date: the town changed since") if coverage.is_stale else Text("up to date")
    data = {
        "lang": "en" if language.startswith("en") else "zh",
        "title": say(Text("Targets and goals"), language),
        "town": town,
        "under": say(
            Text.of(
                "Computed {time} (UTC), {state}", time=f"{coverage.created_at:%Y-%m-%d %H:%M}", state=state
            ),
            language,
        ),
        "note": say(Text.of("{n} places: {words}", n=flagged, words=NOT_MODELLED), language)
        if flagged
        else "",
        "tables": [_table(one.brief(), language) for one in target_tables(coverage, goals)],
        "signed": say(Text("Checked by (signature and date)"), language),
        "printed": say(printed, language),
        "confidential": say(Text("Internal use only: do not copy or pass on"), language),
    }
    return compile_pdf("targets", data, made_at=moment.astimezone())


def _table(table: TargetTable, language: str) -> dict[str, Any]:
    more = len(table.rows) - _MOST_ROWS
    return {
        "title": say(table.title, language),
        "heads": [str(said(one.title, language)) for one in table.heads],
        "numbers": [one.kind != "text" for one in table.heads],
        "rows": [
            [_words(value, one.kind, language) for value, one in zip(row, table.heads, strict=True)]
            for row in table.rows[:_MOST_ROWS]
        ],
        "more": say(Text.of("{n} more rows are in the workbook.", n=more), language) if more > 0 else "",
        "empty": say(table.empty, language),
    }


def _words(value: Any, kind: str, language: str) -> str:
    if value is None:
        return _DASH
    if kind == "share":
        percent = 100 * float(value)
        # never rounded up to all nor down to none
        return f"{percent:.0f}%" if percent in (0.0, 100.0) else f"{min(max(percent, 0.1), 99.9):.1f}%"
    if kind in ("m", "m2"):
        return f"{float(value):,.0f}"
    return str(said(value, language))
