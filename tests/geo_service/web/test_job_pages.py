"""The pages and the interface of jobs: who may ask, see and cancel, and what they tell."""

import re

import pytest
from web_clients import PASSWORD, log_in

from geo_service import jobs
from geo_service.store import ConflictError
from geo_service.web import create_app


@pytest.fixture
def workspace(tmp_path, small_town):
    with small_town["build"](tmp_path / "station") as made:
        for role in ("planner", "inspector", "cadre"):
            made.accounts.create_user(
                role + ".a", role=role, password=PASSWORD, villages=[1] if role == "cadre" else []
            )
        yield made


@pytest.fixture
def app(workspace):
    made = create_app(workspace)
    made.config["TESTING"] = False
    return made


def post(client, path, **form):
    return client.post(path, data={"csrf_token": client.token, **form})


def ask(client, body):
    return client.post("/api/v1/jobs", json=body, headers={"X-CSRFToken": client.token})


class TestPages:
    def test_a_planner_asks_watches_and_reads_the_result(self, app, workspace):
        planner = log_in(app, "planner.a")
        answer = post(planner, "/jobs", kind="patrol", time_limit_s="5", seed="7")
        assert answer.status_code == 303
        number = int(answer.location.rsplit("/", 1)[1])
        job = jobs.get(workspace, number)
        assert (job.kind, job.actor, job.options) == ("patrol", "planner.a", {"time_limit_s": 5.0, "seed": 7})
        page = planner.get(answer.location).text
        assert (
            "排队" in page
            and f"/jobs/{number}/cancel" in page
            and '<noscript><meta http-equiv="refresh"' in page
        )
        assert answer.location in planner.get("/jobs").text

    def test_the_frame_tells_of_the_own_job_and_of_no_other(self, app, workspace):
        planner = log_in(app, "planner.a")
        assert "own-job" not in planner.get("/password").text
        jobs.submit(workspace, "coverage", actor="somebody.else")
        assert "own-job" not in planner.get("/password").text
        jobs.submit(workspace, "patrol", actor="planner.a")
        assert "own-job" in planner.get("/password").text

    def test_a_wrong_option_is_refused_with_its_name_and_no_job_is_made(self, app, workspace):
        answer = post(log_in(app, "planner.a"), "/jobs", kind="patrol", time_limit_s="-3")
        assert answer.status_code == 400 and "-3" in answer.text
        assert jobs.listing(workspace) == []

    def test_cancel_and_run_again(self, app, workspace):
        planner = log_in(app, "planner.a")
        number = jobs.submit(workspace, "coverage", actor="planner.a")
        assert post(planner, f"/jobs/{number}/again").status_code == 409
        assert post(planner, f"/jobs/{number}/cancel").status_code == 303
        assert jobs.get(workspace, number).state == "cancelled"
        again = post(planner, f"/jobs/{number}/again").location
        assert again != f"/jobs/{number}" and "排队" in planner.get(again).text

    def test_a_fault_is_said_in_the_language_of_the_reader(self, app, workspace):
        with workspace.store.change(actor="test") as change:
            for row in workspace.store.frame("roads").index:
                change.delete("roads", int(row))
        number = jobs.submit(workspace, "patrol", actor="planner.a")
        jobs.run_now(workspace, number)
        planner = log_in(app, "planner.a")
        chinese = planner.get(f"/api/v1/jobs/{number}").json
        assert chinese["state"] == "failed" and "道路" in chinese["faults"][0]
        post(planner, "/language", language="en", next="/")
        assert "there are no roads" in planner.get(f"/api/v1/jobs/{number}").json["faults"][0]

    def test_the_list_is_filtered_by_state_kind_and_owner(self, app, workspace):
        first = jobs.submit(workspace, "coverage", actor="planner.a")
        second = jobs.submit(workspace, "gaps", actor="b")
        jobs.cancel(workspace, second, actor="b")
        planner = log_in(app, "planner.a")

        def listed(query):
            return set(map(int, re.findall(r'<tr data-job="(\d+)"', planner.get("/jobs?" + query).text)))

        assert listed("") == {first, second} and listed("state=cancelled") == {second}
        assert (
            listed("kind=coverage") == {first} and listed("mine=1") == {first} and listed("state=x") == set()
        )


class TestWho:
    def test_who_may_not_edit_starts_nothing_and_sees_nothing(self, app, workspace):
        number = jobs.submit(workspace, "coverage", actor="planner.a")
        for role in ("inspector", "cadre"):
            client = log_in(app, f"{role}.a")
            foreign, absent = client.get(f"/jobs/{number}"), client.get("/jobs/99")
            assert foreign.status_code == absent.status_code == (404 if role == "inspector" else 403)
            assert post(client, "/jobs", kind="coverage").status_code == 403
            assert ask(client, {"kind": "coverage"}).status_code == 403
            assert post(client, f"/jobs/{number}/cancel").status_code == foreign.status_code
        assert log_in(app, "inspector.a").get("/api/v1/jobs").json == {"jobs": []}
        assert jobs.get(workspace, number).state == "queued" and len(jobs.listing(workspace)) == 1

    def test_a_refusal_is_in_the_audit_record(self, app, workspace):
        post(log_in(app, "inspector.a"), "/jobs", kind="coverage")
        entry = workspace.store.audit_entries(action="refused", limit=1)[0]
        assert (entry.actor, entry.target) == ("inspector.a", "/jobs coverage")


class TestInterface:
    def test_a_job_is_asked_for_looked_at_and_cancelled(self, app, workspace):
        planner = log_in(app, "planner.a")
        answer = ask(planner, {"kind": "patrol", "options": {"time_limit_s": 5}})
        assert answer.status_code == 202 and answer.json["state"] == "queued"
        assert answer.json["options"] == {"time_limit_s": 5.0, "seed": 0}
        path = answer.headers["Location"]
        assert planner.get(path).json["number"] == answer.json["number"]
        assert [one["number"] for one in planner.get("/api/v1/jobs?state=queued").json["jobs"]] == [
            answer.json["number"]
        ]
        gone = planner.post(path + "/cancel", headers={"X-CSRFToken": planner.token})
        assert (gone.status_code, gone.json["state"]) == (200, "cancelled")

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({}, 400),
            ([], 400),
            ({"kind": 3}, 400),
            ({"kind": "nothing"}, 400),
            ({"kind": "patrol", "options": []}, 400),
            ({"kind": "patrol", "options": {"time_limit_s": 1e9}}, 400),
            ({"kind": "patrol", "more": 1}, 400),
        ],
    )
    def test_bad_bodies_are_refused(self, app, workspace, body, status):
        assert ask(log_in(app, "planner.a"), body).status_code == status
        assert jobs.listing(workspace) == []

    @pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=9999", "offset=-1", "state=wild"])
    def test_bad_queries_are_refused(self, app, query):
        assert log_in(app, "planner.a").get("/api/v1/jobs?" + query).status_code == 400

    def test_an_unknown_job_is_not_found(self, app):
        planner = log_in(app, "planner.a")
        assert planner.get("/api/v1/jobs/7").status_code == 404
        assert (
            planner.post("/api/v1/jobs/7/cancel", headers={"X-CSRFToken": planner.token}).status_code == 404
        )


def test_a_job_that_runs_is_not_run_twice(workspace):
    number = jobs.submit(workspace, "coverage", actor="a")
    assert jobs.run_now(workspace, number).state == "done"
    with pytest.raises(ConflictError):
        jobs.run_now(workspace, number)
