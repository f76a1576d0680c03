"""Camera health as a workbook: repairs by what they gain, units, days, cameras."""

from __future__ import annotations

from functools import partial
from typing import Any

from geo_service.analysis.rows import each
from geo_service.exports.cells import about_sheet, heads_in, plain, workbook
from geo_service.i18n import say
from geo_service.store import StoredResult
from geo_service.words import CAMERA_STATES
from town_model import Text


def health_workbook(result: StoredResult, language: str = "zh") -> bytes:
    """Return the repair list, the maintaining units, the days and the cameras as sheets of an XLSX; shares are of 0–1.

    Args:
        result: a stored result of kind ``health``.
        language: ``zh`` or ``en``.
    """
    heads = partial(heads_in, language)

    def unit(name: Any) -> str:
        return str(name) or say("not entered", language)

    repairs = [
        [
            number, one.camera_name or f"#{one.camera}", say(CAMERA_STATES[one.state], language), one.out_since or None, unit(one.maintained_by),
            round(float(one.gained_area_m2), 1), round(float(one.gained_length_m), 1), int(one.targets_gained), one.first_target or None,
        ]
        for number, one in enumerate(each(result.frame("repairs")), start=1)
    ]  # fmt: skip
    units = [
        [unit(one.maintained_by), one.cameras, one.out_of_order, plain(one.share_online), plain(one.share_in_order)]
        for one in each(result.frame("units"))
    ]  # fmt: skip
    days = [
        [one.day, one.cameras, one.share_online, one.share_in_order] for one in each(result.frame("days"))
    ]
    cameras = [
        [
            one.camera_name or f"#{one.camera}", unit(one.maintained_by), say(CAMERA_STATES[one.state], language),
            say(CAMERA_STATES[one.ledger_state], language), one.last_at or None, one.recorded_days, plain(one.share_online), plain(one.share_in_order),
        ]
        for one in each(result.frame("cameras"))
    ]  # fmt: skip
    by = Text("Maintained by")
    online, order = Text("Share online"), Text("Share in order")
    return workbook(
        [
            (
                say("Repair list", language),
                heads(
                    Text("No."), Text("Camera"), Text("State"), Text("Out of order since"), by, Text("Areas seen again (m²)"),
                    Text("Roads seen again (m)"), Text("Targets"), Text("Most at"),
                ),
                repairs,
            ),
            (say("By maintaining unit", language), heads(by, Text("Cameras"), Text("Out of order"), online, order), units),
            (say("By day", language), heads(Text("Day"), Text("Cameras with records"), online, order), days),
            (
                say("By camera", language),
                heads(Text("Camera"), by, Text("State"), Text("State in the ledger"), Text("Newest record"), Text("Days with records"), online, order),
                cameras,
            ),
            about_sheet(result, language),
        ]
    )  # fmt: skip
