"""Log-in with password and code, log-out, language, the own password."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from geo_service.i18n import say_error
from geo_service.settings import Settings
from geo_service.web import sessions
from geo_service.web.access import Permission, allow
from geo_service.web.languages import choose_language, language
from geo_service.web.languages import words as _
from geo_service.web.security import safe_path
from town_model import InputError, TownError

blueprint = Blueprint("log_in", __name__)


def _page(*, name: str = "", faults: list[str] | None = None, notice: str = "", target: str = "/") -> str:
    return render_template("log_in.html", name=name, faults=faults, notice=notice, target=target)


def _settings() -> Settings:
    found: Settings = current_app.extensions["workspace"].settings
    return found


def password_rules() -> list[str]:
    """Return the rules for a new password, for the page on which it is chosen."""
    settings = _settings()
    rules = [
        _(
            "At least {n} characters; several words in a row are easy to keep in mind.",
            n=settings.password_min_length,
        )
    ]
    if settings.password_character_kinds:
        rules.append(
            _(
                "At least {n} of these: small letters, capitals, digits, other signs.",
                n=settings.password_character_kinds,
            )
        )
    if settings.password_history:
        rules.append(_("None of the last {n} passwords.", n=settings.password_history))
    if settings.password_max_age_days:
        rules.append(_("It must be changed after {n} days.", n=settings.password_max_age_days))
    return rules


@blueprint.get("/login")
@allow(Permission.ANYONE)
def show() -> ResponseReturnValue:
    """Show the log-in page; who is logged in goes on to where they wanted to go."""
    target = safe_path(request.args.get("next"))
    if sessions.current_user():
        return redirect(target, 303)
    ended = (
        _("You were logged out: nothing happened for a while, or an administrator ended the session.")
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
    sessions.enter(user, awaits_code=user.second_factor)
    if user.second_factor:
        return redirect(url_for("log_in.show_code", next=target if target != "/" else None), 303)
    return redirect(target, 303)


@blueprint.get("/login/code")
@allow(Permission.ANYONE)
def show_code() -> ResponseReturnValue:
    """Ask for the code of the phone; who did not give a password before goes to the log-in page."""
    if sessions.awaiting_code() is None:
        return redirect(url_for("log_in.show"), 303)
    return render_template("log_in_code.html", target=safe_path(request.args.get("next")))


@blueprint.post("/login/code")
@allow(Permission.ANYONE)
def enter_code() -> ResponseReturnValue:
    """Check the code and begin the session, under a new number."""
    waiting, target = sessions.awaiting_code(), safe_path(request.form.get("next"))
    if waiting is None:
        return redirect(url_for("log_in.show"), 303)
    user = current_app.extensions["accounts"].confirm_code(
        waiting.name, request.form.get("code", ""), address=request.remote_addr or ""
    )
    if user is None:
        fault = _(
            "This code is wrong or was used before. After {failures} wrong ones the account is locked for {minutes} minutes.",
            failures=_settings().lock_after_failures,
            minutes=_settings().lock_minutes,
        )
        return Response(render_template("log_in_code.html", target=target, faults=[fault]), 403)
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
    return render_template("password.html", rules=password_rules())


@blueprint.post("/password")
@allow(Permission.SIGNED_IN)
def change_password() -> ResponseReturnValue:
    """Change the own password; every other session of the account ends."""
    accounts, name, form = current_app.extensions["accounts"], sessions.user_name(), request.form
    user = sessions.current_user()
    if user is None:
        return redirect("/login", 303)
    try:
        if form.get("new") != form.get("again"):
            raise InputError("the two new passwords differ: type them again")
        if form.get("new") == form.get("old"):
            raise InputError("the new password must differ from the present one")
        accounts.confirm_password(user, form.get("old", ""), address=request.remote_addr or "")
        accounts.set_password(name, form.get("new", ""), actor=name)
    except TownError as error:
        faults = say_error(error, language())
        return Response(render_template("password.html", rules=password_rules(), faults=faults), 400)
    sessions.enter(accounts.find(name))
    return redirect("/", 303)


@blueprint.post("/language")
@allow(Permission.ANYONE)
def set_language() -> ResponseReturnValue:
    """Change the language of this browser and go back to the page."""
    choose_language(request.form.get("language", ""))
    return redirect(safe_path(request.form.get("next")), 303)
