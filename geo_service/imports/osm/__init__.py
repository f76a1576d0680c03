"""OpenStreetMap files into the layers of a town."""

from geo_service.imports.osm.faults import OsmFault
from geo_service.imports.osm.proposed import OsmProposal
from geo_service.imports.osm.source import ReadLimits, read_osm
from geo_service.imports.osm.town import OsmTown

__all__ = ["OsmFault", "OsmProposal", "OsmTown", "ReadLimits", "read_osm"]
