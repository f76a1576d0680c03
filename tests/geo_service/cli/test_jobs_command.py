"""`jobs` and `publish` on the command line."""

import datetime as dt
import json

import pandas as pd
import pytest
from click.testing import CliRunner

from geo_service import jobs
from geo_service.cli import main
from geo_service.publications import plan_in_force


@pytest.fixture
def run(empty_workspace):
    def go(*args):
        done = CliRunner().invoke(main, ["--workspace", str(empty_workspace.folder), "--json", *args])
        return done.exit_code, json.loads(done.stdout)

    return go


def test_jobs_are_listed_shown_and_cancelled(run, empty_workspace):
    number = jobs.submit(empty_workspace, "coverage", actor="planner.a")
    assert [one["id"] for one in run("jobs", "list")[1]["jobs"]] == [number]
    code, shown = run("jobs", "show", str(number))
    assert (code, shown["state"], shown["actor"]) == (0, "queued", "planner.a")
    assert run("jobs", "cancel", str(number))[1]["state"] == "cancelled"
    assert run("jobs", "list", "--state", "queued")[1]["jobs"] == []


def test_a_job_runs_again_at_once_and_its_fault_is_the_exit_code(run, empty_workspace):
    """An empty workspace has nothing to compute."""
    number = jobs.submit(empty_workspace, "coverage", actor="planner.a")
    jobs.cancel(empty_workspace, number, actor="planner.a")
    code, told = run("jobs", "again", str(number), "--now")
    assert code == 1 and told["id"] != number and told["state"] == "failed" and told["faults"]


def test_without_now_the_job_waits_for_the_worker(run, empty_workspace):
    number = jobs.submit(empty_workspace, "coverage", actor="planner.a")
    jobs.cancel(empty_workspace, number, actor="planner.a")
    assert run("jobs", "again", str(number))[1]["state"] == "queued"


def test_a_job_that_does_not_exist_is_bad_input(run):
    assert run("jobs", "show", "7")[0] == 2


def test_a_plan_is_published_listed_and_withdrawn(run, empty_workspace):
    store = empty_workspace.store
    plan = store.save_result(
        "patrol", actor="a", options={}, summary={}, frames={"units": pd.DataFrame({"unit": ["a"]})}
    )
    today = dt.datetime.now().astimezone().date()
    code, told = run("publish", f"{today}..{today + dt.timedelta(days=2)}")
    assert code == 0 and told["in_force"] == told["publications"][0]["id"]
    assert plan_in_force(store, today).id == plan
    assert run("publish")[1] == told
    assert run("publish", "--withdraw", str(told["in_force"]))[1] == {"in_force": None, "publications": []}


@pytest.mark.parametrize(
    "args", [("soon",), ("2020-01-01",), ("2999-01-01", "--withdraw", "1"), ("2999-01-01",)]
)
def test_bad_days_are_bad_input(run, args):
    assert run("publish", *args)[0] == 2
