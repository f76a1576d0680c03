"""Claims about the law report of a small town: each article finds its camera and no other, planned ones like the others."""

import datetime as dt
import math
import re
from pathlib import Path

import pytest
import shapely

from geo_service.analysis.law import LawOptions, compute_law, message_of
from town_model import InputError

TODAY = dt.date(2026, 11, 23)
SOUND = {
    "sign_posted": True, "retention_days": 30, "in_use_since": dt.date(2025, 5, 1), "filing_date": dt.date(2025, 5, 20),
}  # fmt: skip
ROOT = Path(__file__).parents[3]


def report(town, **options):
    compute_law(town.store, actor="test", today=TODAY, options=LawOptions(**options))
    return town.store.latest_result("exposure")


def findings(town, **options):
    rows = report(town, **options).frame("findings")
    return sorted((one.article, one.camera_name, one.severity) for one in rows.itertuples())


def house(town, *box, **values):
    return town.add("buildings", shapely.box(*box), height_m=9.0, use="residential", **values)


def test_private_ground_is_measured_where_the_road_ends(town):
    """A house of 10 m, 4 m beside the middle of a road 4 m wide: of the 5 m before the house, the 2 m up to the road are private."""
    town.road((-200, 0), (200, 0), width_m=4)
    house(town, -5, 4, 5, 14)
    frame = report(town).summary
    # band of 5 m: 4 × 50 m² and a circle; the road takes y < 2: below the house 3 m of 10 m, and of each lower quarter circle
    # the part deeper than 2 m
    deep = 25 * math.acos(2 / 5) - 2 * math.sqrt(
        21
    )  # segment of a half circle beyond 2 m, two quarters together
    assert frame["private_m2"] == pytest.approx(200 + 25 * math.pi - 30 - deep, rel=0.01)
    assert frame["dwellings"] == 1


def test_ground_inside_a_housing_zone_is_shared_unless_asked_otherwise(town):
    house(town, -5, 4, 5, 14)
    town.add("housing_zones", shapely.box(-50, -50, 50, 50), name="小区", households=20)
    assert report(town).summary["private_m2"] == 0
    assert report(town, zones_shared=False).summary["private_m2"] == pytest.approx(
        200 + 25 * math.pi, rel=0.01
    )


def test_each_article_names_its_camera(town):
    town.add("no_camera_zones", shapely.box(-5, -5, 5, 5), kind="article_8", name="更衣室")
    town.add("no_camera_zones", shapely.box(295, -5, 305, 5), kind="article_10", consent=False)
    for x, name, values in [
        (0, "禁区内", {}),
        (12, "看向禁区", {}),
        (300, "涉密旁", {}),
        (400, "无标识", {"sign_posted": False}),
        (500, "未备案", {"filing_date": None}),
        (600, "迟备案", {"filing_date": dt.date(2025, 6, 1)}),
        (700, "存得短", {"retention_days": 29}),
        (800, "合规", {}),
    ]:
        town.camera(x, 0, name=name, **{**SOUND, **values}, azimuth_deg=90.0)
    assert findings(town, duplicate_share=1.0) == [
        (8, "看向禁区", "error"),
        (8, "禁区内", "error"),
        (10, "涉密旁", "error"),
        (13, "无标识", "error"),
        (14, "未备案", "error"),
        (14, "迟备案", "note"),
        (17, "存得短", "error"),
    ]


def test_of_two_that_double_each_other_one_is_named(town):
    """Two equal discs of 20 m whose middles are 2 m apart share 94 % of each."""
    town.camera(0, 0, name="先", **SOUND)
    town.camera(2, 0, name="后", **SOUND)
    assert findings(town) == [(6, "后", "warning")]
    share = (2 * math.acos(0.05) - 0.1 * math.sqrt(1 - 0.05**2)) / math.pi
    words = str(message_of(next(report(town).frame("findings").itertuples())))
    assert f"{100 * share:.0f} %" in words
    assert findings(town, duplicate_share=0.95) == []


def test_a_plan_is_judged_before_it_is_built(town):
    """A planned camera needs no sign yet, but may not double a working one nor look into a forbidden place."""
    town.add("no_camera_zones", shapely.box(110, -5, 120, 5), kind="article_8")
    town.camera(0, 0, name="在用", **SOUND)
    town.camera(2, 0, name="拟建一", status="planned", sign_posted=False)
    town.camera(100, 0, name="拟建二", status="planned")
    assert findings(town) == [(6, "拟建一", "warning"), (8, "拟建二", "error")]


def test_plans_are_judged_as_their_own_group(town):
    """Of two plans that double each other the later one is named; what is planned counts for nothing against what stands."""
    town.camera(0, 0, name="无标识", **{**SOUND, "sign_posted": False})
    town.camera(100, 0, name="拟建一", status="planned")
    town.camera(102, 0, name="拟建二", status="planned", retention_days=7)
    groups = report(town).summary["groups"]
    assert {name: (one["cameras"], one["clean"], one["articles"]) for name, one in groups.items()} == {
        "standing": (1, 0, {"13": 1}),
        "planned": (2, 1, {"6": 1, "17": 1}),
    }
    assert findings(town) == [(6, "拟建二", "warning"), (13, "无标识", "error"), (17, "拟建二", "error")]


def test_night_shows_private_ground_as_far_as_it_is_lit(town):
    """A house whose front is the line x = 12: lit to 10 m, the band from 7 to 12 m is seen as a segment of the circle of 10 m beyond 7 m."""
    house(town, 12, -15, 22, 15)
    town.camera(0, 0, name="甲", **SOUND)
    row = report(town).frame("cameras").iloc[0]
    segment = 100 * math.acos(0.7) - 7 * math.sqrt(100 - 49)
    assert row["private_observe_night_m2"] == pytest.approx(segment, abs=0.2)  # arcs lie up to 1 cm inside
    assert row["private_observe_m2"] > 100
    # the wall itself lies beyond the light
    assert row["facade_observe_night_m"] == 0
    assert row["facade_observe_m"] > 20


def test_a_broken_camera_makes_no_duplicate(town):
    town.camera(0, 0, name="坏的", **SOUND, status="faulty")
    town.camera(2, 0, name="好的", **SOUND)
    assert findings(town) == []


def test_a_mask_points_from_true_north_at_the_house(town):
    """The front of a house 12 m grid east, 5 m to either side: the band before it is symmetric about grid east.

    The town lies 1.22° west of its meridian 120°, so grid north points 1.22° · sin 32.04° west of true north.
    """
    house(town, 12, -5, 22, 5)
    town.camera(0, 0, name="甲", **SOUND)
    result = report(town)
    (mask,) = result.frame("masks").itertuples()
    assert (mask.from_deg + mask.to_deg) / 2 == pytest.approx(
        90 - 1.22 * math.sin(math.radians(32.04)), abs=0.02
    )
    assert mask.near_m == pytest.approx(7, abs=0.01)
    row = result.frame("cameras").iloc[0]
    assert row["facade_observe_m"] == pytest.approx(10, abs=0.05)
    assert row["masks"] == 1
    assert [one[0] for one in findings(town)] == [13]


def test_what_nobody_entered_is_counted_and_is_no_breach(town):
    town.camera(0, 0)
    result = report(town)
    assert result.frame("findings").empty
    assert result.summary["unknown"] == {"sign": 1, "filing": 1, "retention": 1}


def test_options_without_meaning_are_refused():
    with pytest.raises(InputError):
        LawOptions(mask_class="x")
    with pytest.raises(InputError):
        LawOptions(duplicate_share=0)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_worked_example_of_the_manual(town, language):
    """The camera, house and figures of docs/<language>/law.md."""
    town.road((-200, 0), (200, 0), width_m=4)
    house(town, -5, 4, 5, 14)
    town.camera(0, -10, name="例", **SOUND)
    result = report(town)
    row = result.frame("cameras").iloc[0]
    (mask,) = result.frame("masks").itertuples()
    page = (ROOT / "docs" / language / "law.md").read_text(encoding="utf-8")
    figures = [float(one) for one in re.findall(r"\*\*([\d.]+)\*\*", page)]
    expected = [
        row["private_observe_m2"], row["facade_observe_m"], math.floor(mask.from_deg), math.ceil(mask.to_deg), mask.near_m,
        mask.far_m, mask.private_m2, mask.lost_m2,
    ]  # fmt: skip
    assert figures == pytest.approx(expected, abs=0.05)
