"""Files that are there whole or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from town_model import InputError


@contextmanager
def whole_file(path: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give a temporary name beside a file, which takes the file's name when the block ends well.

    Args:
        path: the file to write.
        overwrite: whether a file of that name may be replaced.

    Raises:
        InputError: the file is there already, or its folder is not, or cannot be written.
    """
    if path.exists() and not overwrite:
        raise InputError("{file} is there already: name another file, or overwrite it", file=path)
    if not path.parent.is_dir():
        raise InputError("there is no folder {folder}", folder=path.parent)
    part = path.with_name(f".{path.stem[:80]}.{secrets.token_hex(4)}{path.suffix}")
    try:
        yield part
        part.chmod(0o640)  # as the map file: what a store holds is not for everybody on the machine
        part.replace(path)
    except OSError as error:
        raise InputError(
            "{file} cannot be written: {reason}", file=path, reason=error.strerror or str(error)
        ) from error
    finally:
        part.unlink(missing_ok=True)
