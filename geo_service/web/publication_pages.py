"""Publishing the patrol plan and withdrawing it, by the forms of its page."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from geo_service import publications
from geo_service.web.access import Permission, allow
from geo_service.web.publication_view import today
from geo_service.web.sessions import store, user_name
from town_model import InputError

blueprint = Blueprint("plans", __name__)


@blueprint.post("/patrol/publish")
@allow(Permission.EDIT)
def publish() -> ResponseReturnValue:
    """Publish the plan that the form was shown with."""
    number = request.form.get("result", "")
    publications.publish(
        store(),
        int(number) if number.isascii() and number.isdecimal() and len(number) < 16 else 0,
        _day("first"),
        _day("last"),
        actor=user_name(),
        today=today(),
    )
    return redirect(url_for("pages.patrol", _anchor="publication"), 303)


@blueprint.post("/patrol/withdraw/<int:number>")
@allow(Permission.EDIT)
def withdraw(number: int) -> ResponseReturnValue:
    """Withdraw a publication."""
    publications.withdraw(store(), number, actor=user_name())
    return redirect(url_for("pages.patrol", _anchor="publication"), 303)


def _day(name: str) -> dt.date:
    typed = request.form.get(name, "").strip()
    try:
        return dt.date.fromisoformat(typed)
    except ValueError as error:
        raise InputError("{day} is no day: write it as 2026-05-04", day=typed[:40] or "—") from error
