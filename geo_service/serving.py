"""A station's service from start to stop: its log, its worker, its daily backup, its signals."""

from __future__ import annotations

import contextlib
import logging
import signal
import threading
from collections.abc import Iterator

from geo_service.backup.daily import DailyBackups
from geo_service.jobs.supervisor import Supervisor
from geo_service.log_files import stop_logs, write_logs
from geo_service.web.server import Server
from geo_service.workspace import Workspace

LOG = logging.getLogger(__name__)


def run_service(workspace: Workspace, server: Server) -> None:
    """Serve until the process is told to stop; then finish what was asked and end the worker.

    Ctrl+C, SIGTERM (systemd) and on Windows Ctrl+Break stop it alike.

    Args:
        workspace: the workspace.
        server: its server; closed at the end.
    """
    handler = write_logs(workspace.folder, workspace.settings)
    try:
        with _stopping(server), Supervisor(workspace) as supervisor, DailyBackups(workspace):
            server.app.extensions["supervisor"] = supervisor
            LOG.info("serving at %s://%s:%s", server.scheme, server.effective_host, server.effective_port)
            server.run()
            LOG.info("stopping")
    finally:
        server.close()
        LOG.info("stopped")
        stop_logs(handler)


@contextlib.contextmanager
def _stopping(server: Server) -> Iterator[None]:
    """Let the signals that end a process stop a server in order; a second one ends the process at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = ("SIGINT", "SIGTERM", "SIGBREAK")
    signals = [getattr(signal, one) for one in names if hasattr(signal, one)]
    before = {one: signal.getsignal(one) for one in signals}

    def stop(_number: int, _frame: object) -> None:
        for one, handler in before.items():
            signal.signal(one, handler)
        server.stop()

    for one in signals:
        signal.signal(one, stop)
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
