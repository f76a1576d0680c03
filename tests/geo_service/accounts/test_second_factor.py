"""The second factor: codes as RFC 6238 computes them, each of them once, wrong ones counted, nothing readable in the file."""

import base64
import re

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from geo_service.accounts import second_factor
from geo_service.settings import Settings
from geo_service.workspace import Workspace
from town_model import InputError

from .conftest import GOOD

#: RFC 6238, appendix B: the secret "12345678901234567890", SHA-1; the last six of the eight digits.
RFC_SECRET = b"12345678901234567890"
RFC_VECTORS = [
    (59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"), (20000000000, "353130"),
]  # fmt: skip
NOON = 1_800_000_000


@pytest.fixture
def clock(monkeypatch):
    now = [float(NOON)]
    monkeypatch.setattr(second_factor, "clock", lambda: now[0])
    return now


@pytest.fixture
def user(people):
    return people.find("planner1")


def code(secret, at):
    """What a phone shows: the library's own computation, not ours."""
    raw = base64.b32decode(secret + "=" * (-len(secret) % 8))
    return TOTP(raw, 6, SHA1(), 30).generate(at).decode()


@pytest.fixture
def secret(people, user, clock):
    """The secret of a set-up that ended a minute before noon."""
    made = people.second_factors.begin(user)
    clock[0] = NOON - 60
    people.second_factors.confirm(user, code(made, NOON - 60))
    clock[0] = NOON
    return made


@pytest.mark.parametrize(("at", "digits"), RFC_VECTORS)
def test_codes_are_those_of_the_standard(clock, at, digits):
    clock[0] = at
    assert second_factor._step_of(RFC_SECRET, digits) == at // 30


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_before_and_after_is_taken_for_clocks_that_differ(people, secret, clock, steps, taken):
    clock[0] = NOON + 600
    assert (people.confirm_code("planner1", code(secret, NOON + 600 + 30 * steps)) is not None) is taken


def test_a_code_holds_once(people, secret):
    now = code(secret, NOON)
    assert people.confirm_code("planner1", now) is not None
    assert people.confirm_code("planner1", now) is None


def test_an_older_code_does_not_hold_after_a_newer_one(people, secret):
    assert people.confirm_code("planner1", code(secret, NOON + 30)) is not None
    assert people.confirm_code("planner1", code(secret, NOON)) is None


def test_the_password_alone_forgets_no_wrong_attempts(people, secret):
    """Otherwise who knows the password guesses codes for ever: four, the password, four more."""
    for _ in range(4):
        assert people.confirm_code("planner1", "000000") is None
    assert people.verify("planner1", GOOD).second_factor
    assert people.confirm_code("planner1", "000000") is None
    assert people.find("planner1").locked_until is not None
    assert people.confirm_code("planner1", code(secret, NOON)) is None
    assert people.verify("planner1", GOOD) is None


def test_a_recovery_code_replaces_the_phone_once(people, user, clock):
    made = people.second_factors.begin(user)
    codes = people.second_factors.confirm(user, code(made, NOON))
    assert len(set(codes)) == 10
    assert people.confirm_code("planner1", codes[3].upper().replace("-", " ")) is not None
    assert people.confirm_code("planner1", codes[3]) is None
    assert people.second_factors.codes_left(user) == 9
    again = people.second_factors.new_codes(user)
    assert people.confirm_code("planner1", codes[4]) is None
    assert people.confirm_code("planner1", again[0]) is not None


def test_the_file_holds_neither_secret_nor_recovery_codes(people, user, workspace, clock):
    made = people.second_factors.begin(user)
    codes = people.second_factors.confirm(user, code(made, NOON))
    raw = workspace.store.path.read_bytes()
    words = [made, made.lower(), codes[0], codes[0].replace("-", "")]
    assert not any(one.encode() in raw for one in words)
    assert base64.b32decode(made + "=" * (-len(made) % 8)) not in raw


def test_an_unconfirmed_set_up_asks_for_no_code(people, user, clock):
    first = people.second_factors.begin(user)
    assert people.second_factors.begin(user) == first
    assert not people.find("planner1").second_factor
    with pytest.raises(InputError, match="code is wrong"):
        people.second_factors.confirm(user, "000000")
    assert people.verify("planner1", GOOD).second_factor is False
    assert people.confirm_code("planner1", code(first, NOON)) is None


def test_switched_off_it_is_gone(people, user, secret):
    people.second_factors.remove(people.find("planner1"), actor="admin1")
    assert not people.find("planner1").second_factor
    assert people.confirm_code("planner1", code(secret, NOON)) is None


def test_a_replaced_key_of_the_workspace_refuses_rather_than_fails(people, secret, workspace):
    (workspace.folder / "secret.key").write_text("f" * 64)
    assert people.confirm_code("planner1", code(secret, NOON)) is None


def test_a_setting_asks_roles_for_it(tmp_path):
    Workspace.create(tmp_path / "strict").close()
    (tmp_path / "strict" / "config.toml").write_text('second_factor_roles = "admin, planner"\n')
    with Workspace.open(tmp_path / "strict") as strict:
        made = {
            role: strict.accounts.create_user(f"{role}1", role=role, password=GOOD)[0]
            for role in ("admin", "planner", "inspector")
        }
    assert {role: one.must_set_up_code for role, one in made.items()} == {
        "admin": True,
        "planner": True,
        "inspector": False,
    }
    with pytest.raises(InputError, match="second_factor_roles"):
        Settings(second_factor_roles="admin,boss")


def test_the_link_is_in_the_format_that_apps_read():
    link = second_factor.link("JBSWY3DPEHPK3PXP", name="规划岗1", issuer="石门:镇")
    assert re.fullmatch(
        r"otpauth://totp/[%\w]+:[%\w]+\?secret=JBSWY3DPEHPK3PXP&issuer=[%\w]+&algorithm=SHA1&digits=6&period=30",
        link,
    )
    assert "%E8%A7%84" in link  # 规
