"""Camera health: shares online and in order from the status log, and what each outage costs in coverage."""

from __future__ import annotations

import datetime as dt
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from camera_coverage import CoverageResult, analyse, repair_gains
from geo_service.analysis.kept import kept_town
from geo_service.progress import Progress, silent
from geo_service.store import Store
from town_model import InputError, Text

WINDOW_DAYS = 30
#: The classic goal: 98 % of the cameras in working order.
GOAL = 0.98
_STATES = ("working", "faulty", "offline")
_BROKEN = ("faulty", "offline")


def compute_health(
    store: Store,
    *,
    actor: str,
    today: dt.date,
    days: int = WINDOW_DAYS,
    goal: float = GOAL,
    progress: Progress = silent,
) -> int:
    """Ask how many cameras were online and in order, and which repair gains most; store it as ``health``; return its number.

    Args:
        store: the town.
        actor: who asks.
        today: the last day of the window.
        days: length of the window.
        goal: share of the cameras that must be in order.
        progress: told how far it is.

    Raises:
        InputError: the town has no data yet, the window has no day or more than 3660, or a camera has values without meaning.
    """
    if not 1 <= days <= 3660:
        raise InputError("the window must have 1 to 3660 days, not {days}", days=days)
    revision = store.revision()
    progress(0.0, Text("reading the status log"))
    kept = kept_town(store)
    scene, walls, targets = kept.load(store)
    by_day = daily_states(store.frame("camera_status_log"), first=today - dt.timedelta(days - 1), last=today)
    by_day = by_day[by_day["camera"].isin(scene.cameras.index)]
    cameras = camera_shares(scene.cameras, by_day)
    progress(0.3, Text("asking what each repair would gain"))
    cache = kept.cache(store)
    coverage = analyse(
        scene.cameras.assign(status=cameras["state"]),
        scene=walls,
        options=kept.options(store),
        classes=sorted({"observe", *targets["required_class"].unique()}),
        views=scene.views,
        cache=cache,
        memo=kept.memo,
    )
    cache.flush()
    repairs = repair_list(targets, coverage, cameras)
    recorded = float(cameras["recorded_days"].sum())
    summary: dict[str, Any] = {
        "cameras": len(cameras),
        "working": int((cameras["state"] == "working").sum()),
        "faulty": int((cameras["state"] == "faulty").sum()),
        "offline": int((cameras["state"] == "offline").sum()),
        "share_now": float((cameras["state"] == "working").mean()) if len(cameras) else None,
        "recorded": int((cameras["recorded_days"] > 0).sum()),
        "share_online": float(cameras["online_days"].sum()) / recorded if recorded else None,
        "share_in_order": float(cameras["in_order_days"].sum()) / recorded if recorded else None,
        "goal": goal,
        "first_day": (today - dt.timedelta(days - 1)).isoformat(),
        "last_day": today.isoformat(),
        "differing": int((cameras["state"] != cameras["ledger_state"]).sum()),
    }
    return store.save_result(
        "health",
        actor=actor,
        options={"days": days},
        summary=summary,
        frames={
            "repairs": repairs,
            "units": unit_shares(cameras),
            "days": day_shares(by_day),
            "cameras": cameras.reset_index(),
        },
        store_revision=revision,
    )


def daily_states(log: pd.DataFrame, *, first: dt.date, last: dt.date) -> pd.DataFrame:
    """Return a row a camera and day with records: ``camera``, ``day``, ``online``, ``in_order``, ``last_state``, ``last_at``.

    Several records of one day count once, by the worst: online if none says offline, in order if all say working. So a file
    that was imported twice changes nothing.

    Args:
        log: rows of the layer ``camera_status_log``.
        first: first day.
        last: last day.
    """
    at = pd.to_datetime(log["at"], errors="coerce")
    day = at.dt.normalize()
    keep = log["state"].isin(_STATES) & (day >= pd.Timestamp(first)) & (day <= pd.Timestamp(last))
    rows = pd.DataFrame(
        {"camera": log["camera"], "day": day, "at": at, "state": log["state"].astype(object)}
    )[keep].sort_values("at", kind="stable")
    rows = rows.assign(online=rows["state"] != "offline", in_order=rows["state"] == "working")
    table = rows.groupby(["camera", "day"], as_index=False).agg(
        online=("online", "all"),
        in_order=("in_order", "all"),
        last_state=("state", "last"),
        last_at=("at", "last"),
    )
    return table.astype({"camera": "int64"})


def camera_shares(cameras: gpd.GeoDataFrame, by_day: pd.DataFrame) -> pd.DataFrame:
    """Return a row a camera: its days, shares, and its state: the newest record of the window, else that of the ledger.

    Args:
        cameras: camera sites that stand.
        by_day: of `daily_states`.
    """
    grouped = by_day.groupby("camera")
    count = grouped.agg(
        recorded_days=("day", "size"), online_days=("online", "sum"), in_order_days=("in_order", "sum")
    )
    count = count.reindex(cameras.index).fillna(0).astype(int)
    newest = by_day.sort_values("last_at").groupby("camera").last().reindex(cameras.index)
    ledger = cameras["status"].astype(object)
    table = pd.DataFrame(
        {
            "camera_name": cameras["name"].fillna(""),
            "maintained_by": cameras["maintained_by"].fillna(""),
            "state": newest["last_state"].where(newest["last_state"].notna(), ledger),
            "ledger_state": ledger,
            "last_at": _moments(pd.to_datetime(newest["last_at"])),
            "out_since": _out_since(by_day, cameras.index),
        },
        index=cameras.index,
    ).join(count)
    for share, part in (("share_online", "online_days"), ("share_in_order", "in_order_days")):
        table[share] = (table[part] / table["recorded_days"].where(table["recorded_days"] > 0)).astype(float)
    return table.rename_axis("camera")


def _moments(at: pd.Series) -> pd.Series:
    words: pd.Series = at.dt.strftime("%Y-%m-%d %H:%M").astype(object)
    return words.where(at.notna(), "")


def _out_since(by_day: pd.DataFrame, index: pd.Index) -> pd.Series:
    """Return the first day of the run of days out of order that lasts until the newest record; empty where there is none."""
    if by_day.empty:
        return pd.Series("", index=index, dtype=object)
    rows = by_day.sort_values("day")
    good = rows["day"].where(rows["in_order"]).groupby(rows["camera"]).transform("max")
    after = rows[good.isna() | (rows["day"] > good)]
    first = after.groupby("camera")["day"].first().reindex(index)
    words: pd.Series = first.dt.strftime("%Y-%m-%d").astype(object)
    return words.where(first.notna(), "")


def unit_shares(cameras: pd.DataFrame) -> pd.DataFrame:
    """Return a row a unit that maintains cameras: ``cameras``, ``out_of_order``, ``share_online``, ``share_in_order``; the worst first."""
    grouped = cameras.assign(out=cameras["state"].isin(_BROKEN)).groupby("maintained_by", as_index=False)
    table = grouped.agg(
        cameras=("state", "size"),
        out_of_order=("out", "sum"),
        recorded_days=("recorded_days", "sum"),
        online_days=("online_days", "sum"),
        in_order_days=("in_order_days", "sum"),
    )
    recorded = table["recorded_days"].where(table["recorded_days"] > 0)
    table["share_online"] = (table["online_days"] / recorded).astype(float)
    table["share_in_order"] = (table["in_order_days"] / recorded).astype(float)
    table = table.sort_values(
        ["share_in_order", "out_of_order"], ascending=[True, False], na_position="last", kind="stable"
    )
    columns = ["maintained_by", "cameras", "out_of_order", "recorded_days", "share_online", "share_in_order"]
    return table[columns].reset_index(drop=True)


def day_shares(by_day: pd.DataFrame) -> pd.DataFrame:
    """Return a row a day with records, the newest first: ``day``, ``cameras``, ``share_online``, ``share_in_order``."""
    grouped = by_day.astype({"online": float, "in_order": float}).groupby("day")
    table = pd.DataFrame(
        {
            "cameras": grouped.size(),
            "share_online": grouped["online"].mean(),
            "share_in_order": grouped["in_order"].mean(),
        }
    )
    table = table.sort_index(ascending=False)
    table.insert(
        0, "day", pd.Series([f"{one:%Y-%m-%d}" for one in table.index], index=table.index, dtype=object)
    )
    return table.reset_index(drop=True)


def repair_list(targets: gpd.GeoDataFrame, coverage: CoverageResult, cameras: pd.DataFrame) -> pd.DataFrame:
    """Return a row a camera out of order, what its repair gains first; those that gain nothing stand last.

    Args:
        targets: what is to be watched.
        coverage: with the states of the cameras as they are now.
        cameras: of `camera_shares`.
    """
    out = cameras[cameras["state"].isin(_BROKEN)]
    gains = repair_gains(targets, coverage)
    names = targets["name"].fillna("").astype(str)
    gains["targets_gained"] = [len(one) for one in gains["targets"]]
    gains["first_target"] = [names.get(one[0], "") for one in gains["targets"]]
    order = [*gains.index, *(one for one in out.index if one not in gains.index)]
    columns = ["camera_name", "maintained_by", "state", "ledger_state", "out_since"]
    table = out[columns].join(gains.drop(columns="targets")).loc[order]
    for name in ("gained_area_m2", "gained_length_m", "best_share", "targets_gained"):
        table[name] = table[name].fillna(0.0)
    table["targets_gained"] = table["targets_gained"].astype(int)
    table["first_target"] = table["first_target"].astype(object).where(table["first_target"].notna(), "")
    table["highest_priority"] = table["highest_priority"].astype(float).replace(np.inf, np.nan)
    return table.rename_axis("camera").reset_index()
