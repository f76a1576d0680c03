"""Small hand-drawn OpenStreetMap files. Points are placed in metres round 118.78° E, 32.04° N."""

import math
from xml.sax.saxutils import quoteattr

import pytest

from geo_service.imports.osm.elements import read_elements
from geo_service.imports.osm.town import build_town

LON, LAT = 118.78, 32.04
METRE_LAT = 1 / 110_900
METRE_LON = 1 / (111_320 * math.cos(math.radians(LAT)))


def _tags(tags):
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())


class Drawing:
    """An .osm file in the making."""

    def __init__(self, folder):
        self.folder = folder
        self.parts = []
        self.next_id = 1000

    def point(self, x, y, tags=None, *, number=None):
        """Draw a node x metres east and y metres north of the middle; return its id."""
        self.next_id += 1
        number = number or self.next_id
        place = f'lat="{LAT + y * METRE_LAT:.7f}" lon="{LON + x * METRE_LON:.7f}"'
        self.parts.append(f'<node id="{number}" version="1" {place}>{_tags(tags or {})}</node>')
        return number

    def points(self, *spots):
        return [self.point(x, y) for x, y in spots]

    def way(self, number, refs, tags=None):
        body = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        self.parts.append(f'<way id="{number}" version="1">{body}{_tags(tags or {})}</way>')
        return number

    def line(self, number, spots, tags=None):
        return self.way(number, self.points(*spots), tags)

    def ring(self, number, spots, tags=None):
        refs = self.points(*spots)
        return self.way(number, [*refs, refs[0]], tags)

    def square(self, number, x, y, size, tags=None):
        return self.ring(number, [(x, y), (x + size, y), (x + size, y + size), (x, y + size)], tags)

    def relation(self, number, members, tags):
        body = "".join(f'<member type="way" ref="{ref}" role="{role}"/>' for ref, role in members)
        self.parts.append(f'<relation id="{number}" version="1">{body}{_tags(tags)}</relation>')
        return number

    def text(self):
        body = "".join(self.parts)
        return f'<?xml version="1.0" encoding="UTF-8"?><osm version="0.6" generator="hand">{body}</osm>'

    def write(self, name="town.osm"):
        path = self.folder / name
        path.write_text(self.text(), encoding="utf-8")
        return path

    def town(self):
        """What the drawing says, read in this process."""
        return build_town(read_elements(self.write(), "osm"))


@pytest.fixture
def drawing(tmp_path):
    return Drawing(tmp_path)


@pytest.fixture
def rows_of():
    """Rows of a layer by their OSM id."""
    return lambda town, layer: {row["osm_id"]: row for row in town.rows[layer]}


@pytest.fixture
def fault_of():
    """The reasons for which an element was reported, in English, with whether it was stored."""
    return lambda town, osm_id: [
        (one.layer, one.stored, str(one.reason)) for one in town.faults if one.osm_id == osm_id
    ]
