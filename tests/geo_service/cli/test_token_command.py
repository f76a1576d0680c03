"""`user token` and `user tokens`: made with its secret shown once, listed without it, revoked."""

import json

import pytest
from click.testing import CliRunner

from geo_service.accounts.tokens import Tokens
from geo_service.cli import main
from geo_service.workspace import Workspace


@pytest.fixture
def run(tmp_path):
    with Workspace.create(tmp_path / "town", name="石门镇") as workspace:
        workspace.accounts.create_user("planner.a", role="planner", password="Shi-men-2026")

    def call(*words, code=0):
        result = CliRunner().invoke(
            main, ["--workspace", str(tmp_path / "town"), "--json", "--lang", "en", *words]
        )
        assert result.exit_code == code, result.output
        return json.loads(result.stdout) if code == 0 else result.output

    return call


def test_a_token_is_made_listed_and_revoked(run, tmp_path):
    made = run("user", "token", "planner.a", "--for", "QGIS", "--scope", "edit", "--days", "7")
    listed = run("user", "tokens")["tokens"]
    assert listed == [
        {"id": made["id"], "user": "planner.a", "name": "QGIS", "scope": "edit", "state": "open"}
    ]
    with Workspace.open(tmp_path / "town") as workspace:
        tokens = Tokens(workspace.store, workspace.settings)
        assert tokens.check(made["token"])[0].name == "planner.a"
        run("user", "tokens", "--revoke", str(made["id"]))
        assert tokens.check(made["token"]) is None
    assert run("user", "tokens")["tokens"][0]["state"] == "revoked"


def test_bad_input_ends_with_2_and_one_message(run):
    assert "1 to 365 days" in run("user", "token", "planner.a", "--for", "x", "--days", "0", code=2)
    assert "no user nobody" in run("user", "token", "nobody", "--for", "x", code=2)
    assert "no token 9" in run("user", "tokens", "--revoke", "9", code=2)
