"""Claims about the law report and planned sites over the interface."""

import datetime as dt

import pytest

from geo_service import sites
from geo_service.analysis.law import compute_law

NOTICE = {
    "place": "石门路旁", "unit": "石门镇人民政府", "phone": "025-8400 0110", "object_at": "石门镇综治中心",
    "notice_from": dt.date(2026, 11, 2), "notice_until": dt.date(2026, 11, 10),
}  # fmt: skip


@pytest.fixture(scope="module")
def judged(api_town):
    with api_town.store.change(actor="test") as change:
        change.update("camera_sites", 1, {"sign_posted": False})
        change.update("camera_sites", 4, {"retention_days": 7})
    compute_law(api_town.store, actor="test", today=dt.date(2026, 11, 23))
    sites.notify(api_town.store, {4: NOTICE}, actor="planner.a")
    sites.object_to(
        api_town.store, 4, received_on=dt.date(2026, 11, 3), place="石门路", count=2, actor="planner.a"
    )
    return api_town


def test_plans_are_a_group_of_their_own(judged, programs):
    reader = programs["inspector"]
    told = reader.get("/api/v1/law?group=planned").json
    assert [(one["camera"], one["article"], one["group"]) for one in told["findings"]] == [(4, 17, "planned")]
    assert told["groups"]["planned"]["cameras"] == 1
    assert [one["camera"] for one in reader.get("/api/v1/law?article=13").json["findings"]] == [1]
    assert reader.get("/api/v1/law?group=x").status_code == 400


def test_sites_carry_steps_and_counted_objections(judged, programs):
    (site,) = programs["inspector"].get("/api/v1/sites?state=notified").json["sites"]
    assert (site["name"], site["notice_until"]) == ("拟建枪机", "2026-11-10")
    assert [(one["state"], one["entered_by"]) for one in site["steps"]] == [("notified", "planner.a")]
    assert [(one["count"], one["place"]) for one in site["objections"]] == [(2, "石门路")]
    assert programs["inspector"].get("/api/v1/sites?state=built").json["sites"] == []


def test_nobody_gets_either_without_a_token(judged, programs):
    assert (
        programs[None].get("/api/v1/law").status_code
        == programs[None].get("/api/v1/sites").status_code
        == 401
    )
