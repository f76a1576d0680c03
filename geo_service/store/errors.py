"""What can go wrong in the store beside bad input."""

from town_model import TownError


class ConflictError(TownError):
    """Somebody else was first, or other rows still depend on this one. HTTP 409."""


class StoreBusyError(TownError):
    """Another process has held the write lock for longer than the busy timeout. HTTP 503."""
