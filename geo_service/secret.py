"""The secret key of a workspace: made once, readable by its owner alone. It signs cookies and seals the audit record."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from town_model import InputError

FILE = "secret.key"
_BYTES = 32


def secret_key(folder: Path) -> str:
    """Return the key of a workspace; the first call makes it.

    Args:
        folder: folder of the workspace.

    Raises:
        InputError: the file is there but holds no key.
    """
    path = folder / FILE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_text(encoding="ascii", errors="replace").strip()
        if len(key) < 2 * _BYTES:
            raise InputError(
                "{file} holds no usable key: delete it, and a new one is made at the next start", file=path
            ) from None
        return key
    with os.fdopen(handle, "w", encoding="ascii") as target:
        key = secrets.token_hex(_BYTES)
        target.write(key + "\n")
    return key
