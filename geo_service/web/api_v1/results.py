"""Results of computations, and the plan of patrols that is in force."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue

from geo_service import publications
from geo_service.exports.results import MEDIA
from geo_service.store import StoredResult
from geo_service.store.results import RESULT_LAYERS
from geo_service.web.access import Permission, allow
from geo_service.web.api_v1 import parameters
from geo_service.web.api_v1.answers import link, page_links, send
from geo_service.web.api_v1.operations import GEOJSON, Answer, Operation, Parameter, operation, value_of
from geo_service.web.download_pages import send_result
from geo_service.web.publication_view import today
from geo_service.web.sessions import audit_view, may, store
from geo_service.web.withheld import told_options
from town_model import Text

blueprint = Blueprint("results", __name__)

_PERMISSIONS = dict.fromkeys(("patrol", "patrol_days", "response"), Permission.SEE_PLAN)
_VIEWS = {
    "patrol": "view_plan",
    "patrol_days": "view_days",
    "clock": "view_clock",
    "response": "view_response",
}
_FRAME = Operation(
    words=Text("Rows of one table of the latest result, page by page; without geometry, it is null"),
    tag="results",
    query=(parameters.LIMIT, parameters.OFFSET),
    answers={200: Answer(Text("The rows, in longitude and latitude."), "result_rows", GEOJSON)},
)


_FILE_QUERY = (
    Parameter(
        "frame", Text("Name of one table; without it all that the format can hold"), {"type": "string"}
    ),
    Parameter(
        "names",
        Text("1 for stored names and codes in place of titles and words"),
        {"type": "string", "enum": ["0", "1"]},
    ),
)


@blueprint.get("/api/v1/results")
@allow(Permission.SEE_GAPS)
@operation(
    Operation(
        words=Text("The latest result of each kind"),
        tag="results",
        answers={200: Answer(Text("The results with links to their tables."), "results")},
    )
)
def listing() -> ResponseReturnValue:
    """Send the latest result of each kind that the user may see."""
    found = (store().latest_result(kind) for kind in RESULT_LAYERS if may(_permission(kind)))
    return send(
        {
            "results": [_described(one) for one in found if one is not None],
            "links": [link("self", "results.listing")],
        }
    )


@blueprint.get("/api/v1/results/<kind>/latest")
@allow(Permission.SEE_GAPS)
@operation(
    Operation(
        words=Text("The latest result of a kind: options, figures, tables"),
        tag="results",
        answers={200: Answer(Text("The result."), "result")},
    )
)
def latest(kind: str) -> ResponseReturnValue:
    """Send the latest result of a kind."""
    return send(_described(_latest(kind)))


@blueprint.get("/api/v1/results/<kind>/latest/<frame_name>")
@allow(Permission.SEE_GAPS)
@operation(_FRAME)
def frame(kind: str, frame_name: str) -> ResponseReturnValue:
    """Send a page of a table of the latest result of a kind."""
    result = _latest(kind)
    return _rows(result, "results.frame", kind=kind, frame_name=frame_name)


def _file_view(file_format: str) -> Callable[[str], ResponseReturnValue]:
    def view(kind: str) -> ResponseReturnValue:
        """Send the latest result of a kind as a file; the audit record keeps who took it."""
        return send_result(kind, file_format)

    return view


for _one, _media in MEDIA.items():
    blueprint.add_url_rule(
        f"/api/v1/results/<kind>/latest.{_one}",
        endpoint=f"file_{_one}",
        view_func=allow(Permission.EXPORT)(
            operation(
                Operation(
                    words=Text(
                        "The whole latest result of a kind as one file: all its tables as XLSX or GeoPackage, those with places as KML"
                    ),
                    tag="results",
                    query=_FILE_QUERY,
                    answers={200: Answer(Text("The file."), {"type": "string", "format": "binary"}, _media)},
                )
            )(_file_view(_one))
        ),
    )


@blueprint.get("/api/v1/plans/patrol/latest")
@allow(Permission.SEE_PLAN)
@operation(
    Operation(
        words=Text("The patrol plan that is in force today: visits, routes, breaches"),
        tag="plans",
        answers={200: Answer(Text("The plan with links to its tables."), "plan")},
    )
)
def plan() -> ResponseReturnValue:
    """Send the patrol plan that is in force today."""
    publication = publications.in_force(store(), today())
    result = _plan()
    assert publication is not None
    described = _described(result)
    described["links"] = [
        link("self", "results.plan"),
        *(link("item", "results.plan_frame", GEOJSON, title=name, frame_name=name) for name in result.frame_names),
    ]  # fmt: skip
    published = {
        "first_day": publication.first_day.isoformat(),
        "last_day": publication.last_day.isoformat(),
        "published_at": _moment(publication.published_at),
        "published_by": publication.published_by,
    }
    return send({**described, **published})


@blueprint.get("/api/v1/plans/patrol/latest/<frame_name>")
@allow(Permission.SEE_PLAN)
@operation(
    Operation(
        words=Text("Rows of one table of the plan in force, such as visits, routes or breaches"),
        tag="plans",
        query=_FRAME.query,
        answers=_FRAME.answers,
    )
)
def plan_frame(frame_name: str) -> ResponseReturnValue:
    """Send a page of a table of the patrol plan that is in force today."""
    return _rows(_plan(), "results.plan_frame", frame_name=frame_name)


def _permission(kind: str) -> Permission:
    return _PERMISSIONS.get(kind, Permission.SEE_GAPS)


def _latest(kind: str) -> StoredResult:
    if kind not in RESULT_LAYERS or not may(_permission(kind)):
        abort(404)
    found = store().latest_result(kind)
    if found is None:
        abort(404)
    audit_view(_VIEWS.get(kind, "view_gaps"), kind)
    return found


def _plan() -> StoredResult:
    found = publications.plan_in_force(store(), today())
    if found is None:
        abort(404)
    audit_view("view_plan", "in force")
    return found


def _described(result: StoredResult) -> dict[str, Any]:
    kind = result.kind
    return {
        "id": result.id,
        "kind": kind,
        "created_at": _moment(result.created_at),
        "created_by": result.created_by,
        "stale": result.is_stale,
        "options": _plain(told_options(result.options)),
        "summary": _plain(result.summary),
        "links": [
            link("self", "results.latest", kind=kind),
            *(link("item", "results.frame", GEOJSON, title=name, kind=kind, frame_name=name) for name in result.frame_names),
        ],
    }  # fmt: skip


def _rows(result: StoredResult, endpoint: str, **place: str) -> Response:
    frame_name = place["frame_name"]
    if frame_name not in result.frame_names:
        abort(404)
    limit = value_of(parameters.LIMIT, parameters.USUAL_ROWS)
    offset = value_of(parameters.OFFSET, 0)
    whole = result.frame(frame_name)
    part: pd.DataFrame = whole.iloc[offset : offset + limit] if offset < len(whole) else whole.iloc[:0]
    shapes: list[str | None] = [None] * len(part)
    if isinstance(part, gpd.GeoDataFrame):
        placed = part.to_crs(4326) if part.crs is not None else part
        shapes = shapely.to_geojson(placed.geometry.to_numpy()).tolist()
        part = pd.DataFrame(part.drop(columns=part.geometry.name))
    names = [str(one) for one in part.columns]
    rows = zip(*(part[one].tolist() for one in part.columns), strict=True) if names else iter(())
    features = [
        {
            "type": "Feature",
            "id": offset + number,
            "geometry": None if shape is None else json.loads(shape),
            "properties": dict(zip(names, map(_plain, row), strict=True)),
        }
        for number, (row, shape) in enumerate(zip(rows, shapes, strict=True))
    ]
    return send(
        {
            "type": "FeatureCollection",
            "numberMatched": len(whole),
            "numberReturned": len(features),
            "timeStamp": _moment(dt.datetime.now(dt.UTC)),
            "links": page_links(endpoint, GEOJSON, matched=len(whole), limit=limit, offset=offset, **place),
            "features": features,
        },
        GEOJSON,
    )


def _plain(cell: Any) -> Any:
    """Return a cell, an option or a figure as JSON holds it: what is no number or not there is null."""
    if isinstance(cell, dict):
        return {str(key): _plain(one) for key, one in cell.items()}
    if isinstance(cell, list | tuple | set | frozenset | np.ndarray):
        return [_plain(one) for one in cell]
    if isinstance(cell, np.generic):
        cell = cell.item()
    if (
        cell is None
        or cell is pd.NaT
        or cell is pd.NA
        or (isinstance(cell, float) and not math.isfinite(cell))
    ):
        return None
    if isinstance(cell, bool | int | float | str):
        return cell
    if isinstance(cell, dt.datetime | dt.date):
        return cell.isoformat()
    return str(cell)


def _moment(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
