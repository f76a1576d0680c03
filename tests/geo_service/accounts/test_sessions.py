"""Sessions: they outlive a restart, end on the server's clock, and the file holds nothing that opens one."""

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import event

from geo_service.accounts import SessionBook
from geo_service.settings import Settings
from geo_service.store import Store

NOON = dt.datetime(2026, 5, 4, 12)  # noqa: DTZ001 - UTC without a zone, as the tables keep it
SETTINGS = Settings(session_idle_minutes=60, session_longest_hours=2)


class Clock:
    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now

    def at(self, minutes):
        self.now = NOON + dt.timedelta(minutes=minutes)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def book(workspace, clock):
    return SessionBook(workspace.store, SETTINGS, clock=clock)


@pytest.fixture
def user(people):
    return people.find("planner1")


def test_a_session_ends_when_idle(book, clock, user):
    number = book.begin(user)
    clock.at(60)
    assert book.find(number).user.name == "planner1"
    clock.at(121)  # 61 minutes later
    assert book.find(number) is None


def test_a_session_ends_after_the_longest_time_although_it_is_used(book, clock, user):
    number = book.begin(user)
    for minute in (30, 60, 90, 120):
        clock.at(minute)
        assert book.find(number) is not None
    clock.at(121)
    assert book.find(number) is None


def test_a_session_of_the_future_holds_no_longer_than_a_slow_clock(book, clock, user):
    """Otherwise a clock that was wrong by a year at log-in, and set right, keeps the session for a year."""
    number = book.begin(user)
    clock.at(-4)
    assert book.find(number) is not None
    clock.at(-6)
    assert book.find(number) is None


def test_a_restart_ends_no_session(workspace, book, clock, user):
    number = book.begin(user)
    again = Store(workspace.store.path)
    try:
        assert SessionBook(again, SETTINGS, clock=clock).find(number).user == user
    finally:
        again.close()


def test_the_file_does_not_hold_the_number(workspace, book, user):
    number = book.begin(user)
    assert number.encode() not in workspace.store.path.read_bytes()


def test_numbers_are_long_and_differ(book, user):
    numbers = {book.begin(user) for _ in range(50)}
    assert len(numbers) == 50
    assert min(map(len, numbers)) >= 43  # 256 bits in base 64


def test_last_seen_is_written_at_most_once_a_minute(workspace, book, clock, user):
    number = book.begin(user)
    written = []
    event.listen(
        workspace.store._writer,
        "before_cursor_execute",
        lambda _c, _cursor, words, *_: written.append(words) if words.startswith("UPDATE sessions") else None,
    )
    for second in range(0, 180, 10):
        clock.now = NOON + dt.timedelta(seconds=second)
        book.find(number)
    assert len(written) == 2  # at 60 and at 120 seconds


def test_a_page_does_not_wait_for_an_import_to_note_that_it_was_seen(workspace, book, clock, user):
    number = book.begin(user)
    clock.at(5)
    other = Store(workspace.store.path)
    try:
        with (
            other.writing()
        ):  # another process writes for as long as this block lasts; the busy timeout is 30 s
            assert book.find(number) is not None
        assert book.listing()[0].seen_at.minute == 0
        book.find(number)
        assert book.listing()[0].seen_at.minute == 5
    finally:
        other.close()


@pytest.mark.parametrize("change", ["closed", "role", "password", "deleted"])
def test_a_change_of_the_account_ends_its_sessions(people, book, user, change):
    number = book.begin(user)
    if change == "closed":
        people.set_active("planner1", active=False, actor="a")
    elif change == "role":
        people.set_role("planner1", role="inspector", actor="a")
    elif change == "password":
        people.set_password("planner1", "another-bridge-48", actor="a")
    else:
        people.delete("planner1", actor="a")
    assert book.find(number) is None
    assert book.listing() == []


def test_a_new_account_of_the_same_name_does_not_inherit_sessions(people, book, user):
    number = book.begin(user)
    people.delete("planner1", actor="a")
    people.create_user("planner1", role="planner", password="another-bridge-48")
    assert book.find(number) is None


def test_lists_show_own_or_all_sessions_and_end_what_they_are_asked_to(workspace, people, book, user):
    people.create_user("cheng", role="planner", password="another-bridge-48", title="规划岗")
    cheng = people.find("cheng")
    mine = [
        book.begin(user, address="10.0.0.1", browser="Chrome 86 · Windows"),
        book.begin(user, address="10.0.0.2"),
        book.begin(user, address="10.0.0.3"),
    ]
    other = book.begin(cheng)
    assert [one.user_name for one in book.listing()].count("planner1") == 3
    listed = book.listing(user)
    assert {one.address for one in listed} == {"10.0.0.1", "10.0.0.2", "10.0.0.3"}
    keep = book.find(mine[0]).session_id
    foreign = book.find(other).session_id
    assert book.end_some(actor="planner1", user=user, session_id=foreign) == 0
    assert book.find(other) is not None
    assert book.end_some(actor="planner1", user=user, keep=keep) == 2
    assert [book.find(one) is None for one in mine] == [False, True, True]
    assert book.end_some(actor="admin1", session_id=foreign) == 1
    assert book.find(other) is None
    assert workspace.store.audit_entries(action="sessions_ended", limit=1)[0].target == "cheng 1"


def test_who_has_not_given_the_code_is_listed_nowhere_and_has_five_minutes(book, clock, user):
    number = book.begin(user, awaits_code=True)
    assert book.find(number).awaits_code
    assert book.listing(user) == []
    clock.at(6)
    assert book.find(number) is None


def test_ended_sessions_leave_the_table(workspace, book, clock, user):
    for _ in range(3):
        book.begin(user)
    clock.at(200)
    book.begin(user)
    with workspace.store.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sessions").scalar_one() == 1


def test_views_are_first_once_in_ten_minutes(book, clock, user):
    number = book.begin(user)
    seen = []
    for minute in (0, 9, 10, 11):
        clock.at(minute)
        seen.append(book.first_view(number, "view_gaps"))
    assert seen == [True, False, True, False]
    assert book.first_view(number, "view_plan")


def test_the_idle_time_of_the_settings_counts(workspace, clock, user):
    short = SessionBook(workspace.store, dataclasses.replace(SETTINGS, session_idle_minutes=1), clock=clock)
    number = short.begin(user)
    clock.at(1.1)
    assert short.find(number) is None
