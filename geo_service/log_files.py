"""The log of the service: one line for each request and event, in files of the workspace that are changed when they are full."""

from __future__ import annotations

import json
import logging
import logging.handlers
import os
from datetime import UTC, datetime
from pathlib import Path

from geo_service.settings import Settings

FILE = "service.log"
REQUESTS = "geo_service.requests"
_MB = 1_000_000


class JsonLines(logging.Formatter):
    """One JSON object a line: ``time``, ``level``, ``logger``, ``message`` and the fields of a request."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class TextLines(logging.Formatter):
    """One line for people: local time with zone, level, message. What came from outside cannot begin a line of its own."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%d %H:%M:%S%z")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name of logging
        """Return the line without its exception, in which control characters are written out."""
        line = super().formatMessage(record)
        return "".join(one if one.isprintable() else repr(one)[1:-1] for one in line)


class PrivateFile(logging.handlers.RotatingFileHandler):
    """A log file that its owner alone can read."""

    def _open(self):  # type: ignore[no-untyped-def]  # noqa: ANN202 - as the base class
        stream = super()._open()
        if os.name == "posix":
            Path(self.baseFilename).chmod(0o600)
        return stream


def write_logs(folder: Path, settings: Settings) -> PrivateFile:
    """Write what the service logs into ``logs/service.log`` of a workspace from now on.

    Args:
        folder: the workspace.
        settings: format, size and number of the files.

    Returns:
        The handler; `stop_logs` takes it away.
    """
    place = folder / "logs"
    place.mkdir(mode=0o700, exist_ok=True)
    handler = PrivateFile(
        place / FILE,
        maxBytes=settings.log_max_mb * _MB,
        backupCount=settings.log_keep,
        encoding="utf-8",
        errors="backslashreplace",
    )
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
    root = logging.getLogger()
    root.addHandler(handler)
    logging.getLogger("geo_service").setLevel(logging.INFO)
    return handler


def stop_logs(handler: PrivateFile) -> None:
    """Write no more into a log, and close it."""
    logging.getLogger().removeHandler(handler)
    handler.close()
