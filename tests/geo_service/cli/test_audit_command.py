"""`audit` lists what was done and tells tampering by its exit code."""

import json
import sqlite3

import pytest
from click.testing import CliRunner

from geo_service.cli import main
from geo_service.workspace import Workspace


@pytest.fixture
def run(tmp_path):
    with Workspace.create(tmp_path / "town") as made:
        made.store.audit("planner-1", "export_gaps", "xlsx", "10.0.0.8")
        made.store.audit("planner-2", "view_plan")

    def call(*words, language="en"):
        done = CliRunner().invoke(
            main, ["--workspace", str(tmp_path / "town"), "--lang", language, "audit", *words]
        )
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.stdout

    return call


def test_entries_are_listed_and_filtered(run):
    code, out = run("--user", "planner-1", "--since", "2026-01-01", "--json")
    (entry,) = json.loads(out)["entries"]
    assert (code, entry["action"], entry["address"]) == (0, "export_gaps", "10.0.0.8")
    assert "导出监控盲区" in run("--action", "export_gaps", language="zh")[1]
    assert "No entry" in run("--user", "nobody")[1]
    assert len(json.loads(run("--limit", "1", "--json")[1])["entries"]) == 1


def test_reading_on_the_command_line_is_noted_too(run):
    run()
    assert json.loads(run("--action", "view_audit", "--json")[1])["entries"][0]["actor"].startswith("cli:")


def test_a_whole_record_and_a_changed_one_differ_by_exit_code(run, tmp_path):
    code, out = run("--verify")
    assert code == 0 and "is whole" in out and "2:" in out
    raw = sqlite3.connect(tmp_path / "town" / "town.db")
    raw.execute("DROP TRIGGER audit_entries_no_update")
    raw.execute("UPDATE audit_entries SET actor = 'x' WHERE id = 1")
    raw.commit()
    raw.close()
    code, out = run("--verify", language="zh")
    assert code == 1 and "第 1 条" in out
    code, out = run("--verify", "--json")
    assert (code, json.loads(out)["ok"]) == (1, False)


def test_a_replaced_key_is_accepted_only_when_somebody_says_so(run, tmp_path):
    (tmp_path / "town" / "secret.key").unlink()
    assert run("--verify")[0] == 1
    assert run("--reseal")[0] == 0
    assert run("--verify")[0] == 0
    assert run("--verify", "--reseal")[0] == 2
