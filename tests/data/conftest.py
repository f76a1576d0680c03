"""The sample town, made once for all tests of this folder."""

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from town_data import sample_town
from town_model import LAYERS, town_crs


@pytest.fixture(scope="session")
def town():
    return sample_town()


@pytest.fixture(scope="session")
def metres(town):
    """Geometries of each layer in the town's metric coordinate system."""
    to = Transformer.from_crs("EPSG:4326", town_crs(town.lon, town.lat), always_xy=True)

    def shapes(name):
        geometry = np.array([row["geometry"] for row in town[name]], dtype=object)
        return shapely.transform(geometry, lambda points: np.column_stack(to.transform(*points.T)))

    return {name: shapes(name) for name in town if LAYERS[name].geometry}
