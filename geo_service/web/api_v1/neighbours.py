"""What operations of other rooms say of themselves: jobs, blind spots, the plan as the pages show it.

Addresses that are in neither place serve the pages of this service alone; the description marks them as internal.
"""

from __future__ import annotations

from typing import Any

from geo_service.jobs.job import STATES
from geo_service.web.api_v1.operations import SCHEMA_JSON, Answer, Operation, Parameter
from geo_service.web.gap_list import SORTS, TITLES
from town_model import Text

_TEXT: dict[str, Any] = {"type": "string"}
JOB: dict[str, Any] = {
    "type": "object",
    "properties": {
        "number": {"type": "integer"},
        "kind": _TEXT,
        "title": _TEXT,
        "state": {"enum": list(STATES)},
        "words": _TEXT,
        "percent": {"type": "integer", "minimum": 0, "maximum": 100},
        "share": {"type": "number"},
        "seconds_left": {"type": ["number", "null"]},
        "actor": _TEXT,
        "created": {"type": "string", "format": "date-time"},
        "started": {"type": ["string", "null"]},
        "ended": {"type": ["string", "null"]},
        "faults": {"type": "array", "items": _TEXT},
        "result_url": _TEXT,
        "log": {"type": "array"},
    },
    "required": ["number", "kind", "state", "share", "words"],
}
JOB_ORDER: dict[str, Any] = {
    "type": "object",
    "properties": {"kind": _TEXT, "options": {"type": "object"}},
    "required": ["kind"],
    "additionalProperties": False,
}
_OBJECT: dict[str, Any] = {"type": "object"}
_KIND = Parameter("kind", Text("Only jobs of this kind."), _TEXT, example="coverage")
_STATE = Parameter(
    "state", Text("Only jobs in this state."), {"type": "string", "enum": list(STATES)}, example=STATES[0]
)
_LIMIT = Parameter("limit", Text("How many at most."), {"type": "integer", "minimum": 1, "maximum": 200})
_OFFSET = Parameter("offset", Text("How many to pass over."), {"type": "integer", "minimum": 0})
_GAP_QUERY = (
    *(
        Parameter(name, Text("Only blind spots of this value."), {"type": "string", "enum": list(titles)})
        for name, titles in TITLES.items()
    ),
    Parameter("sort", Text("By what they are sorted."), {"type": "string", "enum": list(SORTS)}),
    Parameter("order", Text("Upwards or downwards."), {"type": "string", "enum": ["up", "down"]}),
    Parameter("page", Text("Number of the page, from 1."), {"type": "integer", "minimum": 1}),
)
_UNIT = Parameter("unit", Text("The unit whose timetable is sent, such as patrol_units/1."), _TEXT)

#: By endpoint, and the method where it has several.
NEIGHBOURS: dict[str, Operation] = {
    "job_api.index": Operation(
        words=Text("Jobs, the newest first"),
        tag="jobs",
        query=(_KIND, _STATE, _LIMIT, _OFFSET),
        answers={
            200: Answer(
                Text("The jobs."),
                {"type": "object", "properties": {"jobs": {"type": "array", "items": JOB}}, "required": ["jobs"]},
            )
        },
    ),
    "job_api.one": Operation(
        words=Text("One job with its log"), tag="jobs", answers={200: Answer(Text("The job."), "job")}
    ),
    "job_api.submit": Operation(
        words=Text("Ask for a computation; the same one that still waits or runs is given back"),
        tag="jobs",
        body="job_order",
        answers={202: Answer(Text("The job."), "job", headers={"Location": Text("Address of the job.")})},
    ),
    "job_api.cancel": Operation(
        words=Text("Cancel a job"), tag="jobs", answers={200: Answer(Text("The job."), "job")}
    ),
    "api.gaps": Operation(
        words=Text("Blind spots in words, as the page lists them"),
        tag="results",
        query=_GAP_QUERY,
        answers={200: Answer(Text("One page of the list."), _OBJECT)},
    ),
    "api.plan": Operation(
        words=Text("The latest patrol plan in words, as the page shows it"),
        tag="plans",
        query=(_UNIT,),
        answers={200: Answer(Text("The plan."), _OBJECT)},
    ),
    "layer_api.layers": Operation(
        words=Text("The layers with their counts"),
        tag="layers",
        answers={200: Answer(Text("The layers."), _OBJECT)},
    ),
    "layer_api.schema": Operation(
        words=Text("JSON Schema of the rows of a layer, for forms and imports"),
        tag="layers",
        answers={200: Answer(Text("The schema."), _OBJECT, SCHEMA_JSON)},
        per_layer=True,
    ),
}  # fmt: skip
