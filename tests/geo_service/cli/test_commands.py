"""The commands as a script or a person calls them: results, exit codes, both languages, nothing half done."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import shapely
from click.testing import CliRunner

from geo_service.cli import main
from geo_service.cli.main import HOMES
from geo_service.secret import secret_key
from geo_service.workspace import Workspace
from town_model import LAYERS

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def run(tmp_path):
    """Call the command line on a workspace of its own; returns (exit code, standard output, standard error)."""

    def call(*words, workspace="town"):
        done = CliRunner().invoke(main, ["--workspace", str(tmp_path / workspace), *map(str, words)])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.stdout, done.stderr

    return call


@pytest.fixture
def osm_file(tmp_path):
    """A crossroads with a house, a school and a police station."""
    nodes = {
        1: (0, 0),
        2: (400, 0),
        3: (200, 0),
        4: (200, 300),
        5: (20, 20),
        6: (60, 20),
        7: (60, 50),
        8: (20, 50),
    }
    nodes |= {9: (220, 20), 10: (280, 20), 11: (280, 80), 12: (220, 80), 13: (120, -40)}
    lines = [
        f'<node id="{i}" lon="{118.78 + x / 94000}" lat="{32.04 + y / 111000}"/>'
        for i, (x, y) in nodes.items()
        if i != 13
    ]
    lines.append(
        '<node id="13" lon="118.7813" lat="32.0397"><tag k="amenity" v="police"/><tag k="name" v="石门派出所"/></node>'
    )
    ways = {
        20: ([1, 3, 2], {"highway": "primary", "name": "人民路"}),
        21: ([3, 4], {"highway": "residential", "name": "学前街"}),
        22: ([5, 6, 7, 8, 5], {"building": "house", "height": "6"}),
        23: ([9, 10, 11, 12, 9], {"amenity": "school", "name": "石门小学"}),
    }
    for way, (refs, tags) in ways.items():
        inner = "".join(f'<nd ref="{one}"/>' for one in refs) + "".join(
            f'<tag k="{k}" v="{v}"/>' for k, v in tags.items()
        )
        lines.append(f'<way id="{way}">{inner}</way>')
    path = tmp_path / "town.osm"
    path.write_text('<osm version="0.6">' + "".join(lines) + "</osm>", encoding="utf-8")
    return path


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "ledger.csv"
    path.write_text(
        "点位名称,经度,纬度,摄像机类型,安装高度(m),朝向,水平视场角,分辨率,监控距离,红外距离,设备状态\n"
        "路口1号,118.7821,32.0401,枪机,6,东,90,1920×1080,60米,30米,在用\n"
        "路口2号,118.7821,32.0402,枪机,6,730,90,1920×1080,60米,30米,在用\n",
        encoding="utf-8",
    )
    return path


def test_a_first_day_at_a_station(run, osm_file, ledger, tmp_path):
    """From an empty folder to a map, each step as the README says."""
    assert run("init", "--name", "石门镇")[0] == 0
    code, out, _ = run("--json", "import-osm", osm_file, "--accept-proposals")
    assert code == 0
    assert json.loads(out)["accepted"] == 2
    code, out, _ = run("--json", "import", "camera_sites", ledger, "--datum", "wgs84")
    assert (code, json.loads(out)["inserted"]) == (0, 2)
    code, out, _ = run("--json", "coverage")
    assert (code, json.loads(out)["cameras"]) == (0, 2)
    code, out, _ = run("--json", "gaps")
    assert code == 0
    assert json.loads(out)["lights"]["day"]["pieces"] > 0
    code, out, _ = run("--json", "patrol", "--max-iterations", 100)
    assert code == 0
    assert json.loads(out)["audit_passed"]
    code, out, _ = run("--json", "map", "--out", tmp_path / "town.html")
    assert code == 0
    assert "石门镇" in (tmp_path / "town.html").read_text(encoding="utf-8")
    code, out, _ = run("--json", "check")
    assert (code, json.loads(out)["counts"].keys()) == (0, {"error", "warning", "note"})
    code, out, _ = run("--json", "doctor")
    assert code == 0
    assert json.loads(out)["ok"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_sentences_are_in_the_language_asked_for(run, osm_file, ledger, language):
    run("init")
    run("import-osm", osm_file, "--accept-proposals")
    run("import", "camera_sites", ledger, "--datum", "wgs84")
    for words in (["coverage"], ["gaps"], ["patrol", "--max-iterations", "20"], ["check"], ["doctor"]):
        code, out, _ = run("--lang", language, *words)
        assert code == 0
        first = out.splitlines()[0]
        assert bool(re.search("[一-鿿]", first)) == (language == "zh"), out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["coverage"], "init"),
        (["template", "cameras"], "camera_sites"),
        (["import", "cameras", "x.csv"], "camera_sites"),
        (["export", "nothing", "x.csv"], "camera_sites"),
    ],
)
def test_without_a_workspace_or_layer_one_message_says_what_to_do(run, words, said):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_json_may_stand_before_or_after_the_command(run):
    run("init")
    assert (
        json.loads(run("user", "list", "--json")[1])
        == json.loads(run("--json", "user", "list")[1])
        == {"users": []}
    )


def test_errors_in_json_are_json_and_exit_two(run):
    code, out, _ = run("--json", "gaps")
    assert code == 2
    assert "init" in json.loads(out)["error"][0]


def test_a_second_init_and_an_existing_file_are_left_alone(run, osm_file, tmp_path):
    run("init", "--name", "甲")
    assert run("init", "--name", "乙")[0] == 2
    with Workspace.open(tmp_path / "town") as workspace:
        assert workspace.store.town.name == "甲"
    run("import-osm", osm_file)
    there = tmp_path / "there.csv"
    there.write_text("mine", encoding="utf-8")
    assert run("export", "roads", there)[0] == 2
    assert run("template", "roads", "--out", there)[0] == 2
    assert run("map", "--out", there)[0] == 2
    assert there.read_text(encoding="utf-8") == "mine"
    assert run("export", "roads", there, "--overwrite")[0] == 0
    assert "人民路" in there.read_text(encoding="utf-8-sig")


def test_a_dry_run_stores_nothing_and_tells_all(run, osm_file, ledger, tmp_path):
    run("init")
    run("import-osm", osm_file)
    code, out, _ = run(
        "--json",
        "import",
        "camera_sites",
        ledger,
        "--datum",
        "wgs84",
        "--dry-run",
        "--faults-out",
        tmp_path / "f.xlsx",
    )
    report = json.loads(out)
    assert (code, report["stored"], len(report["faults"])) == (0, False, 2)
    assert len(report["positions"]["features"]) == 2
    assert (tmp_path / "f.xlsx").read_bytes()[:2] == b"PK"
    with Workspace.open(tmp_path / "town") as workspace:
        assert workspace.store.count("camera_sites") == 0


def test_refuse_faulty_stores_nothing_and_exits_two(run, osm_file, tmp_path):
    run("init")
    run("import-osm", osm_file)
    path = tmp_path / "two.csv"
    path.write_text("点位名称,经度,纬度\n甲,118.7821,32.0401\n乙,,\n", encoding="utf-8")
    assert run("import", "camera_sites", path, "--datum", "wgs84", "--refuse-faulty")[0] == 2
    code, out, _ = run("--json", "import", "camera_sites", path, "--datum", "wgs84")
    assert (code, json.loads(out)["inserted"]) == (0, 1)


def test_columns_that_are_not_of_the_form_are_refused(run, osm_file, ledger):
    run("init")
    run("import-osm", osm_file)
    code, _, err = run("import", "camera_sites", ledger, "--datum", "wgs84", "--columns", "name:点位")
    assert code == 2
    assert "name:点位" in err


def test_a_file_without_a_datum_is_asked_for_one(run, osm_file, ledger):
    run("init")
    run("import-osm", osm_file)
    code, _, err = run("import", "camera_sites", ledger)
    assert code == 2
    assert "gcj02" in err


def test_accounts_are_made_listed_changed_and_closed(run, osm_file, tmp_path):
    run("init")
    code, out, _ = run("--json", "user", "add", "planner-1", "--role", "planner")
    password = json.loads(out)["password"]
    assert code == 0
    assert len(password) >= 10
    assert run("user", "add", "planner-1", "--role", "planner")[0] == 2
    assert run("user", "add", "cadre-1", "--role", "cadre", "--village", "无此村")[0] == 2
    run("import-osm", osm_file)
    with Workspace.open(tmp_path / "town") as workspace, workspace.store.change(actor="test") as change:
        change.insert("villages", [{"name": "柳湾村", "geometry": shapely.box(118.78, 32.04, 118.79, 32.05)}])
    assert run("user", "add", "cadre-1", "--role", "cadre", "--village", "柳湾村")[0] == 0
    assert run("user", "password", "planner-1")[0] == 0
    assert run("user", "disable", "cadre-1")[0] == 0
    users = {one["name"]: one["active"] for one in json.loads(run("--json", "user", "list")[1])["users"]}
    assert users == {"planner-1": True, "cadre-1": False}
    assert run("user", "enable", "cadre-1")[0] == 0
    assert run("user", "password", "nobody")[0] == 2


def test_a_password_is_taken_from_the_input_and_told_nowhere(run, tmp_path):
    """What follows --password stands in the list of processes for everybody on the machine."""
    run("init")
    line = ["--workspace", str(tmp_path / "town"), "--json", "user"]

    def say(*words, typed):
        return CliRunner().invoke(main, [*line, *words, "--password-stdin"], input=typed)

    added = say("add", "planner-1", "--role", "planner", typed="Shi-men-2026 \n")
    changed = say("password", "planner-1", typed="Shi-men-2027\r\nmore")
    assert (added.exception, changed.exception) == (None, None)
    assert "Shi-men" not in added.output + changed.output
    with Workspace.open(tmp_path / "town") as workspace:
        assert workspace.accounts.verify("planner-1", "Shi-men-2026 ") is None
        assert workspace.accounts.verify("planner-1", "Shi-men-2027") is not None
    assert say("password", "planner-1", typed="").exit_code == 2
    assert say("password", "planner-1", "--password", "Shi-men-2028", typed="Shi-men-2029\n").exit_code == 2


def test_a_workspace_and_its_exports_are_not_for_everybody_on_the_machine(run, tmp_path):
    """Camera sites, password hashes and the cookies' key stay with the account of the service under any umask."""
    before = os.umask(0)
    try:
        run("init")
        run("user", "add", "planner-1", "--role", "planner")
        run("export", "camera_sites", tmp_path / "cameras.csv")
        with Workspace.open(tmp_path / "town") as workspace:
            secret_key(workspace.folder)
    finally:
        os.umask(before)
    modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in (tmp_path / "town").iterdir()}
    assert {name: modes[name] for name in ("exports", "backups", "logs")} == dict.fromkeys(
        ("exports", "backups", "logs"), 0o700
    )
    assert (modes["town.db"], modes["secret.key"]) == (0o600, 0o600)
    assert stat.S_IMODE((tmp_path / "town").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "cameras.csv").stat().st_mode) == 0o640


def test_the_template_of_every_layer_and_the_manual_of_all_are_written(run, tmp_path):
    for name, declared in LAYERS.items():
        expected = 2 if declared.geometry == "raster" else 0  # rasters do not come in tables
        assert run("template", name, "--out", tmp_path / f"{name}.xlsx")[0] == expected
    assert run("template", "--manual", "--out", tmp_path / "layers.md")[0] == 0
    manual = (tmp_path / "layers.md").read_text(encoding="utf-8")
    assert all(one.zh in manual for one in LAYERS.values())
    code, _, err = run("template")
    assert code == 2
    assert "camera_sites" in err


def test_every_command_stands_in_a_document():
    """A command that nobody can read about does not exist."""
    words = "\n".join(
        one.read_text(encoding="utf-8") for one in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    )
    missing = [one for one in HOMES if not re.search(rf"geo-service (--\S+ \S+ )*{one}\b", words)]
    assert missing == []


@pytest.mark.parametrize("name", HOMES)
def test_each_command_has_help_in_both_languages(name):
    done = CliRunner().invoke(main, [name, "--help"])
    assert done.exit_code == 0
    assert re.search("[一-鿿]", done.stdout)
    assert re.search("[A-Za-z]{4}", done.stdout)


@pytest.mark.slow
def test_the_demo_is_made_once_and_a_killed_start_goes_on(tmp_path):
    """Killed in the middle it leaves a workspace that the next start completes; a third start makes nothing anew."""
    command = [
        sys.executable,
        "-m",
        "geo_service",
        "--workspace",
        str(tmp_path / "demo"),
        "--json",
        "demo",
        "--no-serve",
    ]
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not (tmp_path / "demo" / "town.db").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.5)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    second = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    assert second["counts"]["camera_sites"] == 120
    assert [one["role"] for one in second["log_ins"]] == ["admin", "planner", "inspector", "cadre"]
    with Workspace.open(tmp_path / "demo") as workspace:
        before = {kind: workspace.store.latest_result(kind).id for kind in ("coverage", "gaps", "patrol")}
        revision = workspace.store.revision()
        assert workspace.store.latest_result("patrol").summary["audit_passed"]
        assert workspace.store.check() == []
    third = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    assert third["log_ins"] == second["log_ins"]
    with Workspace.open(tmp_path / "demo") as workspace:
        assert {kind: workspace.store.latest_result(kind).id for kind in before} == before
        assert workspace.store.revision() == revision
