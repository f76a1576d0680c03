"""The town's map as one file that opens anywhere, without a network and without this service."""

from __future__ import annotations

import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from geo_service.i18n import say
from geo_service.mapdata import SOURCES, layer_data, map_spec
from geo_service.store import Store
from town_maps import stand_alone
from town_model import InputError, Text

# what cameras must show of a place, how often patrols come, and why: for those who plan, on layers that all may see
_PLANS = frozenset(
    {
        "required_class", "visit_interval_min", "dwell_min", "reason", "approver", "review_date",
        "patrol_interval_min", "patrol_direction", "patrol_modes",
    }
)  # fmt: skip


def write_town_map(
    store: Store,
    out: Path | str,
    *,
    language: str = "zh",
    with_sensitive: bool = False,
    user: str = "",
    overwrite: bool = False,
    now: datetime | None = None,
) -> Path:
    """Write the town's map as one stand-alone HTML file.

    Without `with_sensitive` the file holds nothing of cameras, blind spots, patrols or the points and units of
    patrols, nor what is asked of cameras and patrols at a place. With it, the map is marked with user, time and "for internal use only" on screen and on paper,
    and the export is entered in the audit log before the file is there.

    Args:
        store: the town.
        out: the file to write.
        language: ``zh`` or ``en``.
        with_sensitive: take in cameras, blind spots and patrols.
        user: who exports; needed for `with_sensitive`.
        overwrite: replace a file that is there.
        now: the time of the export; now by default.

    Returns:
        The path of the file.

    Raises:
        InputError: the file is there already, its folder is not, the town has no map yet, or a sensitive export
            names no user.
    """
    path = Path(out)
    if path.is_dir() or (path.exists() and not overwrite):
        raise InputError(
            "{path} is there already: choose another name, or allow it to be replaced", path=path
        )
    if not path.parent.is_dir():
        raise InputError("the folder {folder} does not exist: create it first", folder=path.parent)
    if with_sensitive and not user.strip():
        raise InputError(
            "a map with cameras, blind spots and patrols must say who exported it: name the user"
        )
    if store.town.epsg is None:
        raise InputError("the town has no map yet: import its roads and buildings first")
    moment = (now or datetime.now().astimezone()).strftime("%Y-%m-%d %H:%M")
    chosen = [one for one in SOURCES.values() if with_sensitive or not one.sensitive]
    permissions = {one.permission for one in chosen}
    watermark = say(Text.of("Internal use only · {user} · {time}", user=user.strip(), time=moment), language)
    spec = map_spec(
        store,
        language=language,
        permissions=permissions,
        keys={one.key for one in chosen},
        watermark=watermark if with_sensitive else "",
    )
    data = {
        one.key: layer_data(store, one.key, language=language, permissions=permissions) for one in spec.layers
    }
    if not with_sensitive:
        data = {key: _without_plans(one) for key, one in data.items()}
    content = stand_alone(spec, data)
    if with_sensitive:
        store.audit(user.strip(), "export_map", path.name)
    _write(path, content)
    return path


def _without_plans(data: dict[str, Any]) -> dict[str, Any]:
    """Return layer data without the fields of `_PLANS`."""
    fields = data.get("fields", [])
    kept = [number for number, one in enumerate(fields) if one["key"] not in _PLANS]
    if len(kept) == len(fields):
        return data
    features = [[*one[:-1], [one[-1][number] for number in kept]] for one in data["features"]]
    return {**data, "fields": [fields[number] for number in kept], "features": features}


def _write(path: Path, content: str) -> None:
    """Write all or nothing: a full disk leaves no half a map behind."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as sink:
            sink.write(content)
        Path(name).chmod(0o640)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
