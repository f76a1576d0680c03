"""Accounts whose hashes cost nothing, and a workspace for them."""

import pytest
from argon2 import PasswordHasher

from geo_service.accounts import log_ins, passwords
from geo_service.workspace import Workspace

GOOD = "shimen-bridge-47"


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """The least argon2id allows, and no waiting: the tests ask what is done when, not how hard. What was waited, in seconds."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", cheap)
    monkeypatch.setattr(passwords, "_NOBODY", cheap.hash("x"))
    waited = []
    monkeypatch.setattr(log_ins, "_pause", waited.append)
    return waited


@pytest.fixture
def workspace(tmp_path):
    with Workspace.create(tmp_path / "town") as made:
        yield made


@pytest.fixture
def people(workspace):
    workspace.accounts.create_user("planner1", role="planner", password=GOOD)
    return workspace.accounts
