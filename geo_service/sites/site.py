"""Planned camera sites: how far each is, what comes next, and who did what when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geo_service.analysis.compliance import FILING_DAYS
from geo_service.analysis.rows import each
from geo_service.i18n import say
from geo_service.store import ChangeEntry, Store
from geo_service.store.site_rules import NOTICE_COLUMNS
from town_model import InputError, Text
from town_model.layers.sites import SITE_STATES

#: Roads this near are named as the place of a site.
NEAR_ROAD_M = 40.0
#: Places this near are offered for objections, so many at most.
NEAR_PLACE_M, MOST_PLACES = 200.0, 20
_DAY_OF = {"notified": "notice_from", "objections_handled": "handled_on", "built": "built_on"}


@dataclass(frozen=True)
class Objection:
    """Objections of one day to one site, counted; nobody's name is kept.

    Args:
        id: row of the layer ``site_objections``.
        received_on: the day.
        place: the public place concerned.
        concern: code of the kind of concern.
        count: how many.
        outcome: ``open``, ``adopted``, ``answered`` or ``withdrawn``.
        settled_on: the day on which they were settled.
    """

    id: int
    received_on: dt.date
    place: str
    concern: str
    count: int
    outcome: str
    settled_on: dt.date | None


@dataclass(frozen=True)
class Step:
    """One step of a site.

    Args:
        state: the state that it led to.
        day: the day that was entered for it.
        at: when it was entered, with zone UTC.
        actor: who entered it, from the change log.
        batch: the change.
    """

    state: str
    day: dt.date | None
    at: dt.datetime
    actor: str
    batch: int


@dataclass(frozen=True)
class Site:
    """A planned site on its way, or one that came into being so.

    Args:
        camera: row of the camera.
        name: its name.
        status: status of the camera.
        state: one of `SITE_STATES`.
        notice: what the notice says, by column; empty text and None where nothing was entered.
        notice_id: row of the notice; None for none yet.
        revision: revision of that row.
        objections: the newest first.
        steps: the oldest first.
        sign_posted: whether a sign is posted; None where nobody said.
        filing_date: when it was filed.
    """

    camera: int
    name: str
    status: str
    state: str = "planned"
    notice: dict[str, Any] = field(default_factory=dict)
    notice_id: int | None = None
    revision: int | None = None
    objections: tuple[Objection, ...] = ()
    steps: tuple[Step, ...] = ()
    sign_posted: bool | None = None
    filing_date: dt.date | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Columns that a notice needs and that nobody entered."""
        return tuple(one for one in NOTICE_COLUMNS if self.notice.get(one) in (None, ""))

    @property
    def received(self) -> int:
        """How many objections were received."""
        return sum(one.count for one in self.objections)

    @property
    def open(self) -> int:
        """How many objections wait to be settled."""
        return sum(one.count for one in self.objections if one.outcome == "open")

    def next_step(self, today: dt.date) -> Text:
        """Return what has to be done next.

        Args:
            today: the day to which the notice's days are compared.
        """
        if self.state == "planned":
            return Text("fill in the public notice") if self.missing else Text("post the notice")
        if self.open:
            return Text.of("settle {count} objections", count=self.open)
        if self.state == "notified":
            until = self.notice["notice_until"]
            if today <= until:
                return Text.of("wait for the end of the notice on {day}", day=until.isoformat())
            return Text("enter that the objections are handled")
        if self.state == "objections_handled":
            return Text("build it and enter the day")
        last = self.notice["built_on"] + dt.timedelta(days=FILING_DAYS)
        if self.filing_date is None:
            return Text.of("file it with the county police by {day} (article 14)", day=last.isoformat())
        if not self.sign_posted:
            return Text("post a conspicuous sign (article 13)")
        return Text("nothing more")

    def done(self) -> bool:
        """Whether nothing is left to do."""
        return (
            self.state == "built"
            and not self.open
            and self.filing_date is not None
            and bool(self.sign_posted)
        )


def list_sites(store: Store) -> list[Site]:
    """Return all planned sites and those that a notice is kept of, what is least far first, then by name.

    Args:
        store: the town.
    """
    notices = store.frame("site_notices", crs="wgs84")
    of_camera = {int(one.camera): one for one in each(notices)}
    cameras = store.frame("camera_sites", crs="wgs84")
    cameras = cameras[(cameras["status"] == "planned") | cameras.index.isin(list(of_camera))]
    objections = _objections(store.frame("site_objections", crs="wgs84"))
    steps = _steps(store.changes(layer="site_notices", limit=None)) if of_camera else {}
    found = [_site(one, of_camera.get(int(one.Index)), objections, steps) for one in each(cameras)]
    return sorted(found, key=lambda one: (SITE_STATES.index(one.state), one.name, one.camera))


def site_of(store: Store, camera: int) -> Site:
    """Return the site of a camera.

    Raises:
        InputError: it is neither planned nor on its way.
    """
    found = next((one for one in list_sites(store) if one.camera == camera), None)
    if found is None:
        raise InputError("camera {camera} is no planned site: its status must be “planned”", camera=camera)
    return found


def find_site(store: Store, words: str) -> Site:
    """Return the site whose camera has this name or number.

    Raises:
        InputError: there is none, or more than one of that name.
    """
    sites = list_sites(store)
    found = [one for one in sites if one.name == words]
    if not found and words.lstrip("#").isdecimal():
        found = [one for one in sites if one.camera == int(words.lstrip("#"))]
    if len(found) != 1:
        raise InputError(
            "{count} planned sites are called {name!r}: give the name or the number of one",
            count=len(found),
            name=words[:60],
        )
    return found[0]


def public_place(store: Store, camera: int, language: str = "zh") -> str:
    """Return words for the public place of a camera: the roads beside it, else the village; empty where neither is known.

    Args:
        store: the town.
        camera: row of the camera.
        language: ``zh`` or ``en``.
    """
    frame = store.frame("camera_sites", ids=[camera])
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        return ""
    point = frame.geometry.iloc[0]
    roads = store.frame("roads")
    near = shapely.distance(roads.geometry.to_numpy(), point)
    rows = pd.DataFrame({"name": roads["name"].to_numpy(), "metres": near})
    rows = rows[rows["name"].notna() & (rows["metres"] <= NEAR_ROAD_M)].sort_values("metres")
    names = list(dict.fromkeys(rows["name"].astype(str)))[:2]
    if len(names) == 2:
        return say(Text.of("crossing of {one} and {other}", one=names[0], other=names[1]), language)
    villages = store.frame("villages")
    inside = villages[shapely.intersects(villages.geometry.to_numpy(), point)]
    village = str(inside["name"].iloc[0]) if len(inside) and inside["name"].notna().iloc[0] else ""
    if names:
        return say(Text.of("beside {road}", road=names[0]), language)
    return say(Text.of("within {village}", village=village), language) if village else ""


def nearby_places(store: Store, camera: int) -> list[str]:
    """Return the named public places round a camera, the nearest first: roads, key areas, housing zones, villages.

    Objections are kept with one of them, so that nobody has to write down where somebody lives.

    Args:
        store: the town.
        camera: row of the camera.
    """
    frame = store.frame("camera_sites", ids=[camera])
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        return []
    point = frame.geometry.iloc[0]
    found: list[tuple[float, str]] = []
    for name in ("roads", "key_areas", "housing_zones", "villages"):
        rows = store.frame(name)
        metres = shapely.distance(rows.geometry.to_numpy(), point)
        found += [
            (float(far), str(words))
            for far, words in zip(metres, rows["name"], strict=True)
            if far <= NEAR_PLACE_M and isinstance(words, str) and words.strip()
        ]
    return list(dict.fromkeys(words for _, words in sorted(found)))[:MOST_PLACES]


def _site(
    camera: Any, notice: Any, objections: dict[int, list[Objection]], steps: dict[int, list[Step]]
) -> Site:
    number = int(camera.Index)
    sign = camera.sign_posted
    common: dict[str, Any] = {
        "camera": number,
        "name": camera.name or f"#{number}",
        "status": str(camera.status),
        "objections": tuple(objections.get(number, ())),
        "sign_posted": None if pd.isna(sign) else bool(sign),
        "filing_date": _day(camera.filing_date),
    }
    if notice is None:
        return Site(**common)
    words = {one: getattr(notice, one) or "" for one in ("purpose", "place", "unit", "phone", "object_at")}
    days = {
        one: _day(getattr(notice, one)) for one in ("notice_from", "notice_until", "handled_on", "built_on")
    }
    return Site(
        **common,
        state=str(notice.state),
        notice={**words, **days},
        notice_id=int(notice.Index),
        revision=int(notice.revision),
        steps=tuple(steps.get(int(notice.Index), ())),
    )


def _objections(frame: pd.DataFrame) -> dict[int, list[Objection]]:
    found: dict[int, list[Objection]] = {}
    for one in each(frame.sort_values(["received_on"], ascending=False, kind="stable")):
        received = _day(one.received_on)
        assert received is not None  # the layer asks for it
        found.setdefault(int(one.camera), []).append(
            Objection(
                int(one.Index), received, str(one.place), str(one.concern), int(one.objections), str(one.outcome), _day(one.settled_on)
            )
        )  # fmt: skip
    return found


def standing_batches(entries: Sequence[ChangeEntry]) -> list[int]:
    """Return the batches that were not taken back, the newest first; those that only take back others are left out.

    Args:
        entries: of the change log, the newest first.
    """
    taken_back: set[int] = set()
    found: list[int] = []
    for one in entries:
        if one.batch in taken_back or one.batch in found:
            continue
        if one.undoes is not None:
            taken_back.add(one.undoes)
        else:
            found.append(one.batch)
    return found


def _steps(entries: Sequence[ChangeEntry]) -> dict[int, list[Step]]:
    """Return the steps of each notice, the oldest first."""
    standing = set(standing_batches(entries))
    found: dict[int, list[Step]] = {}
    for one in reversed(entries):
        after = one.after or {}
        before = (one.before or {}).get("state", "planned")
        if one.batch not in standing or after.get("state", before) == before:
            continue
        day = after.get(_DAY_OF.get(after["state"], ""))
        found.setdefault(one.row_id, []).append(
            Step(after["state"], dt.date.fromisoformat(day) if day else None, one.at, one.actor, one.batch)
        )
    return found


def _day(value: Any) -> dt.date | None:
    return None if pd.isna(value) else pd.Timestamp(value).date()
