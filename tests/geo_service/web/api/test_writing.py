"""Programs change rows: nothing of others is overwritten, each call is one change that can be undone, bad rows stay out."""

import pytest

BASE = "/api/v1/collections"
POINT = {"type": "Point", "coordinates": [118.781, 32.041]}


def lamp(**columns):
    return {"type": "Feature", "geometry": POINT, "properties": {"name": "新灯", "working": True, **columns}}


@pytest.fixture
def row(planner):
    answer = planner.open(f"{BASE}/street_lights/items", "POST", lamp())
    assert answer.status_code == 201, answer.text
    return answer


def path_of(row):
    return row.headers["Location"].removeprefix("http://localhost")


def test_a_new_row_is_stored_logged_and_audited(planner, api_town, row):
    number = row.json["id"]
    stored = api_town.store.frame("street_lights", ids=[number], crs="wgs84").iloc[0]
    assert (stored["name"], stored.geometry.x) == ("新灯", 118.781)
    (entry,) = api_town.store.changes(layer="street_lights", row_id=number)
    assert (entry.actor, entry.action, entry.batch) == (
        "planner.a",
        "insert",
        row.json["properties"]["revision"],
    )
    assert api_town.store.audit_entries(action="change", limit=1)[0].actor == "planner.a"
    assert planner.get(path_of(row)).json == row.json


def test_what_was_read_can_be_sent_back(planner, row):
    answer = planner.open(path_of(row), "PUT", row.json, If_Match=row.headers["ETag"])
    assert answer.status_code == 200
    assert answer.json["properties"] == row.json["properties"], "nothing changed, so no new revision"


def test_put_replaces_and_patch_changes(planner, row):
    changed = planner.open(
        path_of(row), "PATCH", {"properties": {"note": "灯杆已换"}}, If_Match=row.headers["ETag"]
    )
    assert changed.status_code == 200
    assert (changed.json["properties"]["note"], changed.json["properties"]["name"]) == ("灯杆已换", "新灯")
    assert changed.json["geometry"] == POINT
    replaced = planner.open(path_of(row), "PUT", lamp(name="另一盏"), If_Match=changed.headers["ETag"])
    assert (replaced.json["properties"]["note"], replaced.json["properties"]["name"]) == (None, "另一盏")


def test_a_row_that_somebody_changed_meanwhile_is_not_overwritten(planner, programs, row):
    """The second of two editors gets 412, and the first one's words stay."""
    first = programs["admin"].open(
        path_of(row), "PATCH", {"properties": {"note": "先"}}, If_Match=row.headers["ETag"]
    )
    assert first.status_code == 200
    for method, body in (("PATCH", {"properties": {"note": "后"}}), ("PUT", lamp()), ("DELETE", None)):
        answer = planner.open(path_of(row), method, body, If_Match=row.headers["ETag"])
        assert (answer.status_code, answer.json["code"]) == (412, "precondition_failed")
    assert planner.get(path_of(row)).json["properties"]["note"] == "先"


@pytest.mark.parametrize("sent", ["*", "1", 'W/"1"', '"x"', '"99999"'])
def test_only_the_revision_itself_lets_a_change_pass(planner, row, sent):
    assert planner.open(path_of(row), "DELETE", If_Match=sent).status_code == 412


def test_a_change_without_a_revision_is_asked_for_one(planner, row):
    assert planner.open(path_of(row), "DELETE").status_code == 428


def test_a_deletion_can_be_undone(planner, row):
    gone = planner.open(path_of(row), "DELETE", If_Match=row.headers["ETag"])
    assert gone.status_code == 200 and planner.get(path_of(row)).status_code == 404
    back = planner.open(f"/api/v1/changes/{gone.json['change']}/undo", "POST")
    assert back.status_code == 200 and planner.get(path_of(row)).json["properties"]["name"] == "新灯"
    assert planner.open(f"/api/v1/changes/{gone.json['change']}/undo", "POST").status_code == 409


def test_a_row_that_others_refer_to_stays(planner):
    path = f"{BASE}/villages/items/1"
    answer = planner.open(path, "DELETE", If_Match=planner.get(path).headers["ETag"])
    assert answer.status_code == 409 and "patrol_units" in answer.text


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ([], ""), ("x", ""), (None, ""), ({"type": "FeatureCollection"}, ""), ({**lamp(), "colour": 1}, "colour"),
        (lamp(colour="red"), "colour"), (lamp(working="yes"), "working"), (lamp(reach_m=-1), "reach_m"),
        (lamp(reach_m=10**400), "reach_m"), (lamp(name=7), "name"), (lamp(note="\ud800"), "note"), (lamp(note="张三 13812345678"), "note"),
        ({**lamp(), "geometry": None}, ""), ({**lamp(), "geometry": {"type": "Point"}}, ""),
        ({**lamp(), "geometry": {"type": "Point", "coordinates": ["a", "b"]}}, ""),
        ({**lamp(), "geometry": {"type": "LineString", "coordinates": [[118.78, 32.04], [118.79, 32.04]]}}, ""),
        ({**lamp(), "geometry": {"type": "Point", "coordinates": [32.04, 118.78]}}, ""),
        ({**lamp(), "geometry": {"type": "Point", "coordinates": [116.4, 39.9]}}, ""), ({**lamp(), "properties": []}, ""),
    ],
)  # fmt: skip
def test_bad_rows_stay_out_with_a_message_that_says_where(planner, api_town, body, place):
    before = api_town.store.count("street_lights"), api_town.store.revision()
    answer = planner.open(f"{BASE}/street_lights/items", "POST", body, Accept_Language="en")
    assert answer.status_code in (400, 415), answer.text
    assert place in answer.text and answer.json["messages"]
    assert (api_town.store.count("street_lights"), api_town.store.revision()) == before


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b'{"properties": {"reach_m": NaN}}', b"[" * 100_000, b'"' + b"9" * 5000],
)
def test_bodies_that_are_no_json_are_refused(planner, content):
    answer = planner.client.post(
        f"{BASE}/street_lights/items",
        data=content,
        headers={**planner.head, "Content-Type": "application/geo+json"},
    )
    assert answer.status_code == 400


def test_other_kinds_of_bodies_are_refused(planner):
    answer = planner.client.post(f"{BASE}/street_lights/items", data={"name": "x"}, headers=planner.head)
    assert answer.status_code == 415


def test_readers_change_nothing(programs, row):
    """An inspector may not; a token that only reads may not either, whatever its user may."""
    for method in ("PUT", "PATCH", "DELETE"):
        assert (
            programs["inspector"].open(path_of(row), method, lamp(), If_Match=row.headers["ETag"]).status_code
            == 403
        )
        assert (
            programs[None].open(path_of(row), method, lamp(), If_Match=row.headers["ETag"]).status_code == 401
        )


def test_a_clear_height_above_the_height_is_refused_with_the_remedy(planner, api_town):
    before = api_town.store.count("obstacles")
    line = {"type": "LineString", "coordinates": [[118.781, 32.041], [118.782, 32.041]]}
    feature = {
        "type": "Feature",
        "geometry": line,
        "properties": {"kind": "bridge", "height_m": 5, "clear_height_m": 6},
    }
    answer = planner.open(f"{BASE}/obstacles/items", "POST", feature)
    assert answer.status_code == 400
    assert "clear_height_m" in answer.text
    assert api_town.store.count("obstacles") == before
