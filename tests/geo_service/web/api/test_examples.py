"""The examples of the manual run against a server, as they stand."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[4] / "docs"
PAGES = ("zh/api.md", "en/api.md")


def blocks(page, kind):
    return re.findall(rf"```{kind}\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("kind", "command"), [("python", [sys.executable, "-c"]), ("sh", ["sh", "-ec"])])
def test_examples_run(server, api_town, page, kind, command):
    address, secret = server
    found = blocks(page, kind)
    assert found
    before = api_town.store.revision()
    for one in found:
        done = subprocess.run(
            [*command, one],
            capture_output=True, text=True, timeout=60, check=False,
            env={**os.environ, "GEO_API": address, "GEO_TOKEN": secret, "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        assert done.returncode == 0, (one, done.stderr)
    if kind == "python":
        assert done.stdout.startswith("4 ")
        assert [one.action for one in api_town.store.changes(layer="street_lights", limit=4)] == [
            "insert",
            "delete",
            "update",
            "insert",
        ]
        assert api_town.store.revision() == before + 4


def test_both_languages_show_the_same_calls():
    def calls(page):
        return re.findall(r"(?:curl .*|geo-service .*|GDAL_.*)", (DOCS / page).read_text("utf-8"))

    assert calls("zh/api.md") == calls("en/api.md") and len(calls("zh/api.md")) > 5
