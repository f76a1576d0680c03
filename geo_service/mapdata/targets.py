"""What is to be watched as a layer of the map: how much of each target is seen at the class that it asks for."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from geo_service.analysis.targets import load_targets
from geo_service.i18n import say
from geo_service.mapdata.values import class_title, heading, plain
from geo_service.store import Store, StoredResult
from geo_service.words import TARGET_KINDS
from town_maps import layer_json
from town_model import Text, layer
from town_model.crs import WGS84

#: Classes of the layer, from good to bad.
SEEN: dict[str, Text] = {
    "all": Text("seen as required"),
    "part": Text("seen in part"),
    "none": Text("not seen as required"),
}
#: Half a percent is what a figure without decimals does not show.
_WHOLE = 0.995


def seen_states(targets: pd.DataFrame, light: str) -> pd.Series:
    """Return the class of each target in one light, a key of `SEEN`; targets that this light does not judge are left out.

    Args:
        targets: the frame ``targets`` of a coverage result.
        light: ``day`` or ``night``.
    """
    column = f"share_{light}"
    if column not in targets.columns:
        return pd.Series(dtype=object)
    share = pd.to_numeric(targets[column], errors="coerce").dropna()
    return share.map(lambda one: "all" if one >= _WHOLE else "none" if one <= 1 - _WHOLE else "part")


def target_data(
    store: Store, key: str, stored: StoredResult | None, *, language: str, light: str
) -> dict[str, Any]:
    """Return the targets of the latest coverage result for the map; those that are gone since are left out.

    Args:
        store: the town.
        key: key of the layer.
        stored: the result.
        language: ``zh`` or ``en``.
        light: ``day`` or ``night``.
    """
    column = f"share_{light}"
    if stored is None or "targets" not in stored.frame_names or column not in stored.frame("targets"):
        return layer_json(key, gpd.GeoDataFrame(geometry=[], crs=WGS84))
    result = stored.frame("targets").set_index("target")
    asked = load_targets(store)
    states = seen_states(result[result.index.isin(asked.index)], light)
    rows = asked.loc[states.index]
    ground = rows.to_crs(WGS84)
    priorities = layer("key_areas").column("priority")
    cells = {
        "name": [str(plain(one) or "") or str(at) for at, one in rows["name"].items()],
        "state": [say(SEEN[one], language) for one in states],
        "share": [f"{100 * one:.0f} %" for one in result.loc[states.index, column].astype(float)],
        "required_class": [class_title(str(one), language) for one in rows["required_class"]],
        "kind": [
            say(TARGET_KINDS[one], language) if one in TARGET_KINDS else plain(one) for one in rows["kind"]
        ],
        "priority": [priorities.choice_title(str(plain(one)), language) for one in rows["priority"]],
    }
    fields = [
        heading("name", Text("Target"), language),
        heading("state", Text("Result"), language),
        heading("share", Text("Share seen as required"), language),
        heading("required_class", Text("Required class"), language),
        heading("kind", Text("Kind"), language),
        heading("priority", Text("Priority"), language),
    ]
    return layer_json(
        key,
        ground,
        classes=states.tolist(),
        values=list(zip(*cells.values(), strict=True)),
        fields=fields,
        label="name",
    )
