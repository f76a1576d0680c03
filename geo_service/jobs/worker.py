"""The worker process: takes jobs and does them, one after the other, until its parent ends.

Started by the supervisor as ``python -m geo_service.jobs.worker FOLDER NAME`` with a pipe as its input. That pipe ends
when the parent ends, also when it is killed: then the worker hands back what it holds and ends, too.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable

from geo_service.jobs import table
from geo_service.jobs.work import do, take_next
from geo_service.store import StoreBusyError
from geo_service.workspace import Workspace

LOG = logging.getLogger(__name__)
POLL_S = 0.3
_NICENESS = 10


def work(workspace: Workspace, name: str, *, ended: threading.Event) -> None:
    """Take jobs and do them until told to end.

    Args:
        workspace: the workspace.
        name: name of this worker.
        ended: set when the worker is to end; a job in hand is done first.
    """
    while not ended.is_set():
        try:
            lease = take_next(workspace, name)
        except StoreBusyError:
            lease = None
        if lease is None:
            ended.wait(POLL_S)
        else:
            do(workspace, lease)


def hand_back(workspace: Workspace, name: str) -> None:
    """Give back the job in hand, so that it is begun again when a worker is there."""
    try:
        with workspace.store.writing() as connection:
            table.give_back(connection, name)
    except StoreBusyError:
        LOG.warning("the job in hand could not be given back: its lease will run out")


def main(folder: str, name: str) -> None:
    """Work on the jobs of a workspace until the input ends.

    Args:
        folder: folder of the workspace.
        name: name of this worker.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    if hasattr(os, "nice"):
        os.nice(_NICENESS)  # pages come first; on Windows the supervisor asks for it at the start
    workspace = Workspace.open(folder)
    ended = threading.Event()

    def leave() -> None:
        ended.set()
        hand_back(workspace, name)
        os._exit(
            0
        )  # a computation cannot be interrupted in any other way; the store takes back what is half done

    threading.Thread(target=_watch, args=(leave,), name="parent", daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the server's to answer: it ends the pipe
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=leave).start())
    work(workspace, name, ended=ended)


def _watch(leave: Callable[[], None]) -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    leave()


if __name__ == "__main__":
    main(*sys.argv[1:3])
