"""The audit record as files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from geo_service.exports.cells import neutral, workbook
from geo_service.i18n import say
from geo_service.store import AuditEntry
from geo_service.words import action_text
from town_model import Text

_HEADS = (Text("No."), Text("Time (UTC)"), Text("User"), Text("Action"), Text("Object"), Text("Address"))


def audit_workbook(entries: Iterable[AuditEntry], language: str = "zh") -> bytes:
    """Return entries as an XLSX.

    Args:
        entries: entries of the audit record.
        language: ``zh`` or ``en``.
    """
    heads = [say(one, language) for one in _HEADS]
    return workbook([(say(Text("Audit record"), language), heads, _rows(entries, language))])


def audit_csv(entries: Iterable[AuditEntry], language: str = "zh") -> bytes:
    """Return entries as a CSV in UTF-8 with byte order mark; no cell is taken for a formula.

    Args:
        entries: entries of the audit record.
        language: ``zh`` or ``en``.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow([say(one, language) for one in _HEADS])
    writer.writerows([neutral(cell) for cell in row] for row in _rows(entries, language))
    return target.getvalue().encode("utf-8-sig")


def _rows(entries: Iterable[AuditEntry], language: str) -> list[list[Any]]:
    return [
        [
            one.id,
            f"{one.at:%Y-%m-%d %H:%M:%S}",
            one.actor,
            say(action_text(one.action), language),
            one.target,
            one.address,
        ]
        for one in entries
    ]
