"""Proposals of key areas and housing zones, for a planner to accept or drop."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

import geopandas as gpd
from shapely.geometry.base import BaseGeometry

from geo_service.imports.persons import KIND_TEXTS, scan_text
from geo_service.store import Proposal, Store
from geo_service.store.proposals import next_year
from geo_service.web.layer_rows import PAGE_ROWS, shape_words
from town_model import LAYERS, InputError, Text
from town_model.crs import WGS84

APPROVER = "镇派出所"


@dataclass(frozen=True)
class ProposalLine:
    """One proposal in words."""

    number: int
    layer: str
    name: str
    category: str
    reason: str
    extent: Text | str
    key: str = ""


@dataclass(frozen=True)
class ProposalPage:
    """One page of the pending proposals.

    Args:
        rows: the proposals of this page.
        total: how many wait.
        page: number of this page, from 1.
        pages: how many pages there are, at least 1.
        approver: the office that approves, as it is usually called.
        review_date: when key areas are looked at again unless somebody says otherwise, as ``2027-05-04``.
        layer: the layer that is shown; empty for all.
        counts: layers that have proposals: name, title and how many.
        chosen: the proposal that was asked for; None where none was.
    """

    rows: tuple[ProposalLine, ...]
    total: int
    page: int
    pages: int
    approver: str
    review_date: str
    layer: str = ""
    counts: tuple[tuple[str, str, int], ...] = ()
    chosen: int | None = None


def proposal_page(
    store: Store, language: str, *, page: int = 1, layer: str = "", chosen: int | None = None
) -> ProposalPage:
    """Return one page of the proposals that wait.

    Args:
        store: the town.
        language: ``zh`` or ``en``.
        page: number of the page, from 1; behind the last one it is the last one, since pages go as proposals are decided.
        layer: only proposals for this layer; empty, or one without proposals, for all.
        chosen: number of a proposal whose page is wanted; it wins over `page`.
    """
    everything = store.proposals()
    tally = Counter(one.layer for one in everything)
    layer = layer if layer in tally else ""
    waiting = [one for one in everything if not layer or one.layer == layer]
    pages = max(1, ceil(len(waiting) / PAGE_ROWS))
    at = next((index for index, one in enumerate(waiting) if one.id == chosen), None)
    page = min(page, pages) if at is None else at // PAGE_ROWS + 1
    part = waiting[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    shapes = gpd.GeoSeries([one.geometry for one in part], crs=WGS84)
    if store.town.epsg is not None and len(shapes):
        shapes = shapes.to_crs(store.town.epsg)
    return ProposalPage(
        rows=tuple(line(one, shape, language) for one, shape in zip(part, shapes, strict=True)),
        total=len(waiting),
        page=page,
        pages=pages,
        approver=APPROVER,
        review_date=next_year(dt.datetime.now(dt.UTC).date()).isoformat(),
        layer=layer,
        counts=tuple((name, LAYERS[name].title(language), count) for name, count in sorted(tally.items())),
        chosen=None if at is None else chosen,
    )


def decide(store: Store, form: Mapping[str, str], *, actor: str) -> tuple[str, int]:
    """Accept or drop proposals as a form says.

    Args:
        store: the town.
        form: ``action`` is ``accept``, ``drop``, ``accept_all`` or ``drop_all``, or one proposal as ``accept-<number>``
            or ``drop-<number>``; the fields ``chosen-<number>`` name those chosen; ``layer`` narrows "all" to a layer;
            ``approver`` and ``review_date`` go to accepted key areas.
        actor: who does so.

    Returns:
        What was done, ``accepted`` or ``dropped``, and with how many.

    Raises:
        InputError: nothing was chosen, or a proposal is not pending or against a rule.
    """
    action, _, single = form.get("action", "").partition("-")
    if single:
        ids: list[int] | None = _chosen({f"chosen-{single}": "1"})
    elif action.endswith("_all"):
        layer = form.get("layer", "")
        ids = [one.id or 0 for one in store.proposals() if one.layer == layer] if layer else None
    else:
        ids = _chosen(form)
    if action in ("accept", "accept_all"):
        made = store.accept_proposals(
            ids, actor=actor, approver=_approver(form), review_date=_review_date(form)
        )
        return "accepted", len(made)
    if action in ("drop", "drop_all"):
        return "dropped", store.drop_proposals(ids, actor=actor)
    raise InputError("choose whether to accept or to drop")


def _chosen(form: Mapping[str, str]) -> list[int]:
    found = [one.removeprefix("chosen-") for one in form if one.startswith("chosen-")]
    ids = [int(one) for one in found if one.isdecimal() and len(one) < 16]
    if not ids:
        raise InputError("no proposal is chosen: tick those you mean")
    return ids


def _approver(form: Mapping[str, str]) -> str:
    words = form.get("approver", "").strip()
    kinds = scan_text(words)
    if kinds:
        raise InputError(
            "{column} holds {kind}: places may be kept, persons may not",
            column=Text("approved by"),
            kind=KIND_TEXTS[kinds[0]],
        )
    return words or APPROVER


def _review_date(form: Mapping[str, str]) -> dt.date | None:
    words = form.get("review_date", "").strip()
    try:
        return dt.date.fromisoformat(words) if words else None
    except ValueError:
        raise InputError(
            "{column} must be a date such as 2026-03-31, not {value!r}",
            column=Text("review date"),
            value=words,
        ) from None


def line(one: Proposal, shape: BaseGeometry | None, language: str) -> ProposalLine:
    """Return a proposal in words.

    Args:
        one: the proposal.
        shape: its shape in metres, for its size; None where that is not asked for.
        language: ``zh`` or ``en``.
    """
    declared = LAYERS[one.layer]
    category = one.properties.get("category")
    return ProposalLine(
        number=one.id or 0,
        layer=declared.title(language),
        name=str(one.properties.get("name") or "—"),
        category=""
        if category is None or "category" not in declared.column_names
        else declared.column("category").choice_title(str(category), language),
        reason=one.reason,
        extent="—" if shape is None else shape_words(shape),
        key=one.layer,
    )
