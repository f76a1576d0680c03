"""Hours of the day as stations write them: ``07:00-08:10,16:30-18:00``, also over midnight."""

from __future__ import annotations

import re

from town_model.errors import ValueRangeError

DAY_S = 86_400
_SPAN = re.compile(r"(\d{1,2})(?::(\d{2}))?-(\d{1,2})(?::(\d{2}))?")
_PLAIN = str.maketrans(":~—–－至到;；,、", ":------,,,,")
_WORDS = {"全天": "0-24", "24小时": "0-24", "24h": "0-24", "全天候": "0-24"}


def parse_hours(text: str) -> list[tuple[int, int]]:
    """Return the spans of a day as (start_s, end_s) since midnight, sorted and merged.

    A span over midnight (``19:00-06:00``) comes out as its two parts. Empty text is the whole day.

    Args:
        text: spans parted by commas; Chinese punctuation, ``~`` and 至 are understood, also 全天.

    Raises:
        ValueRangeError: a span cannot be read, or lies outside 0–24 h.

    >>> parse_hours("19:00-06:00")
    [(0, 21600), (68400, 86400)]
    """
    plain = _WORDS.get(text.strip().lower(), text.translate(_PLAIN).replace(" ", ""))
    if not plain:
        return [(0, DAY_S)]
    spans: list[tuple[int, int]] = []
    for part in plain.split(","):
        found = _SPAN.fullmatch(part)
        if not found:
            raise ValueRangeError("hours {text!r} cannot be read: write spans such as 07:00-22:00", text=text)
        start = int(found[1]) * 3600 + int(found[2] or 0) * 60
        end = int(found[3]) * 3600 + int(found[4] or 0) * 60
        if max(start, end) > DAY_S or int(found[2] or 0) > 59 or int(found[4] or 0) > 59 or start == end:
            raise ValueRangeError("hours {text!r} lie outside 00:00-24:00 or are empty", text=text)
        spans += [(start, end)] if start < end else [(start, DAY_S), (0, end)]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(one for one in spans if one[0] < one[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
