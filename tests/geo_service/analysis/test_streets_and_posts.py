"""Required streets, standing posts, closed hours and breaks of a town reach the planner, with figures worked out by hand."""

import math
from itertools import pairwise

import pytest
import shapely

from geo_service.analysis.asked_day import ask_day
from geo_service.analysis.beats import load_beats, windows_of
from geo_service.analysis.patrol import compute_patrol, day_frames, plan_day
from geo_service.duty.choice import choose_day
from patrol_routing import audit_plan
from town_model import InputError

FOOT_M_S = 4 / 3.6
SCHOOL_DAY = {"day_type": "school_day"}


@pytest.fixture
def ring(town):
    """A ring road of 400 m sides with a square at two corners, and a pair on foot round the clock in the south."""
    corners = [(0, 0), (400, 0), (400, 400), (0, 400)]
    for name, a, b in zip(
        "南北西", corners[:1] + corners[2:], corners[1:2] + corners[3:] + corners[:1], strict=True
    ):
        town.road(a, b, name=f"{name}街")
    town.road(*((400, y) for y in (0, 100, 200, 300, 400)), name="东街")
    for i in (0, 2):
        town.area(shapely.Point(corners[i]).buffer(15), name=f"广场{i}", visit_interval_min=480, dwell_min=10)
    town.pair = town.unit(200, 0, name="步巡组")
    return town


def _street(town, name, **values):
    roads = town.store.frame("roads")
    row = int(roads.index[roads["name"] == name][0])
    with town.store.change(actor="test") as change:
        change.update("roads", row, {"patrol_interval_min": 240, **values})
    return row


def _day(town, **day):
    return plan_day(
        town.store,
        planned=choose_day(town.store, **day) if day else None,
        max_iterations=300,
        time_limit_s=60,
    )


def test_a_required_street_is_walked_from_end_to_end_within_its_interval(ring):
    """400 m at 4 km/h take 360 s; every 240 min at most, so at least six times a day."""
    row = _street(ring, "东街")
    day = _day(ring)
    assert day.audit.holds
    visits = day.plan.visits.query(f"place == 'roads/{row}'")
    assert len(visits) >= 6
    assert (visits["depart_s"] - visits["arrive_s"]).to_numpy() == pytest.approx(400 / FOOT_M_S, rel=1e-3)
    frames = day_frames(day)
    place = frames["places"].set_index("place").loc[f"roads/{row}"]
    assert place["name"] == "东街"
    assert place["worst_gap_s"] <= place["max_gap_s"] == 240 * 60
    assert place["geometry"].length == pytest.approx(400, rel=1e-3)
    assert set(frames["visits"].query(f"place == 'roads/{row}'")["place_name"]) == {"东街"}


def test_each_direction_of_a_street_is_asked_for(ring):
    row = _street(ring, "东街", patrol_direction="both")
    asked = ask_day(ring.store)
    assert [one.id for one in asked.problem.street_list] == [f"roads/{row}"] * 2
    ends = {one.nodes for one in asked.problem.street_list}
    assert len(ends) == 2


def test_a_street_with_junctions_on_it_is_one_chain_of_edges(ring):
    """Side roads at 100 m and 300 m part the street into three edges, and a place beside it into four."""
    row = _street(ring, "东街", patrol_direction="forward")
    ring.road((400, 100), (500, 100))
    ring.road((400, 300), (500, 300))
    ring.area(shapely.Point(410, 200).buffer(3), name="岗亭", visit_interval_min=480)
    asked = ask_day(ring.store)
    (street,) = asked.problem.street_list
    (way,) = street.ways
    graph = asked.network.graph
    assert [round(graph.edges[one]["length"]) for one in way] == [100, 100, 100, 100]
    assert all(a[1] == b[0] for a, b in pairwise(way))
    ys = [graph.nodes[one[0]]["y"] for one in way]
    assert ys == sorted(ys)  # drawn from south to north
    assert row


def test_a_street_that_is_closed_to_the_units_is_told_and_the_rest_is_planned(ring):
    row = _street(ring, "东街", patrol_modes="car")
    day = _day(ring)
    assert day.unreachable[["place", "name", "reason"]].to_numpy().tolist() == [
        [f"roads/{row}", "东街", "no_unit"]
    ]
    assert day.audit.is_sound


def test_both_directions_of_a_one_way_street_cannot_be_asked_for_and_one_is_driven(ring):
    row = _street(
        ring, "东街", patrol_direction="both", oneway_foot="forward", oneway_car="forward", oneway_motorcycle="forward"
    )  # fmt: skip
    day = _day(ring)
    assert day.unreachable[["place", "reason"]].to_numpy().tolist() == [[f"roads/{row}", "one_way"]]
    assert (day.plan.visits["place"] == f"roads/{row}").any()


def test_a_street_against_its_one_way_is_not_asked_for(ring):
    _street(ring, "东街", patrol_direction="forward", oneway_foot="backward")
    day = _day(ring)
    assert list(day.unreachable["reason"]) == ["one_way"]
    assert not day.problem.street_list


def test_a_street_ends_beside_a_junction_with_turn_restrictions(ring):
    """A lane of 300 m from a junction of which no right turn leads into it: it is driven from 2 m beside the junction on."""
    row = ring.road((400, 200), (700, 200), name="巷", osm_id="way/7", patrol_interval_min=240)
    ring.road((400, 200), (400, 100), osm_id="way/6")
    ring.add(
        "turn_restrictions", shapely.Point(400, 200), kind="no_right_turn", from_road="way/6", to_road="way/7"
    )
    ring.unit(200, 0, name="一号车", mode="car")
    asked = ask_day(ring.store)
    assert not asked.network.graph.graph["turns_left_out"]
    frame = asked.streets.frame
    assert frame.index.tolist() == [f"roads/{row}"]
    assert frame.geometry.length.tolist() == pytest.approx([298], rel=1e-3)
    day = _day(ring)
    assert day.audit.is_sound
    assert f"roads/{row}" in set(day.plan.visits["place"])


def test_a_road_of_two_parts_is_two_streets_and_a_closed_one_is_told(ring):
    """Two lanes of 200 m in one row are driven one by one; a road closed to everybody cannot be asked for."""
    lanes = shapely.MultiLineString([[(0, 0), (0, -200)], [(400, 0), (400, -200)]])
    row = ring.add("roads", lanes, highway="residential", name="两巷", patrol_interval_min=240)
    shut = ring.road(
        (0, 0), (-200, 0), name="断头路", patrol_interval_min=240,
        access_foot=False, access_car=False, access_motorcycle=False,
    )  # fmt: skip
    day = _day(ring)
    assert day.audit.is_sound
    assert day.streets.frame["name"].to_dict() == {f"roads/{row}": "两巷 [1]", f"roads/{row}-2": "两巷 [2]"}
    assert {f"roads/{row}", f"roads/{row}-2"} <= set(day.plan.visits["place"])
    assert day.unreachable[["place", "reason"]].to_numpy().tolist() == [[f"roads/{shut}", "closed"]]


def test_a_street_that_comes_back_to_its_begin_or_crosses_itself_is_driven_in_order(ring):
    """A loop of 400 m, and a line that crosses itself: both chains have the length of their line."""
    loop = ring.road((0, 0), (0, -100), (100, -100), (100, 0), (0, 0), name="环路", patrol_interval_min=240)
    eight = ring.road((400, 0), (500, -100), (500, 0), (400, -100), name="八字路", patrol_interval_min=240)
    asked = ask_day(ring.store)
    graph = asked.network.graph
    for street in asked.problem.street_list:
        line = asked.streets.frame.geometry[street.id]
        for way in street.ways:
            assert sum(graph.edges[one]["length"] for one in way) == pytest.approx(line.length)
    assert {one.id for one in asked.problem.street_list} == {f"roads/{loop}", f"roads/{eight}"}
    assert _day(ring).audit.is_sound


def test_a_place_that_is_closed_all_day_is_told_and_the_rest_is_planned(ring):
    row = ring.area(shapely.Point(0, 400).buffer(15), name="工地", visit_interval_min=240)
    ring.add("patrol_rules", name="封闭", demand="closed", key_area=row, hours="00:00-24:00")
    day = _day(ring)
    assert day.audit.holds
    assert not (day.plan.visits["place"] == f"key_areas/{row}").any()


def test_rules_of_the_day_scale_the_interval_of_a_street(ring):
    """The built-in rule of duty level 1 halves every interval: 240 min become 120."""
    row = _street(ring, "东街")
    beats = load_beats(ring.store, duty=choose_day(ring.store, day_type="workday", duty_level="1").duty)
    assert beats.streets.loc[row, "max_gap_s"] == 7200.0
    ring.add("patrol_rules", name="街面", place_kind="road", interval_min=60)
    beats = load_beats(ring.store, duty=choose_day(ring.store, day_type="workday").duty)
    assert beats.streets.loc[row, "max_gap_s"] == 3600.0
    assert beats.places["max_gap_s"].tolist() == [28800.0, 28800.0]


@pytest.fixture
def school(ring):
    ring.school = ring.area(
        shapely.Point(0, 400).buffer(15), name="小学", category="school", visit_interval_min=480, dwell_min=10
    )
    ring.add(
        "patrol_rules", name="护学岗", demand="post", place_kind="school", day_type="school_day", hours="07:00-08:10"
    )  # fmt: skip
    return ring


def test_somebody_stands_at_the_school_gate_on_a_school_day_and_not_on_a_day_off(school):
    """07:00 to 08:10 are 25,200 s to 29,400 s."""
    day = _day(school, **SCHOOL_DAY)
    place = f"key_areas/{school.school}"
    assert day.audit.holds
    stays = day.plan.visits.query(f"place == {place!r}")
    assert ((stays["arrive_s"] <= 25_200) & (stays["depart_s"] >= 29_400)).any()
    posts = day_frames(day)["posts"]
    told = posts[["name", "kind", "start_s", "end_s", "rule_name", "alone_s"]].to_numpy().tolist()
    assert told == [["小学", "post", 25_200, 29_400, "护学岗", 0.0]]
    assert posts["units"].tolist() == [["步巡组"]]
    off = load_beats(school.store, duty=choose_day(school.store, day_type="day_off").duty)
    assert not any(off.places["standing"])


def test_a_post_that_nobody_stands_is_a_breach_of_kind_post(school):
    """The pair begins at 07:30 and walks 600 m, 540 s: nobody can stand all of it; the post is a breach, and named."""
    with school.store.change(actor="test") as change:
        change.update("patrol_units", school.pair, {"shifts": "07:30-23:00"})
    number = compute_patrol(
        school.store, actor="test", planned=choose_day(school.store, **SCHOOL_DAY), max_iterations=300
    )
    result = school.store.result(number)
    (breach,) = result.frame("breaches").query("kind == 'post'").to_dict("records")
    assert (breach["place_name"], breach["start_s"], breach["end_s"]) == ("小学", 25_200, 29_400)
    assert breach["gap_s"] >= 1800 + 540
    assert result.frame("posts")["alone_s"].tolist() == [breach["gap_s"]]
    assert result.summary["posts"] == 1


def test_the_built_in_intervals_hold_beside_a_rule_of_a_post(school):
    beats = load_beats(school.store, duty=choose_day(school.store, **SCHOOL_DAY).duty)
    spans = beats.places.set_index("name").loc["小学", "spans"]
    assert {one.rule.key for one in spans if one.rule} == {"preset/bell-school"}


def test_a_place_with_a_post_alone_is_planned_for_its_post(ring):
    row = ring.area(shapely.Point(0, 400).buffer(15), name="路口")
    ring.add("patrol_rules", name="高峰岗", demand="post", key_area=row, hours="17:00-18:00")
    day = _day(ring)  # a rule for any day holds without a day, too
    place = f"key_areas/{row}"
    assert math.isnan(day_frames(day)["places"].set_index("place").loc[place, "max_gap_s"])
    stays = day.plan.visits.query(f"place == {place!r}")
    assert ((stays["arrive_s"] <= 61_200) & (stays["depart_s"] >= 64_800)).any()
    assert day.audit.holds


def test_nobody_comes_while_a_place_is_closed_and_its_interval_begins_anew_after(ring):
    """Closed from 22:00 to 06:00 with an interval of 240 min: the first visit is due by 10:00, and no breach is counted for the night."""
    row = ring.area(shapely.Point(0, 400).buffer(15), name="市场", visit_interval_min=240, dwell_min=10)
    ring.add("patrol_rules", name="闭市", demand="closed", key_area=row, hours="22:00-06:00")
    day = _day(ring)
    assert day.audit.holds
    stays = day.plan.visits[day.plan.visits["place"] == f"key_areas/{row}"]
    assert (stays["arrive_s"] >= 6 * 3600).all()
    assert (stays["depart_s"] <= 22 * 3600).all()
    assert stays["arrive_s"].min() <= 10 * 3600
    (asked,) = (one for one in load_beats(ring.store).places.itertuples() if one.name == "市场")
    assert windows_of(asked)[-1][:2] == (10 * 3600, 22 * 3600)


def test_where_a_post_and_a_closed_time_meet_it_is_closed(school):
    school.add("patrol_rules", name="封闭", demand="closed", key_area=school.school, hours="08:00-09:00")
    beats = load_beats(school.store, duty=choose_day(school.store, **SCHOOL_DAY).duty)
    standing = beats.places.set_index("name").loc["小学", "standing"]
    assert [(one.kind, one.start_s, one.end_s) for one in standing] == [
        ("post", 25_200, 28_800),
        ("closed", 28_800, 32_400),
    ]


def test_units_rest_in_their_breaks_and_other_breaks_may_hold_on_a_day(ring):
    """12:00 to 12:30 are 43,200 s to 45,000 s: no leg and no stay lies in them."""
    with ring.store.change(actor="test") as change:
        change.update("patrol_units", ring.pair, {"breaks": "12:00-12:30", "shifts": "08:00-20:00"})
    day = _day(ring)
    assert day.audit.is_sound
    legs, visits = day.plan.legs, day.plan.visits
    assert not ((legs["enter_s"] < 45_000 - 1) & (legs["leave_s"] > 43_200 + 1)).any()
    assert not ((visits["arrive_s"] < 45_000 - 1) & (visits["depart_s"] > 43_200 + 1)).any()
    assert day_frames(day)["units"]["breaks"].tolist() == [[(43_200.0, 45_000.0)]]
    ring.add("unit_shifts", unit=ring.pair, day_type="day_off", shifts="08:00-13:00", breaks="12:30-14:00")
    units = load_beats(ring.store, duty=choose_day(ring.store, day_type="day_off").duty).units
    assert units["breaks"].tolist() == [[(45_000.0, 46_800.0)]]  # only what lies in the shift


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"demand": "post"}, "need hours"),
        ({"demand": "closed", "hours": "22:00-06:00", "interval_min": 60}, "have no interval"),
        ({"demand": "post", "hours": "07:00-08:00", "place_kind": "road"}, "not for streets"),
    ],
)
def test_rules_of_posts_that_say_too_little_or_too_much_are_refused(ring, values, words):
    with pytest.raises(InputError, match=words):
        ring.add("patrol_rules", name="a", **values)


def test_the_stored_plan_is_audited_with_its_streets_and_posts(school):
    _street(school, "东街")
    day = _day(school, **SCHOOL_DAY)
    assert audit_plan(day.problem, day.plan).is_sound
