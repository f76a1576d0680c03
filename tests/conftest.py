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


def pytest_sessionfinish(session):
    """On CI nothing may be passed over: a skipped test means that something was not installed or not found."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if (
        os.environ.get("CI")
        and reporter is not None
        and reporter.stats.get("skipped")
        and session.exitstatus == 0
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
