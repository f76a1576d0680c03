"""Planned sites of the sample town on their way: one whose notice hangs, with an objection, and one whose objections are settled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

Row = dict[str, Any]

_OFFICE = {
    "unit": "云渚镇人民政府",
    "phone": "025-0000 0110",
    "object_at": "云渚镇综治中心（人民街 1 号）",
    "notice_from": dt.date(2026, 4, 13),
    "notice_until": dt.date(2026, 4, 22),
}


def site_rows(cameras: Sequence[Row]) -> dict[str, list[Row]]:
    """Return notices of planned cameras and objections to them; the others are left for the reader to try.

    Args:
        cameras: camera sites with their names and statuses.
    """
    planned = sorted(str(one["name"]) for one in cameras if one.get("status") == "planned")[:2]
    if len(planned) < 2:
        return {"site_notices": [], "site_objections": []}
    handled, posted = planned
    return {
        "site_notices": [
            {"camera": posted, "state": "notified", "purpose": "public_order", "place": f"{posted}附近", **_OFFICE},
            {
                "camera": handled, "state": "objections_handled", "purpose": "public_order", "place": f"{handled}附近", **_OFFICE,
                "handled_on": dt.date(2026, 4, 24),
            },
        ],
        "site_objections": [
            {
                "camera": posted, "received_on": dt.date(2026, 4, 15), "place": "人民街", "concern": "private_ground", "objections": 2,
                "outcome": "open",
            },
            {
                "camera": handled, "received_on": dt.date(2026, 4, 16), "place": "人民街", "concern": "position", "objections": 1,
                "outcome": "adopted", "settled_on": dt.date(2026, 4, 20),
            },
        ],
    }  # fmt: skip
