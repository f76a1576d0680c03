"""The steps of a planned site, each one change of the change log: prepared, posted, objections counted and settled, built."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from geo_service.sites.site import Site, site_of, standing_batches
from geo_service.store import Store
from geo_service.words import SITE_STATES
from town_model import InputError, Text

#: What a notice says, by column of the layer ``site_notices``.
WORDS = ("purpose", "place", "unit", "phone", "object_at", "notice_from", "notice_until")


def prepare(store: Store, notices: Mapping[int, Mapping[str, Any]], *, actor: str) -> int | None:
    """Keep what the notices of planned sites say, without posting them; return the number of the change.

    Args:
        store: the town.
        notices: values of `WORDS` by camera.
        actor: who does so.

    Raises:
        InputError: a site is further than planned, or a value is against the declaration or a rule.
    """
    return _write(store, notices, state="planned", actor=actor)


def notify(
    store: Store, notices: Mapping[int, Mapping[str, Any]], *, actor: str, least_days: int = 1
) -> int | None:
    """Post the notices of planned sites; return the number of the change.

    Args:
        store: the town.
        notices: values of `WORDS` by camera; what is left out stays as it was prepared.
        actor: who does so.
        least_days: days that a notice must hang, first and last day counted.

    Raises:
        InputError: a site is further than planned, something is missing, or the notice hangs too short.
    """
    return _write(store, notices, state="notified", actor=actor, least_days=least_days)


def object_to(
    store: Store,
    camera: int,
    *,
    received_on: dt.date,
    place: str,
    concern: str = "other",
    count: int = 1,
    actor: str,
) -> int | None:
    """Count objections of one day to a site; return the number of the change.

    Args:
        store: the town.
        camera: the camera.
        received_on: the day.
        place: the public place concerned; never who objects.
        concern: code of the kind of concern.
        count: how many.
        actor: who enters them.

    Raises:
        InputError: the site has no notice out, or a value is against the declaration or a rule.
    """
    site_of(store, camera)
    row = {
        "camera": camera,
        "received_on": received_on,
        "place": place,
        "concern": concern,
        "objections": count,
    }
    with store.change(actor=actor, kind="edit") as change:
        change.insert("site_objections", [row])
    return change.batch_id


def settle(store: Store, objection: int, *, outcome: str, on: dt.date, actor: str) -> int | None:
    """Say how objections were settled; return the number of the change.

    Args:
        store: the town.
        objection: row of the layer ``site_objections``.
        outcome: ``adopted``, ``answered`` or ``withdrawn``.
        on: the day.
        actor: who enters it.

    Raises:
        InputError: the outcome or the day is wrong.
        ConflictError: there is no such row.
    """
    if outcome == "open":
        raise InputError("say how the objections were settled")
    with store.change(actor=actor, kind="edit") as change:
        change.update("site_objections", objection, {"outcome": outcome, "settled_on": on})
    return change.batch_id


def handle(store: Store, camera: int, *, on: dt.date, today: dt.date, actor: str) -> int | None:
    """Enter that the time to object is over and every objection settled; return the number of the change.

    Args:
        store: the town.
        camera: the camera.
        on: the day; after the last day of the notice.
        today: no later day can be entered.
        actor: who enters it.

    Raises:
        InputError: the notice still hangs, objections are open, or the site has another state.
    """
    site = _in_state(store, camera, "notified")
    _not_ahead(on, today)
    return _advance(store, site, {"state": "objections_handled", "handled_on": on}, actor=actor)


def build(store: Store, camera: int, *, on: dt.date, today: dt.date, actor: str) -> int | None:
    """Enter that the site was built: its camera is in use from that day on; return the number of the change.

    Args:
        store: the town.
        camera: the camera.
        on: the day.
        today: no later day can be entered.
        actor: who enters it.

    Raises:
        InputError: the objections are not handled yet, or the day is wrong.
    """
    site = _in_state(store, camera, "objections_handled")
    _not_ahead(on, today)
    return _advance(store, site, {"state": "built", "built_on": on}, actor=actor, built=True)


def take_back(store: Store, camera: int, *, actor: str) -> int:
    """Take the last change of a site back, and return the number of the change that does so.

    Args:
        store: the town.
        camera: the camera.
        actor: who does so.

    Raises:
        InputError: nothing is left to take back, or the last change was one of many sites.
        ConflictError: a later edit stands in the way.
    """
    batch = last_change(store, site_of(store, camera))
    if batch is None:
        raise InputError("nothing of this site can be taken back here: see the change log")
    return store.undo(batch, actor=actor)


def last_change(store: Store, site: Site) -> int | None:
    """Return the newest change of a site that stands and was about this site alone; None for none.

    Args:
        store: the town.
        site: the site.
    """
    rows = [("site_notices", site.notice_id), *(("site_objections", one.id) for one in site.objections)]
    entries = [
        one
        for layer, row in rows
        if row is not None
        for one in store.changes(layer=layer, row_id=row, limit=None)
    ]
    standing = standing_batches(sorted(entries, key=lambda one: one.id, reverse=True))
    if not standing:
        return None
    mine = {*rows, ("camera_sites", site.camera)}
    alone = all((one.layer, one.row_id) in mine for one in store.changes(batch=standing[0], limit=None))
    return standing[0] if alone else None


def _write(
    store: Store,
    notices: Mapping[int, Mapping[str, Any]],
    *,
    state: str,
    actor: str,
    least_days: int = 1,
) -> int | None:
    sites = [_in_state(store, camera, "planned") for camera in notices]
    faults = []
    for site in sites:
        given = {**site.notice, **_known(notices[site.camera])}
        first, last = given.get("notice_from"), given.get("notice_until")
        if state == "notified" and first and last and (last - first).days + 1 < least_days:
            faults.append(
                Text.of(
                    "{site}: a notice hangs {least} days or more, not {days}",
                    site=site.name,
                    least=least_days,
                    days=(last - first).days + 1,
                )
            )
    if faults:
        raise InputError(faults)
    with store.change(actor=actor, kind="edit") as change:
        new = [site for site in sites if site.notice_id is None]
        change.insert(
            "site_notices",
            [{"camera": one.camera, **_known(notices[one.camera]), "state": state} for one in new],
        )
        change.update_rows(
            "site_notices",
            [
                (one.notice_id, {**_known(notices[one.camera]), "state": state}, one.revision)
                for one in sites
                if one.notice_id is not None
            ],
        )
    return change.batch_id


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in WORDS if name in values}


def _advance(
    store: Store, site: Site, values: Mapping[str, Any], *, actor: str, built: bool = False
) -> int | None:
    assert site.notice_id is not None  # its state says so
    with store.change(actor=actor, kind="edit") as change:
        change.update("site_notices", site.notice_id, values, expected_revision=site.revision)
        if built and site.status == "planned":
            change.update(
                "camera_sites", site.camera, {"status": "working", "in_use_since": values["built_on"]}
            )
    return change.batch_id


def _in_state(store: Store, camera: int, state: str) -> Site:
    site = site_of(store, camera)
    if site.state != state:
        raise InputError(
            "{site} has another state by now: {state}", site=site.name, state=SITE_STATES[site.state]
        )
    return site


def _not_ahead(on: dt.date, today: dt.date) -> None:
    if on > today:
        raise InputError("{day} has not come yet: enter what was done, not what will be", day=on.isoformat())
