"""Observation classes: how many pixels a metre of a target must get. Tables are data with their source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from town_model.errors import ValueRangeError


@dataclass(frozen=True)
class ObservationClasses:
    """One published table of classes, from coarse to fine.

    Args:
        name: short name of the table.
        source: the standard it comes from.
        px_per_m: class name to pixels per metre at the target.
        zh: class name to its Chinese name in our catalogue (no Chinese standard was at hand).
    """

    name: str
    source: str
    px_per_m: dict[str, float]
    zh: dict[str, str]

    def density(self, observation_class: str | None) -> float:
        """Return the pixels per metre of a class; 0 for None, which asks for no pixels at all.

        Raises:
            ValueRangeError: the table has no such class.
        """
        if observation_class is None:
            return 0.0
        try:
            return self.px_per_m[observation_class]
        except KeyError:
            raise ValueRangeError(
                "{table} has no observation class {name!r}: use one of {known}",
                table=self.name,
                name=observation_class,
                known=", ".join(self.px_per_m),
            ) from None

    def named_like(self, other: ObservationClasses, pairs: Mapping[str, str]) -> ObservationClasses:
        """Return this table's figures under the names of another one.

        Args:
            other: whose names are kept.
            pairs: name in the other table to name in this one.
        """
        figures = {name: self.px_per_m[pairs[name]] for name in other.px_per_m}
        return ObservationClasses(self.name, self.source, figures, other.zh)


EN_62676_4_2015 = ObservationClasses(
    "EN 62676-4:2015",
    "EN 62676-4:2015, Video surveillance systems, Part 4: Application guidelines",
    {
        "monitor": 12.5,
        "detect": 25.0,
        "observe": 62.5,
        "recognise": 125.0,
        "identify": 250.0,
        "inspect": 1000.0,
    },
    {
        "monitor": "监视",
        "detect": "发现",
        "observe": "看清活动",
        "recognise": "认出",
        "identify": "辨认",
        "inspect": "检视",
    },
)
IEC_62676_4_2025 = ObservationClasses(
    "IEC 62676-4:2025",
    "IEC 62676-4:2025, Part 4: Application guidelines (figures from a secondary source)",
    {
        "overview": 20.0,
        "outline": 40.0,
        "discern": 80.0,
        "perceive": 125.0,
        "characterise": 250.0,
        "validate": 500.0,
        "scrutinise": 1500.0,
    },
    {
        "overview": "概览",
        "outline": "看出轮廓",
        "discern": "分清活动",
        "perceive": "看出特征",
        "characterise": "看清特征",
        "validate": "核实",
        "scrutinise": "细查",
    },
)

#: Which class of the 2025 table stands for one of 2015, from coarse to fine. Our own pairing: no printed one was at hand, and
#: "validate" (500 px/m) has no counterpart.
SUCCESSORS = {
    "monitor": "overview",
    "detect": "outline",
    "observe": "discern",
    "recognise": "perceive",
    "identify": "characterise",
    "inspect": "scrutinise",
}
#: The tables that a station may choose between. Places keep the names of 2015; the table says how many pixels each name asks for.
OBSERVATION_TABLES = {
    "en_62676_4_2015": EN_62676_4_2015,
    "iec_62676_4_2025": IEC_62676_4_2025.named_like(EN_62676_4_2015, SUCCESSORS),
}
DEFAULT_OBSERVATION_TABLE = "en_62676_4_2015"
