"""The key that signs cookies: that of the workspace."""

from geo_service.secret import FILE, secret_key

__all__ = ["FILE", "secret_key"]
