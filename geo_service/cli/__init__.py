"""The command line: `geo-service`. Each command is a thin adapter over a function of the service."""

from geo_service.cli.main import main

__all__ = ["main"]
