"""Who may see what: permissions, what each role holds, and the check that every route names one.

Deny by default: a view says its permission with `allow`, and the application does not start with one that says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from flask import Flask

View = TypeVar("View", bound=Callable[..., object])
_MARK = "needs_permission"


class Permission(StrEnum):
    """What a view may ask for."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    SEE_GROUND = "see_ground"
    SEE_MAP = "see_map"
    SEE_GAPS = "see_gaps"
    SEE_PLAN = "see_plan"
    SEE_OWN_ROUTES = "see_own_routes"
    EXPORT = "export"
    SEE_LAYERS = "see_layers"
    SEE_SENSITIVE = "see_sensitive"
    EDIT = "edit"
    SEE_AUDIT = "see_audit"
    SEE_JOBS = "see_jobs"
    ADMINISTER = "administer"
    HOLD_TOKENS = "hold_tokens"


_READ_ALL = frozenset(
    {
        Permission.SIGNED_IN,
        Permission.SEE_GROUND,
        Permission.SEE_MAP,
        Permission.SEE_GAPS,
        Permission.SEE_PLAN,
        Permission.SEE_OWN_ROUTES,
        Permission.EXPORT,
        Permission.SEE_LAYERS,
        Permission.SEE_SENSITIVE,
        Permission.SEE_JOBS,
        Permission.HOLD_TOKENS,
    }
)
_EDIT_ALL = _READ_ALL | {Permission.EDIT}
ROLE_PERMISSIONS: dict[str, frozenset[Permission]] = {
    "admin": _EDIT_ALL | {Permission.SEE_AUDIT, Permission.ADMINISTER},
    "planner": _EDIT_ALL,
    "inspector": _READ_ALL,
    "cadre": frozenset({Permission.SIGNED_IN, Permission.SEE_GROUND, Permission.SEE_OWN_ROUTES}),
}

#: What a token of each scope can at most be used for, whatever its user's role: never the accounts or tokens themselves.
SCOPE_PERMISSIONS: dict[str, frozenset[Permission]] = {
    "read": _READ_ALL - {Permission.HOLD_TOKENS},
    "edit": _EDIT_ALL - {Permission.HOLD_TOKENS},
}


class UndeclaredRouteError(RuntimeError):
    """A route of the application names no permission: a fault in the code, found at start."""


def allow(permission: Permission) -> Callable[[View], View]:
    """Declare which permission a view asks for."""

    def mark(view: View) -> View:
        setattr(view, _MARK, permission)
        return view

    return mark


def permission_of(app: Flask, endpoint: str | None) -> Permission | None:
    """Return the permission that an endpoint asks for; None where there is no such endpoint."""
    view = app.view_functions.get(endpoint) if endpoint else None
    return getattr(view, _MARK, None)


def permitted(role: str | None, permission: Permission) -> bool:
    """Return whether a role, or nobody (None), holds a permission."""
    return permission is Permission.ANYONE or permission in ROLE_PERMISSIONS.get(role or "", frozenset())


def check_routes(app: Flask) -> None:
    """Refuse an application that has a route without a permission.

    Raises:
        UndeclaredRouteError: lists all such routes.
    """
    silent = sorted(
        f"{rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if permission_of(app, rule.endpoint) is None
    )
    if silent:
        raise UndeclaredRouteError("routes without a permission: " + ", ".join(silent))
