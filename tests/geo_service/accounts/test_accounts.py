"""Accounts: nobody gets in with a guess, and no password is kept."""

import datetime as dt

import pytest
import shapely
from sqlalchemy import select

from geo_service.accounts import LogInError, log_ins, new_password, passwords
from geo_service.store import database
from geo_service.store.tables import users
from town_model import InputError

GOOD = "shimen-bridge-47"
REAL_HASHER = passwords._hasher


def test_real_hashes_are_as_hard_as_rfc_9106_asks():
    """RFC 9106, section 4, second recommendation: argon2id, three passes over 64 MiB with four lanes."""
    assert REAL_HASHER.hash("x").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_right_password_lets_in_and_a_wrong_one_does_not(people):
    assert people.verify("planner1", GOOD).role == "planner"
    assert people.verify(" PLANNER1 ", GOOD).name == "planner1"
    assert people.verify("planner1", GOOD + "x") is None
    assert people.verify("nobody", GOOD) is None


def test_no_password_is_kept_only_an_argon2id_hash(people, workspace):
    with workspace.store.reading() as connection:
        (kept,) = connection.execute(select(users.c.password_hash)).scalars()
    assert kept.startswith("$argon2id$")
    assert GOOD.encode() not in workspace.store.path.read_bytes()


def test_account_locks_after_five_failures_and_opens_when_the_time_is_over(people, monkeypatch):
    for _ in range(5):
        assert people.verify("planner1", "wrong") is None
    assert people.verify("planner1", GOOD) is None
    assert people.find("planner1").locked_until is not None
    later = database.now_utc() + dt.timedelta(minutes=15, seconds=1)
    monkeypatch.setattr(log_ins, "now_utc", lambda: later)
    assert people.verify("planner1", GOOD) is not None


def test_four_failures_do_not_lock_and_a_success_forgets_them(people):
    for _ in range(2):
        for _ in range(4):
            assert people.verify("planner1", "wrong") is None
        assert people.verify("planner1", GOOD) is not None


def test_an_unknown_name_costs_a_hash_too(people, monkeypatch):
    """The work is counted, not timed: verify() of argon2 runs once for a known and once for an unknown name."""
    asked = []
    honest = passwords._hasher

    class Counting:
        def verify(self, stored, password):
            asked.append(stored.split("$")[1:4])
            return honest.verify(stored, password)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    people.verify("planner1", "wrong")
    people.verify("nobody", "wrong")
    assert len(asked) == 2
    assert asked[0] == asked[1], "same algorithm and parameters, so the same work"


def test_refusals_sound_alike_whatever_the_reason(people):
    said = set()
    people.create_user("closed1", role="inspector", password=GOOD)
    people.set_active("closed1", active=False, actor="t")
    for name in ("planner1", "nobody", "closed1"):
        with pytest.raises(LogInError) as caught:
            people.log_in(name, "wrong")
        said.add(str(caught.value))
    assert len(said) == 1


def test_a_closed_account_stays_out_and_its_sessions_end(people):
    people.set_active("planner1", active=False, actor="admin1")
    assert people.verify("planner1", GOOD) is None
    assert people.find("planner1").disabled
    assert people.find("planner1").session_epoch == 1


def test_a_new_password_unlocks_replaces_the_old_and_ends_sessions(people):
    for _ in range(5):
        people.verify("planner1", "wrong")
    word = people.set_password("planner1", actor="admin1", must_change=True)
    assert people.verify("planner1", GOOD) is None
    user = people.verify("planner1", word)
    assert user.must_change
    assert user.session_epoch == 1


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "xx-Planner1-xx", "x" * 300])
def test_weak_passwords_are_refused(people, password):
    with pytest.raises(InputError, match="password"):
        people.set_password("planner1", password, actor="t")
    assert people.verify("planner1", GOOD) is not None


@pytest.mark.parametrize("name", ["", "x", "a b", "<script>", "a" * 65, "a/b", ".."])
def test_names_that_cannot_be_used_are_refused(workspace, name):
    with pytest.raises(InputError, match="cannot be used"):
        workspace.accounts.create_user(name, role="planner", password=GOOD)


def test_all_faults_of_an_account_are_named_at_once(people):
    with pytest.raises(InputError) as caught:
        people.create_user("PLANNER1", role="boss", password="short", villages=[7])
    # too short, no such role, no such village, the name is taken
    assert len(caught.value.messages) == 4


def test_a_cadre_needs_villages_or_units_that_exist(workspace):
    with pytest.raises(InputError, match="at least one village"):
        workspace.accounts.create_user("cadre1", role="cadre", password=GOOD)
    store = workspace.store
    store.place_town(118.78, 32.04, actor="t")
    with store.change(actor="t") as change:
        (village,) = change.insert(
            "villages", [{"name": "石门村", "geometry": shapely.box(118.7, 32.0, 118.8, 32.1)}]
        )
    user, _ = workspace.accounts.create_user("cadre1", role="cadre", password=GOOD, villages=[village])
    assert user.villages == (village,)
    assert workspace.accounts.find("cadre1").villages == (village,)


def test_the_last_administrator_cannot_be_closed_or_demoted(workspace):
    people = workspace.accounts
    people.create_user("admin1", role="admin", password=GOOD)
    with pytest.raises(InputError, match="last administrator"):
        people.set_active("admin1", active=False, actor="admin1")
    with pytest.raises(InputError, match="last administrator"):
        people.set_role("admin1", role="planner", actor="admin1")
    assert people.verify("admin1", GOOD).role == "admin"


def test_generated_passwords_are_random_long_and_accepted(workspace):
    first, second = new_password(), new_password()
    assert first != second
    assert len(first) >= 14
    user, word = workspace.accounts.create_user("demo", role="admin")
    assert workspace.accounts.verify(user.name, word) == user


def test_log_ins_refusals_and_locks_are_audited_without_passwords(people, workspace):
    people.verify("planner1", GOOD, address="10.0.0.7")
    for _ in range(5):
        people.verify("planner1", "Wrong-Secret", address="10.0.0.8")
    people.verify("My-Password-As-Name", "x")
    entries = workspace.store.audit_entries()
    assert [one.action for one in entries] == [
        "log_in_refused", "log_in_refused", "user_locked", *["log_in_refused"] * 4, "log_in", "user_created",
    ]  # fmt: skip
    assert entries[-2].address == "10.0.0.7"
    assert "secret" not in repr(entries).casefold()
    assert "my-password" not in repr(entries).casefold()


def test_unlock_lets_in_at_once(people):
    for _ in range(5):
        people.verify("planner1", "wrong")
    people.unlock("planner1", actor="admin1")
    assert people.verify("planner1", GOOD) is not None


def test_a_flood_of_log_ins_hashes_two_passwords_at_a_time():
    """Each hash takes 64 MB: eight threads of the server would hash for whoever asks, and serve nobody else."""
    import threading

    from geo_service.accounts import passwords

    waiting = threading.Thread(target=passwords.matches, args=(None, "some words"))
    with passwords._AT_ONCE, passwords._AT_ONCE:
        waiting.start()
        waiting.join(timeout=0.3)
        assert waiting.is_alive()
    waiting.join(timeout=30)
    assert not waiting.is_alive()
