"""The user manual of importing says what the code does."""

from pathlib import Path

import pytest

from geo_service.imports import ReadLimits
from geo_service.imports.datums import DATUMS
from geo_service.imports.headers import POSITION_NAMES

DOCS = Path(__file__).resolve().parents[3] / "docs"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_manual_names_every_datum_format_position_and_limit(language):
    page = (DOCS / language / "import.md").read_text(encoding="utf-8")
    limits = ReadLimits()
    words = [f"`{one}`" for one in (*DATUMS, *POSITION_NAMES)]
    words += [
        "XLSX",
        "XLS",
        "CSV",
        "GB18030",
        "GeoJSON",
        "GeoPackage",
        "Shapefile",
        "KML",
        "KMZ",
        "DXF",
        "EPSG:4549",
    ]
    words += [
        f"{limits.file_mb:g} MB",
        f"{limits.unpacked_mb:g} MB",
        str(limits.rows),
        str(limits.columns),
        str(limits.cells),
    ]
    words += [f"{limits.wall_s:g}"]
    assert [one for one in words if one not in page] == []


def test_both_manuals_have_the_same_chapters():
    def depth(language):
        lines = (DOCS / language / "import.md").read_text(encoding="utf-8").splitlines()
        return [line.split(" ")[0] for line in lines if line.startswith("#")]

    assert depth("zh") == depth("en")
