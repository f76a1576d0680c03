"""What a proposed key area asks for by its category, and the tags by which it is found. All of it is a planner's to change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geo_service.imports.osm.tags import Tags, name_of


@dataclass(frozen=True)
class Preset:
    """What a category asks for.

    Args:
        title: the Chinese word from which an unnamed place gets its name.
        priority: ``1`` to ``3``.
        required_class: observation class of EN 62676-4:2015.
        visit_interval_min: longest time between two visits, in minutes.
        dwell_min: how long a patrol stays, in minutes; 10–16 has the longest after-effect.
        hours: when it matters; empty is the whole day.
        radius_m: radius of the circle that stands for a place drawn as a point outside any building.
    """

    title: str
    priority: str
    required_class: str
    visit_interval_min: int
    dwell_min: int
    hours: str
    radius_m: float = 30.0

    @property
    def columns(self) -> dict[str, Any]:
        """Its columns in the layer of key areas."""
        return {
            "priority": self.priority,
            "required_class": self.required_class,
            "visit_interval_min": self.visit_interval_min,
            "dwell_min": self.dwell_min,
            "hours": self.hours,
        }


PRESETS = {
    "school": Preset("学校", "1", "recognise", 120, 12, "06:30-18:30", 40.0),
    "kindergarten": Preset("幼儿园", "1", "recognise", 120, 10, "07:00-18:00", 25.0),
    "hospital": Preset("医院", "1", "recognise", 120, 12, "", 40.0),
    "government": Preset("党政机关", "1", "recognise", 240, 10, "08:00-18:00", 30.0),
    "police": Preset("公安机关", "2", "observe", 480, 5, "", 20.0),
    "station": Preset("车站", "1", "recognise", 120, 12, "05:30-23:30", 40.0),
    "wharf": Preset("码头", "1", "observe", 120, 10, "05:30-20:00", 30.0),
    "market": Preset("市场", "1", "observe", 120, 12, "06:00-22:00", 30.0),
    "business_street": Preset("商业街区", "2", "observe", 120, 12, "08:00-22:30", 30.0),
    "pedestrian_street": Preset("步行街", "1", "observe", 120, 12, "08:00-23:00", 30.0),
}
BY_TAG = {
    ("amenity", "school"): "school",
    ("amenity", "kindergarten"): "kindergarten",
    ("amenity", "childcare"): "kindergarten",
    ("amenity", "hospital"): "hospital",
    ("healthcare", "hospital"): "hospital",
    ("amenity", "townhall"): "government",
    ("office", "government"): "government",
    ("amenity", "police"): "police",
    ("amenity", "bus_station"): "station",
    ("railway", "station"): "station",
    ("railway", "halt"): "station",
    ("public_transport", "station"): "station",
    ("amenity", "ferry_terminal"): "wharf",
    ("amenity", "marketplace"): "market",
    ("shop", "mall"): "market",
    ("shop", "department_store"): "market",
    ("landuse", "commercial"): "business_street",
    ("landuse", "retail"): "business_street",
}
_TOWN_CLINICS = ("卫生院", "卫生服务中心", "医院")


_WORSHIP_BUILDINGS = frozenset(
    {"cathedral", "chapel", "church", "monastery", "mosque", "religious", "shrine", "synagogue", "temple"}
)
_PETITIONING = "信访"


def category_of(tags: Tags) -> tuple[str, str] | None:
    """Return the category of key area that an element is, and the tag that says so; None where it is none.

    Args:
        tags: the tags of a point or an area.
    """
    worship = tags.get("amenity") in {"place_of_worship", "monastery"} or tags.get("landuse") == "religious"
    if worship or tags.get("building") in _WORSHIP_BUILDINGS or _PETITIONING in name_of(tags):
        return None
    for (key, value), category in BY_TAG.items():
        if tags.get(key) == value:
            return category, f"{key}={value}"
    # a township's hospital is often tagged as a clinic; a private practice is no key area
    if tags.get("amenity") == "clinic" and any(word in name_of(tags) for word in _TOWN_CLINICS):
        return "hospital", "amenity=clinic"
    return None
