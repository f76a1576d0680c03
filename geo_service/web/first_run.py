"""The first-run guide: what to do next until the first patrol plan is published."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from sqlalchemy import select

from geo_service.imports.uploads import OSM
from geo_service.store import Store
from geo_service.store.tables import publications
from town_model import LAYERS, Text


@dataclass(frozen=True)
class GuideStep:
    """One step of the guide.

    Args:
        key: its name.
        title: what is to be done.
        help: why, or how it stands.
        done: whether it is.
        url: the page on which it is done.
        link: the words of the link.
        job: the kind of job that does it; empty for a link.
    """

    key: str
    title: Text
    help: Text
    done: bool
    url: str = ""
    link: Text = Text("")  # noqa: RUF009 - frozen
    job: str = ""


@dataclass(frozen=True)
class Guide:
    """The steps from an empty workspace to a published plan.

    Args:
        steps: all steps, in order.
        is_empty: whether no layer holds a row: the sample town may be loaded.
    """

    steps: tuple[GuideStep, ...]
    is_empty: bool

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(one.done for one in self.steps)

    @property
    def next_key(self) -> str:
        """The first step that is not done; empty where all are."""
        return next((one.key for one in self.steps if not one.done), "")


def lacks_data(store: Store) -> bool:
    """Return whether nothing can be computed yet: the map, the areas or the cameras are missing."""
    return not all(store.count(name) for name in ("roads", "key_areas", "camera_sites"))


def guide(store: Store) -> Guide | None:
    """Return the guide of a town; None once all its steps are done.

    Args:
        store: the town.
    """
    counts = {name: store.count(name) for name in LAYERS}
    pending = len(store.proposals())
    gaps, patrol = (store.latest_result(kind) for kind in ("gaps", "patrol"))
    with store.reading() as connection:
        published = connection.execute(select(publications.c.id).limit(1)).first() is not None
    has_units = counts["patrol_units"] > 0
    steps = (
        GuideStep(
            "map",
            Text("Import the town's map"),
            Text("An OpenStreetMap file brings roads, buildings, water and suggested areas."),
            counts["roads"] > 0,
            url_for("imports.start", layer=OSM),
            Text("Import the OpenStreetMap file"),
        ),
        GuideStep(
            "areas",
            Text("Accept key areas and housing zones"),
            Text.of(
                "{n} proposals are waiting: accept those that are right, or import your own list.", n=pending
            )
            if pending
            else Text("Schools, hospitals, markets and estates: what is to be watched and patrolled."),
            counts["key_areas"] > 0,
            url_for("layers.proposals") if pending else url_for("imports.start", layer="key_areas"),
            Text("Look at the proposals") if pending else Text("Import key areas"),
        ),
        GuideStep(
            "cameras",
            Text("Import the cameras"),
            Text(
                "The ledger as it is: the page shows what is wrong in which cell before anything is stored."
            ),
            counts["camera_sites"] > 0,
            url_for("imports.start", layer="camera_sites"),
            Text("Import the ledger"),
        ),
        GuideStep(
            "compute",
            Text("Compute coverage and blind spots"),
            Text("What the cameras see by day and by night, where they are blind, and why."),
            gaps is not None,
            url_for("pages.gaps"),
            Text("Blind spots"),
            "gaps",
        ),
        GuideStep(
            "plan",
            Text("Plan the patrols"),
            Text("Tours of all units, so that no place waits longer than its limit.")
            if has_units
            else Text("First name the patrol units: mode, base and shifts."),
            patrol is not None,
            url_for("pages.patrol") if has_units else url_for("layers.table", layer_name="patrol_units"),
            Text("Patrols") if has_units else Text("Enter the patrol units"),
            "patrol" if has_units else "",
        ),
        GuideStep(
            "publish",
            Text("Publish the plan"),
            Text("Only then do village cadres and units see their routes on the phone."),
            published,
            url_for("pages.patrol"),
            Text("Look at the plan and publish it"),
        ),
    )
    found = Guide(steps, not any(counts.values()))
    return found if found.next_key else None
