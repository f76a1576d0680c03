"""The seed of plans is a secret of the station: nobody who only reads finds it in any answer, nor in the record."""

import runpy
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from geo_service import jobs
from geo_service.publications import publish
from geo_service.store.tables import audit_entries
from geo_service.web import create_app

LEAKS = runpy.run_path(str(Path(__file__).with_name("test_leaks.py")))
SEED = 1_736_455_221
TODAY = date(2026, 5, 4)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def station(tmp_path_factory):
    """A town with a published plan, one of several days and a job, all of which bear the seed in their options."""
    with LEAKS["TOWN"]["build"](tmp_path_factory.mktemp("seed") / "station") as workspace:
        store = workspace.store
        plan = store.latest_result("patrol")
        frames = {name: plan.frame(name) for name in plan.frame_names}
        options = {"seed": SEED, "time_limit_s": 30.0}
        number = store.save_result(
            "patrol", actor="planner", options=options, summary=plan.summary, frames=frames
        )
        publish(store, number, TODAY, TODAY, actor="planner", today=TODAY)
        jobs.submit(workspace, "patrol", actor="inspector", options={"seed": SEED})
        yield workspace


def answers(workspace, role):
    """All that the pages and the API tell a role, path by path."""
    app = create_app(workspace)
    client = LEAKS["log_in"](app, role)
    for rule in LEAKS["rules"](app):
        for path in LEAKS["paths"](app, rule):
            yield path, LEAKS["read"](LEAKS["ask"](client, path))


@pytest.mark.parametrize("role", ["inspector", "cadre-1"])
def test_who_only_reads_finds_the_seed_in_no_answer(station, role):
    found = [path for path, told in answers(station, role) if str(SEED) in told]
    assert found == []


def test_the_planner_finds_it_where_a_run_is_repeated(station):
    """Otherwise a test that finds none would say nothing."""
    told = {path for path, told in answers(station, "planner") if str(SEED) in told}
    assert "/api/v1/results/patrol/latest" in told


def test_the_record_of_what_was_done_holds_no_seed(station):
    with station.store.reading() as connection:
        rows = [str(tuple(row)) for row in connection.execute(select(audit_entries))]
    assert rows
    assert not any(str(SEED) in row for row in rows)
