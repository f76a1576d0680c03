"""Planned camera sites from plan to use: public notice, objections as counts and places, steps with dates and who."""

from geo_service.sites.site import (
    Objection,
    Site,
    Step,
    find_site,
    list_sites,
    nearby_places,
    public_place,
    site_of,
)
from geo_service.sites.steps import (
    build,
    handle,
    last_change,
    notify,
    object_to,
    prepare,
    settle,
    take_back,
)

__all__ = [
    "Objection",
    "Site",
    "Step",
    "build",
    "find_site",
    "handle",
    "last_change",
    "list_sites",
    "nearby_places",
    "notify",
    "object_to",
    "prepare",
    "public_place",
    "settle",
    "site_of",
    "take_back",
]
