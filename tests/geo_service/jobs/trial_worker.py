"""A worker process that knows one more kind of jobs: it waits for a file, and marks each beginning and end."""

import os
import sys
import time
from pathlib import Path

from geo_service.jobs import JobOutcome
from geo_service.jobs.kinds import KINDS, Kind
from geo_service.jobs.worker import main
from town_model import Text

LONGEST_S = 60.0

KINDS["trial"] = Kind(title=Text("Trial"), run="__main__:wait", options=None)


def wait(_workspace, job):
    """Wait until the file `go` is there; note in the file `marks` what was begun and ended by which process."""
    with Path(job.options["marks"]).open("a", encoding="ascii") as marks:
        print("begun", job.id, os.getpid(), file=marks, flush=True)
        ends = time.monotonic() + LONGEST_S
        while not Path(job.options["go"]).exists() and time.monotonic() < ends:
            job.progress(0.5, Text("waiting for the test"))
            time.sleep(0.01)
        print("ended", job.id, os.getpid(), file=marks, flush=True)
    return JobOutcome("/gaps")


if __name__ == "__main__":
    main(*sys.argv[1:3])
