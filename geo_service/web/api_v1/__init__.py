"""The HTTP interface under ``/api/v1``: layers after OGC API – Features, results, plans, and its own description."""

from geo_service.web import token_pages
from geo_service.web.api_v1 import collections, goals, law, openapi, plan_changes, results, sight, writing

#: The parts that the application registers, each with its ``blueprint``.
PARTS = (collections, writing, results, sight, goals, law, plan_changes, openapi, token_pages)
