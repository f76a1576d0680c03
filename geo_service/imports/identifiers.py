"""Device numbers of GB/T 28181 and division codes: text whose digits must not get lost."""

from __future__ import annotations

import re

from geo_service.imports.faults import CellError
from town_model import Text

_EXPONENT = re.compile(r"[+-]?\d+(?:\.\d+)?e\+?\d+", re.IGNORECASE)
_PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
    ]
)
# a float holds whole numbers up to here exactly; Excel itself keeps fifteen digits
_EXACT = 10**15


def parse_code(cell: object) -> tuple[str, list[Text]]:
    """Return a number that is text, with warnings.

    Args:
        cell: the cell; a number is taken only while all of its digits are still there.

    Raises:
        CellError: the cell is a number that has lost digits.
    """
    lost = CellError(
        Text.of(
            "the number {value} has lost digits, because the cell is a number and not text", value=str(cell)
        ),
        Text.of("format the column as text and enter the number again"),
    )
    if isinstance(cell, bool):
        raise lost
    if isinstance(cell, int | float):
        if abs(cell) >= _EXACT or cell != int(cell):
            raise lost
        return str(int(cell)), [
            Text.of("the number is stored as a number and not as text: leading zeros may be gone")
        ]
    text = re.sub(r"\s", "", str(cell)).strip("'‘’`")
    if _EXPONENT.fullmatch(text):
        raise lost
    return text, []


def check_device_number(code: str) -> list[Text]:
    """Return what deviates from GB/T 28181 in a device number; nothing where it is right.

    Twenty digits: 1–8 centre (GB/T 2260 province, city, county, then the grass-roots unit), 9–10 industry, 11–13 type,
    14 network, 15–20 serial.
    """
    if not re.fullmatch(r"\d{20}", code):
        return [Text.of("{code} has not the 20 digits of GB/T 28181", code=code)]
    warnings = []
    if code[:2] not in _PROVINCES:
        warnings.append(
            Text.of("{code} begins with {part}, which is no province of GB/T 2260", code=code, part=code[:2])
        )
    if code[10:13] not in {"131", "132"}:
        warnings.append(
            Text.of(
                "{code} has the type {part}, which is no camera (131, 132) in GB/T 28181",
                code=code,
                part=code[10:13],
            )
        )
    if code[13] not in "0123456789"[:10] or code[14:] == "000000":
        warnings.append(Text.of("{code} has an empty serial number", code=code))
    return warnings


def check_division_code(code: str) -> list[Text]:
    """Return what deviates from a statistical division code of twelve digits; nothing where it is right."""
    if not re.fullmatch(r"\d{12}", code) or code[:2] not in _PROVINCES:
        return [Text.of("{code} is no division code of 12 digits", code=code)]
    return []
