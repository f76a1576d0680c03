"""`user` on the command line: one-time links, locks, roles, second factors, removal."""

import json

import pytest
from click.testing import CliRunner

from geo_service.cli import main
from geo_service.workspace import Workspace

GOOD = "shimen-bridge-47"


@pytest.fixture
def run(tmp_path):
    Workspace.create(tmp_path / "town", name="石门镇").close()

    def call(*words, code=0):
        result = CliRunner().invoke(
            main, ["--workspace", str(tmp_path / "town"), "--json", "--lang", "en", *words]
        )
        assert result.exit_code == code, result.output
        return json.loads(result.stdout)

    call("user", "add", "admin1", "--role", "admin", "--title", "所长室")
    return call


@pytest.fixture
def people(run, tmp_path):
    with Workspace.open(tmp_path / "town") as workspace:
        yield workspace.accounts


def test_invite_gives_a_link_that_sets_a_password_once(run, people):
    made = run("user", "invite", "admin1", "--address", "https://geo.lan/")
    assert made["link"].startswith("https://geo.lan/invite/")
    people.invitations.spend(made["link"].rpartition("/")[2], GOOD)
    assert people.verify("admin1", GOOD).title == "所长室"


def test_without_an_address_the_link_names_that_of_the_settings(run):
    assert run("user", "invite", "admin1")["link"].startswith("http://127.0.0.1:8000/invite/")


def test_unlock_lets_in_again(run, people):
    people.set_password("admin1", GOOD, actor="t")
    for _ in range(5):
        people.verify("admin1", "wrong")
    assert people.verify("admin1", GOOD) is None
    run("user", "unlock", "admin1")
    assert people.verify("admin1", GOOD) is not None


def test_role_removal_and_the_last_administrator(run, people):
    assert "last administrator" in run("user", "role", "admin1", "--role", "planner", code=2)["error"][0]
    assert "last administrator" in run("user", "remove", "admin1", code=2)["error"][0]
    run("user", "add", "admin2", "--role", "admin")
    run("user", "role", "admin1", "--role", "planner")
    assert people.find("admin1").role == "planner"
    run("user", "remove", "admin1")
    assert people.find("admin1") is None


def test_a_second_factor_is_switched_off_and_unknown_names_are_refused(run, people):
    people.second_factors.begin(people.find("admin1"))
    assert run("user", "factor-off", "admin1") == {"name": "admin1", "second_factor": False}
    for command in ("invite", "unlock", "factor-off", "remove"):
        assert "no user" in run("user", command, "nobody", code=2)["error"][0]
