"""The limits of response times: three rising numbers of minutes, as people write them."""

from __future__ import annotations

from collections.abc import Sequence

from town_model import InputError

TOWN_LIMITS_MIN = (1.0, 3.0, 5.0)
COUNTRY_LIMITS_MIN = (5.0, 10.0, 20.0)
#: How many limits there are.
LIMITS = len(TOWN_LIMITS_MIN)
_LONGEST_MIN = 240.0
_PARTING = str.maketrans(dict.fromkeys("，、；;-–/ ", ","))


def limits_in_seconds(limits_min: Sequence[float]) -> list[float]:
    """Return three limits of minutes as seconds.

    Raises:
        InputError: they are not three, do not rise, or one is not above 0 and at most 240.
    """
    found = [float(one) for one in limits_min]
    bounds = zip([0.0, *found], [*found, _LONGEST_MIN], strict=True)
    if len(found) != LIMITS or not all(low < high or low == high == _LONGEST_MIN for low, high in bounds):
        raise _wrong(",".join(f"{one:g}" for one in found) or "—")
    return [60 * one for one in found]


def read_limits(words: str) -> list[float]:
    """Return the minutes that text such as ``1,3,5`` names; also with full-width commas, blanks or dashes between them.

    Raises:
        InputError: it does not name three rising numbers of minutes.
    """
    try:
        found = [float(one) for one in words.translate(_PARTING).split(",") if one]
    except ValueError as error:
        raise _wrong(words[:40]) from error
    return [one / 60 for one in limits_in_seconds(found)]


def _wrong(value: str) -> InputError:
    return InputError(
        "response limits must be three rising numbers of minutes up to {most}, such as 1,3,5, not {value}",
        most=f"{_LONGEST_MIN:g}",
        value=value,
    )
