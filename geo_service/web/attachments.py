"""Files that a page sends to be kept."""

from __future__ import annotations

from io import BytesIO

from flask import send_file
from flask.typing import ResponseReturnValue

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"


def attachment(content: bytes, media_type: str, name: str) -> ResponseReturnValue:
    """Return a file as an answer that the browser saves under a name and no cache keeps.

    Args:
        content: the file.
        media_type: such as `XLSX`.
        name: under which it is saved, with its ending.
    """
    answer = send_file(BytesIO(content), mimetype=media_type, as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer
