"""Fixtures that tests of every room share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data():
    """The folder of real towns and published instances; absent, the test is skipped, and CI calls that a failure."""
    folder = os.environ.get("GEO_REAL_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("GEO_REAL_DATA names no folder: tests on real towns did not run")
    return Path(folder).resolve()
