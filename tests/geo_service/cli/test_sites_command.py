"""Claims about the command `sites`: the way of a site without a browser."""

import datetime as dt
import json

from click.testing import CliRunner

from geo_service.cli import main

NOTICE = (
    "--place", "石门路旁", "--unit", "石门镇人民政府", "--phone", "025-8400 0110", "--object-at", "石门镇综治中心",
    "--from", "2026-01-05", "--until", "2026-01-12",
)  # fmt: skip


def run(town, *arguments):
    return CliRunner().invoke(main, ["--workspace", str(town.store.path.parent), "sites", *arguments])


def test_a_site_runs_from_plan_to_use_and_back(town, tmp_path):
    camera = town.camera(0, 0, name="拟建一", status="planned")
    assert "填写公示内容" in run(town, "list").output
    refused = run(town, "notify", "拟建一", "--place", "石门路旁")
    assert refused.exit_code == 2 and town.store.count("site_notices") == 0
    assert run(town, "notify", "拟建一", *NOTICE).exit_code == 0
    assert (
        run(town, "object", "拟建一", "--place", "石门路", "--count", "2", "--on", "2026-01-06").exit_code
        == 0
    )
    assert run(town, "handled", "拟建一", "--on", "2026-01-13").exit_code == 2
    assert run(town, "settle", f"#{camera}", "answered", "--on", "2026-01-12").exit_code == 0
    assert run(town, "handled", "拟建一", "--on", "2026-01-13").exit_code == 0
    told = json.loads(run(town, "built", "拟建一", "--on", "2026-02-01", "--json").output)
    assert (told["state"], told["built_on"], [one["count"] for one in told["objections"]]) == (
        "built",
        "2026-02-01",
        [2],
    )
    assert town.store.frame("camera_sites")["status"].tolist() == ["working"]
    assert run(town, "back", "拟建一").exit_code == 0
    told = json.loads(run(town, "list", "--json").output)["sites"]
    assert [one["state"] for one in told] == ["objections_handled"]
    assert [one["state"] for one in told[0]["steps"]] == ["notified", "objections_handled"]


def test_notices_are_written_into_one_file(town, tmp_path):
    for number in (1, 2):
        town.camera(100 * number, 0, name=f"拟建{number}", status="planned")
        assert run(town, "prepare", f"拟建{number}", *NOTICE).exit_code == 0
    target = tmp_path / "notices.pdf"
    assert "2 份公示" in run(town, "notice", str(target)).output
    assert target.read_bytes().startswith(b"%PDF")
    assert run(town, "notice", str(target)).exit_code == 2  # it is there already
    town.camera(500, 0, name="拟建3", status="planned")
    answer = run(town, "notice", str(tmp_path / "x.pdf"), "--site", "拟建3")
    assert answer.exit_code == 2 and "公示还缺" in answer.output
    assert not (tmp_path / "x.pdf").exists()


def test_what_has_not_happened_is_not_entered(town):
    town.camera(0, 0, name="拟建一", status="planned")
    run(town, "notify", "拟建一", *NOTICE)
    ahead = (dt.datetime.now().astimezone().date() + dt.timedelta(days=2)).isoformat()
    assert run(town, "handled", "拟建一", "--on", ahead).exit_code == 2
