"""Standing posts as dates of units: who stands where at which time, and who else might."""

from __future__ import annotations

import random

from patrol_routing.instance import Date, Instance
from patrol_routing.records import Span

Post = tuple[int, Span]


def assign_posts(instance: Instance, rng: random.Random) -> list[list[Date]]:
    """Return the dates of all shifts: each post is given to the shift that has least time on posts among those that can."""
    dates: list[list[Date]] = [[] for _ in instance.shifts]
    posts = [(p, post) for p in instance.reachable for post in instance.places[p].posts]
    # the post that the fewest can stand at goes first
    able = {one: sum(bool(_with(instance, dates, r, one, rng)) for r in range(len(dates))) for one in posts}
    for one in sorted(posts, key=lambda post: (able[post], post[1])):
        order = list(range(len(dates)))
        rng.shuffle(order)
        for r in sorted(order, key=lambda r: sum(date.end_s - date.begin_s for date in dates[r])):
            kept = _with(instance, dates, r, one, rng)
            if kept:
                dates[r] = kept
                break
    return dates


def move_post(
    instance: Instance, dates: list[list[Date]], posts: list[Post], rng: random.Random
) -> dict[int, list[Date]]:
    """Propose to give a post to another shift; return the new dates of the shifts concerned, or nothing."""
    post = rng.choice(posts)
    r = rng.randrange(len(dates))
    holder = next((q for q, kept in enumerate(dates) if any(_is(instance, one, post) for one in kept)), None)
    if holder == r:
        return {}
    kept = _with(instance, dates, r, post, rng)
    if not kept:
        return {}
    if holder is None:
        return {r: kept}
    left = [one for one in dates[holder] if not _is(instance, one, post)]
    return {r: kept, holder: left}


def _is(instance: Instance, date: Date, post: Post) -> bool:
    return instance.stop_place[date.stop] == post[0] and (date.begin_s, date.end_s) == post[1]


def _with(instance: Instance, dates: list[list[Date]], r: int, post: Post, rng: random.Random) -> list[Date]:
    """Return the dates of a shift with one more post, or nothing if it cannot keep them all."""
    p, (begin, end) = post
    stops = instance.stops_of[r][p]
    shift = instance.shifts[r]
    if not stops or begin < shift.start_s or end > shift.end_s:
        return []
    more = sorted([*dates[r], Date(begin, end, rng.choice(stops))])
    return more if instance.keeps(r, more) else []
