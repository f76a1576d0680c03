"""Uploaded files: where they lie, what is known of each, and what became of it.

A file lies in the folder ``uploads`` of the workspace under a random name, until it is stored, thrown away or too old.
Its record stays.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from sqlalchemy import Connection, Row, Select, case, func, insert, select, update

from geo_service.imports.persons import file_label
from geo_service.store import Store
from geo_service.store.database import aware, now_utc
from geo_service.store.tables import imports
from geo_service.workspace import Workspace
from town_model import InputError

FOLDER = "uploads"
#: The "layer" of a file that fills several: OpenStreetMap.
OSM = "osm"
OPEN_STATES = ("uploaded", "checked")
STATES = (*OPEN_STATES, "stored", "refused", "discarded")
PAGE_ROWS = 50
_PIECE = 1 << 20
_ENDING = re.compile(r"\.[a-z0-9]{1,8}")
_ORPHAN_S = 24 * 3600
_OSM_ENDINGS = (".osm", ".osm.xml", ".osm.gz", ".osm.bz2", ".pbf")


@dataclass(frozen=True)
class Upload:
    """An uploaded file and what is known of it.

    Args:
        id: its number.
        at: when it came, with zone UTC.
        actor: who sent it.
        file: the name that its sender gave it, without personal data.
        path: where it lies; None when it is gone.
        size: its size in bytes.
        sha256: the hash of its content.
        layer: the layer that it is for, or `OSM`.
        state: ``uploaded`` (not checked yet), ``checked``, ``stored``, ``refused`` or ``discarded``.
        options: what was chosen: sheet, header_row, datum, columns, faulty_rows, accept_proposals.
        guess: what it was taken for, as `stored_report.plain` keeps it; empty for OpenStreetMap.
        report: the report of the last check, or of what was stored; empty before.
        job: the last job that works on it.
        batch: the batch of the change log; None where nothing was stored.
        stored_at: when it was stored.
        stored_by: who had it stored.
    """

    id: int
    at: dt.datetime
    actor: str
    file: str
    path: Path | None
    size: int
    sha256: str
    layer: str
    state: str
    options: dict[str, Any]
    guess: dict[str, Any]
    report: dict[str, Any]
    job: int | None
    batch: int | None
    stored_at: dt.datetime | None
    stored_by: str | None

    @property
    def is_open(self) -> bool:
        """Whether it waits to be stored, and can be."""
        return self.state in OPEN_STATES and self.path is not None

    @property
    def is_osm(self) -> bool:
        """Whether it is a file of OpenStreetMap."""
        return self.layer == OSM


class Uploads:
    """The uploaded files of a workspace.

    Args:
        workspace: the workspace.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._store: Store = workspace.store
        self._days: int = workspace.settings.upload_days
        self.folder = workspace.folder / FOLDER

    def new_path(self, name: str = "") -> Path:
        """Return a path in the folder that nothing has yet, with the ending of a name where that says something."""
        if not self.folder.exists():
            self.folder.mkdir()
            self.folder.chmod(0o700)
        ending = PurePath(name).suffix.lower()
        return self.folder / (secrets.token_hex(16) + (ending if _ENDING.fullmatch(ending) else ""))

    def add(self, path: Path, *, name: str, layer: str, actor: str, guess: Mapping[str, Any]) -> int:
        """Note a file that lies in the folder, and return its number.

        Args:
            path: where it lies.
            name: the name that its sender gave it.
            layer: the layer that it is for, or `OSM`.
            actor: who sent it.
            guess: what it is taken for.
        """
        with self._store.writing() as connection:
            key = connection.execute(
                insert(imports).values(
                    at=now_utc(),
                    actor=actor,
                    file=plain_name(name),
                    kept_as=path.name,
                    size=path.stat().st_size,
                    sha256=_hash(path),
                    layer=layer,
                    state="uploaded",
                    options="{}",
                    guess=_json(guess),
                    report="{}",
                )
            ).inserted_primary_key
        assert key is not None
        return int(key[0])

    def get(self, number: int) -> Upload | None:
        """Return an upload; None where there is none of that number."""
        with self._store.reading() as connection:
            row = connection.execute(_COLUMNS.where(imports.c.id == number)).first()
        return None if row is None else self._upload(row)

    def listing(self, page: int = 1, *, rows: int = PAGE_ROWS) -> tuple[list[Upload], int]:
        """Return one page of the uploads, newest first, and how many there are; reports are without their long lists.

        Args:
            page: number of the page, from 1.
            rows: how many uploads a page has.
        """
        query = _IN_LISTS.order_by(imports.c.id.desc()).limit(rows).offset((page - 1) * rows)
        with self._store.reading() as connection:
            total = connection.execute(select(func.count()).select_from(imports)).scalar_one()
            return [self._upload(row) for row in connection.execute(query)], int(total)

    def same_content(self, upload: Upload) -> Upload | None:
        """Return the last upload of the same bytes for the same layer that was stored; None where there is none."""
        query = (
            _COLUMNS.where(
                imports.c.sha256 == upload.sha256,
                imports.c.layer == upload.layer,
                imports.c.state == "stored",
                imports.c.id != upload.id,
            )
            .order_by(imports.c.id.desc())
            .limit(1)
        )
        with self._store.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else self._upload(row)

    def places(self, number: int) -> bytes | None:
        """Return where the rows of an upload lie, packed by `stored_report.pack`; None where that is not known."""
        with self._store.reading() as connection:
            blob = connection.execute(select(imports.c.places).where(imports.c.id == number)).scalar()
        return None if blob is None else bytes(blob)

    def change(self, number: int, **values: Any) -> None:
        """Change what is known of an upload that is not stored yet; options, guess and report are JSON values."""
        with self._store.writing() as connection:
            write(connection, number, **values)

    def discard(self, upload: Upload) -> None:
        """Throw an upload away that was not stored."""
        self.change(upload.id, state="discarded", kept_as=None, places=None)
        remove(upload.path)

    def refuse(self, upload: Upload, report: Mapping[str, Any]) -> None:
        """Keep why a file cannot be used, and throw the file away."""
        self.change(upload.id, state="refused", kept_as=None, places=None, report=report)
        remove(upload.path)

    def sweep(self) -> None:
        """Remove files that are stored, too old, or left behind by a server that was killed."""
        oldest = now_utc() - dt.timedelta(days=self._days)
        with self._store.reading() as connection:
            rows = connection.execute(
                select(imports.c.id, imports.c.kept_as, imports.c.state, imports.c.at).where(
                    imports.c.kept_as.is_not(None)
                )
            ).all()
        gone = [row for row in rows if row.state not in OPEN_STATES or row.at < oldest]
        for row in gone:
            remove(self.folder / row.kept_as)
        if gone:
            with self._store.writing() as connection:
                connection.execute(
                    update(imports)
                    .where(imports.c.id.in_([row.id for row in gone]))
                    .values(kept_as=None, places=None)
                )
        known = {row.kept_as for row in rows}
        if self.folder.is_dir():
            for path in self.folder.iterdir():
                if path.name not in known and time.time() - path.stat().st_mtime > _ORPHAN_S:
                    remove(path)

    def _upload(self, row: Row[Any]) -> Upload:
        path = self.folder / row.kept_as if row.kept_as else None
        return Upload(
            id=row.id,
            at=aware(row.at),
            actor=row.actor,
            file=row.file,
            path=path if path is not None and path.is_file() else None,
            size=row.size,
            sha256=row.sha256,
            layer=row.layer,
            state=row.state,
            options=json.loads(row.options),
            guess=json.loads(row.guess),
            report=json.loads(row.report),
            job=row.job,
            batch=row.batch,
            stored_at=None if row.stored_at is None else aware(row.stored_at),
            stored_by=row.stored_by,
        )


_COLUMNS = select(*(one for one in imports.c if one.name != "places"))
# a report may hold thousands of faults, and a page of the list fifty reports
_IN_LISTS: Select[Any] = select(
    *(one for one in imports.c if one.name not in ("places", "report")),
    # Python writes NaN, which SQLite does not take for JSON
    case(
        (func.json_valid(imports.c.report), func.json_remove(imports.c.report, "$.faults", "$.skipped_rows")),
        else_=imports.c.report,
    ).label("report"),
)


def write(connection: Connection, number: int, **values: Any) -> None:
    """Change what is known of an upload, within a transaction.

    Raises:
        InputError: it was stored, refused or thrown away meanwhile.
    """
    given = {
        key: _json(value) if key in {"options", "guess", "report"} else value for key, value in values.items()
    }
    done = connection.execute(
        update(imports).where(imports.c.id == number, imports.c.state.in_(OPEN_STATES)).values(**given)
    )
    if done.rowcount != 1:
        raise InputError("upload {number} was stored or thrown away already", number=number)


def plain_name(name: str) -> str:
    """Return the name of a file as pages and records show it: no folders, no personal data, not endless."""
    last = PurePath(name.replace("\\", "/")).name
    clean = "".join(one for one in last if one.isprintable()).strip() or "—"
    return file_label(clean if len(clean) <= 120 else clean[:80] + "…" + clean[-30:])


def is_osm_name(name: str) -> bool:
    """Return whether a file is called as files of OpenStreetMap are."""
    return name.lower().endswith(_OSM_ENDINGS)


def remove(path: Path | None) -> None:
    """Delete a file, if it is there; one that cannot be deleted now goes with a later sweep."""
    if path is not None:
        try:
            path.unlink(missing_ok=True)
        except OSError:
            return


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while piece := source.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False)
