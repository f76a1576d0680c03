"""The pages and the HTTP API: thin adapters over the other rooms of the service."""

from geo_service.web.app import create_app
from geo_service.web.server import serve

__all__ = ["create_app", "serve"]
