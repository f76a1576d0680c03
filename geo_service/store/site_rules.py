"""Rules of planned sites: a step needs what comes before it, a notice names offices and never persons."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from geo_service.store.rules import names_a_home
from geo_service.store.tables import LAYER_TABLES
from geo_service.store.validation import Faults
from town_model import Layer, Text
from town_model.layers.sites import SITE_STATES

#: Without these nobody may be asked to object.
NOTICE_COLUMNS = ("place", "unit", "phone", "object_at", "notice_from", "notice_until")
LONGEST = 300
_NEEDED: dict[str, tuple[str, ...]] = {
    "planned": (),
    "notified": NOTICE_COLUMNS,
    "objections_handled": (*NOTICE_COLUMNS, "handled_on"),
    "built": (*NOTICE_COLUMNS, "handled_on", "built_on"),
}
_WORDS = ("place", "unit", "object_at")
_PHONE = re.compile(r"\+?[0-9][0-9 ()/、;,转-]{2,40}")
_MOBILE = re.compile(r"(?<![0-9])(?:\+?86)?1[3-9][0-9]{9}(?![0-9])")
# a number so long in words on a place is somebody's phone, identity or account number
_LONG_NUMBER = re.compile(r"[0-9](?:[ -]?[0-9]){6,}")


def check_sites(
    connection: Connection,
    layer: Layer,
    data: Mapping[str, Sequence[Any]],
    ids: Sequence[int],
    faults: Faults,
) -> None:
    """Note what is wrong with notices of sites and objections.

    Args:
        connection: connection of the open change.
        layer: layer of the rows.
        data: checked values by column, one a row.
        ids: the rows, where they exist already.
        faults: takes the faults.
    """
    if layer.name not in ("site_notices", "site_objections"):
        return
    for name in _WORDS:
        for number, words in enumerate(data.get(name, ())):
            _check_words(number, name, words, faults)
    if layer.name == "site_notices":
        _check_notices(connection, data, ids, faults)
    else:
        _check_objections(connection, data, faults)


def broken_steps(connection: Connection, cameras: Iterable[int]) -> list[Text]:
    """Return what an undo would break of the steps of some sites: open objections need a notice that is out, and nothing after it.

    Args:
        connection: connection of the open change, after the rows were written back.
        cameras: the sites.
    """
    notices, objections = LAYER_TABLES["site_notices"], LAYER_TABLES["site_objections"]
    wanted = list(cameras)
    query = select(notices.c.camera, notices.c.state).where(notices.c.camera.in_(wanted))
    states = {row.camera: row.state for row in connection.execute(query)}
    waiting = select(objections.c.camera).where(
        objections.c.camera.in_(wanted), objections.c.outcome == "open"
    )
    faults = []
    for camera in sorted(set(connection.execute(waiting).scalars())):
        state = states.get(camera, "planned")
        if state == "planned":
            faults.append(
                Text.of(
                    "objections to site {camera} are open, so its notice must stay out: settle them, or take them back first",
                    camera=camera,
                )
            )
        elif state != "notified":
            faults.append(
                Text.of(
                    "objections to site {camera} would be open again, though they count as handled: take that step of the site "
                    "back first",
                    camera=camera,
                )
            )
    return faults


def _check_words(number: int, column: str, words: str | None, faults: Faults) -> None:
    if not words:
        return
    if len(words) > LONGEST:
        faults.add(number, Text.of("{column}: at most {most} characters", column=column, most=LONGEST))
    if names_a_home(words):
        faults.add(
            number,
            Text.of(
                "{column}: the name {name} says somebody's home: places may be kept, persons may not. Name the place",
                column=column,
                name=words,
            ),
        )
    if _LONG_NUMBER.search(words):
        faults.add(number, Text.of("{column}: no long numbers here, they may be somebody's", column=column))


def _check_notices(
    connection: Connection, data: Mapping[str, Sequence[Any]], ids: Sequence[int], faults: Faults
) -> None:
    table, objections = LAYER_TABLES["site_notices"], LAYER_TABLES["site_objections"]
    query = select(table.c.camera).where(table.c.id.not_in(list(ids)))
    taken = set(connection.execute(query).scalars())
    waiting = set(
        connection.execute(select(objections.c.camera).where(objections.c.outcome == "open")).scalars()
    )
    for number, camera in enumerate(data["camera"]):
        row = {name: cells[number] for name, cells in data.items()}
        state = row["state"] or "planned"
        if camera in taken:
            faults.add(number, Text.of("{column}: this site has its notice already", column="camera"))
        taken.add(camera)
        for name in _NEEDED.get(state, ()):
            if row[name] in (None, ""):
                faults.add(number, Text.of("{column} is missing", column=name))
        for earlier, later in (("notice_from", "notice_until"), ("handled_on", "built_on")):
            if row[earlier] and row[later] and row[later] < row[earlier]:
                faults.add(
                    number,
                    Text.of(
                        "{column}: {day} lies before {earlier}",
                        column=later,
                        day=row[later].isoformat(),
                        earlier=row[earlier].isoformat(),
                    ),
                )
        handled = SITE_STATES.index(state) >= 2
        if handled and row["handled_on"] and row["notice_until"] and row["handled_on"] <= row["notice_until"]:
            faults.add(
                number,
                Text.of(
                    "{column}: objections may come until {last}, so this day must be a later one",
                    column="handled_on",
                    last=row["notice_until"].isoformat(),
                ),
            )
        if handled and camera in waiting:
            faults.add(
                number,
                Text.of(
                    "{column}: objections to this site are still open: settle them first", column="state"
                ),
            )
        _check_phone(number, row["phone"], faults)


def _check_phone(number: int, phone: str | None, faults: Faults) -> None:
    if not phone:
        return
    if not _PHONE.fullmatch(phone):
        faults.add(
            number,
            Text.of("{column}: write a phone number of the office, such as 025-8400 0110", column="phone"),
        )
    elif _MOBILE.search(re.sub(r"[ -]", "", phone)):
        faults.add(
            number,
            Text.of("{column}: a mobile number belongs to a person: give the office's", column="phone"),
        )


def _check_objections(connection: Connection, data: Mapping[str, Sequence[Any]], faults: Faults) -> None:
    table = LAYER_TABLES["site_notices"]
    states = {row.camera: row.state for row in connection.execute(select(table.c.camera, table.c.state))}
    for number, camera in enumerate(data["camera"]):
        open_ = (data["outcome"][number] or "open") == "open"
        state = states.get(camera, "planned")
        if open_ and state != "notified":
            message = (
                Text.of("{column}: this site has no notice out: post it first", column="camera")
                if state == "planned"
                else Text.of(
                    "{column}: the objections to this site count as handled: take that step back first",
                    column="camera",
                )
            )
            faults.add(number, message)
        received, settled = data["received_on"][number], data["settled_on"][number]
        if not open_ and settled is None:
            faults.add(number, Text.of("{column} is missing", column="settled_on"))
        if received and settled and settled < received:
            faults.add(
                number,
                Text.of(
                    "{column}: {day} lies before {earlier}",
                    column="settled_on",
                    day=settled.isoformat(),
                    earlier=received.isoformat(),
                ),
            )
