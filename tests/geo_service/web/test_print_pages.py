"""The sheet over the web: what it holds for whom, and what stays in the record."""

import io
import re

import pypdf
import pytest
from web_clients import PASSWORD, log_in

from geo_service.web import create_app, print_pages

SECRET = ("石门路球机", "河街枪机", "巡逻一号车", "下河巡逻队")


@pytest.fixture(scope="module")
def app(town):
    for role in ("planner", "inspector", "cadre"):
        town.accounts.create_user(
            "print." + role, role=role, password=PASSWORD, villages=[1] if role == "cadre" else []
        )
    return create_app(town)


@pytest.fixture(scope="module")
def clients(app):
    return {role: log_in(app, "print." + role) for role in ("planner", "inspector", "cadre")}


def words(answer):
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf"), answer.text[:500]
    pages = pypdf.PdfReader(io.BytesIO(answer.data)).pages
    return re.sub(r"\s", "", "".join(one.extract_text() for one in pages))


def test_who_comes_while_two_wait_is_sent_away_at_once_and_keeps_no_thread(clients):
    held = [print_pages._QUEUE.acquire(blocking=False) for _ in range(3)]
    try:
        assert all(held)
        assert clients["planner"].get("/print/map.pdf?layers=roads").status_code == 503
    finally:
        print_pages._QUEUE.release(sum(held))
    words(clients["planner"].get("/print/map.pdf?layers=roads&scale=2000"))


def test_the_dialog_offers_the_layers_and_the_view_of_the_map(clients):
    text = (
        clients["planner"].get("/print?box=118.77,32.03,118.79,32.05&layers=roads&layers=camera_sites").text
    )
    chosen = re.findall(r'name="layers" value="(\w+)" checked', text)
    assert set(chosen) == {"roads", "camera_sites"}
    assert 'value="118.770000,32.030000,118.790000,32.050000"' in text and "按当前视图" in text
    assert 'value="石门镇地图"' in text


def test_a_sheet_holds_what_was_chosen_and_the_name_of_who_printed(app, clients):
    answer = clients["inspector"].get(
        "/print/map.pdf?paper=a3-portrait&title=石门镇&scale=2000&layers=roads&layers=villages"
    )
    text = words(answer)
    assert "石门镇" in text and "1:2000" in text and "print.inspector" in text and "内部资料" not in text
    assert answer.headers["Cache-Control"] == "no-store"
    [entry] = app.extensions["workspace"].store.audit_entries(limit=1)
    assert (entry.actor, entry.action) == ("print.inspector", "print_map")
    assert entry.target == "1:2000 roads villages"


def test_cameras_make_it_internal(clients):
    text = words(clients["planner"].get("/print/map.pdf?layers=roads&layers=camera_sites&layers=gaps_day"))
    assert "内部资料" in text and "监控点位" in text


def test_cadres_print_nothing(clients):
    for path in ("/print", "/print/map.pdf?layers=roads", "/print/map.pdf?layers=camera_sites"):
        answer = clients["cadre"].get(path)
        assert answer.status_code == 403 and not any(one in answer.text for one in SECRET)


def test_the_sheet_of_a_unit_has_its_stops_and_no_other_units(app, clients):
    plan = app.extensions["workspace"].store.latest_result("patrol")
    units = plan.frame("units")
    [(unit, name)] = units[["unit", "unit_name"]].head(1).itertuples(index=False)
    visits = plan.frame("visits")
    text = words(clients["planner"].get("/print/route.pdf", query_string={"unit": unit}))
    assert name in text and "内部资料" in text
    for one in visits[visits["unit"] == unit].itertuples():
        assert one.place_name in text
    others = set(units["unit_name"]) - {name}
    assert others and not any(one in text for one in others)
    [entry] = app.extensions["workspace"].store.audit_entries(limit=1)
    assert (entry.action, entry.target) == ("print_route", unit)
    assert clients["cadre"].get("/print/route.pdf", query_string={"unit": unit}).status_code == 403
    assert clients["planner"].get("/print/route.pdf?unit=nobody").status_code == 400
    assert clients["planner"].get("/print/route.pdf").status_code == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("layers=none_such", 404),
        ("", 303),
        ("layers=roads&paper=a9-landscape", 400),
        ("layers=roads&paper=a4-sideways", 400),
        ("layers=roads&scale=abc", 400),
        ("layers=roads&scale=nan", 400),
        ("layers=roads&scale=0", 400),
        ("layers=roads&box=1,2,3", 400),
        ("layers=roads&box=1,2,3,nan", 400),
        ("layers=roads&box=-170,-80,170,80", 400),
        ("layers=roads&title=" + "x" * 61, 400),
    ],
)
def test_what_is_no_sheet_is_refused(clients, query, status):
    answer = clients["planner"].get("/print/map.pdf?" + query)
    assert answer.status_code == status and "Traceback" not in answer.text


def test_a_dialog_with_a_broken_view_says_so(clients):
    assert clients["planner"].get("/print?box=x").status_code == 400


def test_every_map_page_leads_to_it(clients):
    for path in ("/", "/gaps", "/patrol"):
        assert "town-print.js" in clients["planner"].get(path).text
    assert "town-print.js" not in clients["cadre"].get("/my-routes").text


def test_a_town_without_anything_says_what_to_do(empty_town):
    empty_town.accounts.create_user("print.admin", role="admin", password=PASSWORD)
    client = log_in(create_app(empty_town), "print.admin")
    assert "请先导入" in client.get("/print").text
    assert client.get("/print/map.pdf?layers=roads").status_code == 400
