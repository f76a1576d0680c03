"""The process in which a file is read: ``python -m geo_service.imports.osm.child FILE FORMAT ANSWER``.

It writes an `OsmTown`, or the error that says what is wrong with the file, as a pickle for the process that began it.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import re
import sys
from pathlib import Path

from geo_service.imports.osm.elements import read_elements
from geo_service.imports.osm.town import OsmTown, build_town
from town_model import InputError, Text, TownError


def limit_memory(megabytes: int) -> None:
    """Hold this process to an amount of memory, where the system can.

    Args:
        megabytes: the most it may take.
    """
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 - absent on Windows

        size = megabytes * 1_000_000
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (size if hard < 0 else min(size, hard), hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def read(path: Path, file_format: str) -> OsmTown | Text:
    """Return the town of a file, or what is wrong with it.

    Args:
        path: the file.
        file_format: libosmium's name of its format.
    """
    try:
        elements = read_elements(path, file_format)
    except MemoryError:
        raise
    except Exception as error:
        if "temporarily unavailable" in str(error):
            # no room for one more thread
            raise MemoryError from error
        words = re.sub(r"[^\x20-\x7e]", "?", str(error))[:200]
        return Text.of(
            "{file} is damaged or incomplete ({why}): download it again", file=path.name, why=words
        )
    if not (elements.ways or elements.points or elements.relations):
        return Text.of("{file} holds no roads, buildings or places: download the town again", file=path.name)
    return build_town(elements)


def main() -> None:
    """Read the file of the command line and write the answer."""
    path, file_format, answer = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    limit_memory(int(os.environ.get("GEO_SERVICE_CHILD_MB", "8000")))
    result: OsmTown | TownError
    try:
        town = read(path, file_format)
        result = InputError(town) if isinstance(town, Text) else town
    except TownError as error:
        result = error
    except MemoryError:
        sys.exit(3)
    answer.write_bytes(pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL))


if __name__ == "__main__":
    main()
