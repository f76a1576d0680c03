"""The demo: a workspace with the sample town, analysed, with one account for each role."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from geo_service.accounts import Accounts
from geo_service.progress import Progress, part, silent
from geo_service.store import Store
from geo_service.workspace import DATABASE, Workspace
from town_model import Text

LOG_INS = "demo-logins.json"
ACTOR = "demo"
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
    if (folder / DATABASE).exists():
        workspace = Workspace.open(folder)
    else:
        workspace = Workspace.create(folder, name="", language=language)
    store = workspace.store
    if store.town.epsg is None or not store.count("buildings"):
        progress(0.05, Text("making the sample town"))
        load(store, actor=ACTOR)
    log_ins = _log_ins(workspace)
    missing = [kind for kind in ("coverage", "gaps", "patrol") if store.latest_result(kind) is None]
    if missing:
        compute(store, missing, part(progress, 0.2, 1.0), actor=ACTOR)
    publish_plan(store, actor=ACTOR)
    return workspace, log_ins


# The generator and the solvers are slow to load, and a second start needs neither.


def load(store: Store, *, actor: str) -> None:
    """Load the fictional sample town into an empty store.

    Args:
        store: the store.
        actor: who does so.
    """
    from geo_service.store.sample import load_sample  # noqa: PLC0415
    from town_data import sample_town  # noqa: PLC0415

    town = sample_town()
    store.name_town(town.name)
    load_sample(store, town, actor=actor)


def compute(store: Store, missing: Collection[str], progress: Progress, *, actor: str) -> None:
    """Compute results that are missing.

    Args:
        store: the store.
        missing: which of ``coverage``, ``gaps`` and ``patrol``.
        progress: told how far it is.
        actor: who does so.
    """
    from geo_service.analysis.coverage import compute_coverage, compute_gaps  # noqa: PLC0415
    from geo_service.analysis.patrol import compute_patrol  # noqa: PLC0415
    from geo_service.duty.choice import choose_day  # noqa: PLC0415

    if "coverage" in missing:
        compute_coverage(store, actor=actor, progress=part(progress, 0.0, 0.2))
    if "gaps" in missing:
        compute_gaps(store, actor=actor, progress=part(progress, 0.2, 0.4))
    if "patrol" in missing:
        planned = choose_day(store, day_type="school_day")  # most days of a year
        compute_patrol(
            store,
            actor=actor,
            planned=planned,
            time_limit_s=PATROL_SECONDS,
            progress=part(progress, 0.4, 1.0),
        )
        publish_plan(store, actor=actor)


def publish_plan(store: Store, *, actor: str) -> None:
    """Publish the plan for a year from today on, unless one holds today: cadres see published plans only."""
    from geo_service.publications import in_force, publish  # noqa: PLC0415

    today = dt.datetime.now().astimezone().date()
    plan = store.latest_result("patrol")
    if plan is not None and in_force(store, today) is None:
        publish(store, plan.id, today, today + dt.timedelta(days=364), actor=actor, today=today)


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
