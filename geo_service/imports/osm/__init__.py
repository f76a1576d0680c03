"""OpenStreetMap files into the layers of a town.

`import_osm` is loaded when it is first asked for, so that the process that reads a file starts without the store.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geo_service.imports.osm.faults import OsmFault
    from geo_service.imports.osm.proposed import OsmProposal
    from geo_service.imports.osm.report import OsmReport
    from geo_service.imports.osm.source import ReadLimits, read_osm
    from geo_service.imports.osm.storing import check_osm, import_osm
    from geo_service.imports.osm.town import OsmTown

_HOMES = {
    "OsmFault": "faults",
    "OsmProposal": "proposed",
    "OsmReport": "report",
    "OsmTown": "town",
    "ReadLimits": "source",
    "check_osm": "storing",
    "import_osm": "storing",
    "read_osm": "source",
}

__all__ = [
    "OsmFault",
    "OsmProposal",
    "OsmReport",
    "OsmTown",
    "ReadLimits",
    "check_osm",
    "import_osm",
    "read_osm",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"geo_service.imports.osm.{_HOMES[name]}"), name)
