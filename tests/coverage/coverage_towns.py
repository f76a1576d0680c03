"""Real buildings for tests and benchmarks: closed building ways of an OSM file, in the metric system of the town."""

import geopandas as gpd
import numpy as np
import osmium
import shapely

from town_model import town_crs


def buildings(path):
    """All closed building ways with their height (storeys of 3 m where there is no height tag); lon/lat projected to the town's metric system."""
    rings, heights = [], []
    for way in (
        osmium.FileProcessor(str(path)).with_locations().with_filter(osmium.filter.KeyFilter("building"))
    ):
        if not way.is_way() or not way.is_closed() or len(way.nodes) < 4:
            continue
        if not all(node.location.valid() for node in way.nodes):
            continue
        rings.append([(node.lon, node.lat) for node in way.nodes])
        heights.append(
            _number(way.tags.get("height"), 1.0) or _number(way.tags.get("building:levels"), 3.0) or np.nan
        )
    frame = gpd.GeoDataFrame(
        {"height_m": heights}, geometry=[shapely.Polygon(ring) for ring in rings], crs="EPSG:4326"
    )
    bounds = frame.total_bounds
    frame = frame.to_crs(town_crs((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2))
    return frame[~frame.is_empty]


def _number(text, unit_m):
    try:
        return float(text) * unit_m
    except (TypeError, ValueError):
        return None


def eyes_outside(frame, count, seed, clear_m=0.1):
    """Points of the town's box that stand at least `clear_m` off every building, within 60 m of one."""
    rng = np.random.default_rng(seed)
    west, south, east, north = frame.total_bounds
    tree = shapely.STRtree(frame.geometry.to_numpy())
    found = []
    while len(found) < count:
        points = shapely.points(rng.uniform(west, east, 4 * count), rng.uniform(south, north, 4 * count))
        close = np.zeros(len(points), dtype=bool)
        close[tree.query(points, predicate="dwithin", distance=clear_m)[0]] = True
        town = np.zeros(len(points), dtype=bool)
        town[tree.query(points, predicate="dwithin", distance=60.0)[0]] = True
        found.extend(points[town & ~close])
    return gpd.GeoSeries(found[:count], crs=frame.crs)


def cgal_isovist(point, frame_polygon, blocks, tree):
    """The exact visibility polygon of CGAL inside `frame_polygon` minus the blocks (valid polygons)."""
    import pyvispoly as cgal

    near = blocks[tree.query(frame_polygon, predicate="intersects")]
    free = frame_polygon.difference(shapely.union_all(near)) if len(near) else frame_polygon
    for part in shapely.get_parts(shapely.orient_polygons(free)):
        if part.distance(point) > 1e-9:
            continue
        rings = [[cgal.Point(x, y) for x, y in ring.coords[:-1]] for ring in (part.exterior, *part.interiors)]
        outer = cgal.PolygonWithHoles(rings[0], rings[1:])
        seen = cgal.VisibilityPolygonCalculator(outer).compute_visibility_polygon(
            cgal.Point(point.x, point.y)
        )
        return shapely.Polygon([(float(p.x()), float(p.y())) for p in seen.boundary()])
    return shapely.Polygon()
