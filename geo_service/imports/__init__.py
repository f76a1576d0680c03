"""Files into layers: reading in a child process, headers, values, faults, datums, personal data.

The names below are loaded when they are first asked for, so that the child process that opens a file starts without
the geographic libraries.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geo_service.imports.datums import to_wgs84
    from geo_service.imports.fault_workbook import faults_workbook
    from geo_service.imports.faults import Fault
    from geo_service.imports.files import dry_run, import_file, read_file
    from geo_service.imports.manual import layer_manual
    from geo_service.imports.persons import scan_text
    from geo_service.imports.reading.limits import ReadLimits
    from geo_service.imports.report import ImportReport, ImportTable
    from geo_service.imports.templates import template_workbook

_HOMES = {
    "Fault": "faults",
    "ImportReport": "report",
    "ImportTable": "report",
    "ReadLimits": "reading.limits",
    "dry_run": "files",
    "faults_workbook": "fault_workbook",
    "import_file": "files",
    "layer_manual": "manual",
    "read_file": "files",
    "scan_text": "persons",
    "template_workbook": "templates",
    "to_wgs84": "datums",
}

__all__ = [
    "Fault",
    "ImportReport",
    "ImportTable",
    "ReadLimits",
    "dry_run",
    "faults_workbook",
    "import_file",
    "layer_manual",
    "read_file",
    "scan_text",
    "template_workbook",
    "to_wgs84",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"geo_service.imports.{_HOMES[name]}"), name)
