"""Invitations: one use, a time, no word in the file; and the rules that a new password is held to."""

import datetime as dt

import pytest

from geo_service.accounts import InvitationError, TooManyGuessesError, invitations, passwords
from geo_service.accounts.invitations import Invitations
from geo_service.settings import Settings
from geo_service.store import database
from geo_service.workspace import Workspace
from town_model import InputError

from .conftest import GOOD

NEW = "river-lantern-58"


def test_a_link_sets_the_password_once(people):
    invitation = people.invitations.invite("planner1", actor="admin1")
    assert people.verify("planner1", GOOD) is None, "the old password is void at once"
    assert people.invitations.find(invitation.code).name == "planner1"
    assert people.invitations.spend(invitation.code, NEW).name == "planner1"
    assert people.verify("planner1", NEW) is not None
    with pytest.raises(InvitationError):
        people.invitations.spend(invitation.code, "another-lantern-59")
    assert people.verify("planner1", NEW) is not None


def test_looking_spends_nothing(people, workspace):
    code = people.invitations.invite("planner1", actor="admin1").code
    before = workspace.store.path.read_bytes()
    for _ in range(3):
        people.invitations.find(code)
    assert workspace.store.path.read_bytes() == before
    people.invitations.spend(code, NEW)


def test_a_weak_password_leaves_the_link_open(people):
    code = people.invitations.invite("planner1", actor="admin1").code
    with pytest.raises(InputError, match="characters"):
        people.invitations.spend(code, "short")
    assert people.invitations.spend(code.upper().replace("-", " "), NEW)


def test_a_reset_by_link_does_not_bring_the_old_password_back(people):
    people.invitations.invite("planner1", actor="admin1")
    code = people.invitations.invite("planner1", actor="admin1").code
    with pytest.raises(InputError, match="used before"):
        people.invitations.spend(code, GOOD)
    assert people.invitations.spend(code, NEW)


def test_spent_expired_unknown_withdrawn_and_replaced_sound_alike(people, monkeypatch):
    def new():
        return people.invitations.invite("planner1", actor="admin1").code

    spent = new()
    people.invitations.spend(spent, NEW)
    replaced = new()
    withdrawn = new()
    people.invitations.withdraw(people.find("planner1"), actor="admin1")
    by_password = new()
    people.set_password("planner1", "fourth-lantern-61", actor="admin1")
    expired = new()
    later = database.now_utc() + dt.timedelta(hours=72, seconds=1)
    monkeypatch.setattr(invitations, "now_utc", lambda: later)
    said = set()
    for code in (spent, replaced, withdrawn, by_password, expired, "nobody-knows-this-one"):
        with pytest.raises(InvitationError) as caught:
            people.invitations.find(code)
        said.add(str(caught.value))
    assert len(said) == 1


def test_the_file_does_not_hold_the_code_and_it_is_long(people, workspace):
    code = people.invitations.invite("planner1", actor="admin1").code
    plain = code.replace("-", "")
    assert len(plain) == 20  # 31 letters: 99 bits
    raw = workspace.store.path.read_bytes()
    assert code.encode() not in raw and plain.encode() not in raw


def test_a_link_ends_with_the_account(people):
    code = people.invitations.invite("planner1", actor="admin1").code
    people.set_active("planner1", active=False, actor="admin1")
    with pytest.raises(InvitationError):
        people.invitations.find(code)
    with pytest.raises(InputError, match="closed"):
        people.invitations.invite("planner1", actor="admin1")


def test_a_flood_of_guesses_is_stopped_by_address_for_a_while(people, workspace):
    now = [0.0]
    desk = Invitations(workspace.store, workspace.settings, clock=lambda: now[0])
    code = people.invitations.invite("planner1", actor="admin1").code
    for number in range(20):
        with pytest.raises(InvitationError):
            desk.find(f"guess-{number}", address="10.0.0.8")
    with pytest.raises(TooManyGuessesError):
        desk.find(code, address="10.0.0.8")
    assert desk.find(code, address="10.0.0.7").name == "planner1"
    now[0] = 15 * 60 + 1
    assert desk.find(code, address="10.0.0.8").name == "planner1"


def test_who_invites_and_who_accepts_is_audited_without_the_code(people, workspace):
    code = people.invitations.invite("planner1", actor="admin1").code
    people.invitations.spend(code, NEW, address="10.0.0.7")
    entries = workspace.store.audit_entries(limit=2)
    assert [(one.actor, one.action, one.address) for one in entries] == [
        ("planner1", "invitation_used", "10.0.0.7"),
        ("admin1", "invited", ""),
    ]
    assert code not in repr(workspace.store.audit_entries(limit=None))


class TestRules:
    @pytest.mark.parametrize(
        ("password", "kinds"), [("abcdefghij", 1), ("abcdefghi1", 2), ("Abcdefghi1", 3), ("Abcdefgh-1", 4), ("石门镇派出所巡逻值班", 1)]
    )  # fmt: skip
    def test_kinds_of_characters(self, password, kinds):
        assert passwords.kinds_of(password) == kinds

    @pytest.mark.parametrize(
        "password", ["qwertyuiop", "QWERTYUIOP", "baseball2026!", "1234567890", "superman-1"]
    )
    def test_the_most_used_ones_are_refused_also_with_a_tail(self, password):
        """All of them, without the tail, stand in the list of zxcvbn."""
        said = passwords.password_faults(password, "x", Settings(password_min_length=8))
        assert any("most used" in one.template for one in said)

    def test_the_list_names_its_source_and_is_what_it_says(self):
        text = (passwords.files("geo_service.accounts") / "common_passwords.txt").read_text("utf-8")
        assert "zxcvbn" in text.splitlines()[1] and "MIT" in text.splitlines()[1]
        assert len(passwords._common()) == 3000 and min(map(len, passwords._common())) == 8

    def test_generated_ones_keep_the_strictest_rules(self):
        rules = Settings(password_min_length=20, password_character_kinds=4)
        for _ in range(50):
            assert passwords.password_faults(passwords.new_password(20, kinds=4), "planner1", rules) == []

    def test_the_last_passwords_may_not_come_back(self, people):
        """Three by default: the present one and the two before it."""
        words = [GOOD, "second-bridge-48", "third-bridge-49", "fourth-bridge-50"]
        for word in words[1:]:
            people.set_password("planner1", word, actor="planner1")
        for word in words[1:]:
            with pytest.raises(InputError, match="used before"):
                people.set_password("planner1", word, actor="planner1")
        people.set_password("planner1", GOOD, actor="planner1")

    def test_an_old_password_must_be_changed(self, tmp_path, monkeypatch):
        Workspace.create(tmp_path / "strict").close()
        (tmp_path / "strict" / "config.toml").write_text("password_max_age_days = 90\n")
        from geo_service.accounts import rows

        with Workspace.open(tmp_path / "strict") as strict:
            strict.accounts.create_user("planner1", role="planner", password=GOOD)
            for days, must in ((89, False), (91, True)):
                later = database.now_utc() + dt.timedelta(days=days)
                monkeypatch.setattr(rows, "now_utc", lambda later=later: later)
                assert strict.accounts.find("planner1").must_change is must


def test_refusals_take_a_whole_number_of_steps_whatever_was_done(people, pauses, monkeypatch):
    """Known or not, closed or locked: what was written for it must not show in the time."""
    from geo_service.accounts import log_ins

    now = [0.0]
    monkeypatch.setattr(log_ins.time, "monotonic", lambda: now[0])
    honest = log_ins.matches
    for name, spent in (("planner1", 0.150), ("nobody", 0.165), ("planner1", 0.299), ("nobody", 0.301)):

        def slow(stored, password, spent=spent):
            now[0] += spent
            return honest(stored, password)

        monkeypatch.setattr(log_ins, "matches", slow)
        people.verify(name, "wrong")
        assert (spent + pauses[-1]) % log_ins.REFUSAL_S == pytest.approx(0, abs=1e-9) or (
            spent + pauses[-1]
        ) % log_ins.REFUSAL_S == pytest.approx(log_ins.REFUSAL_S)
    assert [round(one, 3) for one in pauses] == [0.150, 0.135, 0.001, 0.299]
