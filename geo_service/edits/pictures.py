"""Pictures laid under the map: files in the workspace, with the control points that place them."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pyproj import Transformer
from sqlalchemy import Row, delete, insert, select, update

from geo_service.edits.picture_files import read_picture
from geo_service.edits.picture_fit import PictureFit, fit_picture
from geo_service.store import ConflictError, Store
from geo_service.store.audit import add as add_audit
from geo_service.store.database import now_utc
from geo_service.store.tables import pictures
from town_model import InputError
from town_model.crs import WGS84

FOLDER = "pictures"
MOST_PICTURES = 50
MOST_POINTS = 50
_KINDS = ("auto", "similarity", "affine", "projective")
#: The picture is drawn in so many pieces on each side: the map bends less than a pixel within one.
MESH = 12


@dataclass(frozen=True)
class ControlPoint:
    """A place that is known both in the picture and on the ground.

    Args:
        x: pixels from the left.
        y: pixels from the top.
        lon: longitude in degrees, WGS-84.
        lat: latitude in degrees.
    """

    x: float
    y: float
    lon: float
    lat: float


@dataclass(frozen=True)
class Picture:
    """A picture under the map.

    Args:
        id: its number.
        name: what people call it.
        media_type: ``image/png`` or ``image/jpeg``.
        width: width in pixels.
        height: height in pixels.
        file: name of its file in the workspace's folder of pictures.
        points: its control points.
        kind: ``auto``, ``similarity``, ``affine`` or ``projective``.
        opacity: 0 (not seen) to 1.
    """

    id: int
    name: str
    media_type: str
    width: int
    height: int
    file: str
    points: tuple[ControlPoint, ...]
    kind: str
    opacity: float


def add_picture(store: Store, folder: Path, name: str, content: bytes, *, actor: str) -> Picture:
    """Keep a picture in the workspace.

    Args:
        store: the town.
        folder: folder of the workspace.
        name: what people call it.
        content: the bytes of the file.
        actor: who adds it.

    Raises:
        InputError: it is no picture, damaged or too large; or there are too many.
    """
    found = read_picture(content)
    if len(all_pictures(store)) >= MOST_PICTURES:
        raise InputError("there are {most} pictures already: delete one first", most=MOST_PICTURES)
    place = folder / FOLDER
    if not place.exists():
        place.mkdir()
        place.chmod(0o700)
    file = f"{secrets.token_hex(12)}.{'png' if found.media_type == 'image/png' else 'jpg'}"
    with os.fdopen(os.open(place / file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        target.write(found.content)
    values: dict[str, Any] = {
        "name": name.strip()[:100] or file,
        "media_type": found.media_type,
        "width": found.width,
        "height": found.height,
        "file": file,
        "points": "[]",
        "kind": "auto",
        "opacity": 0.7,
    }
    try:
        with store.writing() as connection:
            made = connection.execute(
                insert(pictures).values(**values, created_at=now_utc(), created_by=actor)
            ).inserted_primary_key
            assert made is not None
            number = int(made[0])
            add_audit(connection, actor=actor, action="picture_added", target=str(number))
    except BaseException:  # such as a store that is busy: nobody would ever take the file away
        (place / file).unlink(missing_ok=True)
        raise
    return get_picture(store, number)


def all_pictures(store: Store) -> list[Picture]:
    """Return all pictures, the newest first."""
    with store.reading() as connection:
        return [_picture(row) for row in connection.execute(select(pictures).order_by(pictures.c.id.desc()))]


def get_picture(store: Store, number: int) -> Picture:
    """Return a picture.

    Raises:
        ConflictError: there is none of that number any more.
    """
    with store.reading() as connection:
        row = connection.execute(select(pictures).where(pictures.c.id == number)).one_or_none()
    if row is None:
        raise ConflictError("there is no picture {number} any more", number=number)
    return _picture(row)


def place_picture(
    store: Store,
    number: int,
    points: Sequence[ControlPoint],
    *,
    actor: str,
    kind: str = "auto",
    opacity: float = 0.7,
) -> Picture:
    """Store the control points of a picture and how it shows.

    Raises:
        InputError: the points do not place it.
        ConflictError: there is no such picture any more.
    """
    old = get_picture(store, number)
    if kind not in _KINDS or len(points) > MOST_POINTS or not 0 <= opacity <= 1:
        raise InputError("this placing of a picture cannot be read")
    if len(points) >= 2:
        fit(store, Picture(**{**_plain(old), "points": tuple(points), "kind": kind}))
    values = {"points": json.dumps([asdict(one) for one in points]), "kind": kind, "opacity": float(opacity)}
    with store.writing() as connection:
        connection.execute(update(pictures).where(pictures.c.id == number).values(**values))
        add_audit(connection, actor=actor, action="picture_placed", target=str(number))
    return get_picture(store, number)


def delete_picture(store: Store, folder: Path, number: int, *, actor: str) -> None:
    """Delete a picture and its file.

    Raises:
        ConflictError: there is no such picture any more.
    """
    old = get_picture(store, number)
    with store.writing() as connection:
        connection.execute(delete(pictures).where(pictures.c.id == number))
        add_audit(connection, actor=actor, action="picture_deleted", target=str(number))
    (folder / FOLDER / old.file).unlink(missing_ok=True)


def picture_content(folder: Path, one: Picture) -> bytes:
    """Return the bytes of a picture.

    Raises:
        ConflictError: its file is not there.
    """
    try:
        return (folder / FOLDER / one.file).read_bytes()
    except FileNotFoundError:
        raise ConflictError("there is no picture {number} any more", number=one.id) from None


def fit(store: Store, one: Picture) -> PictureFit | None:
    """Return the map of a picture onto the ground of the town, in metres; None with fewer than two control points.

    Raises:
        InputError: the points do not fix it, or the town has no position.
    """
    if len(one.points) < 2:
        return None
    ground = _transformer(store).transform([p.lon for p in one.points], [p.lat for p in one.points])
    kind: Any = None if one.kind == "auto" else one.kind
    return fit_picture([(p.x, p.y) for p in one.points], np.column_stack(ground).tolist(), kind=kind)


def mesh(store: Store, one: Picture, found: PictureFit) -> list[list[float]]:
    """Return longitude and latitude of `MESH` + 1 by `MESH` + 1 places of a picture, row by row from the top left."""
    x, y = np.meshgrid(np.linspace(0, one.width, MESH + 1), np.linspace(0, one.height, MESH + 1))
    ground = found.to_ground(np.column_stack([x.ravel(), y.ravel()]).tolist())
    lon, lat = _transformer(store).transform(ground[:, 0], ground[:, 1], direction="INVERSE")
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        raise InputError("no view of the ground fits these control points: check them one by one")
    return [[round(a, 8), round(b, 8)] for a, b in zip(lon.tolist(), lat.tolist(), strict=True)]


def _transformer(store: Store) -> Transformer:
    epsg = store.town.epsg
    if epsg is None:
        raise InputError("the town has no position yet: place it first")
    return Transformer.from_crs(WGS84, epsg, always_xy=True)


def _plain(one: Picture) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Picture.__dataclass_fields__}


def _picture(row: Row[Any]) -> Picture:
    given: Any = row._mapping  # noqa: SLF001 - the public name of SQLAlchemy for it
    values = {name: given[name] for name in Picture.__dataclass_fields__}
    return Picture(**{**values, "points": tuple(ControlPoint(**p) for p in json.loads(given["points"]))})
