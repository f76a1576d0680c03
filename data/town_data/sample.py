"""The sample town put together, in WGS-84."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

from town_data.areas import entrance_rows, key_area_rows, make_parks, no_camera_rows, wharf_of, zone_rows
from town_data.catalogue import camera_models
from town_data.compounds import make_compounds
from town_data.estates import estate_lanes, make_estates
from town_data.ground import make_ground
from town_data.houses import make_houses
from town_data.land import (
    area_rows,
    building_rows,
    cover_rows,
    name_rows,
    obstacle_rows,
    road_rows,
    water_rows,
)
from town_data.patrolling import board_rows, day_rows, index_rows, patrol_rows, rule_rows
from town_data.planned import site_rows
from town_data.streets import draw_streets
from town_data.surveillance import make_surveillance
from town_data.terrain import LAT, LON, TOWN_NAME, make_terrain
from town_model import meridian_convergence_deg, town_crs

Row = dict[str, Any]
LOAD_ORDER = (
    "villages", "admin_areas", "grids", "roads", "buildings", "obstacles", "water", "land_cover", "place_names",
    "key_areas", "housing_zones", "entrances", "no_camera_zones", "notice_boards",
    "camera_models", "camera_sites", "camera_views", "site_notices", "site_objections", "street_lights", "mounting_points",
    "patrol_points", "patrol_units", "duty_roles", "checkpoints", "day_rules", "patrol_rules", "area_index",
)  # fmt: skip


@dataclass(frozen=True)
class SampleTown(Mapping[str, list[Row]]):
    """A fictional river township; as a mapping it holds the rows by layer.

    Args:
        name: its name.
        lon: WGS-84 longitude of its middle.
        lat: WGS-84 latitude of its middle.
        layers: rows by layer in `LOAD_ORDER`; columns as declared, geometry in WGS-84, references by name.
    """

    name: str
    lon: float
    lat: float
    layers: dict[str, list[Row]]

    def __getitem__(self, layer: str) -> list[Row]:
        """Return the rows of a layer."""
        return self.layers[layer]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the layers."""
        return iter(self.layers)

    def __len__(self) -> int:
        """Return the number of layers."""
        return len(self.layers)


def sample_town(seed: int = 7) -> SampleTown:
    """Return the sample town; the same seed gives equal rows.

    Args:
        seed: seed of everything that is left to chance.
    """
    terrain = make_terrain(seed)
    streets = draw_streets(terrain, seed)
    ground = make_ground(terrain, [*streets, *estate_lanes(streets)])
    compounds, estates = make_compounds(ground), make_estates(ground, seed)
    parks = make_parks(ground)
    fixed = [one for plot in (*compounds, *estates) for one in plot.buildings]
    plots = [
        *(one.shape for one in (*compounds, *estates)),
        *(shape for _, _, shape in parks),
        wharf_of(ground),
    ]
    buildings = [*fixed, *make_houses(ground, plots, fixed, seed)]
    watch = make_surveillance(ground, compounds, estates, buildings, seed)
    gates = entrance_rows(ground, compounds, estates)
    rows: dict[str, list[Row]] = {
        **area_rows(ground, buildings),
        "roads": road_rows(ground),
        "buildings": building_rows(buildings),
        "obstacles": obstacle_rows(ground, compounds, estates),
        "water": water_rows(ground),
        "land_cover": cover_rows(ground, buildings, [*compounds, *estates], parks, seed),
        "place_names": name_rows([*compounds, *estates], parks),
        "key_areas": key_area_rows(ground, compounds, parks),
        "housing_zones": zone_rows(ground, estates),
        "entrances": gates,
        "no_camera_zones": no_camera_rows(compounds),
        "notice_boards": board_rows(gates, wharf_of(ground), ground),
        "camera_models": camera_models(),
        "camera_sites": watch.cameras,
        "camera_views": watch.views,
        **site_rows(watch.cameras),
        "street_lights": watch.lights,
        "mounting_points": watch.mounts,
        **patrol_rows(ground),
        "day_rules": day_rows(),
        "patrol_rules": rule_rows(),
        "area_index": index_rows(seed),
    }
    return SampleTown(TOWN_NAME, LON, LAT, _on_the_globe({name: rows[name] for name in LOAD_ORDER}))


def _on_the_globe(layers: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """Return the rows with geometries in WGS-84 and azimuths from true north."""
    crs = town_crs(LON, LAT)
    there = Transformer.from_crs(4326, crs, always_xy=True)
    back = Transformer.from_crs(crs, 4326, always_xy=True)
    middle = np.array(there.transform(LON, LAT))
    turn = meridian_convergence_deg(LON, LAT, crs)

    def to_globe(points: np.ndarray) -> np.ndarray:
        return np.column_stack(back.transform(*(points + middle).T))

    out: dict[str, list[Row]] = {}
    for name, rows in layers.items():
        shapes = [one["geometry"] for one in rows if "geometry" in one]
        placed_rows = rows
        if shapes:
            placed = shapely.transform(shapes, to_globe).tolist()
            placed_rows = [{**row, "geometry": shape} for row, shape in zip(rows, placed, strict=True)]
        if name in {"camera_sites", "camera_views"}:
            placed_rows = [
                {**row, "azimuth_deg": round((row["azimuth_deg"] + turn) % 360, 1) % 360}
                for row in placed_rows
            ]
        out[name] = placed_rows
    return out
