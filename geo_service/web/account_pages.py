"""The own account: sessions, the second factor, and what must be done before anything else."""

from __future__ import annotations

from io import BytesIO

import segno
from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from geo_service.accounts import User, second_factor
from geo_service.i18n import say_error
from geo_service.web import sessions
from geo_service.web.access import Permission, allow
from geo_service.web.languages import language
from geo_service.web.navigation import town_name
from town_model import InputError, TownError

blueprint = Blueprint("account", __name__)

_PASSWORD, _CODE = "log_in.show_password", "account.second_factor_page"
#: What may be asked for while a first step is open: the pages of that step.
_STEPS = {
    _PASSWORD: frozenset({_PASSWORD, "log_in.change_password", "log_in.leave"}),
    _CODE: frozenset({_CODE, "account.confirm_second_factor", "account.second_factor_code", "log_in.leave"}),
}


def first_step(user: User) -> str | None:
    """Return the page that a user must pass before anything else; None for nothing.

    That is a password set by somebody else or too old, then a second factor that the role must have.
    """
    if user.must_change:
        return _PASSWORD
    return _CODE if user.must_set_up_code else None


def belongs_to(step: str, endpoint: str | None) -> bool:
    """Return whether a page may be asked for while a step is open."""
    return endpoint in _STEPS[step]


def _me() -> User:
    user = sessions.current_user()
    if user is None:  # the permission of the route says that somebody is there
        abort(403)
    return user


@blueprint.get("/account")
@allow(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """Show the own account with its sessions."""
    user = _me()
    return render_template(
        "account.html",
        open_sessions=sessions.book().listing(user),
        here_id=sessions.session_id(),
        codes_left=current_app.extensions["accounts"].second_factors.codes_left(user),
        required=_required(user),
    )


@blueprint.post("/account/sessions/<int:number>/end")
@allow(Permission.SIGNED_IN)
def end_session(number: int) -> ResponseReturnValue:
    """End one of the own sessions."""
    user = _me()
    if not sessions.book().end_some(actor=user.name, user=user, session_id=number):
        abort(404)
    return redirect(url_for("account.index"), 303)


@blueprint.post("/account/sessions/end-others")
@allow(Permission.SIGNED_IN)
def end_other_sessions() -> ResponseReturnValue:
    """End all own sessions but the present one."""
    user = _me()
    sessions.book().end_some(actor=user.name, user=user, keep=sessions.session_id())
    return redirect(url_for("account.index"), 303)


@blueprint.get("/account/second-factor")
@allow(Permission.SIGNED_IN)
def second_factor_page() -> ResponseReturnValue:
    """Show the set-up of the second factor, or how to switch it off."""
    return _second_factor_page()


def _second_factor_page(faults: list[str] | None = None) -> ResponseReturnValue:
    user = _me()
    if user.second_factor:
        return render_template(
            "second_factor.html",
            faults=faults,
            required=_required(user),
            codes_left=current_app.extensions["accounts"].second_factors.codes_left(user),
        )
    secret = current_app.extensions["accounts"].second_factors.begin(user)
    return render_template(
        "second_factor.html", faults=faults, required=_required(user), secret=second_factor.grouped(secret, 4)
    )


@blueprint.get("/account/second-factor/code.svg")
@allow(Permission.SIGNED_IN)
def second_factor_code() -> ResponseReturnValue:
    """Send the QR code of a set-up that has not ended yet."""
    user = _me()
    if user.second_factor:
        abort(404)
    secret = current_app.extensions["accounts"].second_factors.begin(user)
    return qr_code(second_factor.link(secret, name=user.name, issuer=town_name()))


@blueprint.post("/account/second-factor")
@allow(Permission.SIGNED_IN)
def confirm_second_factor() -> ResponseReturnValue:
    """End the set-up with a first code, and show the recovery codes once."""
    try:
        codes = current_app.extensions["accounts"].second_factors.confirm(_me(), request.form.get("code", ""))
    except TownError as error:
        return _bad(_second_factor_page(say_error(error, language())))
    return render_template("recovery_codes.html", codes=codes)


@blueprint.post("/account/second-factor/codes")
@allow(Permission.SIGNED_IN)
def new_recovery_codes() -> ResponseReturnValue:
    """Make new recovery codes and show them once; the password is asked for again."""
    user, accounts = _me(), current_app.extensions["accounts"]
    if not user.second_factor:
        abort(404)
    try:
        accounts.confirm_password(user, request.form.get("password", ""), address=request.remote_addr or "")
    except TownError as error:
        return _bad(_second_factor_page(say_error(error, language())))
    return render_template("recovery_codes.html", codes=accounts.second_factors.new_codes(user))


@blueprint.post("/account/second-factor/off")
@allow(Permission.SIGNED_IN)
def remove_second_factor() -> ResponseReturnValue:
    """Switch the own second factor off; the password is asked for again."""
    user, accounts = _me(), current_app.extensions["accounts"]
    try:
        if _required(user):
            raise InputError("your role must keep its second factor")
        accounts.confirm_password(user, request.form.get("password", ""), address=request.remote_addr or "")
    except TownError as error:
        return _bad(_second_factor_page(say_error(error, language())))
    accounts.second_factors.remove(user, actor=user.name)
    return redirect(url_for("account.index"), 303)


def qr_code(words: str) -> Response:
    """Return a QR code as an SVG picture that no browser keeps."""
    made = BytesIO()
    segno.make(words, error="m", micro=False).save(
        made, kind="svg", scale=4, border=4, dark="#000", light="#fff"
    )
    answer = Response(made.getvalue(), mimetype="image/svg+xml")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _required(user: User) -> bool:
    return user.role in current_app.extensions["workspace"].settings.roles_with_second_factor


def _bad(page: ResponseReturnValue) -> Response:
    answer = current_app.make_response(page)
    answer.status_code = 400
    return answer
