"""Claims about planned sites: no step before the one before it, objections as counts and places, every step can be taken back."""

import datetime as dt

import pytest
import shapely

from geo_service import sites
from geo_service.imports import import_file
from geo_service.store import ConflictError
from town_model import LAYERS, InputError

FIRST, LAST, TODAY = dt.date(2026, 11, 2), dt.date(2026, 11, 10), dt.date(2026, 11, 23)
NOTICE = {
    "purpose": "public_order", "place": "石门路与河街交叉口", "unit": "石门镇人民政府", "phone": "025-8400 0110",
    "object_at": "石门镇综治中心（石门路 1 号）", "notice_from": FIRST, "notice_until": LAST,
}  # fmt: skip


@pytest.fixture
def planned(town):
    return town.camera(0, 0, name="拟建一", status="planned")


def site(town, camera):
    return sites.site_of(town.store, camera)


def said(error):
    return " ".join(str(one) for one in error.value.messages)


def test_a_site_runs_from_plan_to_use_with_days_and_names(town, planned):
    store = town.store
    sites.notify(store, {planned: NOTICE}, actor="张规划")
    sites.object_to(
        store, planned, received_on=FIRST, place="河街", concern="private_ground", count=3, actor="李规划"
    )
    one = site(town, planned)
    assert (one.state, one.received, one.open) == ("notified", 3, 3)
    assert str(one.next_step(TODAY)) == "settle 3 objections"
    sites.settle(store, one.objections[0].id, outcome="adopted", on=LAST, actor="李规划")
    sites.handle(store, planned, on=dt.date(2026, 11, 11), today=TODAY, actor="李规划")
    sites.build(store, planned, on=dt.date(2026, 11, 20), today=TODAY, actor="王规划")
    one = site(town, planned)
    assert [(step.state, step.day, step.actor) for step in one.steps] == [
        ("notified", FIRST, "张规划"),
        ("objections_handled", dt.date(2026, 11, 11), "李规划"),
        ("built", dt.date(2026, 11, 20), "王规划"),
    ]
    camera = store.frame("camera_sites", ids=[planned]).iloc[0]
    assert (camera["status"], camera["in_use_since"].date()) == ("working", dt.date(2026, 11, 20))
    # 30 days of article 14
    assert "2026-12-20" in str(one.next_step(TODAY))


def test_no_step_comes_before_the_one_before_it(town, planned):
    store = town.store
    for call in (
        lambda: sites.handle(store, planned, on=TODAY, today=TODAY, actor="a"),
        lambda: sites.build(store, planned, on=TODAY, today=TODAY, actor="a"),
        lambda: sites.object_to(store, planned, received_on=FIRST, place="河街", actor="a"),
    ):
        with pytest.raises(InputError):
            call()
    with pytest.raises(InputError, match="is missing"):
        sites.notify(store, {planned: {**NOTICE, "phone": ""}}, actor="a")
    assert store.count("site_notices") == 0
    sites.notify(store, {planned: NOTICE}, actor="a")
    # people may object on the last day, too
    with pytest.raises(InputError, match="must be a later one"):
        sites.handle(store, planned, on=LAST, today=TODAY, actor="a")
    sites.object_to(store, planned, received_on=LAST, place="河街", actor="a")
    with pytest.raises(InputError, match="still open"):
        sites.handle(store, planned, on=TODAY, today=TODAY, actor="a")
    with pytest.raises(InputError, match="has not come yet"):
        sites.handle(store, planned, on=dt.date(2026, 11, 24), today=TODAY, actor="a")
    with pytest.raises(InputError, match="another state"):
        sites.notify(store, {planned: NOTICE}, actor="a")


def test_a_notice_that_hangs_too_short_is_refused(town, planned):
    """From the 2nd to the 10th are nine days."""
    with pytest.raises(InputError, match="10 days or more, not 9"):
        sites.notify(town.store, {planned: NOTICE}, actor="a", least_days=10)
    sites.notify(town.store, {planned: NOTICE}, actor="a", least_days=9)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("phone", "13800138000"),
        ("phone", "138 0013 8000"),
        ("phone", "张三"),
        ("place", "张三家门口"),
        ("place", "河街 32010219900101123X 门前"),
        ("object_at", "找老王 138-0013-8000"),
        ("unit", "石" * 301),
    ],
)
def test_a_notice_names_offices_and_never_persons(town, planned, column, words):
    with pytest.raises(InputError):
        sites.notify(town.store, {planned: {**NOTICE, column: words}}, actor="a")
    assert town.store.count("site_notices") == 0


def test_objections_have_no_column_for_persons():
    """Only counts, days, codes and the public place: free words stand in one column, which is checked."""
    columns = LAYERS["site_objections"].columns
    assert [one.name for one in columns if one.kind == "text"] == ["place"]


def test_an_objection_names_no_home(town, planned):
    sites.notify(town.store, {planned: NOTICE}, actor="a")
    for place in ("王老师家门口", "某某户", "13800138000"):
        with pytest.raises(InputError):
            sites.object_to(town.store, planned, received_on=FIRST, place=place, actor="a")


def test_each_step_is_taken_back_by_itself_down_to_the_plan(town, planned):
    store = town.store
    sites.prepare(store, {planned: {**NOTICE, "phone": ""}}, actor="a")
    sites.notify(store, {planned: {"phone": NOTICE["phone"]}}, actor="a")
    sites.handle(store, planned, on=TODAY, today=TODAY, actor="a")
    sites.build(store, planned, on=TODAY, today=TODAY, actor="a")
    seen = []
    while True:
        one = site(town, planned)
        seen.append((one.state, one.status, len(one.steps)))
        if sites.last_change(store, one) is None:
            break
        sites.take_back(store, planned, actor="b")
    assert seen == [
        ("built", "working", 3),
        ("objections_handled", "planned", 2),
        ("notified", "planned", 1),
        ("planned", "planned", 0),
        ("planned", "planned", 0),
    ]
    assert site(town, planned).notice == {}
    with pytest.raises(InputError, match="nothing"):
        sites.take_back(store, planned, actor="b")


def test_a_step_taken_back_and_done_again_counts_once(town, planned):
    store = town.store
    sites.notify(store, {planned: NOTICE}, actor="a")
    batch = sites.handle(store, planned, on=TODAY, today=TODAY, actor="a")
    undone = store.undo(batch, actor="b")
    assert [one.state for one in site(town, planned).steps] == ["notified"]
    store.undo(undone, actor="b")
    assert [one.state for one in site(town, planned).steps] == ["notified", "objections_handled"]


def test_what_was_posted_for_many_is_not_taken_back_for_one(town, planned):
    other = town.camera(100, 0, name="拟建二", status="planned")
    batch = sites.notify(town.store, {planned: NOTICE, other: {**NOTICE, "place": "河街"}}, actor="a")
    assert sites.last_change(town.store, site(town, planned)) is None
    town.store.undo(batch, actor="a")
    assert site(town, other).state == "planned"


def test_a_camera_has_one_notice_and_cannot_vanish_under_it(town, planned):
    store = town.store
    sites.prepare(store, {planned: NOTICE}, actor="a")
    with pytest.raises(InputError, match="its notice already"), store.change(actor="a") as change:
        change.insert("site_notices", [{"camera": planned}])
    with pytest.raises(ConflictError), store.change(actor="a") as change:
        change.delete("camera_sites", planned)


def test_objections_that_count_as_handled_are_not_reopened(town, planned):
    store = town.store
    sites.notify(store, {planned: NOTICE}, actor="a")
    sites.object_to(store, planned, received_on=FIRST, place="河街", actor="a")
    row = site(town, planned).objections[0].id
    sites.settle(store, row, outcome="withdrawn", on=LAST, actor="a")
    sites.handle(store, planned, on=TODAY, today=TODAY, actor="a")
    with pytest.raises(InputError, match="take that step back"), store.change(actor="a") as change:
        change.update("site_objections", row, {"outcome": "open"})


def test_two_who_act_at_once_do_not_overwrite_each_other(town, planned):
    store = town.store
    sites.notify(store, {planned: NOTICE}, actor="a")
    before = site(town, planned)
    sites.handle(store, planned, on=TODAY, today=TODAY, actor="a")
    with pytest.raises(ConflictError), store.change(actor="b") as change:
        change.update(
            "site_notices", before.notice_id, {"handled_on": TODAY}, expected_revision=before.revision
        )


def test_the_public_place_is_said_by_the_roads_beside_it(town, planned):
    assert sites.public_place(town.store, planned) == ""
    town.add("villages", shapely.box(-500, -500, 500, 500), name="上河村")
    assert sites.public_place(town.store, planned) == "上河村境内"
    town.road((-100, 10), (100, 10), name="石门路")
    assert sites.public_place(town.store, planned) == "石门路旁"
    town.road((20, -100), (20, 100), name="河街")
    assert sites.public_place(town.store, planned) == "石门路与河街交叉口"


def test_only_planned_cameras_and_those_on_their_way_are_sites(town, planned):
    town.camera(50, 0, name="在用")
    assert [one.name for one in sites.list_sites(town.store)] == ["拟建一"]
    with pytest.raises(InputError):
        sites.find_site(town.store, "在用")
    assert sites.find_site(town.store, f"#{planned}").camera == planned


def test_a_ledger_of_notices_is_imported_with_the_offices_phone_and_refused_with_a_mobile(
    town, planned, tmp_path
):
    head = "监控点位,进度,设置地点,设置单位,联系电话,异议受理处,公示开始,公示截止\n"
    good = "拟建一,已公示,石门路旁,石门镇人民政府,025-84000110,综治中心,2026-11-02,2026-11-10\n"
    path = tmp_path / "notices.csv"
    path.write_text(head + good.replace("025-84000110", "13800138000"), encoding="utf-8")
    with pytest.raises(InputError):
        import_file(town.store, path, "site_notices", datum="wgs84", actor="a")
    assert town.store.count("site_notices") == 0
    path.write_text(head + good, encoding="utf-8")
    import_file(town.store, path, "site_notices", datum="wgs84", actor="a")
    assert (site(town, planned).state, site(town, planned).notice["phone"]) == ("notified", "025-84000110")


def test_the_change_log_does_not_reopen_objections_that_count_as_handled(town, planned):
    store = town.store
    sites.notify(store, {planned: NOTICE}, actor="a")
    sites.object_to(store, planned, received_on=FIRST, place="河街", actor="a")
    objection = site(town, planned).objections[0].id
    settled = sites.settle(store, objection, outcome="answered", on=LAST, actor="a")
    handled = sites.handle(store, planned, on=dt.date(2026, 11, 11), today=TODAY, actor="a")
    with pytest.raises(ConflictError) as error:
        store.undo(settled, actor="b")
    assert "would be open again" in said(error)
    assert (site(town, planned).open, site(town, planned).state) == (0, "objections_handled")
    store.undo(handled, actor="b")
    store.undo(settled, actor="b")
    assert (site(town, planned).open, site(town, planned).state) == (1, "notified")


def test_the_change_log_does_not_take_a_notice_from_under_open_objections(town, planned):
    store = town.store
    posted = sites.notify(store, {planned: NOTICE}, actor="a")
    sites.object_to(store, planned, received_on=FIRST, place="河街", actor="a")
    with pytest.raises(ConflictError) as error:
        store.undo(posted, actor="b")
    assert "its notice must stay out" in said(error)
    assert site(town, planned).state == "notified"
    sites.take_back(store, planned, actor="a")
    store.undo(posted, actor="b")
    assert site(town, planned).state == "planned"


def test_undoing_the_undo_of_handling_is_refused_once_objections_are_open_again(town, planned):
    store = town.store
    sites.notify(store, {planned: NOTICE}, actor="a")
    handled = sites.handle(store, planned, on=dt.date(2026, 11, 11), today=TODAY, actor="a")
    back = store.undo(handled, actor="b")
    sites.object_to(store, planned, received_on=FIRST, place="河街", actor="a")
    with pytest.raises(ConflictError, match="would be open again"):
        store.undo(back, actor="b")
