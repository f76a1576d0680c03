"""Revisions: the number of the last batch that touched the town, or some of its layers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from geo_service.store.tables import change_log
from town_model import layer


def last_revision(connection: Connection, layers: Sequence[str] | None) -> int:
    """Return the number of the last batch that touched any of the layers (all of them for None); 0 for none."""
    if layers is None:
        return int(connection.execute(select(func.max(change_log.c.batch))).scalar_one() or 0)
    return max(last_revisions(connection, layers), default=0)


def last_revisions(connection: Connection, layers: Sequence[str]) -> list[int]:
    """Return the number of the last batch that touched each of the layers; 0 for none."""
    if not layers:
        return []
    # a query a layer: each is one step in the index, where IN would read every entry of the layers
    last = select(func.max(change_log.c.batch))
    each = [last.where(change_log.c.layer == layer(one).name).scalar_subquery() for one in layers]
    return [int(one or 0) for one in connection.execute(select(*each)).one()]
