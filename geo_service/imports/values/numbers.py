"""Numbers with and without units: ``80米``, ``0.1公里``, ``约6米``, ``1,200``."""

from __future__ import annotations

import math
import re

from geo_service.imports.faults import CellError
from town_model import Text

_NUMBER = r"[+-]?(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?"
_WHOLE = re.compile(rf"(?P<number>{_NUMBER})(?P<unit>.*)", re.IGNORECASE)
_RANGE = re.compile(r"\d[^\d]*?(?:-|~|至|到|—|–|/|、|或)[^\d]*?\d")
_ABOUT = re.compile(r"^(大约|大概|约为|约|近|≈|~|ca\.?|about|approx\.?)|(左右|上下|余)$", re.IGNORECASE)
_ONLY_ABOUT_TAIL = re.compile(r"(左右|上下|余)")

# spelling of a unit → how many of the column's unit it makes
UNITS: dict[str, dict[str, float]] = {
    "m": {
        "m": 1,
        "米": 1,
        "公尺": 1,
        "meter": 1,
        "meters": 1,
        "metre": 1,
        "metres": 1,
        "km": 1000,
        "公里": 1000,
    }
    | {"千米": 1000, "cm": 0.01, "厘米": 0.01, "公分": 0.01, "mm": 0.001, "毫米": 0.001},
    "°": {"°": 1, "度": 1, "deg": 1, "degree": 1, "degrees": 1, "º": 1},
    "min": {"min": 1, "mins": 1, "分钟": 1, "分": 1, "h": 60, "小时": 60, "hour": 60, "hours": 60, "时": 60}
    | {"s": 1 / 60, "秒": 1 / 60, "天": 1440, "日": 1440},
    "s": {"s": 1, "秒": 1, "秒钟": 1, "sec": 1, "min": 60, "分钟": 60, "分": 60, "小时": 3600, "h": 3600},
    "d": {
        "d": 1,
        "天": 1,
        "日": 1,
        "day": 1,
        "days": 1,
        "周": 7,
        "星期": 7,
        "个月": 30,
        "月": 30,
        "年": 365,
        "h": 1 / 24,
    }
    | {"小时": 1 / 24},
    "mm": {"mm": 1, "毫米": 1, "cm": 10, "厘米": 10},
    "px": {"px": 1, "像素": 1, "pixel": 1, "pixels": 1, "p": 1},
    "km/h": {
        "km/h": 1,
        "kmh": 1,
        "kph": 1,
        "公里/小时": 1,
        "千米/小时": 1,
        "公里每小时": 1,
        "迈": 1,
        "码": 1,
        "公里": 1,
    }
    | {"m/s": 3.6, "米/秒": 3.6},
    "元": {"元": 1, "圆": 1, "块": 1, "rmb": 1, "¥": 1, "yuan": 1, "万元": 1e4, "万": 1e4, "千元": 1e3},
    "": dict.fromkeys(
        [
            "人",
            "名",
            "户",
            "套",
            "层",
            "楼",
            "个",
            "处",
            "座",
            "条",
            "家",
            "栋",
            "幢",
            "份",
            "分",
            "级",
            "台",
            "路",
            "f",
            "%",
        ],
        1.0,
    )
    | {"万": 1e4, "万人": 1e4, "万户": 1e4},
}


def unit_factor(unit: str, spelling: str) -> float | None:
    """Return how many of a unit a spelled unit makes, None where the spelling is no such unit."""
    plain = spelling.strip().lower().strip(".。")
    return UNITS.get(unit, {}).get(plain, 1.0 if plain == unit.lower() else None)


def parse_number(text: str, unit: str = "", *, factor: float = 1.0) -> tuple[float, bool]:
    """Return the number of a folded text in a unit, and whether it was said to be approximate.

    Args:
        text: e.g. ``"约0.1公里"``, folded.
        unit: the unit of the column, a key of `UNITS`; units in the text are converted to it.
        factor: what a number without a unit is multiplied with (the header names another unit).

    Raises:
        CellError: it is no single number, or carries a unit of another kind.

    >>> parse_number("约0.1公里", "m")
    (100.0, True)
    """
    plain = text.replace("−", "-").replace("﹣", "-").replace(" ", "").replace(",", ",")
    bare = _ABOUT.sub("", plain)
    about = bare != plain
    found = _WHOLE.fullmatch(bare)
    if not found:
        raise CellError(
            Text.of("“{value}” is no number", value=text),
            Text.of("write a plain number in {unit}", unit=unit or "1"),
        )
    tail = found["unit"]
    if re.search(r"\d", tail):
        if _RANGE.search(bare):
            raise CellError(
                Text.of("“{value}” is a range, not one number", value=text),
                Text.of("write the one figure that holds for this row"),
            )
        raise CellError(
            Text.of("“{value}” is no number", value=text),
            Text.of("write a plain number in {unit}", unit=unit or "1"),
        )
    about = about or bool(_ONLY_ABOUT_TAIL.search(tail))
    tail = _ONLY_ABOUT_TAIL.sub("", tail)
    number = float(found["number"].replace(",", ""))
    if tail:
        own = unit_factor(unit, tail)
        if own is None:
            raise CellError(
                Text.of("“{value}” has an unknown unit", value=text),
                Text.of("write a plain number in {unit}", unit=unit or "1"),
            )
        factor = own
    value = number * factor
    if not math.isfinite(value):
        raise CellError(
            Text.of("“{value}” is no number", value=text),
            Text.of("write a plain number in {unit}", unit=unit or "1"),
        )
    # 0.07 km are 70 m, not 70.00000000000001
    return (round(value, 9) if factor != 1.0 else value), about
