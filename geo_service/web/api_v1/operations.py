"""What an operation of the interface says of itself: its parameters, bodies and answers, beside its view.

The description of the interface is built from these, and the view checks its request against them: one place for both.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import abort, request

from town_model import InputError, Text

View = TypeVar("View", bound=Callable[..., Any])
_MARK = "api_operation"
JSON = "application/json"
GEOJSON = "application/geo+json"
SCHEMA_JSON = "application/schema+json"
PROBLEM = "application/problem+json"

Schema = Mapping[str, Any]
#: Builds the schema of a layer's operation from the name of the layer: ``{layer}_features``.
PER_LAYER = "{layer}"


@dataclass(frozen=True)
class Parameter:
    """One parameter in the query of an operation.

    Args:
        name: its name.
        words: what it does.
        schema: JSON Schema of its value.
        read: makes the value from what was sent; raises InputError where it cannot.
        example: a value that works.
        required: whether the operation refuses to answer without it.
    """

    name: str
    words: Text
    schema: Schema
    read: Callable[[str], Any] = str
    example: Any = None
    required: bool = False


@dataclass(frozen=True)
class Answer:
    """One answer of an operation.

    Args:
        words: what it means.
        schema: name of its schema, or the schema itself; None for an answer without a body. ``{layer}`` in a name
            stands for the layer.
        media: its media type.
        headers: name and meaning of its headers.
    """

    words: Text
    schema: str | Schema | None = None
    media: str = JSON
    headers: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What an operation says of itself.

    Args:
        words: one sentence.
        tag: the group that it belongs to.
        query: parameters of its query.
        columns: whether every declared column of the layer is a parameter, too.
        spatial_query: names of parameters that only a layer with geometry has.
        answers: answers by status; those that every operation may give are added.
        body: name of the schema of the body; None for none.
        body_media: media types of the body.
        revision: whether ``If-Match`` must name the revision of the row.
        per_layer: whether the path has a layer, so that it is described for each.
        writes: whether rows are changed, so that it is left out for layers that cannot be.
    """

    words: Text
    tag: str
    query: tuple[Parameter, ...] = ()
    columns: bool = False
    answers: Mapping[int, Answer] = field(default_factory=dict)
    body: str | None = None
    body_media: tuple[str, ...] = (JSON,)
    revision: bool = False
    per_layer: bool = False


def operation(described: Operation) -> Callable[[View], View]:
    """Describe a view of the interface. It refuses parameters that it does not know and answers nobody can read.

    Stands below `geo_service.web.access.allow`.
    """
    known = {one.name for one in described.query}
    media = {one.media for status, one in described.answers.items() if status < 300}

    def mark(view: View) -> View:
        @functools.wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            check_names(known, free=described.columns)
            if media and not _acceptable((*media, JSON)):
                abort(406)
            return view(*args, **kwargs)

        setattr(checked, _MARK, described)
        return checked  # type: ignore[return-value]

    return mark


def _acceptable(media: tuple[str, ...]) -> bool:
    """Return whether the reader takes one of some media types; who names none takes all."""
    wanted = request.accept_mimetypes
    return not wanted or any(wanted.quality(one) > 0 for one in media)


def operation_of(view: object) -> Operation | None:
    """Return what a view says of itself; None where it says nothing."""
    found: Operation | None = getattr(view, _MARK, None)
    return found


def check_names(known: set[str], *, free: bool = False) -> None:
    """Refuse a query with unknown parameters, or with one given twice.

    Args:
        known: names that may be given.
        free: whether other names are checked elsewhere.

    Raises:
        InputError: there is such a parameter.
    """
    unknown = sorted(set(request.args) - known)
    if unknown and not free:
        raise unknown_parameters(unknown, known)
    twice = sorted(name for name in request.args if len(request.args.getlist(name)) > 1)
    if twice:
        raise InputError("parameter {parameter} is given twice: give it once", parameter=", ".join(twice))


def unknown_parameters(unknown: list[str], known: set[str]) -> InputError:
    """Return the error that names unknown parameters and the known ones."""
    return InputError(
        "there is no parameter {parameter}; known here: {known}",
        parameter=", ".join(unknown),
        known=", ".join(sorted(known)) or "–",
    )


def value_of(parameter: Parameter, default: Any = None) -> Any:
    """Return the value of a parameter of this request.

    Args:
        parameter: the parameter.
        default: what stands for one that was not given.

    Raises:
        InputError: it cannot be read.
    """
    words = request.args.get(parameter.name)
    return default if words is None else parameter.read(words)
