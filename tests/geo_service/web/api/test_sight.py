"""A camera tried out, plan beside today and who sees a place, as programs ask for them."""

import pytest
import shapely
from web_clients import form_token, log_in

from geo_service.web import create_app
from geo_service.workspace import Workspace

BASE = "/api/v1/coverage"
LON, LAT = 118.78, 32.04
# a camera by the road in the west that looks all round
ROUND = {
    "name": "试", "kind": "fisheye", "lon": LON - 0.002, "lat": LAT - 0.0001, "mount_height_m": 6.0, "hfov_deg": 360.0,
    "resolution_px_h": 8000, "max_range_m": 30.0,
}  # fmt: skip


def trial(program, values, **more):
    return program.open(f"{BASE}/trial", method="POST", body={"values": values, **more})


class TestTrial:
    def test_bands_are_nested_from_the_finest_to_the_coarsest(self, planner):
        told = trial(planner, ROUND).json
        assert [one["observation_class"] for one in told["bands"]] == [
            "identify", "recognise", "observe", "detect", "monitor",
        ]  # fmt: skip
        areas = [one["area_m2"] for one in told["bands"]]
        assert areas == sorted(areas) and areas[-1] > 500
        widest = shapely.from_geojson(str(told["bands"][-1]["geometry"]).replace("'", '"'))
        assert widest.contains(shapely.Point(LON - 0.002, LAT - 0.0001).buffer(1e-5))

    def test_a_camera_by_the_road_shortens_the_gaps_along_it(self, planner):
        gaps = trial(planner, ROUND).json["gaps"]
        assert gaps["length_m"] < gaps["before_length_m"] - 10

    def test_nothing_is_stored(self, planner, api_town):
        before = api_town.store.revision(), api_town.store.count("camera_sites")
        trial(planner, ROUND)
        trial(planner, {"azimuth_deg": 10}, camera=2)
        assert (api_town.store.revision(), api_town.store.count("camera_sites")) == before

    def test_a_stored_camera_as_it_stands_changes_nothing(self, planner):
        gaps = trial(planner, {}, camera=2, light="night").json["gaps"]
        assert (gaps["area_m2"], gaps["length_m"]) == (gaps["before_area_m2"], gaps["before_length_m"])

    @pytest.mark.parametrize(
        ("values", "word"),
        [
            ({**ROUND, "mount_height_m": -1}, "mount_height_m"),
            ({**ROUND, "kind": "telescope"}, "kind"),
            ({**ROUND, "colour": 1}, "colour"),
            ({**ROUND, "lon": "east"}, "lon"),
            ({**ROUND, "lon": None}, "lon"),
            ({**ROUND, "lat": 50.0}, "32.04"),
        ],
    )
    def test_values_without_meaning_are_refused_and_named(self, planner, values, word):
        answer = trial(planner, values)
        assert answer.status_code == 422 and answer.mimetype == "application/problem+json"
        assert word in " ".join(answer.json["messages"])

    def test_all_faults_are_told_at_once(self, planner):
        told = trial(planner, {"mount_height_m": -1, "tilt_deg": "steep"}, camera=987654).json["messages"]
        assert len(told) == 3

    def test_a_body_of_another_shape_is_refused(self, planner):
        for body in (
            [],
            {"values": 3},
            {"camera": "x", "values": {}},
            {"values": {}, "light": "dusk"},
            {"more": 1},
        ):
            assert planner.open(f"{BASE}/trial", method="POST", body=body).status_code == 400, body


class TestComparison:
    def test_planned_cameras_only_gain(self, planner, api_town):
        told = planner.get(f"{BASE}/comparison").json
        assert told["plan"]["cameras"] == told["today"]["cameras"] + 1
        assert told["lost"] == {"area_m2": 0.0, "length_m": 0.0, "geometry": None}
        gained = told["today"]["gap_length_m"] - told["plan"]["gap_length_m"]
        assert told["gained"]["length_m"] == pytest.approx(gained, abs=0.3)
        assert {one["target"] for one in told["targets"]} >= {"key_areas/1", "roads/1"}

    def test_another_light_is_refused(self, planner):
        assert planner.get(f"{BASE}/comparison?light=dusk").status_code == 400


class TestWhoSees:
    def test_a_place_before_a_camera_is_seen_by_it(self, planner, api_town):
        site = api_town.store.frame("camera_sites", crs="wgs84").loc[2].geometry  # looks east
        told = planner.get(f"{BASE}/who-sees?lon={site.x + 2e-4}&lat={site.y}").json
        assert [one["name"] for one in told["day"]["cameras"]] == ["河街枪机"]
        assert told["day"]["cameras"][0]["distance_m"] == pytest.approx(18.9, abs=0.3)

    def test_a_place_far_off_has_no_camera_near(self, planner):
        told = planner.get(f"{BASE}/who-sees?lon={LON + 0.05}&lat={LAT}", Accept_Language="en").json
        assert told["day"]["cameras"] == [] and told["day"]["cause"] == "no_camera_near"
        assert told["day"]["cause_words"] == "no camera near" and told["required_class"] is None

    @pytest.mark.parametrize(
        "query", ["", "lon=118.78", "lon=x&lat=32", "lon=118.78&lat=95", "lon=nan&lat=32"]
    )
    def test_a_place_that_is_none_is_refused(self, planner, query):
        assert planner.get(f"{BASE}/who-sees?{query}").status_code == 400

    def test_the_question_is_kept_in_the_audit_record(self, planner, api_town):
        planner.get(f"{BASE}/who-sees?lon=118.7812&lat=32.0412")
        assert any(
            one.action == "ask_who_sees" and "118.78120" in one.target
            for one in api_town.store.audit_entries(limit=20)
        )


class TestAccess:
    def test_cadres_and_strangers_get_nothing(self, app, api_town):
        for role in (None, "cadre"):
            client = log_in(app, "cadre.a") if role else create_app(api_town).test_client()
            for path in ("comparison", "who-sees?lon=118.78&lat=32.04"):
                assert client.get(f"{BASE}/{path}").status_code == (403 if role else 401)

    def test_inspectors_ask_but_try_nothing_out(self, programs):
        assert programs["inspector"].get(f"{BASE}/comparison").status_code == 200
        assert trial(programs["inspector"], ROUND).status_code == 403


def test_an_empty_town_says_what_to_do_first(tmp_path):
    with Workspace.create(tmp_path / "empty") as workspace:
        workspace.accounts.create_user("planner.a", role="planner", password="Shi-men-2026")
        client = log_in(create_app(workspace), "planner.a")
        path = f"{BASE}/who-sees?lon=118.78&lat=32.04"
        answer = client.get(path, headers={"Accept-Language": "en"})
        # scripts of a page speak as their page does, whatever language the browser prefers
        assert answer.status_code == 400 and "导入" in answer.json["messages"][0]
        client.post("/language", data={"language": "en", "csrf_token": form_token(client, "/password")})
        assert "import" in client.get(path).json["messages"][0]
