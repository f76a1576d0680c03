"""The clock by hand: watched by cameras, patrolled, or neither, within the hours of a place."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.watch_clock import STATES, Daylight, unwatched_minutes
from town_model import ColumnError, ValueRangeError, parse_hours

HOUR = 3600.0
DAY = Daylight(dt.date(2026, 6, 1), 6 * HOUR, 18 * HOUR)


def places(hours="", max_gap_s=2 * HOUR, **others):
    return pd.DataFrame({"hours": [hours], "max_gap_s": [max_gap_s]} | others, index=["gate"])


def shares(day=0.0, night=0.0):
    return pd.DataFrame({"share_day": [day], "share_night": [night]}, index=["gate"])


def visits(*hours, dwell_s=600.0):
    return pd.DataFrame(
        [("gate", h * HOUR, h * HOUR + dwell_s) for h in hours], columns=["place", "arrive_s", "depart_s"]
    )


def row(watched=None, stays=None, where=None, **options):
    found = unwatched_minutes(
        shares() if watched is None else watched,
        visits() if stays is None else stays,
        places() if where is None else where,
        DAY,
        **options,
    )
    return found.loc["gate"]


def test_a_camera_by_day_leaves_the_night():
    """Sunrise 6, sunset 18: twelve hours each."""
    found = row(shares(day=1.0))
    assert (found.open_min, found.watched_min, found.unwatched_min) == (1440, 720, 720)
    assert found.longest_unwatched_min == 360
    assert found.spans == [
        (0, 6 * HOUR, "unwatched"),
        (6 * HOUR, 18 * HOUR, "watched"),
        (18 * HOUR, 24 * HOUR, "unwatched"),
    ]


def test_a_visit_counts_until_the_interval_after_it_has_run_out():
    """At 8:00 for 10 min, limit 2 h: patrolled from 8:00 to 10:10, 130 minutes."""
    found = row(stays=visits(8), repeats=False)
    assert (found.patrolled_min, found.unwatched_min) == (130, 1310)


def test_the_last_visit_of_the_day_before_reaches_over_midnight():
    """At 23:30 for 10 min, limit 2 h: 23:30–24:00 today, and until 1:40 from the day before."""
    assert row(stays=visits(23.5)).patrolled_min == 130
    assert row(stays=visits(23.5), repeats=False).patrolled_min == 30


def test_what_is_watched_is_not_counted_as_patrolled_too():
    """Watched by day; visits at 17:00 and 20:00: of 17:00–19:10 the part after sunset counts, 70 min, and 130 min."""
    found = row(shares(day=1.0), visits(17, 20))
    assert (found.watched_min, found.patrolled_min, found.unwatched_min) == (720, 200, 520)


def test_only_the_hours_of_the_place_count():
    """Open 17:00–20:00, watched by day: one hour; two hours of night stay."""
    found = row(shares(day=1.0), where=places("17:00-20:00"))
    assert (found.open_min, found.watched_min, found.unwatched_min) == (180, 60, 120)


def test_less_than_the_required_share_is_not_watched():
    assert row(shares(day=0.94)).watched_min == 0
    assert row(shares(day=0.95)).watched_min == 720
    assert row(shares(day=0.6), required_share=0.5).watched_min == 720


def test_without_an_interval_only_the_visits_themselves_count():
    assert row(stays=visits(8, 9), where=places(max_gap_s=float("nan"))).patrolled_min == 20


def test_a_place_that_no_camera_and_no_patrol_knows_is_unwatched_all_its_hours():
    found = unwatched_minutes(shares(day=1.0).rename({"gate": "other"}), visits(), places("08:00-10:00"), DAY)
    assert found.loc["gate", "unwatched_min"] == 120


def test_an_unknown_share_is_no_share():
    assert row(shares(day=float("nan"), night=1.0)).watched_min == 720


@given(
    stays=st.lists(st.floats(0, 23), max_size=6),
    hours=st.sampled_from(["", "08:00-17:00", "19:00-06:00", "07:00-08:10,16:30-18:00"]),
    day=st.sampled_from([0.0, 1.0]),
    night=st.sampled_from([0.0, 1.0]),
    limit=st.floats(60, 40_000),
)
def test_the_parts_make_up_the_hours_and_agree_with_a_count_by_the_minute(stays, hours, day, night, limit):
    """Against a count that asks each minute's middle, which may miss an edge by a minute."""
    stays = [round(one * 60) / 60 for one in stays]
    found = row(shares(day, night), visits(*stays), places(hours, limit))
    assert found.watched_min + found.patrolled_min + found.unwatched_min == pytest.approx(found.open_min)
    assert all(state in STATES for *_, state in found.spans)
    count = dict.fromkeys(STATES, 0)
    for minute in range(1440):
        t = minute * 60 + 30
        if not any(a <= t < b for a, b in parse_hours(hours)):
            continue
        if day if 6 * HOUR <= t < 18 * HOUR else night:
            count["watched"] += 1
        elif any(0 <= (t - one * HOUR) % 86_400 < 600 + limit for one in stays):
            count["patrolled"] += 1
        else:
            count["unwatched"] += 1
    edges = len(stays) * 2 + 4
    for state in STATES:
        assert found[f"{state}_min"] == pytest.approx(count[state], abs=edges)


def test_the_interval_of_the_hour_holds():
    """A stay 17:45–17:55; until 18:00 at most 2 h, then 30 min: kept 17:45–18:25, though 2 h would last until 19:55."""
    where = places(spans=[[(8 * HOUR, 18 * HOUR, 2 * HOUR), (18 * HOUR, 22 * HOUR, HOUR / 2)]])
    found = row(stays=visits(17.75), where=where)
    assert (found.open_min, found.patrolled_min, found.unwatched_min) == (840, 40, 800)
    assert found.spans[1] == (17.75 * HOUR, 17.75 * HOUR + 2400, "patrolled")


def test_where_the_interval_grows_an_older_visit_counts_again():
    """A stay 10:00–10:10; at most 1 h until 12:00, 4 h from then on: kept until 11:10 and again 12:00–14:10."""
    where = places(spans=[[(9 * HOUR, 12 * HOUR, HOUR), (12 * HOUR, 18 * HOUR, 4 * HOUR)]])
    found = row(stays=visits(10), where=where, repeats=False)
    assert found.patrolled_min == 70 + 130


def test_the_day_before_may_have_been_patrolled_otherwise():
    """Yesterday at 23:30 for 10 min, limit 2 h: until 1:40 today; today's own visit at 22:00 does not reach into this morning."""
    found = row(stays=visits(22), before=visits(23.5))
    assert found.patrolled_min == 100 + 120
    assert row(stays=visits(23.5), before=visits()).patrolled_min == 30


def test_hours_in_which_nothing_is_asked_count_with_the_stay_alone():
    where = places(spans=[[(0.0, 12 * HOUR, 0.0), (12 * HOUR, 24 * HOUR, HOUR)]])
    found = row(stays=visits(8, 13), where=where)
    assert (found.open_min, found.patrolled_min) == (1440, 10 + 70)


def test_nonsense_is_refused():
    with pytest.raises(ColumnError, match="share_night"):
        row(shares().drop(columns="share_night"))
    with pytest.raises(ValueRangeError, match="required share"):
        row(required_share=0.0)
