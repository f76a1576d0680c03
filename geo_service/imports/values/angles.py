"""Angles: degrees, minutes and seconds; compass words; the direction codes of GB/T 28181."""

from __future__ import annotations

import math
import re

from geo_service.imports.faults import CellError
from town_model import Text

_NAMES = {"北": 0.0, "东": 90.0, "南": 180.0, "西": 270.0}
_WORDS = {
    "北": 0.0, "东北": 45.0, "东": 90.0, "东南": 135.0, "南": 180.0, "西南": 225.0, "西": 270.0, "西北": 315.0,
    "北东": 45.0, "南东": 135.0, "南西": 225.0, "北西": 315.0,
    "正北": 0.0, "正东": 90.0, "正南": 180.0, "正西": 270.0,
    "北东北": 22.5, "东东北": 67.5, "东东南": 112.5, "南东南": 157.5,
    "南西南": 202.5, "西西南": 247.5, "西西北": 292.5, "北西北": 337.5,
    "n": 0.0, "nne": 22.5, "ne": 45.0, "ene": 67.5, "e": 90.0, "ese": 112.5, "se": 135.0, "sse": 157.5,
    "s": 180.0, "ssw": 202.5, "sw": 225.0, "wsw": 247.5, "w": 270.0, "wnw": 292.5, "nw": 315.0, "nnw": 337.5,
    "north": 0.0, "northeast": 45.0, "east": 90.0, "southeast": 135.0,
    "south": 180.0, "southwest": 225.0, "west": 270.0, "northwest": 315.0,
}  # fmt: skip
# GB/T 28181, MANSCDP device directory, DirectionType: 1 east, 2 west, 3 south, 4 north, then the four between
GB28181_DIRECTIONS = {1: 90.0, 2: 270.0, 3: 180.0, 4: 0.0, 5: 135.0, 6: 45.0, 7: 225.0, 8: 315.0}
_LEAD = re.compile(r"^(面向|面朝|朝向|朝着|朝|向|往|对着|指向|镜头)+")
_TAIL = re.compile(r"(方向|方位|方|向|面|侧|边|部)+$")
_FROM_TO = re.compile(
    r"^(?:由|从|自)?([东南西北]{1,2})(?:面|边|侧|方)?(?:向|往|朝|到|至|→|->)([东南西北]{1,2})(?:面|边|侧|方|方向)?$"
)
_OFF_AXIS = re.compile(r"^([东南西北])偏([东南西北])(\d+(?:\.\d+)?)(?:°|度)?$")


def compass_degrees(text: str) -> float | None:
    """Return the azimuth of a compass word, clockwise from true north; None where the text is none.

    >>> compass_degrees("朝东南方向"), compass_degrees("北偏东30度"), compass_degrees("由东向西")
    (135.0, 30.0, 270.0)
    """
    plain = re.sub(r"[\s\-]", "", text).lower()
    if found := _OFF_AXIS.match(plain):
        axis, toward = _NAMES[found[1]], _NAMES[found[2]]
        turn = (toward - axis + 180.0) % 360.0 - 180.0
        offset = float(found[3])
        if abs(turn) == 90.0 and offset <= 90.0:
            return (axis + math.copysign(offset, turn)) % 360.0
        return None
    if found := _FROM_TO.match(plain):
        return _WORDS.get(found[2])
    core = _TAIL.sub("", _LEAD.sub("", plain))
    return _WORDS.get(core)


_DMS = re.compile(
    r"(?P<sign>[+-]?)(?P<d>\d{1,3}(?:\.\d+)?)(?:\s*(?:°|º|度|d|:|\s)\s*)"
    r"(?:(?P<m>\d{1,2}(?:\.\d+)?)(?:\s*(?:′|'|‘|’|分|m|:|\s|$)\s*)"
    r"(?:(?P<s>\d{1,2}(?:\.\d+)?)(?:\s*(?:\"|”|“|''|′′|’’|秒|s)?\s*))?)?",
    re.IGNORECASE,
)
_HEMISPHERE = {
    "e": 1,
    "w": -1,
    "n": 1,
    "s": -1,
    "东经": 1,
    "西经": -1,
    "北纬": 1,
    "南纬": -1,
    "东": 1,
    "西": -1,
    "北": 1,
    "南": -1,
}
_LEAD_HEMISPHERE = re.compile(r"^(东经|西经|北纬|南纬|[ewnsEWNS东西南北])\s*[::]?\s*")
_TAIL_HEMISPHERE = re.compile(r"\s*(东经|西经|北纬|南纬|[ewnEWN东西南北]|(?<=[\d.°'\"′秒分度\s])[sS])$")


def parse_degrees(text: str) -> float:
    """Return degrees from a folded text: decimal, or degrees, minutes and seconds, with or without a hemisphere.

    Raises:
        CellError: it is neither.

    >>> round(parse_degrees("118°47′2.89″"), 6), parse_degrees("32度30分"), parse_degrees("E118.5")
    (118.784136, 32.5, 118.5)
    """
    plain, sign = text.strip().replace("″", '"').replace("−", "-"), 1
    for pattern in (_LEAD_HEMISPHERE, _TAIL_HEMISPHERE):
        if found := pattern.search(plain):
            sign *= _HEMISPHERE[found[1].lower()]
            plain = (plain[: found.start()] + plain[found.end() :]).strip()
            break
    error = CellError(
        Text.of("“{value}” is no coordinate", value=text),
        Text.of("write degrees such as 118.783456, or degrees, minutes and seconds such as 118°47′2.89″"),
    )
    if re.fullmatch(r"[+-]?\d+(?:\.\d+)?(?:e[+-]?\d{1,3})?(?:\s*(?:°|º|度))?", plain, re.IGNORECASE):
        return sign * float(re.sub(r"[\s°º度]", "", plain))
    found = _DMS.fullmatch(plain)
    if not found:
        raise error
    degrees = float(found["d"])
    minutes, seconds = float(found["m"] or 0), float(found["s"] or 0)
    fraction_early = ("." in found["d"] and found["m"]) or ("." in (found["m"] or "") and found["s"])
    if minutes >= 60 or seconds >= 60 or fraction_early:
        raise error
    value = degrees + minutes / 60 + seconds / 3600
    return sign * (-value if found["sign"] == "-" else value)
