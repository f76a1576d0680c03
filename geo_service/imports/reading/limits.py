"""What a file may cost."""

from __future__ import annotations

from dataclasses import dataclass, fields

from town_model import ValueRangeError


@dataclass(frozen=True)
class ReadLimits:
    """Limits of reading one file; what exceeds them is refused with a message.

    Args:
        file_mb: size of the file.
        unpacked_mb: size of all that is packed in a ZIP, XLSX or KMZ together.
        ratio: unpacked to packed size of one member, checked from 1 MB on.
        rows: rows of a sheet, or features of a layer.
        columns: columns of a sheet.
        cells: cells of all sheets together.
        vertices: vertices of all geometries together.
        text: characters in one cell.
        characters: characters in all cells of the sheets together; a workbook can name one long text many times.
        memory_mb: address space of the child process (POSIX).
        cpu_s: processor seconds of the child process (POSIX).
        wall_s: seconds after which the child process is killed.
    """

    file_mb: float = 200.0
    unpacked_mb: float = 400.0
    ratio: float = 200.0
    rows: int = 300_000
    columns: int = 400
    cells: int = 800_000
    vertices: int = 10_000_000
    text: int = 20_000
    characters: int = 50_000_000
    memory_mb: int = 2048
    cpu_s: int = 120
    wall_s: float = 180.0

    def __post_init__(self) -> None:
        for one in fields(self):
            if not getattr(self, one.name) > 0:
                raise ValueRangeError("the limit {name} must be above zero", name=one.name)
