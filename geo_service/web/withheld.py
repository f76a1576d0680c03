"""What of the options of results and jobs is for those who plan alone: from its seed a plan could be worked out beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo_service.web.access import Permission
from geo_service.web.sessions import may

_OF_THE_STATION = frozenset({"seed"})


def told_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that the present user may read.

    Args:
        options: of a stored result or a job.
    """
    if may(Permission.EDIT):
        return dict(options)
    return {name: value for name, value in options.items() if name not in _OF_THE_STATION}
