"""The kinds of jobs: what can be asked for, by whom, with which options."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from town_model import InputError, Text

#: What each tolerance of a camera is about and the largest one; `camera_coverage` is not loaded to know what jobs there are.
TOLERANCES = {
    "position_tolerance_m": (Text("Position"), 100.0),
    "azimuth_tolerance_deg": (Text("Azimuth"), 180.0),
    "tilt_tolerance_deg": (Text("Tilt"), 90.0),
    "mount_height_tolerance_m": (Text("Mount height"), 50.0),
    "hfov_tolerance_deg": (Text("Horizontal view"), 180.0),
}
_QUALITIES = {
    "verified": Text("Measured on the spot"),
    "estimated": Text("From the ledger"),
    "missing": Text("Not entered"),
}
#: Shares of the interval where cameras count in a patrol plan, in per cent: kind, least, greatest, titles by light.
_CREDIT = (
    ("watched", 100, 400, {"day": Text("Interval by day where cameras watch (%)"), "night": Text("Interval by night where cameras watch (%)")}),
    ("blind", 25, 100, {"day": Text("Interval by day where they are blind (%)"), "night": Text("Interval by night where they are blind (%)")}),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Option:
    """A number that a job takes.

    Args:
        title: what it is.
        default: what it is when nothing is said; None where the work then chooses for itself.
        low: the smallest value.
        high: the largest value.
        whole: whether it is a whole number.
    """

    title: Text
    default: float | None
    low: float
    high: float
    whole: bool = False

    def read(self, given: Any) -> float | None:
        """Return the value of what was given, a number or its digits; empty gives the default.

        Raises:
            InputError: it is no such number.
        """
        if given is None or given == "":
            return self.default
        try:
            value = math.nan if isinstance(given, bool) else float(given)
        except (TypeError, ValueError, OverflowError):
            value = math.nan
        if self.low <= value <= self.high and not (self.whole and value != int(value)):
            return int(value) if self.whole else value
        raise InputError(
            "{title} must be a number from {low} to {high}, not {value!r}",
            title=self.title,
            low=f"{self.low:,g}",
            high=f"{self.high:,g}",
            value=str(given)[:60],
        )


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of several words that a job takes.

    Args:
        title: what it is.
        values: the words that may be chosen.
    """

    title: Text
    values: tuple[str, ...]

    def read(self, given: Any) -> str | None:
        """Return what was chosen; None for nothing.

        Raises:
            InputError: it is none of the words.
        """
        if given is None or given == "":
            return None
        if str(given) in self.values:
            return str(given)
        raise InputError(
            "{title} must be one of {known}, not {value!r}",
            title=self.title,
            known=", ".join(self.values),
            value=str(given)[:60],
        )


@dataclass(frozen=True, kw_only=True)
class Day:
    """A day that a job takes, such as ``2026-12-01``.

    Args:
        title: what it is.
    """

    title: Text

    def read(self, given: Any) -> str | None:
        """Return the day; None for nothing.

        Raises:
            InputError: it is no day.
        """
        if given is None or given == "":
            return None
        try:
            return dt.date.fromisoformat(str(given).strip()).isoformat()
        except ValueError as error:
            raise InputError("{day} is no day: write it as 2026-05-04", day=str(given)[:40]) from error


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of jobs.

    Args:
        title: what is done.
        run: the function that does it, as ``module:function``; loaded in the worker alone.
        permission: a value of `geo_service.web.access.Permission`: who may ask for such jobs, see and cancel them.
        options: the options that users may give; None where only the program itself makes such jobs (their options
            name things of the inside, such as a file that was received).
        resumable: whether it may be begun again when its worker was lost: nothing is doubled by doing it twice.
    """

    title: Text
    run: str
    permission: str = "edit"
    options: Mapping[str, Option | Choice | Day] | None = field(default_factory=dict)
    resumable: bool = True

    def read_options(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options that a user gives, checked and with their defaults.

        Raises:
            InputError: users may not ask for this kind, or an option is unknown or wrong; all such are named.
        """
        if self.options is None:
            raise InputError("{kind} cannot be asked for by itself: use its page", kind=self.title)
        faults = [
            Text.of("{kind} has no option {name!r}", kind=self.title, name=str(name)[:60])
            for name in given
            if name not in self.options
        ]
        values: dict[str, Any] = {}
        for name, option in self.options.items():
            try:
                value = option.read(given.get(name))
            except InputError as error:
                faults += error.messages
            else:
                if value is not None:
                    values[name] = value
        if faults:
            raise InputError(faults)
        return values


#: Every kind by its key. A room adds its own here; the function is loaded when such a job is run.
KINDS: dict[str, Kind] = {
    "backup": Kind(
        title=Text("Backup"),
        run="geo_service.backup.jobs:backup",
        permission="administer",
        options={},
        resumable=False,
    ),
    "coverage": Kind(title=Text("Coverage"), run="geo_service.analysis.jobs:coverage"),
    "certainty": Kind(
        title=Text("How sure coverage is"),
        run="geo_service.analysis.jobs:certainty",
        options={
            f"{quality}__{quantity}": Option(
                title=Text.of("{quality}, {quantity}", quality=words, quantity=about),
                default=None,
                low=0,
                high=high,
            )
            for quality, words in _QUALITIES.items()
            for quantity, (about, high) in TOLERANCES.items()
        },
    ),
    "gaps": Kind(title=Text("Coverage and blind spots"), run="geo_service.analysis.jobs:gaps"),
    "health": Kind(
        title=Text("Camera health"),
        run="geo_service.analysis.jobs:health",
        options={"days": Option(title=Text("Days up to today"), default=30, low=1, high=3660, whole=True)},
    ),
    "camera_report": Kind(
        title=Text("Law report and camera health"), run="geo_service.analysis.jobs:camera_report"
    ),
    "camera_sheets": Kind(
        title=Text("Camera sheets"),
        run="geo_service.papers.camera_jobs:sheets",
        permission="export",
        options=None,
    ),
    "patrol": Kind(
        title=Text("Patrol plan"),
        run="geo_service.analysis.jobs:patrol",
        options={
            "time_limit_s": Option(title=Text("Seconds to search"), default=30.0, low=1, high=3600),
            "seed": Option(title=Text("Seed of the search"), default=0, low=0, high=2**31 - 1, whole=True),
            "date": Day(title=Text("Date")),
            "day_type": Choice(
                title=Text("Day type"),
                values=("workday", "day_off", "school_day", "market_day", "event_day"),
            ),
            "duty_level": Choice(title=Text("Duty level"), values=("1", "2", "3")),
            "cameras_count": Choice(title=Text("Cameras count"), values=("working", "planned")),
            **{
                f"{kind}_{light}_percent": Option(title=title, default=None, low=low, high=high, whole=True)
                for kind, low, high, titles in _CREDIT
                for light, title in titles.items()
            },
            "watched_from_percent": Option(
                title=Text("Watched from a share of (%)"), default=None, low=50, high=100, whole=True
            ),
            "blind_below_percent": Option(
                title=Text("Blind below a share of (%)"), default=None, low=0, high=95, whole=True
            ),
        },
    ),
    "variation": Kind(
        title=Text("Varied days"),
        run="geo_service.analysis.jobs:variation",
        options={  # no seed: it is a secret, and options stand on pages
            "days": Option(title=Text("Number of days"), default=14, low=1, high=60, whole=True),
        },
    ),
    "clock": Kind(title=Text("Clock"), run="geo_service.analysis.jobs:clock", options=None),
    "response": Kind(title=Text("Response times"), run="geo_service.analysis.jobs:response", options=None),
    "import": Kind(title=Text("Import of a file"), run="geo_service.imports.jobs:store", options=None),
    "import_osm": Kind(
        title=Text("Import of an OpenStreetMap file"), run="geo_service.imports.jobs:store", options=None
    ),
    "import_check": Kind(title=Text("Check of a file"), run="geo_service.imports.jobs:check", options=None),
    "sample": Kind(title=Text("Sample town"), run="geo_service.imports.jobs:sample", options=None),
}


def kind_of(name: str) -> Kind:
    """Return a kind.

    Raises:
        InputError: there is no such kind.
    """
    if name not in KINDS:
        raise InputError(
            "there is no kind of job {name!r}: use one of {known}", name=name[:60], known=", ".join(KINDS)
        )
    return KINDS[name]
