"""Files as they arrive: written straight into the folder of uploads, and gone again unless a view takes them."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import IO, Any

from flask import Flask, Request, current_app, g

from geo_service.imports.uploads import Uploads, remove

#: The views whose files go there.
ENDPOINTS = frozenset({"imports.receive"})


class UploadRequest(Request):
    """A request whose files are written where they stay, not into memory or a temporary folder first."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self.endpoint not in ENDPOINTS:
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        path = Uploads(current_app.extensions["workspace"]).new_path(filename or "")
        stream = path.open("xb+")
        path.chmod(0o600)
        arrived().append((path, stream))
        return stream


def arrived() -> list[tuple[Path, IO[bytes]]]:
    """Return the files of this request with their paths, in order."""
    if "arrived_files" not in g:
        g.arrived_files = []
    found: list[tuple[Path, IO[bytes]]] = g.arrived_files
    return found


def take(path: Path) -> None:
    """Keep a file beyond the request, closed."""
    for one, stream in list(arrived()):
        if one == path:
            stream.close()
            arrived().remove((one, stream))


def install(app: Flask) -> None:
    """Let an application write uploads where they stay, and remove those that no view took."""
    app.request_class = UploadRequest

    @app.teardown_request
    def _remove_rest(_error: BaseException | None = None) -> None:
        rest: list[Any] = g.pop("arrived_files", [])
        for path, stream in rest:
            with contextlib.suppress(OSError):
                stream.close()
            remove(path)
