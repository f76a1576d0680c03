"""Worker processes: killed, orphaned, racing; every wait has an end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from geo_service import jobs
from geo_service.jobs.kinds import KINDS, Kind
from geo_service.jobs.supervisor import Supervisor
from geo_service.workspace import Workspace
from town_model import Text

pytestmark = pytest.mark.slow

LONGEST_S = 60.0
PROGRAM = (sys.executable, str(Path(__file__).with_name("trial_worker.py")))

RACER = """
import sys
from geo_service.jobs.work import take_next
from geo_service.workspace import Workspace

with Workspace.open(sys.argv[1]) as workspace:
    print("ready", flush=True)
    sys.stdin.readline()
    while (lease := take_next(workspace, sys.argv[2])) is not None:
        print(lease.job, flush=True)
"""

SERVER = """
import sys
from geo_service.jobs.supervisor import Supervisor
from geo_service.workspace import Workspace

with Workspace.open(sys.argv[1]) as workspace, Supervisor(workspace, program=sys.argv[2:4]):
    sys.stdin.readline()
"""


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.setitem(KINDS, "trial", Kind(title=Text("Trial"), run="none:none", options=None))
    with Workspace.create(tmp_path / "town", name="石门镇") as made:
        yield made


@pytest.fixture
def trial(workspace, tmp_path):
    return Trial(workspace, tmp_path)


class Trial:
    """A job that waits until the test lets it go, and the marks that it leaves."""

    def __init__(self, workspace, folder):
        self.workspace, self.go, self.marks = workspace, folder / "go", folder / "marks"

    def submit(self, **more):
        options = {"go": str(self.go), "marks": str(self.marks), **more}
        return jobs.submit(self.workspace, "trial", actor="a", options=options)

    def pids(self, what, number):
        """The processes that began or ended a job, in order."""
        if not self.marks.exists():
            return []
        lines = [one.split() for one in self.marks.read_text().splitlines() if len(one.split()) == 3]
        return [int(pid) for told, job, pid in lines if told == what and int(job) == number]

    def state(self, number):
        return jobs.get(self.workspace, number).state

    def begun(self, number, times=1):
        return wait_for(lambda: len(found := self.pids("begun", number)) >= times and found)[times - 1]

    def ended(self, number):
        wait_for(lambda: self.state(number) not in jobs.LIVING)
        return jobs.get(self.workspace, number)


def wait_for(condition):
    """Wait until a condition holds, a minute at most; return what it gave."""
    ends = time.monotonic() + LONGEST_S
    while time.monotonic() < ends:
        if found := condition():
            return found
        time.sleep(0.02)  # the processes share two cores with the test
    raise AssertionError("it did not happen in time")


def is_alive(pid):
    """Whether a process runs; one that has ended and that nobody has asked after is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_two_processes_that_race_for_jobs_never_take_the_same_one(workspace):
    asked = {jobs.submit(workspace, "patrol", actor="a", options={"seed": n}) for n in range(40)}
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, str(workspace.folder), name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for name in ("one", "two")
    ]  # fmt: skip
    for one in racers:
        assert one.stdout.readline() == "ready\n"
    for one in racers:
        one.stdin.write("\n")
        one.stdin.flush()
    took = [one.communicate(timeout=LONGEST_S)[0].split() for one in racers]
    assert sorted(int(one) for each in took for one in each) == sorted(asked)
    assert {one.attempts for one in jobs.listing(workspace)} == {1}


def test_two_workers_on_one_workspace_run_each_job_once(workspace, trial):
    trial.go.touch()
    asked = [trial.submit(n=n) for n in range(12)]
    with Supervisor(workspace, program=PROGRAM), Supervisor(workspace, program=PROGRAM):
        for number in asked:
            assert trial.ended(number).state == "done"
    assert [len(trial.pids("begun", number)) for number in asked] == [1] * 12


@pytest.mark.skipif(os.name != "posix", reason="kills by signal")
class TestKilled:
    def test_a_job_whose_worker_is_killed_is_begun_again_and_done(self, workspace, trial):
        with Supervisor(workspace, program=PROGRAM, back_off_s=0.05):
            number = trial.submit()
            first = trial.begun(number)
            os.kill(first, signal.SIGKILL)
            second = trial.begun(number, times=2)
            trial.go.touch()
            done = trial.ended(number)
        assert first != second and trial.pids("ended", number) == [second]
        assert (done.state, done.attempts) == ("done", 2)
        assert "its worker process ended in the middle of it" in [str(one.words) for one in done.log]

    def test_a_job_that_kills_its_worker_twice_fails_and_does_not_hold_up_the_next(self, workspace, trial):
        with Supervisor(workspace, program=PROGRAM, back_off_s=0.05):
            number = trial.submit()
            for times in (1, 2):
                os.kill(trial.begun(number, times=times), signal.SIGKILL)
            failed = trial.ended(number)
            trial.go.touch()
            assert trial.ended(trial.submit(n=2)).state == "done"
        assert failed.state == "failed" and "run it again" in str(failed.fault)

    def test_a_server_that_is_killed_takes_its_worker_along_and_loses_no_job(self, workspace, trial):
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(workspace.folder), *PROGRAM], stdin=subprocess.PIPE
        )
        number = trial.submit()
        worker = trial.begun(number)
        server.kill()
        server.wait(timeout=LONGEST_S)
        wait_for(lambda: not is_alive(worker))
        job = jobs.get(workspace, number)
        assert (job.state, job.attempts) == ("queued", 0) and trial.pids("ended", number) == []
        trial.go.touch()
        with Supervisor(workspace, program=PROGRAM):  # the server's next start
            assert trial.ended(number).state == "done"
        assert len(trial.pids("begun", number)) == 2
        server.stdin.close()


def test_a_server_that_ends_gives_its_job_back_and_leaves_no_process(workspace, trial):
    with Supervisor(workspace, program=PROGRAM) as supervisor:
        number = trial.submit()
        worker = trial.begun(number)
        assert supervisor.pid == worker
    assert supervisor.pid is None and not is_alive(worker)
    job = jobs.get(workspace, number)
    assert (job.state, job.attempts) == ("queued", 0)


def test_a_job_is_cancelled_while_it_runs_and_the_worker_goes_on(workspace, trial):
    with Supervisor(workspace, program=PROGRAM):
        number = trial.submit()
        worker = trial.begun(number)
        jobs.cancel(workspace, number, actor="b")
        assert trial.ended(number).state == "cancelled" and trial.pids("ended", number) == []
        trial.go.touch()
        second = trial.submit()
        assert trial.ended(second).state == "done" and trial.begun(second) == worker


def test_progress_is_told_while_the_job_runs(workspace, trial):
    with Supervisor(workspace, program=PROGRAM):
        number = trial.submit()
        wait_for(lambda: jobs.get(workspace, number).share == 0.5)
        assert str(jobs.get(workspace, number).words) == "waiting for the test"
        trial.go.touch()
        assert trial.ended(number).share == 1.0


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="no priorities to ask for")
def test_the_worker_lets_pages_come_first(workspace, trial):
    with Supervisor(workspace, program=PROGRAM):
        worker = trial.begun(trial.submit())
        own = os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getpriority(os.PRIO_PROCESS, worker) >= min(19, own + 10)
        assert Path(f"/proc/{worker}/environ").read_bytes().count(b"OMP_NUM_THREADS=1\0") == 1
