"""The demo: a workspace with the sample town, analysed, with one account for each role."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from geo_service.accounts import Accounts
from geo_service.analysis.coverage import compute_coverage, compute_gaps
from geo_service.analysis.patrol import compute_patrol
from geo_service.progress import Progress, part, silent
from geo_service.store.sample import load_sample
from geo_service.workspace import DATABASE, Workspace
from town_data import sample_town
from town_model import Text

LOG_INS = "demo-logins.json"
ACTOR = "demo"
PATROL_ITERATIONS = 4000
PATROL_SECONDS = 20.0


@dataclass(frozen=True)
class LogIn:
    """A log-in of the demo: role, account name and password, which is made at random for each workspace."""

    role: str
    name: str
    password: str


def prepare_demo(
    folder: Path, *, language: str = "zh", progress: Progress = silent
) -> tuple[Workspace, list[LogIn]]:
    """Return the demo's workspace and log-ins; whatever of it is missing is made, so a killed start goes on where it was.

    Args:
        folder: folder of the workspace; made when absent.
        language: language of a new workspace.
        progress: told how far it is.

    Raises:
        InputError: the folder holds a workspace with other data than the sample town.
    """
    town = None
    if (folder / DATABASE).exists():
        workspace = Workspace.open(folder)
    else:
        town = sample_town()
        workspace = Workspace.create(folder, name=town.name, language=language)
    store = workspace.store
    if store.town.epsg is None or not store.count("buildings"):
        progress(0.05, Text("making the sample town"))
        load_sample(store, town or sample_town(), actor=ACTOR)
    log_ins = _log_ins(workspace)
    for done, (kind, compute) in enumerate((("coverage", compute_coverage), ("gaps", compute_gaps))):
        if store.latest_result(kind) is None:
            compute(store, actor=ACTOR, progress=part(progress, 0.2 + 0.2 * done, 0.4 + 0.2 * done))
    if store.latest_result("patrol") is None:
        compute_patrol(store, actor=ACTOR, time_limit_s=PATROL_SECONDS, progress=part(progress, 0.6, 1.0))
    return workspace, log_ins


def _log_ins(workspace: Workspace) -> list[LogIn]:
    """Return the demo's log-ins from their file, or make accounts and file."""
    path = workspace.folder / LOG_INS
    if path.exists():
        return [LogIn(**one) for one in json.loads(path.read_text(encoding="utf-8"))]
    accounts = Accounts(workspace.store, workspace.settings)
    villages = workspace.store.frame("villages")
    units = workspace.store.frame("patrol_units")
    own = units[units["village"].notna()]
    village = [int(own["village"].iloc[0])] if len(own) else [int(one) for one in villages.index[:1]]
    made = []
    for role in ("admin", "planner", "inspector", "cadre"):
        scope = {"villages": village} if role == "cadre" else {}
        if accounts.find(role) is not None:
            made.append(LogIn(role, role, accounts.set_password(role, actor=ACTOR)))
            continue
        user, password = accounts.create_user(role, role=role, actor=ACTOR, **scope)  # type: ignore[arg-type]
        made.append(LogIn(role, user.name, password))
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as target:
        json.dump([vars(one) for one in made], target, ensure_ascii=False, indent=1)
    return made
