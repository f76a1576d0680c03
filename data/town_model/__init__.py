"""What a town's data is: layer declarations, units, coordinate systems, observation classes, errors.

Every room of the house may import this package; it imports none of them.
"""

from town_model.crs import in_china, meridian_convergence_deg, town_crs
from town_model.days import parse_days
from town_model.errors import (
    ColumnError,
    CrsError,
    GeometryError,
    InputError,
    LayerError,
    TownError,
    ValueRangeError,
)
from town_model.fields import Choice, Column, Layer
from town_model.frames import check_frame, check_same_crs
from town_model.hours import DAY_S, parse_hours
from town_model.json_schema import layer_schema
from town_model.layers import LAYERS, layer
from town_model.observation import (
    DEFAULT_OBSERVATION_TABLE,
    EN_62676_4_2015,
    IEC_62676_4_2025,
    OBSERVATION_TABLES,
    ObservationClasses,
)
from town_model.text import Text

__all__ = [
    "DAY_S",
    "DEFAULT_OBSERVATION_TABLE",
    "EN_62676_4_2015",
    "IEC_62676_4_2025",
    "LAYERS",
    "OBSERVATION_TABLES",
    "Choice",
    "Column",
    "ColumnError",
    "CrsError",
    "GeometryError",
    "InputError",
    "Layer",
    "LayerError",
    "ObservationClasses",
    "Text",
    "TownError",
    "ValueRangeError",
    "check_frame",
    "check_same_crs",
    "in_china",
    "layer",
    "layer_schema",
    "meridian_convergence_deg",
    "parse_days",
    "parse_hours",
    "town_crs",
]
