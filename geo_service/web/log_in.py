"""Log-in, log-out, language."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue

from geo_service.i18n import say_error
from geo_service.web import sessions
from geo_service.web.access import Permission, allow
from geo_service.web.languages import choose_language, language
from geo_service.web.languages import words as _
from geo_service.web.security import safe_path
from town_model import InputError, TownError

blueprint = Blueprint("log_in", __name__)


def _page(*, name: str = "", faults: list[str] | None = None, notice: str = "", target: str = "/") -> str:
    return render_template("log_in.html", name=name, faults=faults, notice=notice, target=target)


@blueprint.get("/login")
@allow(Permission.ANYONE)
def show() -> ResponseReturnValue:
    """Show the log-in page; who is logged in goes on to where they wanted to go."""
    target = safe_path(request.args.get("next"))
    if sessions.current_user():
        return redirect(target, 303)
    ended = (
        _("You were logged out: nothing happened for a while, or the server was restarted.")
        if sessions.had_session()
        else ""
    )
    return _page(target=target, notice=ended)


@blueprint.post("/login")
@allow(Permission.ANYONE)
def enter() -> ResponseReturnValue:
    """Check name and password and begin a session."""
    name = request.form.get("name", "").strip()[:64]
    target = safe_path(request.form.get("next"))
    try:
        user = current_app.extensions["accounts"].log_in(
            name, request.form.get("password", ""), address=request.remote_addr or ""
        )
    except TownError as error:
        return Response(_page(name=name, faults=say_error(error, language()), target=target), 403)
    sessions.enter(user)
    return redirect(target, 303)


@blueprint.post("/logout")
@allow(Permission.SIGNED_IN)
def leave() -> ResponseReturnValue:
    """End the session."""
    sessions.audit("log_out")
    sessions.leave()
    return redirect("/login", 303)


@blueprint.get("/password")
@allow(Permission.SIGNED_IN)
def show_password() -> ResponseReturnValue:
    """Show the page on which users change their own password."""
    return render_template("password.html")


@blueprint.post("/password")
@allow(Permission.SIGNED_IN)
def change_password() -> ResponseReturnValue:
    """Change the own password; every other session of the account ends."""
    accounts, name, form = current_app.extensions["accounts"], sessions.user_name(), request.form
    try:
        if form.get("new") != form.get("again"):
            raise InputError("the two new passwords differ: type them again")
        if form.get("new") == form.get("old"):
            raise InputError("the new password must differ from the present one")
        accounts.log_in(name, form.get("old", ""), address=request.remote_addr or "")
        accounts.set_password(name, form.get("new", ""), actor=name)
    except TownError as error:
        return Response(render_template("password.html", faults=say_error(error, language())), 400)
    sessions.enter(accounts.find(name))
    return redirect("/", 303)


@blueprint.post("/language")
@allow(Permission.ANYONE)
def set_language() -> ResponseReturnValue:
    """Change the language of this browser and go back to the page."""
    choose_language(request.form.get("language", ""))
    return redirect(safe_path(request.form.get("next")), 303)
