"""The fictional sample town and the catalogues, as package data; only the service and tests read it."""

from town_data.catalogue import camera_models
from town_data.sample import LOAD_ORDER, SampleTown, sample_town

__all__ = ["LOAD_ORDER", "SampleTown", "camera_models", "sample_town"]
