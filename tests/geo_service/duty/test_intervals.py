"""Which rule gives a place its interval in each hour, by hand."""

from geo_service.duty.intervals import PRESETS, Duty, Rule, intervals, load_rules, town_rules

SCHOOL_DAY = Duty(day_type="school_day", base="school_day")
HOUR = 3600


def _spans(place="key_areas/1", *, category="", own=None, hours="", rules=(), duty=SCHOOL_DAY):
    found = intervals(place, category=category, own_interval_s=own, own_hours=hours, rules=rules, duty=duty)
    return [
        (one.start_s / HOUR, one.end_s / HOUR, one.interval_s / 60, one.rule.key if one.rule else "own")
        for one in found
    ]


def test_a_place_without_rules_keeps_its_own_interval_and_hours():
    assert _spans(own=7200.0, hours="08:00-18:00") == [(8, 18, 120, "own")]
    assert _spans(own=7200.0) == [(0, 24, 120, "own")]
    assert _spans() == []


def test_a_rule_holds_in_its_hours_and_the_own_interval_around_them():
    rule = Rule(key="a", name="夜", hours="18:00-22:00", interval_min=60)
    assert _spans(own=14400.0, rules=[rule]) == [(0, 18, 240, "own"), (18, 22, 60, "a"), (22, 24, 240, "own")]


def test_a_rule_reaches_beyond_the_own_hours_of_a_place():
    rule = Rule(key="a", name="夜", hours="17:00-22:00", interval_min=60)
    assert _spans(own=14400.0, hours="08:00-18:00", rules=[rule]) == [(8, 17, 240, "own"), (17, 22, 60, "a")]


def test_the_most_particular_rule_wins():
    """One place before its category before its layer before all, whatever the interval."""
    rules = [
        Rule(key="all", name="", interval_min=30),
        Rule(key="layer", name="", place_kind="key_area", interval_min=40),
        Rule(key="category", name="", place_kind="school", interval_min=50),
        Rule(key="place", name="", place="key_areas/1", interval_min=60),
    ]
    for place, category, key in (
        ("key_areas/1", "school", "place"),
        ("key_areas/2", "school", "category"),
        ("key_areas/2", "market", "layer"),
        ("housing_zones/1", "", "all"),
    ):
        assert _spans(place, category=category, rules=rules)[0][3] == key


def test_of_equal_rules_the_day_type_then_the_level_then_fewer_hours_decide():
    rules = [
        Rule(key="any", name="", interval_min=30),
        Rule(key="level", name="", duty_level="2", interval_min=40),
        Rule(key="school", name="", day_type="school_day", interval_min=50),
        Rule(key="hours", name="", day_type="school_day", hours="07:00-08:00", interval_min=90),
    ]
    duty = Duty(day_type="school_day", base="school_day", level="2")
    assert [(one[0], one[3]) for one in _spans(rules=rules, duty=duty)] == [(0, "school"), (7, "hours"), (8, "school")]  # fmt: skip
    off = Duty(day_type="day_off", base="day_off", level="2")
    assert _spans(rules=rules, duty=off) == [(0, 24, 40, "level")]
    assert _spans(rules=rules, duty=Duty(day_type="day_off", base="day_off"))[0][3] == "any"


def test_on_a_market_day_in_term_school_rules_hold_too_but_market_rules_first():
    rules = [
        Rule(key="school", name="", day_type="school_day", hours="07:00-09:00", interval_min=50),
        Rule(key="market", name="", day_type="market_day", hours="08:00-12:00", interval_min=60),
    ]
    duty = Duty(day_type="market_day", base="school_day")
    assert _spans(rules=rules, duty=duty) == [(7, 8, 50, "school"), (8, 12, 60, "market")]
    assert _spans(rules=rules, duty=Duty(day_type="market_day", base="day_off")) == [(8, 12, 60, "market")]


def test_a_share_scales_what_holds_and_never_below_five_minutes():
    rules = [
        Rule(key="fixed", name="", hours="07:00-08:00", interval_min=8),
        Rule(key="half", name="", duty_level="1", percent=50),
    ]
    duty = Duty(day_type="workday", base="workday", level="1")
    assert [one[2] for one in _spans(own=7200.0, rules=rules, duty=duty)] == [60, 5, 60]
    assert _spans(rules=rules[1:], duty=duty) == []  # a share of nothing is nothing


def test_a_visit_is_asked_for_in_hours_of_a_rule_but_not_in_what_is_left_between():
    rule = Rule(key="a", name="", hours="18:00-22:00", interval_min=480)
    found = intervals("key_areas/1", category="", own_interval_s=28800.0, own_hours="", rules=[rule], duty=SCHOOL_DAY)  # fmt: skip
    assert [one.at_least_once for one in found] == [False, True, False]
    assert (found[1].start_s, found[1].end_s, found[1].interval_s) == (18 * HOUR, 22 * HOUR, 28800.0)


def test_hours_over_midnight_ask_for_one_visit_not_two():
    rule = Rule(key="a", name="", hours="20:00-02:00", interval_min=480)
    found = intervals("key_areas/1", category="", own_interval_s=None, own_hours="", rules=[rule], duty=SCHOOL_DAY)  # fmt: skip
    assert [(one.start_s // HOUR, one.end_s // HOUR, one.at_least_once) for one in found] == [(0, 2, False), (20, 24, True)]  # fmt: skip


def test_built_in_rules_hold_until_the_town_has_one_of_its_own(town):
    assert load_rules(town.store) == PRESETS
    area = town.add("patrol_rules", name="全镇夜间", hours="22:00-05:00", interval_min=120)
    (rule,) = load_rules(town.store)
    assert (rule.key, rule.name, rule.place, rule.interval_min, rule.percent) == (f"patrol_rules/{area}", "全镇夜间", "", 120, None)  # fmt: skip
    assert town_rules(town.store) == (rule,)


def test_schools_are_visited_at_bell_times_by_the_built_in_rules():
    """07:00–08:10 and 16:30–18:00 every 90 minutes on school days alone; at duty level 1 every 45."""
    bell = [(7, 7 + 70 / 60, 90, "preset/bell-school"), (16.5, 18, 90, "preset/bell-school")]
    assert _spans(category="school", rules=PRESETS) == bell
    assert _spans(category="school", rules=PRESETS, duty=Duty(day_type="day_off", base="day_off")) == []
    first = _spans(
        category="school", rules=PRESETS, duty=Duty(day_type="school_day", base="school_day", level="1")
    )
    assert [one[2] for one in first] == [45, 45]
